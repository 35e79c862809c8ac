"""Charts of the track record of live forecasts."""
