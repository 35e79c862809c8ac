"""Forecasts must not depend on anything after their cutoff: later values are changed, and the past must not change."""

import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.baselines import registry as baselines
from core.baselines.baseline import forecast_rows
from core.data import frame as frames
from core.datasets import windows
from core.datasets.targets import TARGETS
from core.errors import FeatureError
from core.features import CATALOGUE
from core.forecasting import forecast
from core.models import registry
from core.spec import MEAN, Spec
from core.training.trainer import restore
from core.types import Floats, Run
from tests.baselines.rules import CHOSEN_ON_VALIDATION, RULES

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
SPLITS = ("train", "val", "calib", "test")
TRAIN_END = 330  # 0.55 of 600 rows
VAL_END = 420
FEATURES = {"features": ["return", "log_range", "ma_ratio:20", "rsi:14", "macd_hist", "volume_change", "weekday"]}


def changed_after(frame: pd.DataFrame, rows: int, seed: int = 9) -> pd.DataFrame:
    """`frame` with every value from position `rows` on replaced by those of another, much more volatile market."""
    rng = np.random.default_rng(seed)
    other = frame.copy()
    width = frame.shape[1]
    base = rng.uniform(20, 900, (len(frame) - rows, 1))
    other.iloc[rows:] = base * np.sort(rng.uniform(0.5, 2.0, (len(frame) - rows, width)), axis=1)
    for symbol in frames.symbols(frame):
        later = other[symbol].iloc[rows:]
        other.loc[later.index, (symbol, "high")] = later.max(axis=1) + 1
        other.loc[later.index, (symbol, "low")] = later.min(axis=1) / 2
    return other


def prepare(spec: Spec, frame: pd.DataFrame) -> windows.Prepared:
    return windows.prepare(windows.resolve(spec, frame), frame)


@pytest.mark.parametrize(
    ("kind", "scaling"), [*((kind, "standard") for kind in TARGETS), ("close", "robust"), ("log_return", "minmax")]
)
def test_training_does_not_depend_on_later_rows(recipe: Recipe, frame: pd.DataFrame, kind: str, scaling: str) -> None:
    spec = recipe(target__kind=kind, target__column="close", window__scaling=scaling, **FEATURES)
    before, after = prepare(spec, frame), prepare(spec, changed_after(frame, TRAIN_END))
    np.testing.assert_array_equal(before.splits.train.cutoff_row_N, after.splits.train.cutoff_row_N)
    np.testing.assert_array_equal(before.splits.train.x_NLF, after.splits.train.x_NLF)
    np.testing.assert_array_equal(before.splits.train.known_NHK, after.splits.train.known_NHK)
    np.testing.assert_array_equal(before.splits.train.y_NH, after.splits.train.y_NH)  # no label crosses the bound
    for name in ("x_scaler", "y_scaler"):
        np.testing.assert_array_equal(getattr(before, name).center_SC, getattr(after, name).center_SC)
        np.testing.assert_array_equal(getattr(before, name).scale_SC, getattr(after, name).scale_SC)
    assert not np.array_equal(before.splits.test.x_NLF, after.splits.test.x_NLF)


@pytest.mark.parametrize("kind", TARGETS)
def test_no_label_of_a_split_reaches_the_first_cutoff_of_the_next(
    recipe: Recipe, frame: pd.DataFrame, kind: str
) -> None:
    splits = prepare(recipe(target__kind=kind, target__column="close", target__horizon=7), frame).splits
    for name, following in itertools.pairwise(SPLITS):
        earlier, later = getattr(splits, name), getattr(splits, following)
        known_N = earlier.rows.label_end_T[earlier.cutoff_row_N]
        assert earlier.rows.time_T[known_N].max() < later.cutoff_N.min()
        assert earlier.time_NH.max() <= earlier.rows.time_T[known_N].max()


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("rows", [340, 511, 599])
def test_baselines_do_not_depend_on_rows_after_the_cutoff(
    recipe: Recipe, frame: pd.DataFrame, kind: str, rows: int
) -> None:
    spec = recipe(target__kind=kind, target__column="close", target__horizon=3)

    def forecasts(values: pd.DataFrame) -> dict[str, Floats]:
        prepared = prepare(spec, values)
        names = [name for name in baselines.for_target(prepared.kind) if name in RULES]
        known = [name for name in names if rows >= VAL_END or name not in CHOSEN_ON_VALIDATION]
        return {name: forecast_rows(RULES[name], prepared) for name in known}

    before, after = forecasts(frame), forecasts(changed_after(frame, rows))
    assert len(before) >= 3
    for name, value_TH in before.items():
        np.testing.assert_array_equal(value_TH[:rows], after[name][:rows], err_msg=name)
        constant = kind == "log_return" and name in ("last_value", "seasonal_decomposition")  # the frame has no season
        if name != "majority" and not constant and rows < 590:
            assert not np.array_equal(value_TH[rows:600], after[name][rows:600]), name


def forecast_at(saved: Run, values: pd.DataFrame, rows: int) -> Floats:
    """The quantiles and the mean of a saved model at the cutoff row `rows` − 1 of `values`: (H, O), model units."""
    scalers = windows.restore_scalers(saved.state)
    recent = windows.prepare_recent(saved.spec, values, *scalers, np.datetime64("2015-01-01"))
    row_N = np.append(recent.known.cutoff_row_N, recent.live.cutoff_row_N)
    window = replace(recent.live, cutoff_row_N=row_N[row_N == rows - 1])
    net = forecast.network(restore(saved.spec, saved.weights, 1), recent.kind.binary)
    return forecast.predict(net, window, recent)[0]


@pytest.mark.parametrize("rows", [120, 340, 483, 595])
def test_the_model_does_not_depend_on_rows_after_the_cutoff(finished: Run, frame: pd.DataFrame, rows: int) -> None:
    original = forecast_at(finished, frame, rows)
    np.testing.assert_array_equal(original, forecast_at(finished, changed_after(frame, rows), rows))
    np.testing.assert_array_equal(original, forecast_at(finished, frame.iloc[:rows], rows))  # without later rows at all
    assert not np.array_equal(original, forecast_at(finished, changed_after(frame, rows - 1), rows))


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("norm", ["last", "none"])
def test_no_kind_of_target_leaks_the_future_into_a_forecast(
    recipe: Recipe, frame: pd.DataFrame, kind: str, norm: str
) -> None:
    """An untrained network: whatever its weights, neither its inputs nor its outputs may depend on later rows."""
    spec = recipe(target__kind=kind, target__column="close", target__horizon=2, model__norm=norm, **FEATURES)
    net = registry.build(
        spec,
        features=len(spec.features),
        known=1,
        binary=kind == "direction",
        seed=0,
        steps=2 if kind in ("close", "log_return", "direction", "column") else 1,
    )
    fitted = prepare(spec, frame)
    predict = forecast.network(net, fitted.kind.binary)

    def quantiles(values: pd.DataFrame, cutoff: int) -> Floats:
        prepared = windows.prepare(windows.resolve(spec, values), values, (fitted.x_scaler, fitted.y_scaler))
        test = prepared.splits.test
        return forecast.quantiles(predict, test.take(np.flatnonzero(test.cutoff_row_N == cutoff)), prepared)[0]

    original = quantiles(frame, 530)
    np.testing.assert_array_equal(original, quantiles(changed_after(frame, 531), 530))
    assert not np.array_equal(original, quantiles(changed_after(frame, 530), 530))


@pytest.mark.parametrize("rows", [485, 530, 580])
def test_intervals_do_not_depend_on_rows_after_the_cutoff(finished: Run, frame: pd.DataFrame, rows: int) -> None:
    spec = finished.spec
    predict = forecast.network(restore(spec, finished.weights, 1), binary=False)
    fitted = windows.prepare(spec, frame)
    scalers = (fitted.x_scaler, fitted.y_scaler)

    def intervals(values: pd.DataFrame) -> pd.DataFrame:
        table = forecast.compare(spec, windows.prepare(spec, values, scalers), predict).table
        return table[(table["model"] == spec.model.kind) & (table["part"] == "test")].reset_index(drop=True)

    before, after = intervals(frame), intervals(changed_after(frame, rows))
    early = (before["cutoff"] < frame.index[rows]).to_numpy()
    columns = ["cutoff", "time", "yhat", "lo", "hi", *(c for c in before if c.startswith("q"))]
    assert early.any() and not early.all()
    pd.testing.assert_frame_equal(before.loc[early, columns], after.loc[early, columns], check_exact=True)
    assert not np.array_equal(before.loc[~early, "lo"], after.loc[~early, "lo"])


def test_the_live_forecast_is_the_forecast_of_the_last_row(finished: Run, frame: pd.DataFrame) -> None:
    live = finished.forecast[finished.forecast["part"] == "live"]
    assert live["yhat"].tolist() == [float(np.exp(forecast_at(finished, frame, len(frame))[0, MEAN]))]


def test_a_feature_that_looks_ahead_is_rejected(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(inputs: pd.DataFrame, steps: int) -> pd.Series:
        return np.log(inputs.iloc[:, 0]).diff(steps).shift(-2)

    monkeypatch.setitem(CATALOGUE, "return", replace(CATALOGUE["return"], function=shifted))
    with pytest.raises(FeatureError, match=r"return \(by 2 rows"):
        list(pipeline.run(recipe(features=["return", "log_range"]), frame))
