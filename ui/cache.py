"""What all visitors share: the work queue, loaded series and opened runs."""

import logging
import os
import weakref
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core.data import frame as frames
from core.errors import RunError
from core.jobs.queue import Queue
from core.jobs.quotas import Quotas
from core.jobs.quotas import read as read_quotas
from core.language import mark
from core.spec import Data
from core.storage import runs, usage
from core.threads import use_one_blas_thread
from core.types import Run
from ui.jobs import time_left
from ui.spinner import Spoken

if TYPE_CHECKING:  # the first page needs none of them
    from core.datasets.windows import Prepared
    from core.evaluation.compare.comparison import Comparison
    from core.explain.recurrent_cell import CellInspection
    from core.explain.selection import SelectionWeights

RUNS = Path(os.environ.get("LOOKBACK_RUNS", "runs"))
DOWNLOADS = Path(os.environ.get("LOOKBACK_CACHE", "cache"))  # fetched series and uploads
WORKERS = max(2, (os.cpu_count() or 2) - 1)  # at least two: an explanation does not wait for a training

use_one_blas_thread()  # the workers have the cores

_digests: dict[int, str] = {}  # of the frames in memory, by identity


@cache
def quotas() -> Quotas:
    """What one visitor may ask of this server. Raises JobError for a setting that is no number."""
    return read_quotas()


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """The one queue of this server; its workers start with it, behind the first page (`ui.jobs.ahead`)."""
    from core import pipeline
    from core.storage import atomic

    for folder in (RUNS, DOWNLOADS):  # what killed servers and command lines left
        atomic.sweep(folder)
    atomic.sweep_temporary()
    return Queue.open(workers=WORKERS, modules=pipeline.MODULES, on_done=partial(time_left.remember, RUNS))


@st.cache_data(show_spinner=False, ttl=60)
def store_size(root: Path) -> int:
    """The bytes of everything that is saved, as measured a minute ago at most."""
    return usage.measure(root)


def frame(data: Data, upload: str | None) -> pd.DataFrame:
    """The series of a recipe; callers must not change it. Raises DataError and SourceError, which are not cached."""
    series, known = _frame(replace(data, calendar=None), upload if data.source == "file" else None)
    _remember(series, known)
    return series


@st.cache_data(show_spinner=Spoken(mark("Loading the series …")), ttl=600, max_entries=32)
def _frame(data: Data, upload: str | None) -> tuple[pd.DataFrame, str]:
    from core.data import load

    series = load.load(data, DOWNLOADS) if data.source != "file" else load.from_upload(upload or "", data, DOWNLOADS)
    return series, frames.digest(series)


def digest(series: pd.DataFrame) -> str:
    """The digest of a series, computed once for as long as the series is in memory."""
    return _digests.get(id(series)) or _remember(series, frames.digest(series))


def _remember(series: pd.DataFrame, known: str) -> str:
    _digests[id(series)] = known
    weakref.finalize(series, _digests.pop, id(series), None)  # later another series may have this identity
    return known


def summaries() -> tuple[runs.Summary, ...]:
    """A line for each saved run, the newest first; none if their folder cannot be read, which the Runs page says."""
    try:
        return runs.list_all(RUNS)
    except RunError as problem:
        logging.getLogger(__name__).warning("%s", problem)
        return ()


def summary(run_id: str) -> runs.Summary:
    """The line of one saved run. Raises RunError."""
    return _line(run_id, runs.fingerprint(run_id, RUNS))


@st.cache_resource(show_spinner=False, max_entries=256)
def _line(run_id: str, stamp: str) -> runs.Summary:
    return runs.summarize(run_id, RUNS)


def run(run_id: str) -> Run:
    """A saved run; callers must not change it. Raises RunError."""
    return _run(run_id, runs.fingerprint(run_id, RUNS))


@st.cache_resource(show_spinner=False, max_entries=8)
def _run(run_id: str, stamp: str) -> Run:
    return runs.load(run_id, RUNS)


def comparison(run_ids: tuple[str, ...]) -> "Comparison":
    """A comparison of these runs. Raises RunError, and SpecError if they cannot be compared."""
    return _comparison(run_ids, tuple(runs.fingerprint(run_id, RUNS) for run_id in run_ids))


@st.cache_resource(show_spinner=Spoken(mark("Comparing the runs …")), max_entries=8)
def _comparison(run_ids: tuple[str, ...], stamps: tuple[str, ...]) -> "Comparison":
    from core.evaluation.compare.comparison import compare

    return compare([_run(run_id, stamp) for run_id, stamp in zip(run_ids, stamps, strict=True)])


def prepared(run_id: str) -> "Prepared":
    """The windows of a saved run; callers must not change them. Raises RunError."""
    return _prepared(run_id, runs.fingerprint(run_id, RUNS))


@st.cache_resource(show_spinner=Spoken(mark("Preparing the windows …")), max_entries=4)
def _prepared(run_id: str, stamp: str) -> "Prepared":
    from core.datasets.windows import prepare_saved

    return prepare_saved(_run(run_id, stamp))


def selection(run_id: str, symbol: str, cutoff: str, member: int) -> "SelectionWeights":
    """The weights of the inputs of one network over one window; quick, so not kept. Raises SpecError."""
    from core.explain import selection as weights

    stamp = runs.fingerprint(run_id, RUNS)
    return weights.inspect(_run(run_id, stamp), _prepared(run_id, stamp), symbol, np.datetime64(cutoff), member)


def cell(run_id: str, symbol: str, cutoff: str, member: int) -> "CellInspection":
    """Gates and states of one network over one window; callers must not change them. Raises SpecError."""
    return _cell(run_id, runs.fingerprint(run_id, RUNS), symbol, cutoff, member)


@st.cache_resource(show_spinner=False, max_entries=4)  # a large network has large states
def _cell(run_id: str, stamp: str, symbol: str, cutoff: str, member: int) -> "CellInspection":
    from core.explain import recurrent_cell

    return recurrent_cell.inspect(_run(run_id, stamp), _prepared(run_id, stamp), symbol, np.datetime64(cutoff), member)
