"""A refresh of saved runs: their newest data, the outcomes of their live forecasts, and the next forecasts.

A source is asked once for all runs that share it. What fails is named and stops nothing else.
"""

import logging
from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from core.data import frame as frames
from core.data.sources import uploads
from core.datasets import windows
from core.datasets.levels import level_column
from core.errors import CoreError, RunError, words
from core.evaluation.track import record
from core.evaluation.track.record import ForecastRecord, ModelRecord, OutcomeRecord, Record
from core.events import Event, Progress, Stage
from core.language import message, message_n
from core.pipeline import align_symbols
from core.spec import Data
from core.storage import forecast_log, lineage, runs
from core.storage.forecast_log import ForecastLog
from core.tracking import newest
from core.tracking.advance import Advance, Revisions, advance
from core.types import Run

REVISIONS = "revisions"  # the record of a run with the reasons of its newest change


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """What could not be refreshed, a source or a run, why, and the runs that it concerns."""

    what: str
    why: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refreshed:
    """What a refresh has to log. Of the `runs` that were looked at, `unchanged` had no newer rows, and `waiting` are of
    a file, of which somebody has to bring a newer one."""

    runs: int
    records: tuple[Record, ...] = ()
    revisions: dict[str, Revisions] = field(default_factory=dict)
    unchanged: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    failed: tuple[Failure, ...] = ()

    @property
    def summary(self) -> str:
        """What came of it, one sentence, a message."""
        forecasts = sum(isinstance(one, ForecastRecord) for one in self.records)
        settled = sum(isinstance(one, OutcomeRecord) for one in self.records)
        return message(
            "{looked}: {made} new forecasts, {settled} outcomes, {failed} failures.",
            looked=message_n("{count} run refreshed", "{count} runs refreshed", self.runs),
            made=forecasts,
            settled=settled,
            failed=len(self.failed),
        )


@dataclass(slots=True, kw_only=True)
class _Known:
    """What the log holds of one run."""

    model: ModelRecord | None = None
    forecasts: list[ForecastRecord] = field(default_factory=list)
    settled: set[str] = field(default_factory=set)
    data: set[str] = field(default_factory=set)  # digests that were looked at

    @property
    def pending(self) -> tuple[ForecastRecord, ...]:
        """The forecasts that wait for their outcome."""
        return tuple(one for one in self.forecasts if one.outcome_key not in self.settled)


def refresh(
    root: Path,
    cache: Path,
    only: Collection[str] | None = None,
    given: pd.DataFrame | str | None = None,
    now: str | None = None,
) -> Generator[Event, None, Refreshed]:
    """Look at the newest data of every saved run, or of `only` these, and return what is to be logged; `keep` logs it.

    `given` is a newer frame of series that came from a file, or the digest of an upload. `now` is the time that is
    logged, by default that of the clock.
    """
    lines = [line for line in runs.list_all(root) if only is None or line.id in only]
    yield Stage(name="refresh", text=message("Loading the newest data"))
    if isinstance(given, str):
        given = _uploaded(given, cache)
    known, (data, failed) = _by_run(forecast_log.load(root)), _places(lines, root)
    latest = newest.load_all(data.values(), cache)
    for place, why in latest.failed.items():
        concerned = tuple(run for run, own in data.items() if own == place)
        failed.append(Failure(what=newest.describe(place), why=why, runs=concerned))
    digests = {place: frames.digest(frame) for place, frame in latest.frames.items()}
    yield Stage(name="refresh", text=message("Scoring the outcomes and forecasting again"))
    unchanged, waiting, records, revisions = list[str](), list[str](), list[Record](), dict[str, Revisions]()
    for number, (run_id, place) in enumerate(data.items(), start=1):
        yield Progress(done=number, total=len(data))
        own = known.get(run_id, _Known())
        if place in latest.failed:
            continue
        if place in digests and own.model is not None and digests[place] in own.data:
            unchanged.append(run_id)
            continue
        try:
            run = runs.load(run_id, root)
            frame = latest.frames.get(place) if place in digests else _from_file(run, given, cache)
            if frame is None:
                waiting.append(run_id)
            added = _advance(run, own, frame, root, now or forecast_log.now())
        except Exception as error:  # whatever is wrong with one run or its data: the others are still good
            if not isinstance(error, CoreError):
                logging.getLogger(__name__).warning("The run %s was not refreshed.", run_id, exc_info=error)
            why = words(error) or type(error).__name__
            failed.append(Failure(what=run_id, why=why, runs=(run_id,)))
            continue
        records += added.records
        if added.revisions is not None:
            revisions[run_id] = added.revisions
        if frame is not None and not added.records:
            unchanged.append(run_id)
    return Refreshed(
        runs=len(lines),
        records=tuple(records),
        revisions=revisions,
        unchanged=tuple(unchanged),
        waiting=tuple(waiting),
        failed=tuple(failed),
    )


def _places(lines: Iterable[runs.Summary], root: Path) -> tuple[dict[str, Data], list[Failure]]:
    """Where the data of each run come from, and the runs that are damaged."""
    data, failed = dict[str, Data](), list[Failure]()
    for line in lines:
        try:
            if line.problem:
                raise RunError(line.problem)
            data[line.id] = newest.place(runs.load_spec(line.id, root).data)
        except CoreError as error:
            failed.append(Failure(what=line.id, why=words(error), runs=(line.id,)))
    return data, failed


def log_live(run: Run, frame: pd.DataFrame | None, root: Path) -> str:
    """Log the live forecast of a saved run on a newer frame, None for its own data, if it is new for this run, and the
    outcomes that have come; empty, or the sentence that says why not: a forecast is worth having without it."""
    try:
        own = _by_run(forecast_log.load(root)).get(run.id, _Known())
        newer = run.frame if frame is None else align_symbols(run.frame, frame)
        if own.model is not None and frames.digest(newer) in own.data:
            return ""
        forecast_log.append(_advance(run, own, newer, root, forecast_log.now()).records, root)
    except CoreError as error:
        return words(error)
    return ""


def keep(refreshed: Refreshed, root: Path) -> int:
    """Log what a refresh found; returns the number of new records. Raises RunError when the disk refuses."""
    added = forecast_log.append(refreshed.records, root)
    for run_id, revisions in refreshed.revisions.items():
        try:
            runs.save_record(run_id, REVISIONS, revisions, root)
        except CoreError:  # deleted since, or no room: the record of the forecasts is what counts
            continue
    return added


def _advance(run: Run, own: _Known, frame: pd.DataFrame | None, root: Path, now: str) -> Advance:
    """What is to be logged of one run: first the run itself, if an earlier version trained it."""
    records: tuple[Record, ...] = ()
    model = own.model
    if model is None:
        prepared = windows.prepare_saved(run)
        model = record.of_model(run, prepared, now, lineage.parent_of(run.id, root))
        records = (model,)
    if frame is None:
        return Advance(records=records, revisions=None)
    added = advance(run, model, frame, own.pending, {one.key for one in own.forecasts}, now)
    return Advance(records=(*records, *added.records), revisions=added.revisions)


def _from_file(run: Run, given: pd.DataFrame | None, cache: Path) -> pd.DataFrame | None:
    """The newer frame of a run whose data came from a file; None if nobody brought one that continues it."""
    if given is None or not newest.continues(
        run.frame, given, level_column(run.spec.target, frames.columns(run.frame))
    ):
        return None
    return newest.from_given(run.frame, given, run.spec.data, cache)


def _uploaded(digest: str, cache: Path) -> pd.DataFrame | None:
    """An uploaded series; None if it is no longer there."""
    try:
        return uploads.load(digest, cache / "uploads")
    except CoreError:
        return None


def _by_run(log: ForecastLog) -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    for one in log.records:
        own = known.setdefault(one.run, _Known())
        own.data.add(one.data)
        if isinstance(one, ModelRecord):
            own.model = own.model or one
        elif isinstance(one, ForecastRecord):
            own.forecasts.append(one)
        else:
            own.settled.add(one.key)
    return known
