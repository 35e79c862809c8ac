"""ARIMA: forecasts at every cutoff compared with statsforecast, histories that it cannot fit, and a slow clock."""

import itertools
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.baselines import arima, registry
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


@pytest.fixture
def slow_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """30 s pass from one look at any clock to the next, and whoever waits for a thread with a limit waits in vain."""
    for clock in ("time", "monotonic", "perf_counter", "process_time", "thread_time"):
        ticks = itertools.count(start=0, step=30)
        monkeypatch.setattr(time, clock, lambda ticks=ticks: float(next(ticks)))
        monkeypatch.setattr(time, f"{clock}_ns", lambda ticks=ticks: next(ticks) * 10**9)
    join = threading.Thread.join
    monkeypatch.setattr(
        threading.Thread, "join", lambda self, timeout=None: join(self, None if timeout is None else 0.0)
    )


def forecast_by_all(recipe: Recipe, frame: pd.DataFrame) -> registry.Forecasts:
    spec = windows.resolve(recipe(target__kind="close", baselines__slow=True, features=["return"]), frame)
    return registry.forecasts(spec, windows.prepare(spec, frame), ["test"])


def test_a_slow_machine_gives_the_same_numbers(
    recipe: Recipe, frame: pd.DataFrame, request: pytest.FixtureRequest
) -> None:
    quick = forecast_by_all(recipe, frame)
    request.getfixturevalue("slow_clock")
    slow = forecast_by_all(recipe, frame)
    assert slow.left_out.keys() == quick.left_out.keys() == {"seasonal_decomposition", "mstl"}  # a walk has no season
    assert {"arima", "auto_ets", "auto_theta"} <= slow.by_baseline.keys()
    for name, by_split in quick.by_baseline.items():
        np.testing.assert_array_equal(by_split["test"], slow.by_baseline[name]["test"], err_msg=name)


def break_the_search(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    from statsforecast.models import AutoARIMA

    def broken(*_: Any) -> None:
        raise error

    monkeypatch.setattr(AutoARIMA, "fit", broken)


def test_data_without_a_suitable_model_are_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_search(monkeypatch, ValueError("No suitable model"))
    with pytest.raises(DataError, match=r"could not be fitted to these data .No suitable model"):
        arima.fit(simulate(200, [0.5], [], 0, 0.0))


def test_a_bug_in_the_search_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_search(monkeypatch, TypeError("a bug"))
    with pytest.raises(TypeError, match="a bug"):
        arima.fit(simulate(200, [0.5], [], 0, 0.0))
