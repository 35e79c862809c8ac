"""The searches that this server runs: a thread each, which hands one trial at a time to each of its slots."""

import logging
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import streamlit as st

from core.datasets.windows import resolve
from core.errors import CoreError, words
from core.jobs.queue import Queue
from core.spec import Spec
from core.tuning import search, space
from ui import cache, session
from ui.jobs import registry, training
from ui.search.settings import Settings


@dataclass(slots=True, kw_only=True, eq=False)
class Drive:
    """One search under way: who started it, when to stop, and what ended it early."""

    owner: str
    slots: int
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    problem: str = ""

    @property
    def alive(self) -> bool:
        return self.thread is not None and self.thread.is_alive()


def begin(spec: Spec, series: pd.DataFrame, chosen: Settings, upload: str | None) -> str:
    """Create a study, start it and return its id. Raises JobError if this visitor may start no job, or if its largest
    trial is beyond the quotas, and what `core.tuning.search.create` raises."""
    registry.check_quotas()
    training.check_quotas(resolve(space.largest(spec, chosen.dimensions), series), series)
    of = search.create(spec, series, chosen.dimensions, cache.RUNS, upload=upload, **chosen.arguments)
    _start(of.id, chosen.slots)
    return of.id


def go_on(study_id: str, slots: int) -> None:
    """Run a study that exists to its limit. Raises JobError if this visitor may start no job."""
    registry.check_quotas()
    _start(study_id, slots)


def _start(study_id: str, slots: int) -> None:
    """Nothing happens if this server runs it already."""
    drives = _drives()
    if (drive := drives.get(study_id)) is not None and drive.alive:
        return
    drive = Drive(owner=session.visitor(), slots=slots)
    drive.thread = threading.Thread(
        target=_run, args=(drive, study_id, cache.RUNS, cache.queue()), name="search", daemon=True
    )
    drives[study_id] = drive
    drive.thread.start()


def find(study_id: str) -> Drive | None:
    """The last drive of a study in this server."""
    return _drives().get(study_id)


def cancel(study_id: str) -> None:
    """Stop a search that this visitor started; finished trials stay."""
    drive = find(study_id)
    if drive is not None and is_mine(drive):
        drive.stop.set()


def is_mine(drive: Drive) -> bool:
    """Whether this visitor started it."""
    return drive.owner == session.visitor()


def _run(drive: Drive, study_id: str, root: Path, queue: Queue) -> None:
    try:
        search.drive(study_id, root, queue, drive.slots, drive.stop.is_set, owner=drive.owner)
    except CoreError as error:
        drive.problem = words(error)
    except Exception as error:  # a bug: nobody waits for this thread, so the page says what happened
        logging.getLogger(__name__).exception("The search %s ended early", study_id)
        drive.problem = f"{type(error).__name__}: {error}"


@st.cache_resource(show_spinner=False)
def _drives() -> dict[str, Drive]:
    """Study id → its last drive, for all visitors."""
    return {}
