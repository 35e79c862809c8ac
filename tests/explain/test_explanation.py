"""The choice of windows, additivity, sums over groups, and an Explanation as tables and for shap."""

import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError, RunError
from core.explain.explanation import (
    additivity_error,
    evenly_spaced,
    from_tables,
    sample_backgrounds,
    sum_by_group,
    to_long_table,
    to_shap,
    to_tables,
)
from core.types import Explanation


def build(*, count: int = 4, unit: str = "ns") -> Explanation:
    rng = np.random.default_rng(0)
    values_NHF = rng.normal(size=(count, 2, 3)) / 3
    base_H = np.array([0.1, 1 / 3])
    data_NF = rng.normal(size=(count, 3))
    data_NF[0, 1] = np.nan
    return Explanation(
        method="permutation",
        features=("rsi:14", "return", "weekday"),
        steps=(1, 5),
        symbol_N=("IBM",) * (count - 1) + ("AAPL",),
        cutoff_N=np.datetime64("2020-01-03", unit) + np.arange(count) * np.timedelta64(1, "D"),
        values_NHF=values_NHF,
        base_H=base_H,
        data_NF=data_NF,
        forecast_NH=base_H + values_NHF.sum(axis=2),
        by_lag_L=rng.random(5),
        additivity_error=1e-16,
        seconds=1.25,
        by_cell_LF=rng.random((5, 3)) / 3,
        error_NHF=rng.random((count, 2, 3)) / 7,
        importance_error_CF=rng.random((3, 3)) / 7,
    )


def assert_same(a: Explanation, b: Explanation) -> None:
    for field in dataclasses.fields(Explanation):
        x, y = getattr(a, field.name), getattr(b, field.name)
        np.testing.assert_array_equal(x, y, err_msg=field.name)
        assert type(x) is type(y)
        if isinstance(x, np.ndarray):
            assert (x.dtype, x.shape) == (y.dtype, y.shape)


def test_explanations_of_earlier_versions_have_no_standard_errors():
    table, values = to_tables(build())
    del values["importance_error"]
    old = from_tables(table.drop(columns="error"), values)
    assert old.error_NHF is None and old.importance_error_CF is None and old.importance_error == {}
    assert build().importance_error.keys() == {"rsi:14", "return", "weekday"}
    assert_same(old, dataclasses.replace(build(), error_NHF=None, importance_error_CF=None))


def test_groups_add_up_to_the_same_forecast():
    explanation = build()
    grouped = sum_by_group(explanation, {"momentum": ("rsi:14", "return"), "calendar": ("weekday",)})
    assert grouped.features == ("momentum", "calendar") and np.isnan(grouped.data_NF).all()
    np.testing.assert_allclose(grouped.base_H + grouped.values_NHF.sum(axis=2), explanation.forecast_NH, rtol=1e-12)
    np.testing.assert_array_equal(grouped.values_NHF[:, :, 1], explanation.values_NHF[:, :, 2])
    assert set(grouped.importance) == {"momentum", "calendar"}
    np.testing.assert_array_equal(grouped.by_cell_LF[:, 0], explanation.by_cell_LF[:, :2].sum(axis=1))
    error_NH3, importance_error_C3 = explanation.error_NHF, explanation.importance_error_CF
    np.testing.assert_allclose(grouped.error_NHF[..., 0], np.hypot(error_NH3[..., 0], error_NH3[..., 1]))
    np.testing.assert_allclose(grouped.importance_error_CF[:, 1], importance_error_C3[:, 2])
    without_lags = dataclasses.replace(explanation, by_cell_LF=None)
    assert sum_by_group(without_lags, {"all": explanation.features}).by_cell_LF is None


@pytest.mark.parametrize("unit", ["ns", "s", "D"])
def test_tables_restore_the_same_explanation(unit):
    table, values = to_tables(build(unit=unit))
    file = io.BytesIO()
    table.to_parquet(file)
    restored = from_tables(pd.read_parquet(file), json.loads(json.dumps(values)))
    assert_same(restored, build(unit=unit))


def test_an_explanation_of_an_older_version_has_no_lags_by_feature():
    table, values = to_tables(build())
    del values["by_cell"]
    assert_same(from_tables(table, values), dataclasses.replace(build(), by_cell_LF=None))
    table, values = to_tables(dataclasses.replace(build(), by_cell_LF=None))
    assert_same(from_tables(table, values), dataclasses.replace(build(), by_cell_LF=None))


def test_damaged_tables_raise_an_error():
    table, values = to_tables(build())
    with pytest.raises(RunError, match="23 rows are not 2 steps of 3 features"):
        from_tables(table.iloc[:-1], values)
    with pytest.raises(RunError, match="is damaged"):
        from_tables(table, {**values, "features": ["return", "rsi:14", "weekday"]})


def test_the_long_table_has_every_contribution():
    table, explanation = to_long_table(build()), build()
    assert list(table.columns) == ["symbol", "cutoff", "step", "feature", "value", "contribution"]
    row = table[
        (table.symbol == "IBM") & (table.cutoff == "2020-01-05") & (table.step == 5) & (table.feature == "weekday")
    ]
    assert row.contribution.item() == explanation.values_NHF[2, 1, 2]
    assert row.value.item() == explanation.data_NF[2, 2]


def test_a_step_becomes_an_explanation_of_shap(shap):
    explanation = build()
    converted = to_shap(explanation, step=1)
    assert isinstance(converted, shap.Explanation)
    np.testing.assert_array_equal(converted.values, explanation.values_NHF[:, 1])
    np.testing.assert_array_equal(converted.base_values, [1 / 3] * 4)
    np.testing.assert_array_equal(converted.data, explanation.data_NF)
    np.testing.assert_allclose(converted.base_values + converted.values.sum(axis=1), explanation.forecast_NH[:, 1])
    window = converted[2]
    assert window.feature_names == ["rsi:14", "return", "weekday"]
    assert window.values.shape == window.data.shape == (3,)
    np.testing.assert_allclose(converted.abs.mean(0).values, np.abs(explanation.values_NHF[:, 1]).mean(axis=0))


def test_backgrounds_are_spread_over_time():
    index = sample_backgrounds(1000, 16, seed=3)
    assert (index // 62.5).astype(int).tolist() == list(range(16))
    assert len(set(np.diff(index))) > 4
    np.testing.assert_array_equal(index, sample_backgrounds(1000, 16, seed=3))
    assert not np.array_equal(index, sample_backgrounds(1000, 16, seed=4))


@pytest.mark.parametrize("count", [1, 15, 16, 17, 31])
def test_backgrounds_are_distinct(count):
    index = sample_backgrounds(count, 16)
    assert len(np.unique(index)) == len(index) == min(count, 16)
    assert index.min() >= 0 and index.max() < count


@pytest.mark.parametrize(
    ("count", "limit"), [(1, 200), (200, 200), (201, 200), (399, 200), (5000, 200), (9, 1), (9, 2)]
)
def test_windows_to_explain_end_with_the_last(count, limit):
    index = evenly_spaced(count, limit)
    assert len(index) == min(count, limit)
    assert index[-1] == count - 1 and index[0] >= 0
    assert len(index) == 1 or np.diff(index).min() >= 1
    assert len(index) <= 2 or np.diff(index).max() - np.diff(index).min() <= 1


def test_no_windows_is_the_users_error():
    with pytest.raises(DataError, match="0 windows to compare with"):
        sample_backgrounds(0)
    with pytest.raises(DataError, match="0 windows to explain"):
        evenly_spaced(0)


def test_the_additivity_error_is_in_deviations_of_the_forecast():
    forecast_NH, values_NPH = np.array([[1.0], [3.0]]), np.array([[[1.0]], [[2.5]]])
    assert additivity_error(values_NPH, np.array([0.0]), forecast_NH) == 0.5
    assert additivity_error(values_NPH[1:], np.array([1.0]), forecast_NH[1:]) == 0.25
    assert additivity_error(np.zeros((1, 1, 1)), np.array([3.0]), forecast_NH[1:]) == 0.0
