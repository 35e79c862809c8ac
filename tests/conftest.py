"""Shared fixtures: a small market, small recipes and one finished run; one thread, property tests without deadlines."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported anywhere

from collections.abc import Callable, Generator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import settings
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import local_script_runner

from core import pipeline
from core.data import frame as frames
from core.events import Event
from core.jobs.local import run
from core.spec import Spec, with_values
from core.types import Run


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Distribute tests over processes by file, and the whole browser folder to one process: two of them would starve
    each other's trainings."""
    from xdist.scheduler import LoadFileScheduling

    class OneBrowser(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "tests/browser" if nodeid.startswith("tests/browser") else super()._split_scope(nodeid)

    return OneBrowser(config, log)


settings.register_profile("lookback", deadline=None, derandomize=True, database=None, max_examples=40)
settings.load_profile("lookback")

# Each run of a page in a test is a new server to Streamlit, which then reads the metadata of every installed package.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)

_ask = local_script_runner.require_widgets_deltas


def _wait_for_page(runner: local_script_runner.LocalScriptRunner, timeout: float = 3) -> None:
    """Wait for the thread that draws a page. Streamlit asks it every millisecond, which takes a tenth of its time."""
    thread = runner._script_thread
    assert thread is not None
    thread.join(timeout)
    if thread.is_alive():
        _ask(runner, 0)  # which stops it and says so


local_script_runner.require_widgets_deltas = _wait_for_page

SMALL = {
    "data.symbols": ["A"],
    "window.lookback": 10,
    "model.hidden": 8,
    "model.dropout": 0.0,
    "train.epochs": 3,
    "train.batch_size": 64,
    "train.learning_rate": 2e-3,
    "train.device": "cpu",
    "split.train": 0.55,
    "split.val": 0.15,
    "split.calib": 0.10,
    "split.test": 0.20,
}


def market(rows: int = 600, seed: int = 0, return_T: np.ndarray | None = None) -> pd.DataFrame:
    """Open, high, low, close and volume of `rows` business days; a random walk unless the log returns are given."""
    rng = np.random.default_rng(seed)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0, 0.01, rows) if return_T is None else return_T))
    open_ = close * np.exp(rng.normal(0.0, 0.003, rows))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, rows)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, rows)))
    volume = rng.lognormal(12.0, 0.5, rows).round()
    index = pd.bdate_range("2015-01-01", periods=rows, name="time")
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)


def small(**values: Any) -> Spec:
    """A recipe that trains in a fraction of a second; `model__hidden=4` sets model.hidden."""
    return with_values(Spec(), SMALL | {path.replace("__", "."): value for path, value in values.items()})


def drain(job: Generator[Event, None, Any]) -> tuple[Any, list[Event]]:
    """The result of a job, and all its events."""
    events: list[Event] = []
    return run(job, events.append), events


@pytest.fixture(scope="session")
def bars() -> Callable[..., pd.DataFrame]:
    return market


@pytest.fixture(scope="session")
def recipe() -> Callable[..., Spec]:
    return small


@pytest.fixture(scope="session")
def finish() -> Callable[..., tuple[Any, list[Event]]]:
    return drain


@pytest.fixture(scope="session")
def train_run() -> Callable[..., Run]:
    """(recipe, plain tables by symbol) → finished run."""
    return lambda spec, **tables: drain(pipeline.run(spec, frames.build(tables)))[0]


@pytest.fixture(scope="session")
def frame() -> pd.DataFrame:
    """600 business days of the symbol A."""
    return frames.build({"A": market()})


@pytest.fixture(scope="session")
def finished(frame: pd.DataFrame) -> Run:
    """A finished run of five-day volatility on `frame`."""
    return drain(pipeline.run(small(), frame))[0]
