"""Windows to explain, additivity, and an Explanation's way into tables and shap and back."""

import dataclasses
import io
import json

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError, RunError
from core.explain.explanation import additivity_error, backgrounds, from_tables, grouped, long, pick, to_shap, to_tables
from core.types import Explanation


def made(*, count: int = 4, unit: str = "ns") -> Explanation:
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
    )


def assert_same(a: Explanation, b: Explanation) -> None:
    for field in dataclasses.fields(Explanation):
        x, y = getattr(a, field.name), getattr(b, field.name)
        np.testing.assert_array_equal(x, y, err_msg=field.name)
        assert type(x) is type(y)
        if isinstance(x, np.ndarray):
            assert (x.dtype, x.shape) == (y.dtype, y.shape)


def test_groups_add_up_to_the_same_forecast():
    whole = made()
    grouped_ = grouped(whole, {"momentum": ("rsi:14", "return"), "calendar": ("weekday",)})
    assert grouped_.features == ("momentum", "calendar") and np.isnan(grouped_.data_NF).all()
    np.testing.assert_allclose(grouped_.base_H + grouped_.values_NHF.sum(axis=2), whole.forecast_NH, rtol=1e-12)
    np.testing.assert_array_equal(grouped_.values_NHF[:, :, 1], whole.values_NHF[:, :, 2])
    assert set(grouped_.importance) == {"momentum", "calendar"}
    np.testing.assert_array_equal(grouped_.by_cell_LF[:, 0], whole.by_cell_LF[:, :2].sum(axis=1))
    assert grouped(dataclasses.replace(whole, by_cell_LF=None), {"all": whole.features}).by_cell_LF is None


@pytest.mark.parametrize("unit", ["ns", "s", "D"])
def test_tables_give_back_the_same_explanation(unit):
    table, values = to_tables(made(unit=unit))
    file = io.BytesIO()
    table.to_parquet(file)
    back = from_tables(pd.read_parquet(file), json.loads(json.dumps(values)))
    assert_same(back, made(unit=unit))


def test_an_explanation_of_an_older_version_has_no_cells():
    table, values = to_tables(made())
    del values["by_cell"]
    assert_same(from_tables(table, values), dataclasses.replace(made(), by_cell_LF=None))
    table, values = to_tables(dataclasses.replace(made(), by_cell_LF=None))
    assert_same(from_tables(table, values), dataclasses.replace(made(), by_cell_LF=None))


def test_damaged_tables_are_said():
    table, values = to_tables(made())
    with pytest.raises(RunError, match="23 rows are not 2 steps of 3 features"):
        from_tables(table.iloc[:-1], values)
    with pytest.raises(RunError, match="is damaged"):
        from_tables(table, {**values, "features": ["return", "rsi:14", "weekday"]})


def test_long_names_every_contribution():
    table, explanation = long(made()), made()
    assert list(table.columns) == ["symbol", "cutoff", "step", "feature", "value", "contribution"]
    row = table[
        (table.symbol == "IBM") & (table.cutoff == "2020-01-05") & (table.step == 5) & (table.feature == "weekday")
    ]
    assert row.contribution.item() == explanation.values_NHF[2, 1, 2]
    assert row.value.item() == explanation.data_NF[2, 2]


def test_shap_can_draw_a_step(shap):
    explanation = made()
    shown = to_shap(explanation, step=1)
    assert isinstance(shown, shap.Explanation)
    np.testing.assert_array_equal(shown.values, explanation.values_NHF[:, 1])
    np.testing.assert_array_equal(shown.base_values, [1 / 3] * 4)
    np.testing.assert_array_equal(shown.data, explanation.data_NF)
    np.testing.assert_allclose(shown.base_values + shown.values.sum(axis=1), explanation.forecast_NH[:, 1])
    one_day = shown[2]
    assert one_day.feature_names == ["rsi:14", "return", "weekday"]
    assert one_day.values.shape == one_day.data.shape == (3,)
    np.testing.assert_allclose(shown.abs.mean(0).values, np.abs(explanation.values_NHF[:, 1]).mean(axis=0))


def test_backgrounds_are_spread_over_time():
    index = backgrounds(1000, 16, seed=3)
    assert (index // 62.5).astype(int).tolist() == list(range(16))
    assert len(set(np.diff(index))) > 4
    np.testing.assert_array_equal(index, backgrounds(1000, 16, seed=3))
    assert not np.array_equal(index, backgrounds(1000, 16, seed=4))


@pytest.mark.parametrize("count", [1, 15, 16, 17, 31])
def test_backgrounds_are_distinct(count):
    index = backgrounds(count, 16)
    assert len(np.unique(index)) == len(index) == min(count, 16)
    assert index.min() >= 0 and index.max() < count


@pytest.mark.parametrize(
    ("count", "limit"), [(1, 200), (200, 200), (201, 200), (399, 200), (5000, 200), (9, 1), (9, 2)]
)
def test_windows_to_explain_end_with_the_last(count, limit):
    index = pick(count, limit)
    assert len(index) == min(count, limit)
    assert index[-1] == count - 1 and index[0] >= 0
    assert len(index) == 1 or np.diff(index).min() >= 1
    assert len(index) <= 2 or np.diff(index).max() - np.diff(index).min() <= 1


def test_no_windows_is_the_users_error():
    with pytest.raises(DataError, match="0 windows to compare with"):
        backgrounds(0)
    with pytest.raises(DataError, match="0 windows to explain"):
        pick(0)


def test_the_additivity_error_is_in_deviations_of_the_forecast():
    forecast_NH, values_NPH = np.array([[1.0], [3.0]]), np.array([[[1.0]], [[2.5]]])
    assert additivity_error(values_NPH, np.array([0.0]), forecast_NH) == 0.5
    assert additivity_error(values_NPH[1:], np.array([1.0]), forecast_NH[1:]) == 0.25
    assert additivity_error(np.zeros((1, 1, 1)), np.array([3.0]), forecast_NH[1:]) == 0.0
