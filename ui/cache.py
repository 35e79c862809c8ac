"""What all visitors share: the work queue, loaded series and opened runs."""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

import pandas as pd
import streamlit as st

from core import pipeline
from core.data import frame as frames
from core.data import load
from core.events import Saved
from core.jobs.queue import Queue
from core.prepare.windows import resolve
from core.records import Run
from core.runs import ledger, store, unfinished
from core.spec import Data, Spec

RUNS = Path(os.environ.get("LOOKBACK_RUNS", "runs"))
FETCHED = Path(os.environ.get("LOOKBACK_CACHE", "cache"))
TRAINING = "Training "
WORKERS = max(2, (os.cpu_count() or 2) - 1)  # two at least: an explanation does not wait for a training


@st.cache_resource(show_spinner=False)
def queue() -> Queue:
    """The one queue of this server; its workers start behind the first page."""
    return Queue.open(workers=WORKERS, warm=pipeline.warm)


def frame(data: Data, upload: str | None) -> pd.DataFrame:
    """The series of a recipe. Raises DataError and SourceError; failures are not remembered here."""
    return _frame(data, upload if data.source == "file" else None)


@st.cache_data(show_spinner="Loading the series …", ttl=600, max_entries=32)
def _frame(data: Data, upload: str | None) -> pd.DataFrame:
    return load.load(data, FETCHED) if data.source != "file" else load.from_upload(upload or "", data, FETCHED)


def run(run_id: str) -> Run:
    """A saved run; nobody may change what they are given. Raises RunError."""
    return _run(run_id, store.stamp(run_id, RUNS))


@st.cache_resource(show_spinner=False, max_entries=8)
def _run(run_id: str, stamp: int) -> Run:
    return store.load(run_id, RUNS)


def summaries() -> tuple[store.Summary, ...]:
    return store.summaries(RUNS)


def train(spec: Spec, series: pd.DataFrame) -> str:
    """Start a training and return its job id; the run is saved here in the server, whoever is still looking."""
    full, digest = resolve(spec, series), frames.digest(series)
    title = f"{TRAINING}{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}"
    upload = st.session_state.get("upload") if spec.data.source == "file" else None
    name = unfinished.key(full, digest)
    job = queue().submit(pipeline.run, full, series, unfinished.find(full, digest, RUNS), title=title,
                         on_result=partial(_finish, name), on_saved=partial(_keep, full, digest, upload))
    _names()[job] = name
    return job


@st.cache_resource(show_spinner=False)
def _names() -> dict[str, str]:
    """Training job → the name under which its state is kept."""
    return {}


def explain_day(run_id: str, symbol: str, cutoff: str) -> str:
    """Start the explanation of one forecast and return its job id."""
    whole = run(run_id)
    light = replace(whole, forecast=whole.forecast.iloc[:0], explanation=None)
    return queue().submit(pipeline.explain, light, "permutation", symbol, (cutoff,), title=f"Explaining {cutoff}")


def _finish(name: str, finished: Run) -> str:
    """Save a run; what was kept of it on the way is not needed any more."""
    saved = store.save(finished, RUNS)
    ledger.count(saved, RUNS)  # where the disk refuses, the Evaluate page says that the try is not counted
    unfinished.drop(name, RUNS)
    return saved.id


def _keep(spec: Spec, digest: str, upload: str | None, saved: Saved) -> None:
    unfinished.keep(saved, spec, digest, upload, RUNS)


def standing() -> tuple[unfinished.Unfinished, ...]:
    """The trainings that stand still and can go on from here, the latest first: neither those under way, nor those of
    a file that the command line read."""
    open_ = {_names().get(job.id) for job in queue().jobs() if not job.over}
    return tuple(one for one in unfinished.listed(RUNS)
                 if one.key not in open_ and (one.spec.data.source != "file" or one.upload))


def discard(name: str) -> None:
    """Forget a training that stands still."""
    unfinished.drop(name, RUNS)
