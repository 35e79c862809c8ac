"""Charts of the forecasts themselves."""
