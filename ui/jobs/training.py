"""Trainings: started for a visitor, saved in the server whoever still looks, continued after an interruption."""

import logging
from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from core.errors import RunError
from core.events import Checkpoint
from core.jobs.job import Job
from core.language import message, tr
from core.models.kinds import title_of
from core.spec import Spec, compact, members
from core.storage import checkpoints, visitors
from core.storage.finish import finish
from core.types import Run
from ui import cache, markdown, session
from ui.jobs import registry


def start(spec: Spec, series: pd.DataFrame, upload: str | None = None) -> str:
    """Start a training and return its job id; one of the same recipe and data that is under way is that one. Raises
    UnderWay if another server or a command line trains it, and JobError for one beyond the quotas.

    `upload` is the digest of the uploaded series, if the data come from a file: an interrupted training is resumed with
    it.
    """
    from core import pipeline
    from core.datasets.windows import resolve

    full, digest = resolve(spec, series), cache.digest(series)
    check_quotas(full, series)
    key = checkpoints.key(full, digest)
    upload = upload if spec.data.source == "file" else None
    recipe = visitors.Recipe(text=compact.to_text(spec), upload=upload)
    _remember(partial(visitors.start_training, session.visitor(), key, recipe, cache.RUNS))
    lease = checkpoints.claim(key, cache.RUNS)  # before the checkpoint is read: whoever had the lease wrote it
    job_id = registry.start(
        pipeline.run,
        full,
        series,
        checkpoints.load(full, digest, cache.RUNS),
        kind=registry.TRAINING,
        subject=(key,),
        title=_title(spec),
        on_result=partial(save, key),
        on_saved=partial(_keep_run, key, recipe),
        on_checkpoint=partial(_keep, full, digest, upload),
        resume=partial(pipeline.run, full, series),
        lease=lease,
    )
    session.follow(job_id)
    st.session_state["watched"] = [*st.session_state.get("watched", []), job_id]
    return job_id


def check_quotas(full: Spec, series: pd.DataFrame) -> None:
    """Raise JobError if the training of this resolved recipe is larger or longer than the quotas allow."""
    symbols = len(full.data.symbols) if full.model.symbols == "separate" else 1
    cache.quotas().check_training(
        rows=len(series) * len(full.data.symbols),
        features=len(full.features),
        lookback=full.window.lookback,
        budget=symbols * sum(own.train.epochs or own.train.steps for own in members.recipes(full)),
        unit=full.train.unit,
    )


def _title(spec: Spec) -> str:
    """What the training is called, for everybody who reads it."""
    model, series = message(title_of(spec.model.kind)), ", ".join(spec.data.symbols)
    return message("Training {model} on {series}", model=model, series=series)


def mine() -> Job | None:
    """The training that this visitor started last; None if they started none that the queue remembers."""
    return registry.mine(registry.TRAINING)


def own(key: str) -> Job | None:
    """The training of this key (`core.storage.checkpoints`) that this visitor started; None without one."""
    return registry.own(registry.TRAINING, (key,))


def on_screen() -> tuple[Job, ...]:
    """The trainings of this visitor that are under way, the newest first, or the newest one if that has failed."""
    jobs = registry.all_mine(registry.TRAINING)
    return tuple(job for job in jobs if not job.over or (job.status == "failed" and job is jobs[0]))


def own_run(key: str) -> str | None:
    """The newest saved run of this visitor's trainings of this key; None without one."""
    saved = [training.run for training in session.remembered().trainings if training.key == key and training.run]
    return next((run for run in saved if session.can_be_opened(run)), None)


def recipe_of(job: Job) -> visitors.Recipe | None:
    """The recipe with which this visitor started a training; None if nothing remembers it."""
    subject = registry.subject(job.id)
    return next((one.recipe for one in session.remembered().trainings if (one.key,) == subject), None)


def open_finished() -> None:
    """When a training that was under way in this tab has ended well, say so once, and turn to its run if the visitor
    has opened no other since they started it."""
    watched = st.session_state.get("watched", [])
    for job in registry.all_mine(registry.TRAINING)[::-1]:
        if not job.over:
            watched = list(dict.fromkeys([*watched, job.id]))
        elif job.id in watched:
            watched = [other for other in watched if other != job.id]
            if job.status == "done" and job.result_id:
                st.toast(tr("{title} is finished.", title=markdown.escape(job.title)))
                if session.follows(job.id):
                    session.choose_run(job.result_id)
    st.session_state["watched"] = watched


def save(key: str, run: Run) -> str:
    """Save a finished run and return its id. If the log refuses it, the Evaluate page says that it is not counted."""
    saved, _ = finish(run, key, cache.RUNS)
    return saved.id


def interrupted() -> tuple[checkpoints.InterruptedRun, ...]:
    """This visitor's trainings that can be continued or are under way in another server, the latest first: none that is
    under way here, none of a file that the command line read."""
    active = {registry.subject(job_id) for job_id in registry.under_way(registry.TRAINING)}
    own = {training.key for training in session.remembered().trainings}
    return tuple(
        checkpoint
        for checkpoint in checkpoints.list_all(cache.RUNS)
        if checkpoint.key in own
        and (checkpoint.key,) not in active
        and (checkpoint.spec.data.source != "file" or checkpoint.upload)
    )


def discard(key: str) -> None:
    """Forget an interrupted training. Raises UnderWay if another server has continued it meanwhile."""
    checkpoints.delete(key, cache.RUNS)


def _keep(spec: Spec, digest: str, upload: str | None, saved: Checkpoint) -> None:
    checkpoints.save(saved, spec, digest, upload, cache.RUNS)


def _keep_run(key: str, recipe: visitors.Recipe, owners: frozenset[str], run_id: str) -> None:
    training = visitors.Training(key=key, recipe=recipe, run=run_id)
    for owner in owners:
        _remember(partial(visitors.finish_training, owner, training, cache.RUNS))


def _remember(write: Callable[[], None]) -> None:
    try:
        write()
    except RunError as problem:  # the run itself is saved; it is found in the library
        logging.getLogger(__name__).warning("A training was not remembered: %s", problem)
