"""Availability of features: rows lost to each of them, and what a live forecast lacks."""

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.charts.data import feature_availability
from core.data import frame as frames
from core.datasets.availability import compute_availability, why_no_live
from core.spec import Spec

Bars = Callable[..., pd.DataFrame]
Recipe = Callable[..., Spec]


def test_a_late_feature_is_reported_with_the_rows_it_costs(recipe: Recipe, bars: Bars):
    table = bars(600)
    table["macro.VIX"] = np.where(np.arange(600) < 400, np.nan, 20.0)
    spec = recipe(features=["return", "column:macro.VIX"])
    (availability,) = compute_availability(spec, frames.build({"A": table}))
    assert (availability.total, availability.usable, availability.incomplete) == (600, 200, 400)
    assert [feature.missing for feature in availability.features] == [1, 400]
    assert availability.features[1].first == table.index[400].to_datetime64()
    chart = feature_availability.compute(availability)
    facts = ("200", "600", "400", "column:macro.VIX", f"{table.index[400]:%Y-%m-%d}")
    assert all(fact in chart.caption for fact in facts)
    assert len(feature_availability.draw(chart).data) == 2


@pytest.mark.parametrize(
    ("rows", "cause"), [(slice(300, None), "it ends on"), (slice(100, 110), "it has (holes|gaps)")]
)
def test_early_ends_and_gaps_are_distinguished(recipe: Recipe, bars: Bars, rows: slice, cause: str):
    table = bars(600)
    table.loc[table.index[rows], "volume"] = np.nan
    spec = recipe(features=["column:volume", "column:close"])
    (availability,) = compute_availability(spec, frames.build({"A": table}))
    assert re.search(cause, feature_availability.compute(availability).caption)


def test_a_complete_series_loses_no_row(recipe: Recipe, bars: Bars):
    (availability,) = compute_availability(recipe(features=["column:close"]), frames.build({"A": bars(100)}))
    caption = feature_availability.compute(availability).caption
    assert availability.incomplete == 0 and "100" in caption and "column:close" not in caption


@pytest.mark.parametrize(
    ("gaps", "facts"),
    [
        ({"volume": [-3, -1]}, ["column:volume has no value in 2 of the last 10 rows", "{last}"]),
        ({"volume": [-1], "open": [-2, -3]}, ["column:open has no value in 2 of", "{before}", "another feature"]),
        ({"plan": [-1]}, ["known:plan has no value in 1 of", "{end}", "reaches 5 steps beyond"]),
    ],
)
def test_missing_inputs_of_a_live_forecast_are_named(
    recipe: Recipe, bars: Bars, gaps: dict[str, list[int]], facts: list[str]
):
    days = pd.bdate_range("2015-01-01", periods=305)
    table = bars(300).reindex(days.rename("time")).assign(plan=np.arange(305) % 7)
    for name, rows in gaps.items():
        end = 305 if name == "plan" else 300
        table.loc[days[[end + row for row in rows]], name] = np.nan
    spec = recipe(
        target__kind="close",
        target__column="close",
        target__horizon=5,
        data__known_future=["plan"],
        features=["column:volume", "column:open", "known:plan"],
    )
    reason = why_no_live(spec, frames.build({"A": table}), "A")
    dates = {name: f"{days[row]:%Y-%m-%d}" for name, row in {"last": 299, "before": 298, "end": 304}.items()}
    assert reason.startswith("There is no live forecast of A: ")
    assert [fact for fact in facts if fact.format(**dates) not in reason] == []


def test_too_few_rows_prevent_a_live_forecast_and_a_missing_last_level_does_not(recipe: Recipe, bars: Bars):
    spec = recipe(target__column="close", features=["return"])
    assert "needs 10 rows, and the series has 8." in why_no_live(spec, frames.build({"A": bars(8)}), "A")
    table = bars(300).rename(columns={"close": "level"})
    table.loc[table.index[-1], "level"] = np.nan
    spec = recipe(target__kind="column", target__column="level", features=["column:volume"])
    assert why_no_live(spec, frames.build({"A": table}), "A") == ""
