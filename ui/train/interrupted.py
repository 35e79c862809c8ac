"""Interrupted trainings: each can be resumed where it stopped, or be forgotten."""

import time

import streamlit as st

from core.errors import CoreError, words
from core.language import tr, tr_n
from core.spec import compact
from core.storage import checkpoints, visitors
from core.storage.checkpoints import InterruptedRun
from ui import cache, markdown, messages, names
from ui.jobs import training
from ui.train import recipe

SHOWN = 3
REDRAW = 3.0  # s between two looks at what another server does
PROBLEM = "interrupted-problem"  # what went wrong at the last click


def draw() -> None:
    """A line for each of the latest interrupted trainings, with its two buttons, or without them while another server
    goes on with it."""
    if problem := st.session_state.pop(PROBLEM, None):
        messages.error(problem)
    listed = training.interrupted()[:SHOWN]
    for checkpoint in listed:
        if checkpoint.holder is None:
            _draw_line(checkpoint)
    elsewhere = tuple(checkpoint.key for checkpoint in listed if checkpoint.holder is not None)
    if elsewhere:
        st.fragment(_draw_elsewhere, run_every=REDRAW)(elsewhere)


def _draw_line(checkpoint: InterruptedRun) -> None:
    key = checkpoint.key
    with st.container(border=True):
        text, resume, forget = st.columns([5, 1.2, 1], vertical_alignment="center")
        text.markdown(f":material/pause_circle: {markdown.escape(describe(checkpoint))}")
        if resume.button(
            tr("Resume"),
            key=f"resume-{key}",
            width="stretch",
            disabled=not checkpoint.resumable,
            on_click=_take,
            args=(checkpoint,),
        ):
            _resume(checkpoint)
        forget.button(tr("Forget it"), key=f"discard-{key}", width="stretch", on_click=_discard, args=(key,))


def _draw_elsewhere(keys: tuple[str, ...]) -> None:
    """The trainings that another server goes on with, and the page again once when one of them has ended there."""
    there = [checkpoint for checkpoint in training.interrupted()[:SHOWN] if checkpoint.holder is not None]
    if tuple(checkpoint.key for checkpoint in there) != keys:
        st.rerun()
    for checkpoint in there:
        with st.container(border=True):
            st.markdown(f":material/sync: {markdown.escape(describe(checkpoint))}")


def describe(checkpoint: InterruptedRun) -> str:
    """Its recipe, where it stopped and when, and whether it can be resumed; or how far another server is with it."""
    if checkpoint.holder is not None:
        return tr(
            "{recipe}. Under way in another server{where}. Its run appears on the page Runs when it is finished.",
            recipe=names.recipe(checkpoint.spec),
            where=_where(checkpoint),
        )
    return tr(
        "{recipe}. Interrupted{where}, {age}. {ending}",
        recipe=names.recipe(checkpoint.spec),
        where=_where(checkpoint),
        age=_age((time.time() - checkpoint.saved_at) / 3600),
        ending=tr("Resumed, it ends in the same result.")
        if checkpoint.resumable
        else tr("It was trained by an earlier version and cannot be resumed; train its recipe from the beginning."),
    )


def _where(checkpoint: InterruptedRun) -> str:
    """The clause that says how far it was, of several networks in which; empty before the first epoch of a single
    one."""
    spec, number = checkpoint.spec, checkpoint.member
    several = spec.train.ensemble > 1 or spec.model.symbols == "separate"
    if checkpoint.last is None:
        return tr(" before network {number}", number=number) if several else ""
    unit, done, most = checkpoint.last.count(spec.train.unit)
    parts = {
        "done": f"{done:,}",
        "most": f"{most:,}",
        "network": tr(" of network {number}", number=number) if several else "",
    }
    if unit == "epoch":
        return tr(" after {done} of {most} epochs{network}", **parts)
    return tr(" after {done} of {most} steps{network}", **parts)


def _age(hours: float) -> str:
    if hours < 1:
        return tr("less than an hour ago")
    if hours < 48:
        return tr_n("{count} hour ago", "{count} hours ago", round(hours))
    return tr_n("{count} day ago", "{count} days ago", round(hours / 24))


def _take(checkpoint: InterruptedRun) -> None:
    """Make its recipe the one on the page, before the boxes of the page are drawn."""
    recipe.take(visitors.Recipe(text=compact.to_text(checkpoint.spec), upload=checkpoint.upload))


def _discard(key: str) -> None:
    try:
        training.discard(key)
    except CoreError as problem:  # another server continues it since this list was drawn, or the disk refuses
        st.session_state[PROBLEM] = words(problem)


def _resume(checkpoint: InterruptedRun) -> None:
    """Continue the training with its recipe and data, if these are still the same."""
    try:
        series = cache.frame(checkpoint.spec.data, checkpoint.upload)
        if checkpoints.key(checkpoint.spec, cache.digest(series)) != checkpoint.key:
            messages.warning(
                tr("Its data have changed, so it cannot be resumed. Press Train to start over, or forget it.")
            )
            return
        training.start(checkpoint.spec, series, checkpoint.upload)
    except CoreError as problem:
        messages.error(problem)
        return
    st.rerun()
