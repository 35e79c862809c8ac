"""ARIMA: forecasts at every cutoff compared with statsforecast, histories that it cannot fit, and its deadline."""

import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.baselines import arima
from core.baselines.baseline import forecast_rows
from core.data import frame as frames
from core.datasets import windows
from core.errors import DataError
from core.spec import Spec
from core.types import Floats

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]


def simulate(rows: int, ar: list[float], ma: list[float], d: int, mean: float) -> Floats:
    """An ARIMA process with standard normal shocks."""
    shock = np.random.default_rng(0).normal(size=rows)
    value_T = np.zeros(rows)
    for t in range(rows):
        value_T[t] = shock[t] + sum(a * value_T[t - 1 - i] for i, a in enumerate(ar) if t > i)
        value_T[t] += sum(m * shock[t - 1 - j] for j, m in enumerate(ma) if t > j)
    value_T += mean
    for _ in range(d):
        value_T = np.cumsum(value_T)
    return value_T


@pytest.mark.parametrize(
    ("ar", "ma", "d", "mean"),
    [([0.6], [0.3], 0, 5.0), ([0.5, -0.3], [], 1, 0.2), ([], [0.5], 1, 0.0), ([], [0.4], 2, 0.0)],
)
def test_forecasts_equal_those_of_statsforecast_without_a_refit(
    ar: list[float], ma: list[float], d: int, mean: float
) -> None:
    from statsforecast.models import AutoARIMA

    value_T = simulate(700, ar, ma, d, mean)
    fitted = arima.fit(value_T[:400])
    assert fitted.d == d
    shift, spread = value_T[0], value_T[:400].std()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        peer = AutoARIMA(
            season_length=1, max_p=arima.ORDER, max_q=arima.ORDER, nmodels=arima.MODELS, approximation=True
        ).fit((value_T[:400] - shift) / spread)
    path_TK = arima.paths(fitted, value_T, 6)
    for t in (399, 450, 699):
        expected = peer.forward((value_T[: t + 1] - shift) / spread, h=6, level=[68.26894921])
        expected_K = expected["mean"] * spread + shift
        np.testing.assert_allclose(path_TK[t], expected_K, atol=2e-4 * fitted.deviation, rtol=1e-6)
    deviation_K = (np.asarray(expected["hi-68.26894921"]) - expected["mean"]) * spread  # half of the 68 % interval
    np.testing.assert_allclose(arima.spreads(fitted, 6), deviation_K, rtol=1e-4)


def test_a_planted_autoregression_is_found(recipe: Recipe, bars: Bars) -> None:
    change = 0.01 * simulate(600, [0.6], [], 0, 0.0)
    frame = frames.build({"A": bars(600, 0, change)})
    spec = recipe(target__kind="log_return", target__horizon=2, features=["return"])
    prepared = windows.prepare(windows.resolve(spec, frame), frame)
    test, yhat_TH = prepared.splits.test, forecast_rows(arima.forecast, prepared)
    skill = 1 - np.std(yhat_TH[test.cutoff_row_N] - test.y_NH, axis=0) / np.std(test.y_NH, axis=0)
    assert skill[0] > 0.12  # the error of the best possible forecast is a fifth smaller
    direction = windows.prepare(
        windows.resolve(recipe(target__kind="direction", target__horizon=1, features=["return"]), frame), frame
    )
    p_N, y_N = (
        forecast_rows(arima.forecast, direction)[direction.splits.test.cutoff_row_N, 0],
        direction.splits.test.y_NH[:, 0],
    )
    assert ((p_N > 0.5) == y_N).mean() > 0.6 and np.mean((p_N - y_N) ** 2) < 0.23


@pytest.mark.parametrize("value_T", [np.full(400, 3.0), np.arange(20.0), np.full(400, np.nan)])
def test_a_history_that_cannot_be_fitted_is_rejected(value_T: Floats) -> None:
    with pytest.raises(DataError, match="at least 30 rows whose values vary"):
        arima.fit(value_T)


def test_a_straight_line_is_continued(recipe: Recipe) -> None:
    value_T = 5.0 + 0.25 * np.arange(200.0)
    np.testing.assert_allclose(arima.paths(arima.fit(value_T[:100]), value_T, 3)[-1], [55, 55.25, 55.5], rtol=1e-6)


def test_a_search_past_its_deadline_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(value_T: Floats, found: dict[str, Any]) -> None:
        time.sleep(0.5)

    monkeypatch.setattr(arima, "_search", slow)
    with pytest.raises(DataError, match=r"took longer than 0\.05 seconds"):
        arima.fit(simulate(200, [0.5], [], 0, 0.0), deadline=0.05)


def test_data_without_a_suitable_model_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arima, "_search", lambda value_T, found: found.update(error=ValueError("No suitable model")))
    with pytest.raises(DataError, match=r"could not be fitted to these data .No suitable model"):
        arima.fit(simulate(200, [0.5], [], 0, 0.0))


def test_a_bug_in_the_search_thread_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    from statsforecast.models import AutoARIMA

    def broken(*_: Any) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(AutoARIMA, "fit", broken)
    with pytest.raises(TypeError, match="a bug"):
        arima.fit(simulate(200, [0.5], [], 0, 0.0))
