"""Rows after and between the outcomes of a target, columns with gaps, and what is said of them."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets import levels, panel, row_notes, sparse_columns, windows
from core.datasets.outcome_rows import rows_between, select
from core.errors import DataError
from core.spec import Spec

Recipe = Callable[..., Spec]
DAYS = pd.bdate_range("2015-01-01", periods=600, name="time")


def sales(**columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame({"sales": 100 + rng.normal(0, 5, 600)} | columns, index=DAYS)


def aim(recipe: Recipe, **values: object) -> Spec:
    return recipe(target__kind="column", target__column="sales", **{"target__horizon": 5} | values)


def test_a_last_row_without_an_outcome_does_not_cost_the_live_forecast(recipe: Recipe):
    table = sales(rain=np.arange(600.0))
    table.loc[DAYS[-2:], "sales"] = np.nan
    frame = frames.build({"A": table})
    spec = windows.resolve(aim(recipe), frame)
    live = windows.prepare(spec, frame).splits.live
    assert live.cutoff_N.astype("M8[ns]").tolist() == [DAYS[-3].value]
    assert pd.DatetimeIndex(live.time_NH[0]).tolist()[:2] == DAYS[-2:].tolist()
    (note,) = row_notes.describe(spec, frame)[:1]
    assert "2 rows" in note and f"{DAYS[-1]:%Y-%m-%d}" in note and "'sales'" in note
    assert any(
        "data.known_future=rain target.horizon=2" in note for note in row_notes.describe_with_setting(spec, frame)
    )
    near = windows.resolve(aim(recipe, target__horizon=2), frame)
    assert any(note.endswith("set data.known_future=rain.") for note in row_notes.describe_with_setting(near, frame))


def test_a_monthly_target_in_a_daily_table_is_forecast_by_month(recipe: Recipe):
    days = pd.date_range("2000-01-01", "2019-12-31", name="time")
    first = days.day == 1
    rng = np.random.default_rng(0)
    price, cpi = rng.normal(size=len(days)), np.where(first, rng.normal(size=len(days)), np.nan)
    frame = frames.build({"A": pd.DataFrame({"price": price, "cpi": cpi}, index=days)})
    spec = windows.resolve(recipe(target__kind="column", target__column="cpi", target__horizon=2), frame)
    rows = panel.build_panel(spec, frame).rows
    monthly = pd.DataFrame({"cpi": cpi, "price": price}, index=days)[first]
    assert pd.DatetimeIndex(rows.time_T[:-2]).equals(monthly.index)
    assert pd.DatetimeIndex(rows.time_T[-2:]).tolist() == [pd.Timestamp("2020-01-01"), pd.Timestamp("2020-02-01")]
    by_name = dict(zip(rows.features, rows.x_TF.T, strict=True))
    np.testing.assert_array_equal(by_name["column:price"][:-2], monthly["price"])
    assert any("its own rows" in note for note in row_notes.describe(spec, frame))


def test_rows_of_another_record_between_two_outcomes_are_left_out_and_their_values_kept():
    quarters = pd.date_range("2024-01-01", periods=40, freq="15min", name="time")
    scans = quarters[[3, 10, 11, 30]] + pd.Timedelta(minutes=7)
    historic = pd.DataFrame({"historic": np.arange(40.0)}, index=quarters)
    table = pd.concat([historic, pd.DataFrame({"scan": [1.0, 2.0, 3.0, 4.0]}, index=scans)]).sort_index()
    rows = select(table, "historic")
    assert rows.index.equals(quarters) and rows["historic"].tolist() == list(range(40))
    assert {t: v for t, v in enumerate(rows["scan"]) if v == v} == {4: 1.0, 11: 2.0, 12: 3.0, 31: 4.0}


def test_a_missing_outcome_of_a_daily_series_stays_a_hole():
    table = sales(rain=np.arange(600.0))
    table.loc[DAYS[[100, 101, 300]], "sales"] = np.nan
    assert not rows_between(table["sales"]).any()
    assert select(table, "sales").equals(table)


def test_a_monthly_column_costs_no_window_and_an_irregular_one_is_left_out_or_named(recipe: Recipe):
    monthly = ~pd.Series(DAYS.to_period("M")).duplicated().to_numpy()
    rng = np.random.default_rng(0)
    cpi = np.where(monthly, np.arange(600.0), np.nan)
    odd = np.where(np.isin(np.arange(600), [5, 7, 9, 11, 100, 102, 300, 302, 304, 500]), rng.normal(size=600), np.nan)
    frame = frames.build({"A": sales(cpi=cpi, odd=odd)})
    spec = windows.resolve(aim(recipe), frame)
    assert spec.features[:2] == ("column:sales", "column:cpi") and "column:odd" not in spec.features
    assert sparse_columns.find(spec, frame, "sales") == ("odd",)
    splits = windows.prepare(spec, frame).splits
    assert len(splits.live) == 1 and len(splits.train) > 0.5 * 600 * 0.8
    notes = " ".join(row_notes.describe(spec, frame))
    assert "'cpi'" in notes and "carried forward" in notes and "No feature uses 'odd'" in notes
    named = windows.resolve(aim(recipe, features=["column:sales", "column:odd"]), frame)
    with pytest.raises(DataError, match="column:odd lacks most"):
        windows.prepare(named, frame)


def test_a_sentence_that_holds_for_several_symbols_stands_once(recipe: Recipe):
    table = sales(rain=np.where(np.arange(600) < 599, np.arange(600.0), np.nan))
    table.loc[DAYS[-1], ["sales", "rain"]] = [np.nan, 1.0]
    frame = frames.build({"A": table, "B": table, "C": table})
    spec = windows.resolve(aim(recipe, data__symbols=["A", "B", "C"]), frame)
    (note,) = row_notes.describe(spec, frame)
    assert note.endswith("And likewise in 2 more symbols.")


def test_the_default_target_reaches_no_further_than_the_plan():
    table = sales(promo=np.arange(600.0) % 2)
    table.loc[DAYS[-3:], "sales"] = np.nan
    frame = frames.build({"A": table})
    assert levels.suggest_target(frame, "sales", ("promo",)).horizon == 3
    assert levels.suggest_target(frame, "sales", ()).horizon == 5
    assert levels.suggest_target(frame, "close", ()).kind == "volatility"


@pytest.mark.parametrize(
    ("step", "span"),
    [
        *(("D", "5 days"), ("B", "5 days"), ("W", "5 weeks"), ("MS", "5 months"), ("QS", "5 quarters")),
        *(("YS", "5 years"), ("h", "5 hours"), ("15min", "5 steps of 15 minutes")),
    ],
)
def test_one_sentence_says_what_is_forecast(step: str, span: str):
    times = pd.date_range("2001-01-01", periods=60, freq=step)
    target = levels.default_target("sales", Spec().target)
    assert row_notes.describe_target(target, times) == f"Forecasts sales, the next {span}."
    assert row_notes.describe_target(Spec().target, times).startswith("Forecasts the realised volatility of close,")
