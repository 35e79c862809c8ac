"""Why a model forecasts what it does: contributions of features and lags, and how reliable they are."""
