"""What all visitors share: the work queue, loaded series and opened runs."""

import os
import threading
import weakref
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core import pipeline
from core.data import frame as frames
from core.data import load
from core.datasets.windows import Prepared, resolve
from core.errors import CoreError
from core.events import Checkpoint
from core.explain import recurrent_cell
from core.jobs.job import Job
from core.jobs.queue import Queue
from core.spec import Data, Spec
from core.storage import checkpoints, experiment_log, runs
from core.types import Run

RUNS = Path(os.environ.get("LOOKBACK_RUNS", "runs"))
FETCHED = Path(os.environ.get("LOOKBACK_CACHE", "cache"))
TRAINING = "Training "
WORKERS = max(2, (os.cpu_count() or 2) - 1)  # two at least: an explanation does not wait for a training

_starting = threading.Lock()
_digests: dict[int, str] = {}  # of the frames that are there, by identity


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """The one queue of this server; its workers start behind the first page."""
    return Queue.open(workers=WORKERS, warm=pipeline.warm)


def job(job_id: str | None) -> Job | None:
    """The job with this id; None without one, or where it ended long ago."""
    try:
        return queue().job(job_id) if job_id else None
    except CoreError:
        return None


def frame(data: Data, upload: str | None) -> pd.DataFrame:
    """The series of a recipe, which nobody may change. Raises DataError and SourceError; failures are not remembered
    here."""
    made, known = _frame(data, upload if data.source == "file" else None)
    _remember(made, known)
    return made


@st.cache_data(show_spinner="Loading the series …", ttl=600, max_entries=32)
def _frame(data: Data, upload: str | None) -> tuple[pd.DataFrame, str]:
    made = load.load(data, FETCHED) if data.source != "file" else load.from_upload(upload or "", data, FETCHED)
    return made, frames.digest(made)


def digest(series: pd.DataFrame) -> str:
    """The digest of a series: known where `frame` gave it, else worked out once for as long as it is there."""
    return _digests.get(id(series)) or _remember(series, frames.digest(series))


def _remember(series: pd.DataFrame, known: str) -> str:
    _digests[id(series)] = known
    weakref.finalize(series, _digests.pop, id(series), None)  # another series may have its place in memory then
    return known


def run(run_id: str) -> Run:
    """A saved run; nobody may change what they are given. Raises RunError."""
    return _run(run_id, runs.fingerprint(run_id, RUNS))


@st.cache_resource(show_spinner=False, max_entries=8)
def _run(run_id: str, stamp: int) -> Run:
    return runs.load(run_id, RUNS)


def prepared(run_id: str) -> Prepared:
    """The windows of a saved run; nobody may change what they are given. Raises RunError."""
    return _prepared(run_id, runs.fingerprint(run_id, RUNS))


@st.cache_resource(show_spinner="Preparing the windows …", max_entries=4)
def _prepared(run_id: str, stamp: int) -> Prepared:
    return recurrent_cell.prepare(_run(run_id, stamp))


def opened(run_id: str, symbol: str, cutoff: str, member: int) -> recurrent_cell.CellInspection:
    """The inside of one network over one window; nobody may change what they are given. Raises SpecError."""
    return _opened(run_id, runs.fingerprint(run_id, RUNS), symbol, cutoff, member)


@st.cache_resource(show_spinner=False, max_entries=4)  # large networks are large inside
def _opened(run_id: str, stamp: int, symbol: str, cutoff: str, member: int) -> recurrent_cell.CellInspection:
    return recurrent_cell.inspect(_run(run_id, stamp), _prepared(run_id, stamp), symbol, np.datetime64(cutoff), member)


def summaries() -> tuple[runs.Summary, ...]:
    return runs.list_all(RUNS)


def train(spec: Spec, series: pd.DataFrame) -> str:
    """Start a training and return its job id; the run is saved here in the server, whoever is still looking.

    Where one of the same recipe and data is under way, that is the one: two clicks make one training.
    """
    full, known = resolve(spec, series), digest(series)
    title = f"{TRAINING}{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}"
    upload = st.session_state.get("upload") if spec.data.source == "file" else None
    name = checkpoints.key(full, known)
    with _starting:
        for open_, other in _under_way().items():
            if other == name and open_ not in _stopped():
                return open_
        job = queue().submit(
            pipeline.run,
            full,
            series,
            checkpoints.load(full, known, RUNS),
            title=title,
            on_result=partial(_finish, name),
            on_checkpoint=partial(_keep, full, known, upload),
        )
        _names()[job] = name
    return job


def stop(job_id: str) -> None:
    """Cancel a job; a training that is to stop is no longer one that a click on Train may find."""
    _stopped().add(job_id)
    queue().cancel(job_id)


@st.cache_resource(show_spinner=False)
def _names() -> dict[str, str]:
    """Training job → the name under which its state is kept."""
    return {}


@st.cache_resource(show_spinner=False)
def _stopped() -> set[str]:
    """Jobs that somebody cancelled; they may take a moment to end."""
    return set()


def _under_way() -> dict[str, str]:
    """The same as `_names` of the trainings that are not over."""
    return {job.id: _names()[job.id] for job in queue().jobs() if not job.over and job.id in _names()}


def _finish(name: str, finished: Run) -> str:
    """Save a run; what was kept of it on the way is not needed any more."""
    saved = runs.save(finished, RUNS)
    experiment_log.add_or_report(
        saved, RUNS
    )  # where the disk refuses, the Evaluate page says that the try is not counted
    checkpoints.delete(name, RUNS)
    return saved.id


def _keep(spec: Spec, digest: str, upload: str | None, saved: Checkpoint) -> None:
    checkpoints.save(saved, spec, digest, upload, RUNS)


def standing() -> tuple[checkpoints.InterruptedRun, ...]:
    """The trainings that stand still and can go on from here, the latest first: neither those under way, nor those of
    a file that the command line read."""
    under_way = {*_under_way().values()}
    return tuple(
        one
        for one in checkpoints.list_all(RUNS)
        if one.key not in under_way and (one.spec.data.source != "file" or one.upload)
    )


def discard(name: str) -> None:
    """Forget a training that stands still."""
    checkpoints.delete(name, RUNS)
