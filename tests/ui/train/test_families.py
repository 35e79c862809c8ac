"""How many features of each family are chosen, in colours and in the language of the screen."""

from typing import get_args

from core.features.feature import Family
from core.language import use
from ui.train import families


def test_a_list_is_counted_by_family():
    chosen = ("return", "log_range", "rsi", "column:volume", "log_range_mean:5")
    said = (
        "5 features: :blue-badge[1 price] :gray-badge[1 volume] :orange-badge[1 momentum] :violet-badge[2 volatility]"
    )
    assert families.count(chosen) == said
    assert families.count(("nonsense",)) == "1 feature: :red-badge[1 unknown]"
    with use("ko"):
        assert families.count(chosen[:2]) == "특성 2개: :blue-badge[가격 1] :violet-badge[변동성 1]"


def test_every_family_has_a_title():
    titles = {family: families.title(family) for family in (*get_args(Family), "unknown")}
    assert titles["price"] == "Price" and titles["other"] == "Other columns" and titles["unknown"] == "Not understood"
    with use("ko"):
        assert not any(family in families.title(family).lower() for family in titles)
