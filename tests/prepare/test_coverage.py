"""What each feature costs is counted to the row."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.charts import reach
from core.data import frame as frames
from core.prepare.coverage import coverage
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
    chart = reach.compute(found)
    day = f"{table.index[400]:%Y-%m-%d}"
    assert chart.says == ("200 of 600 sessions of A have every feature; 400 are lost. column:macro.VIX misses most, "
                          f"400: it begins on {day}.")
    assert len(reach.draw(chart).data) == 2


@pytest.mark.parametrize(("rows", "why"), [(slice(300, None), "it ends on"), (slice(100, 110), "it has holes")])
def test_ends_and_holes_are_told_apart(recipe: Recipe, bars: Bars, rows: slice, why: str):
    table = bars(600)
    table.loc[table.index[rows], "volume"] = np.nan
    (found,) = coverage(recipe(features=["column:volume", "column:close"]), frames.build({"A": table}))
    assert why in reach.compute(found).says


def test_a_whole_series_loses_nothing(recipe: Recipe, bars: Bars):
    (found,) = coverage(recipe(features=["column:close"]), frames.build({"A": bars(100)}))
    assert found.lost == 0 and reach.compute(found).says == "Every one of the 100 sessions of A has every feature."
