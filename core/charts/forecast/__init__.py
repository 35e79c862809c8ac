"""Charts of past and live forecasts."""
