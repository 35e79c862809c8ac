"""What each feature costs is counted to the row."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.charts.data import feature_availability
from core.data import frame as frames
from core.datasets.availability import coverage, no_live
from core.spec import Spec

Bars = Callable[..., pd.DataFrame]
Recipe = Callable[..., Spec]


def test_a_short_series_is_named_with_what_it_costs(recipe: Recipe, bars: Bars):
    table = bars(600)
    table["macro.VIX"] = np.where(np.arange(600) < 400, np.nan, 20.0)
    spec = recipe(features=["return", "column:macro.VIX"])
    (found,) = coverage(spec, frames.build({"A": table}))
    assert (found.total, found.usable, found.lost) == (600, 200, 400)
    assert [r.missing for r in found.reaches] == [1, 400]
    assert found.reaches[1].first == table.index[400].to_datetime64()
    chart = feature_availability.compute(found)
    day = f"{table.index[400]:%Y-%m-%d}"
    assert chart.caption == (
        "200 of 600 sessions of A have every feature; 400 are lost. column:macro.VIX misses most, "
        f"400: it begins on {day}."
    )
    assert len(feature_availability.draw(chart).data) == 2


@pytest.mark.parametrize(("rows", "why"), [(slice(300, None), "it ends on"), (slice(100, 110), "it has holes")])
def test_ends_and_holes_are_told_apart(recipe: Recipe, bars: Bars, rows: slice, why: str):
    table = bars(600)
    table.loc[table.index[rows], "volume"] = np.nan
    (found,) = coverage(recipe(features=["column:volume", "column:close"]), frames.build({"A": table}))
    assert why in feature_availability.compute(found).caption


def test_a_whole_series_loses_nothing(recipe: Recipe, bars: Bars):
    (found,) = coverage(recipe(features=["column:close"]), frames.build({"A": bars(100)}))
    assert (
        found.lost == 0
        and feature_availability.compute(found).caption == "Every one of the 100 sessions of A has every feature."
    )


@pytest.mark.parametrize(
    ("holes", "words"),
    [
        (
            {"volume": [-3, -1]},
            "column:volume has no value in 2 of the last 10 sessions, the latest on {last}. Bring data",
        ),
        (
            {"volume": [-1], "open": [-2, -3]},
            "column:open has no value in 2 of the last 10 sessions, the latest on "
            "{before}, and another feature has holes too.",
        ),
        (
            {"plan": [-1]},
            "known:plan has no value in 1 of the sessions to come, the latest on {end}. Bring a plan that "
            "reaches 5 sessions beyond",
        ),
    ],
)
def test_what_a_live_forecast_lacks_is_named(recipe: Recipe, bars: Bars, holes: dict[str, list[int]], words: str):
    days = pd.bdate_range("2015-01-01", periods=305)
    table = bars(300).reindex(days.rename("time")).assign(plan=np.arange(305) % 7)
    for name, rows in holes.items():
        end = 305 if name == "plan" else 300
        table.loc[days[[end + at for at in rows]], name] = np.nan
    spec = recipe(
        target__kind="close",
        target__column="close",
        target__horizon=5,
        data__known_future=["plan"],
        features=["column:volume", "column:open", "known:plan"],
    )
    said = no_live(spec, frames.build({"A": table}), "A")
    names = {"last": days[299], "before": days[298], "end": days[304]}
    assert said.startswith("There is no live forecast of A: ")
    assert words.format(**{name: f"{day:%Y-%m-%d}" for name, day in names.items()}) in said


def test_a_live_forecast_may_lack_sessions_or_the_last_outcome(recipe: Recipe, bars: Bars):
    spec = recipe(target__column="close", features=["return"])
    assert "it takes 10 sessions, and there are 8." in no_live(spec, frames.build({"A": bars(8)}), "A")
    table = bars(300).rename(columns={"close": "level"})
    table.loc[table.index[-1], "level"] = np.nan
    spec = recipe(target__kind="column", target__column="level", features=["column:volume"])
    assert f"level has no value in the last session, {table.index[-1]:%Y-%m-%d}" in no_live(
        spec, frames.build({"A": table}), "A"
    )
