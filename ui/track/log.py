"""The log of live forecasts on the screen: read again only when it has changed."""

import streamlit as st

from core.evaluation.track import score
from core.evaluation.track.score import TrackRecord
from core.language import mark, tr
from core.storage import forecast_log
from core.storage.forecast_log import ForecastLog
from ui import cache, messages, names, session

CHANGED = mark("Log changed")


def read() -> tuple[ForecastLog, tuple[TrackRecord, ...]]:
    """The log as it is on disk now, and the track record of every run in it, the newest first."""
    return _read(str(cache.RUNS), forecast_log.fingerprint(cache.RUNS))


@st.cache_resource(show_spinner=False, max_entries=2)
def _read(root: str, stamp: tuple[int, int]) -> tuple[ForecastLog, tuple[TrackRecord, ...]]:
    log = forecast_log.load(cache.RUNS)
    return log, score.compute(log.records)


def of_run(run_id: str) -> TrackRecord | None:
    """The track record of a run; None if it is not in the log."""
    return next((track for track in read()[1] if track.model.run == run_id), None)


def title(track: TrackRecord) -> str:
    """What the model of a track record is called; a run that was deleted by what the log says of it."""
    if session.can_be_opened(track.model.run):
        return f"{names.summary(cache.summary(track.model.run))} · {track.model.run}"
    series = ", ".join(track.model.symbols)
    model = names.model(str(track.model.recipe["model"]["kind"]))
    return tr("{model} on {series}, deleted · {run}", model=model, series=series, run=track.model.run)


def label(run_id: str) -> str:
    """What the model of a run in the log is called."""
    track = of_run(run_id)
    return run_id if track is None else title(track)


def draw_state(log: ForecastLog) -> None:
    """Whether the log is as it was written: a line that was changed, or what to note to prove later that none was."""
    if not log.intact:
        messages.alarm(CHANGED, log.problem)
        return
    st.caption(
        tr(
            "Log of forecasts: {count} lines, each with the hash of the line before; none was changed. Last hash: "
            "{hash}",
            count=f"{log.entries:,}",
            hash=f"`{log.head[:16]}`",
        ),
        help=tr("Note it somewhere else: as long as it is in the log, nothing before it was changed."),
    )
