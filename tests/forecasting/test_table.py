"""The long forecast table: its rows, the union of several tables, and its matrices."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.data import frame as frames
from core.datasets.windows import prepare, resolve
from core.forecasting import table
from core.spec import QUANTILES, Spec
from core.types import Windows

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]


@pytest.fixture
def windows(recipe: Recipe, bars: Bars) -> Windows:
    """The test windows of two symbols, two steps ahead."""
    frame = frames.build({"A": bars(300), "B": bars(300, seed=1)})
    spec = recipe(data__symbols=["A", "B"], target__kind="close", target__horizon=2, features=["return"])
    return prepare(resolve(spec, frame), frame).splits.test


def test_rows_run_window_by_window_and_step_by_step(windows: Windows) -> None:
    rows = table.build_rows("lstm", "test", windows, windows.y_NH, windows.y_NH + 1)
    assert [*rows.columns[:8], *rows.columns[-2:]] == [
        *("model", "part", "symbol", "cutoff", "step", "time", "y", "yhat"),
        *("lo", "hi"),
    ]
    assert len(rows) == 2 * len(windows) and rows["step"].tolist() == [1, 2] * len(windows)
    np.testing.assert_array_equal(rows["cutoff"], np.repeat(windows.cutoff_N, 2))
    np.testing.assert_array_equal(rows["time"], windows.time_NH.ravel())
    np.testing.assert_array_equal(rows["yhat"] - rows["y"], 1)
    assert rows[[*table.QUANTILE_COLUMNS, "lo", "hi"]].isna().all(axis=None)


def test_quantiles_of_the_network_leave_the_outer_columns_empty(windows: Windows) -> None:
    quantile_NHQ = windows.y_NH[:, :, None] + np.arange(len(QUANTILES))
    rows = table.build_rows("lstm", "test", windows, windows.y_NH, windows.y_NH, quantile_NHQ)
    assert len(table.QUANTILE_COLUMNS) == len(QUANTILES) + 2
    assert rows[["q025", "q975"]].isna().all(axis=None)
    np.testing.assert_array_equal(rows[list(table.QUANTILE_COLUMNS[1:-1])], quantile_NHQ.reshape(-1, len(QUANTILES)))


def test_matrices_of_concatenated_tables_have_the_forecasts_of_each_model(windows: Windows) -> None:
    models = {"lstm": windows.y_NH + 1, "drift": windows.y_NH - 1}
    forecast = table.concat(
        [
            table.build_rows(name, split, windows, windows.y_NH, yhat_NH)
            for split in ("val", "test")
            for name, yhat_NH in models.items()
        ]
    )
    assert list(forecast["model"].cat.categories) == ["lstm", "drift"]
    assert list(forecast["part"].cat.categories) == ["val", "test"]
    matrix = table.to_matrix(forecast, "test")
    assert (matrix.symbols, matrix.steps) == (("A", "B"), (1, 2))
    np.testing.assert_array_equal(matrix.y_NH, windows.y_NH)
    np.testing.assert_array_equal(matrix.cutoff_N, windows.cutoff_N)
    np.testing.assert_array_equal(matrix.symbol_N, windows.symbol_N)
    assert list(matrix.yhat_NH) == ["lstm", "drift"]
    for name, yhat_NH in models.items():
        np.testing.assert_array_equal(matrix.yhat_NH[name], yhat_NH)
