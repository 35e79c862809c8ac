"""What families of features are called on the Train page, and in which colour."""

from core.features import catalogue, naming
from core.language import mark, tr, tr_n

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
TITLES = {
    "other": mark("Other columns"),
    catalogue.EXPERT: mark("Expert indicators"),
    "unknown": mark("Not understood"),
}


def count(chosen: tuple[str, ...]) -> str:
    """How many features of each family are chosen, families in their colours: 3 features: 1 price, 2 volatility."""
    badges = [
        f":{COLOURS.get(name, 'gray')}-badge[{_members(name, len(members))}]"
        for name, members in catalogue.group_by_family(chosen).items()
    ]
    return tr_n("{count} feature: {families}", "{count} features: {families}", len(chosen), families=" ".join(badges))


def title(name: str) -> str:
    """The title of a family."""
    return tr(TITLES[name]) if name in TITLES else naming.family(name).capitalize()


def _members(name: str, count: int) -> str:
    return tr("{number} {family}", number=count, family=naming.family(name))
