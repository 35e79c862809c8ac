"""Live forecasts of saved runs on newer data: refreshed, logged, scored; the next training of a run on all data."""
