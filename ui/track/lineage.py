"""The next training of a run on all data to date, and the runs that one continues."""

import logging

import pandas as pd
import streamlit as st

from core.data.sources import uploads
from core.datasets.levels import level_column
from core.datasets.windows import resolve
from core.errors import CoreError, DataError, RunError, words
from core.evaluation.track.score import TrackRecord
from core.language import message, tr
from core.storage import checkpoints, lineage
from core.tracking import newest, retrain
from core.types import Run
from ui import cache, markdown, messages, names, session
from ui.jobs import progress, training

PROBLEM = "retrain-problem"


def draw(track: TrackRecord, tracks: tuple[TrackRecord, ...]) -> None:
    """The line of trainings, a button for the next one, and its progress."""
    run_id = track.model.run
    chain = retrain.chain(run_id, retrain.parents([one.model for one in tracks]))
    if len(chain) > 1:
        steps = [f"**{one}**" if one == run_id else one for one in chain]
        st.markdown(tr("Trainings of this model, the oldest first: {runs}", runs=" → ".join(steps)))
    if not session.can_be_opened(run_id):
        return
    st.button(
        tr("Retrain on all data to date"),
        icon=":material/model_training:",
        key="retrain",
        on_click=start,
        args=(run_id,),
        help=tr("The same recipe on the newest data of the same source; the new run remembers this one"),
    )
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)
    job = training.mine()
    if job is not None and not job.over and job.id == st.session_state.get("retraining"):
        progress.follow(job)


def start(run_id: str) -> None:
    """Start the training of a run on all data to date, and say what it continues."""
    try:
        run = cache.run(run_id)
        spec, series = retrain.recipe(run), newest_series(run)
        retrain.check_newer(run, series)
        key = checkpoints.key(resolve(spec, series), cache.digest(series))
        try:
            lineage.announce(key, run_id, cache.RUNS)
        except RunError as problem:  # the training is worth more than its lineage
            logging.getLogger(__name__).warning("The lineage of a training was not kept: %s", problem)
        st.session_state["retraining"] = training.start(spec, series, session.upload())
    except CoreError as problem:
        st.session_state[PROBLEM] = words(problem)


def newest_series(run: Run) -> pd.DataFrame:
    """The newest data of a run: of its source, or the uploaded series that continues it. Raises DataError and
    SourceError."""
    data = newest.place(run.spec.data)
    if data.source != "file":
        return cache.frame(data, None)
    upload = session.upload()
    given = uploads.load(upload, cache.DOWNLOADS / "uploads") if upload else None
    if given is None or not newest.continues(run.frame, given, level_column(run.spec.target, _columns(run))):
        raise DataError(
            message(
                "The run {run} was trained on a file. Upload a newer file of the same series on the Data page: it has "
                "to contain the latest rows of that one, and more.",
                run=run.id,
            )
        )
    return newest.from_given(run.frame, given, data, cache.DOWNLOADS)


def _columns(run: Run) -> tuple[str, ...]:
    from core.data import frame as frames

    return frames.columns(run.frame)


def describe_parent(run: Run) -> str:
    """Which run this one continues; empty if none."""
    try:
        parent = lineage.parent_of(run.id, cache.RUNS)
    except RunError:
        return ""
    known = parent and session.can_be_opened(parent)
    return markdown.escape(names.summary(cache.summary(parent))) if known else parent
