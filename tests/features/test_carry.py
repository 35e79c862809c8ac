"""Values of lower frequency hold until the next one, from their own row on and no longer than usual."""

import numpy as np
import pandas as pd

from core.features import registry
from core.features.carry import source_rows


def brute_force(value_T: np.ndarray) -> np.ndarray:
    """The row whose value counts at each row, from the rows so far alone."""
    source_T = np.full(len(value_T), -1)
    for t in range(len(value_T)):
        seen = [s for s in range(t + 1) if not np.isnan(value_T[s])]
        if not seen:
            continue
        last = seen[-1]
        usual = np.median(np.diff(seen)) if len(seen) > 1 else 0
        varied = len({value_T[s] for s in seen}) > 1
        if last == t or (usual >= 2 and varied and t - last <= 3 * usual):
            source_T[t] = last
    return source_T


def rows_of(value_T: np.ndarray) -> np.ndarray:
    return source_rows(pd.DataFrame({"x": value_T}), ~np.isnan(value_T))


def test_it_equals_a_loop_that_sees_no_later_row():
    rng = np.random.default_rng(0)
    for share in (0.05, 0.2, 0.4, 0.6, 0.9):
        value_T = np.where(rng.random(300) < share, rng.normal(size=300), np.nan)
        np.testing.assert_array_equal(rows_of(value_T), brute_force(value_T))


def test_flags_and_holes_of_a_dense_column_are_not_carried_forward():
    promotions = np.where(np.arange(60) % 7 == 0, 1.0, np.nan)
    np.testing.assert_array_equal(rows_of(promotions) >= 0, ~np.isnan(promotions))
    holes = np.where(np.arange(60) % 9 == 4, np.nan, np.arange(60.0))
    np.testing.assert_array_equal(rows_of(holes) >= 0, ~np.isnan(holes))


def test_a_change_of_a_monthly_column_in_a_daily_table_is_the_monthly_one():
    days = pd.bdate_range("2020-01-01", periods=250, name="time")
    monthly = ~pd.Series(days.to_period("M")).duplicated().to_numpy()
    cpi = pd.Series(np.where(monthly, 100 + np.cumsum(monthly) ** 1.5, np.nan), index=days)
    table = pd.DataFrame({"close": np.arange(250.0) + 50, "cpi": cpi})
    values = registry.compute(table, ("column:cpi", "change:cpi"), "close", pd.DatetimeIndex([]))
    second = np.flatnonzero(monthly)[1]
    expected = cpi.dropna().diff().reindex(days).ffill()
    np.testing.assert_allclose(values["change:cpi"].iloc[second:], expected.iloc[second:])
    np.testing.assert_allclose(values["column:cpi"].iloc[second:], cpi.ffill().iloc[second:])
    early = registry.compute(table.iloc[:130], ("column:cpi",), "close", pd.DatetimeIndex([]))
    np.testing.assert_array_equal(early["column:cpi"], values["column:cpi"].iloc[:130])
