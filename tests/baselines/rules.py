"""The rules of the baselines that forecast each symbol from its own history, by name."""

from core.baselines import naive, volatility

RULES = {
    "last_value": naive.last_value,
    "drift": naive.drift,
    "seasonal": naive.seasonal,
    "mean": naive.mean,
    "majority": naive.majority,
    "ewma": volatility.ewma,
    "har": volatility.har,
    "garch": volatility.garch,
}
