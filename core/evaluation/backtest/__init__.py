"""The folds of a walk-forward backtest and their scores."""
