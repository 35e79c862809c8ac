"""What families of features are called on the Train page, and in which colour."""

from core.features import catalogue

COLOURS = {
    "price": "blue",
    "volume": "gray",
    "momentum": "orange",
    "volatility": "violet",
    "trend": "green",
    "calendar": "primary",
    "macro": "yellow",
    "news": "red",
    "unknown": "red",
}


def count(chosen: tuple[str, ...]) -> str:
    """The sentence of catalogue.summary, its families coloured."""
    count, _, families = catalogue.summary(chosen).partition(": ")
    badges = (f":{COLOURS.get(family.split()[-1], 'gray')}-badge[{family}]" for family in families.split(", "))
    return f"{count}: {' '.join(badges)}"


def title(name: str) -> str:
    """The title of a family."""
    titles = {"other": "Other columns", catalogue.EXPERT: "Expert indicators", "unknown": "Not understood"}
    return titles.get(name, name.capitalize())
