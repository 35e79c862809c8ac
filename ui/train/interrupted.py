"""Trainings that were stopped or lost: each can go on where it was, or be forgotten."""

import time

import streamlit as st

from core.errors import CoreError
from core.storage import checkpoints
from core.storage.checkpoints import InterruptedRun
from ui import cache, charts, session

SHOWN = 3
WIDGETS = ("knob-", "target-", "features-", "picker-")  # of the Train page, which hold what was chosen there


def offer() -> None:
    """A line for each of the latest trainings that stand still, with its two buttons."""
    for one in cache.standing()[:SHOWN]:
        with st.container(border=True):
            words, again, drop = st.columns([5, 1.2, 1], vertical_alignment="center")
            words.markdown(f":material/pause_circle: {charts.plain(_said(one))}")
            if again.button("Go on", key=f"resume-{one.key}", width="stretch", on_click=_take, args=(one,)):
                _go_on(one)
            drop.button("Forget it", key=f"discard-{one.key}", width="stretch", on_click=cache.discard, args=(one.key,))


def _said(one: InterruptedRun) -> str:
    spec, hours = one.spec, (time.time() - one.saved_at) / 3600
    when = (
        "for less than an hour"
        if hours < 1
        else f"for {hours:.0f} hours"
        if hours < 48
        else f"for {hours / 24:.0f} days"
    )
    which = f" of network {one.member}" if spec.train.ensemble > 1 or spec.model.symbols == "separate" else ""
    return (
        f"{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}, {spec.target.kind.replace('_', ' ')} "
        f"{spec.target.horizon}: stands still after epoch {one.epoch}{which}, {when}. It goes on to the same "
        "result as if it had never stopped."
    )


def _take(one: InterruptedRun) -> None:
    """Make its recipe the one on the page, before the widgets of the page are drawn."""
    for name in [str(name) for name in st.session_state if str(name).startswith(WIDGETS)]:
        del st.session_state[name]
    if one.upload:
        session.set_upload(one.upload)
    session.set_recipe(one.spec)


def _go_on(one: InterruptedRun) -> None:
    """Take up the training with its recipe and data, where these are still the same."""
    try:
        series = cache.frame(one.spec.data, one.upload)
        if checkpoints.key(one.spec, cache.digest(series)) != one.key:
            st.warning(
                "Its data have changed since, so it would begin anew. Press Train for that, or forget it.",
                icon=":material/warning:",
            )
            return
        session.set_job(cache.train(one.spec, series))
    except CoreError as problem:
        charts.error(problem)
        return
    st.rerun()
