"""Trainings that were stopped or lost: each can go on where it was, or be forgotten."""

import time

import streamlit as st

from core.errors import CoreError
from core.runs.unfinished import Unfinished
from ui import cache, show, state

SHOWN = 3


def offer() -> None:
    """A line for each of the latest trainings that stand still, with its two buttons."""
    for one in cache.standing()[:SHOWN]:
        with st.container(border=True):
            words, again, drop = st.columns([5, 1.2, 1], vertical_alignment="center")
            words.markdown(f":material/pause_circle: {show.plain(_said(one))}")
            if again.button("Go on", key=f"resume-{one.key}", width="stretch"):
                _go_on(one)
            drop.button("Forget it", key=f"discard-{one.key}", width="stretch", on_click=cache.discard, args=(one.key,))


def _said(one: Unfinished) -> str:
    spec, hours = one.spec, (time.time() - one.kept) / 3600
    when = "for less than an hour" if hours < 1 else f"for {hours:.0f} hours" if hours < 48 else \
        f"for {hours / 24:.0f} days"
    return (f"{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}, {spec.target.kind.replace('_', ' ')} "
            f"{spec.target.horizon}: stands still after epoch {one.epoch}, {when}. It goes on to the same result as if "
            "it had never stopped.")


def _go_on(one: Unfinished) -> None:
    """Take up the training with its recipe and data; the recipe becomes the one on the page."""
    try:
        series = cache.frame(one.spec.data, one.upload)
        if one.upload:
            state.set_upload(one.upload)
        state.set_recipe(one.spec)
        state.set_job(cache.train(one.spec, series))
    except CoreError as problem:
        show.error(problem)
        return
    st.rerun()
