"""Lookback without a screen: data, features, models, bands, evaluation and explanation of one forecasting run."""
