"""Charts of what drives the forecasts."""
