"""Interrupted trainings: each can be resumed where it stopped, or be forgotten."""

import time

import streamlit as st

from core.errors import CoreError
from core.spec import compact
from core.storage import checkpoints, visitors
from core.storage.checkpoints import InterruptedRun
from ui import cache, markdown, messages, names
from ui.jobs import training
from ui.train import recipe

SHOWN = 3


def draw() -> None:
    """A line for each of the latest interrupted trainings, with its two buttons."""
    for checkpoint in training.interrupted()[:SHOWN]:
        key = checkpoint.key
        with st.container(border=True):
            words, resume, forget = st.columns([5, 1.2, 1], vertical_alignment="center")
            words.markdown(f":material/pause_circle: {markdown.escape(describe(checkpoint))}")
            if resume.button(
                "Resume",
                key=f"resume-{key}",
                width="stretch",
                disabled=not checkpoint.resumable,
                on_click=_take,
                args=(checkpoint,),
            ):
                _resume(checkpoint)
            forget.button("Forget it", key=f"discard-{key}", width="stretch", on_click=training.discard, args=(key,))


def describe(checkpoint: InterruptedRun) -> str:
    """Its recipe, where it stopped and when, and whether it can be resumed."""
    spec, hours = checkpoint.spec, (time.time() - checkpoint.saved_at) / 3600
    if hours < 1:
        age = "less than an hour ago"
    elif hours < 48:
        age = f"{hours:.0f} {'hour' if round(hours) == 1 else 'hours'} ago"
    else:
        age = f"{hours / 24:.0f} days ago"
    several = spec.train.ensemble > 1 or spec.model.symbols == "separate"
    network = f" of network {checkpoint.member}" if several else ""
    where = ""
    if checkpoint.last is not None:
        unit, done, most = checkpoint.last.count(spec.train.unit)
        where = f" after {done:,} of {most:,} {unit}s{network}"
    elif several:
        where = f" before network {checkpoint.member}"
    ending = (
        "Resumed, it ends in the same result."
        if checkpoint.resumable
        else "It was trained by an earlier version and cannot be resumed; train its recipe from the beginning."
    )
    return f"{names.recipe(spec)}. Interrupted{where}, {age}. {ending}"


def _take(checkpoint: InterruptedRun) -> None:
    """Make its recipe the one on the page, before the boxes of the page are drawn."""
    recipe.take(visitors.Recipe(text=compact.to_text(checkpoint.spec), upload=checkpoint.upload))


def _resume(checkpoint: InterruptedRun) -> None:
    """Continue the training with its recipe and data, if these are still the same."""
    try:
        series = cache.frame(checkpoint.spec.data, checkpoint.upload)
        if checkpoints.key(checkpoint.spec, cache.digest(series)) != checkpoint.key:
            messages.warning("Its data have changed, so it cannot be resumed. Press Train to start over, or forget it.")
            return
        training.start(checkpoint.spec, series, checkpoint.upload)
    except CoreError as problem:
        messages.error(problem)
        return
    st.rerun()
