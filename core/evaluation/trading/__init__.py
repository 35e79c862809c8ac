"""Trading on the forecasts: positions, returns, Sharpe ratios."""
