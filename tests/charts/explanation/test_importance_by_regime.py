from core.charts.explanation import importance_by_regime
from tests.charts.explanation.views import groups, view

REGIMES = ("calm", "middle", "stormy")


def test_low_and_high_volatility_are_compared():
    three = groups("regime", REGIMES, [[1, 1], [1, 2], [1, 3]])
    chart = importance_by_regime.compute(view(regime=three), "price")
    assert "by 4 at high volatility and by 2 at low volatility" in chart.caption
    assert "share of b differs most, 75.0% at high volatility against 50.0%." in chart.caption
    assert [trace.name for trace in importance_by_regime.draw(chart).data] == [
        f"{name} volatility (8 windows)" for name in ("low", "medium", "high")
    ]
    same = importance_by_regime.compute(view(regime=groups("regime", ("calm", "stormy"), [[1, 1], [2, 2]])), "price")
    assert "by 2 at low volatility; no share differs" in same.caption
    none = importance_by_regime.compute(view(), "price")
    assert "does not vary" in none.caption and len(importance_by_regime.draw(none).data) == 0


def test_names_are_escaped(hostile):
    name, check = hostile
    regime = groups("regime", ("calm", "stormy"), [[1, 1], [2, 1]])
    check(importance_by_regime.draw(importance_by_regime.compute(view(regime=regime, features=(name, "b")), "price")))
