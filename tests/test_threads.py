"""Fits run on one thread of BLAS, so their numbers do not depend on how many threads the machine has."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.linalg  # noqa: F401  loads its BLAS
from threadpoolctl import threadpool_info, threadpool_limits

from core.baselines import garch, registry
from core.baselines.baseline import Baseline, Forecaster
from core.datasets import windows
from core.datasets.targets import TARGETS
from core.evaluation import calibration
from core.evaluation.experiments import multiple_testing
from core.events import Event, Stage
from core.intervals import benchmarks
from core.jobs import local
from core.spec import Spec
from core.threads import VARIABLES, one_thread

ROOT = Path(__file__).resolve().parent.parent
Recipe = Callable[..., Spec]

PROGRAM = """
import {module}
import numpy
from threadpoolctl import threadpool_info
import scipy.linalg
print({{one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}})
"""

NUMBERS = """
import hashlib

import numpy as np

from core.baselines import registry
from core.data import frame as frames
from core.datasets import windows
from core.intervals import benchmarks, garch_scale
from tests.conftest import market, small


def show(name, values):
    print(name, hashlib.sha256(np.ascontiguousarray(values, dtype=float).tobytes()).hexdigest())


frame = frames.build({"A": market(4000, seed=2)})
for kind in ("volatility", "log_return"):
    features = ["return", "log_range", "weekday"]
    recipe = small(
        target__kind=kind, target__horizon=3, window__lookback=60, features=features, baselines__slow=True
    )
    spec = windows.resolve(recipe, frame)
    prepared = windows.prepare(spec, frame)
    for name, by_split in registry.forecasts(spec, prepared, ("val", "test")).by_baseline.items():
        show(f"{kind} {name}", np.concatenate([by_split["val"], by_split["test"]]))
rows = prepared.splits.test.rows
show("scale", garch_scale.compute(rows, prepared.kind, 0, np.arange(2500, 3900), 2500).scale_NH)
show("interval", benchmarks.compute(spec, prepared)[["lo", "hi"]])
"""


def blas_threads() -> list[int]:
    """The number of threads of every BLAS in this process."""
    return [library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"]


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    with threadpool_limits(limits=2, user_api="blas"):
        assert set(blas_threads()) == {2}
        yield


def test_the_numbers_do_not_depend_on_the_number_of_threads() -> None:
    numbers = {}
    for threads in ("1", "4"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
        environment = os.environ | dict.fromkeys(names, threads)
        result = subprocess.run(
            [sys.executable, "-c", NUMBERS], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        numbers[threads] = dict(line.rsplit(" ", 1) for line in result.stdout.splitlines())
    assert {"volatility garch", "log_return ridge", "scale", "interval"} <= numbers["1"].keys()
    assert numbers["1"] == numbers["4"]


@pytest.mark.parametrize("kind", ["volatility", "direction"])
def test_every_baseline_is_fitted_and_forecasts_on_one_thread(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    seen: dict[str, list[int]] = {}

    def watched(baseline: Baseline) -> Baseline:
        def fit(prepared: windows.Prepared) -> Forecaster:
            forecast = baseline.fit(prepared)
            seen[baseline.name] = blas_threads()

            def watched_forecast(part: windows.Windows) -> Any:
                seen[baseline.name] += blas_threads()
                return forecast(part)

            return watched_forecast

        return replace(baseline, fit=fit)

    for name, baseline in registry.BASELINES.items():
        monkeypatch.setitem(registry.BASELINES, name, watched(baseline))
    spec = windows.resolve(recipe(target__kind=kind, target__horizon=1, baselines__slow=True), frame)
    forecasts = registry.forecasts(spec, windows.prepare(spec, frame), ("test",))
    names = {*registry.for_target(TARGETS[kind])}
    assert forecasts.left_out.keys() == names & {"seasonal_decomposition", "mstl"}  # the frame has no season
    assert seen.keys() == names - forecasts.left_out.keys()
    assert [name for name, threads in seen.items() if {*threads} != {1}] == []
    assert set(blas_threads()) == {2}


def watch(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str) -> list[int]:
    """The numbers of threads that `owner.name` sees whenever it is called from now on."""
    seen: list[int] = []
    original = getattr(owner, name)

    def watched(*args: Any, **kwargs: Any) -> Any:
        seen.extend(blas_threads())
        return original(*args, **kwargs)

    monkeypatch.setattr(owner, name, watched)
    return seen


def test_garch_intervals_are_fitted_on_one_thread(
    recipe: Recipe, frame: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = watch(monkeypatch, garch, "fit")
    spec = windows.resolve(recipe(target__kind="log_return", target__horizon=2, features=["return"]), frame)
    assert "garch" in set(benchmarks.compute(spec, windows.prepare(spec, frame))["benchmark"])
    assert set(seen) == {1}


def test_probabilities_are_calibrated_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch, np.linalg, "solve")
    rng = np.random.default_rng(0)
    calibration.fit_platt((rng.random(200) < 0.5).astype(float), rng.random(200))
    assert set(seen) == {1}


def test_experiments_are_compared_on_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = watch(monkeypatch, multiple_testing, "_deflate_best")
    multiple_testing.compare([])
    assert set(seen) == {1}


def test_a_job_runs_on_one_thread_and_leaves_none_behind() -> None:
    def job() -> Generator[Event, None, list[int]]:
        yield Stage(name="train")
        return blas_threads()

    def broken() -> Generator[Event, None, None]:
        yield Stage(name="train")
        raise ValueError("a bug")

    assert set(local.run(job(), lambda event: None)) == {1}
    assert set(blas_threads()) == {2}
    with pytest.raises(ValueError, match="a bug"):
        local.run(broken(), lambda event: None)
    assert set(blas_threads()) == {2}


def test_fits_that_overlap_share_the_limit() -> None:
    first, second = one_thread(), one_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set(blas_threads()) == {1}
    second.__exit__(None, None, None)
    assert set(blas_threads()) == {2}


def test_the_server_uses_one_thread_for_good() -> None:
    free = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    told = {}
    for module in ("numpy", "ui.cache"):
        program = [sys.executable, "-c", PROGRAM.format(module=module)]
        done = subprocess.run(program, capture_output=True, text=True, check=True, env=free, cwd=ROOT, timeout=120)
        told[module] = done.stdout.strip()
    assert told["ui.cache"] == "{1}"
    assert (told["numpy"] == "{1}") == (os.cpu_count() == 1)
