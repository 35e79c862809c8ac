"""What the volatility regimes are called on the screen; evaluation and saved runs know them by short names."""

from core.language import message, shown

TITLES = {
    "calm": message("low volatility"),
    "middle": message("medium volatility"),
    "stormy": message("high volatility"),
}
NO_REGIMES = message(
    "The volatility before the forecasts does not vary, so there are no volatility regimes to compare."
)


def title(name: str) -> str:
    """The title of a regime; any other name stays as it is."""
    return shown(TITLES.get(name, name))
