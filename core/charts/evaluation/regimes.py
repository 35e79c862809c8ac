"""What the volatility regimes are called on the screen; evaluation and saved runs know them by short names."""

TITLES = {"calm": "low volatility", "middle": "medium volatility", "stormy": "high volatility"}
NO_REGIMES = "The volatility before the forecasts does not vary, so there are no volatility regimes to compare."


def title(name: str) -> str:
    """The title of a regime; any other name stays as it is."""
    return TITLES.get(name, name)
