"""Trainings: started for a visitor, saved in the server whoever still looks, continued after an interruption."""

from functools import partial

import pandas as pd
import streamlit as st

from core import pipeline
from core.datasets.windows import resolve
from core.events import Checkpoint
from core.jobs.job import Job
from core.spec import Spec
from core.storage import checkpoints
from core.storage.finish import finish
from core.types import Run
from ui import cache, names, session
from ui.jobs import registry


def start(spec: Spec, series: pd.DataFrame, upload: str | None = None) -> str:
    """Start a training and return its job id; one of the same recipe and data that is under way is that one.

    `upload` is the digest of the uploaded series, if the data come from a file: an interrupted training is resumed with
    it.
    """
    full, digest = resolve(spec, series), cache.digest(series)
    key = checkpoints.key(full, digest)
    upload = upload if spec.data.source == "file" else None
    return registry.start(
        pipeline.run,
        full,
        series,
        checkpoints.load(full, digest, cache.RUNS),
        kind=registry.TRAINING,
        subject=(key,),
        title=f"Training {names.model(spec.model.kind)} on {', '.join(spec.data.symbols)}",
        on_result=partial(save, key),
        on_checkpoint=partial(_keep, full, digest, upload),
        resume=partial(pipeline.run, full, series),
    )


def mine() -> Job | None:
    """The training that this visitor started last; None if they started none that the queue remembers."""
    return registry.mine(registry.TRAINING)


def busy() -> bool:
    """Whether a training of this visitor is under way."""
    job = mine()
    return job is not None and not job.over


def open_finished() -> None:
    """When this visitor's training has ended well, turn to its run, once."""
    job = mine()
    if job is None or job.status != "done" or not job.result_id or st.session_state.get("opened") == job.id:
        return
    st.session_state["opened"] = job.id
    session.choose_run(job.result_id)
    st.toast("The training is finished.")


def save(key: str, run: Run) -> str:
    """Save a finished run and return its id. If the log refuses it, the Evaluate page says that it is not counted."""
    saved, _ = finish(run, key, cache.RUNS)
    return saved.id


def interrupted() -> tuple[checkpoints.InterruptedRun, ...]:
    """The trainings that can be continued, the latest first: none that is under way, none of a file that the command
    line read."""
    active = {registry.subject(job_id) for job_id in registry.under_way(registry.TRAINING)}
    return tuple(
        checkpoint
        for checkpoint in checkpoints.list_all(cache.RUNS)
        if (checkpoint.key,) not in active and (checkpoint.spec.data.source != "file" or checkpoint.upload)
    )


def discard(key: str) -> None:
    """Forget an interrupted training."""
    checkpoints.delete(key, cache.RUNS)


def _keep(spec: Spec, digest: str, upload: str | None, saved: Checkpoint) -> None:
    checkpoints.save(saved, spec, digest, upload, cache.RUNS)
