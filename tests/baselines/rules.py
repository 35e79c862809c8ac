"""The rules of the baselines that forecast each symbol from its own history, by name."""

from core.baselines import naive, seasonal_decomposition, volatility

RULES = {
    "last_value": naive.last_value,
    "drift": naive.drift,
    "ses": naive.exponential_smoothing,
    "seasonal": naive.seasonal,
    "seasonal_decomposition": seasonal_decomposition.forecast,
    "mean": naive.mean,
    "majority": naive.majority,
    "ewma": volatility.ewma,
    "range_ewma": volatility.range_ewma,
    "har": volatility.har,
    "har_range": volatility.har_range,
    "har_leverage": volatility.har_leverage,
    "garch": volatility.garch,
}
CHOSEN_ON_VALIDATION = ("ewma", "range_ewma")  # a setting of these rules
