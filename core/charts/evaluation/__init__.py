"""Charts of how good the forecasts are."""
