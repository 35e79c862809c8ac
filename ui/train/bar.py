"""The bar that stays at the top of the Train page: the button, how long a training takes, and its progress."""

from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import pipeline
from core.charts.training import loss
from core.language import tr
from core.spec import Spec
from core.storage import checkpoints
from ui import cache, page_style
from ui.jobs import progress, registry, time_left, training
from ui.train import model_size

WORK = f"{pipeline.run.__module__}.{pipeline.run.__qualname__}"


class Bar(NamedTuple):
    """Whether Train was pressed, and the places in the bar for the button that undoes and for words about the training:
    both depend on what the boxes of the page say."""

    pressed: bool
    undo: DeltaGenerator
    words: DeltaGenerator


def draw() -> Bar:
    """Draw the bar before anything else of the page is known, so that the keyboard reaches Train first."""
    with st.container(horizontal=True, vertical_alignment="center", key=page_style.BAR):
        pressed = st.button(tr("Train"), type="primary", icon=":material/play_arrow:")
        undo, words = st.container(width="content"), st.container(width="stretch")
    return Bar(pressed, undo, words)


def draw_words(spec: Spec, full: Spec, series: pd.DataFrame) -> None:
    """How far the training of this recipe, resolved as `full`, is, and a way to stop it; before it begins, how long it
    takes from start to end. Raises as `preflight.prepare` does."""
    job = training.own(checkpoints.key(full, cache.digest(series)))
    if job is not None and not job.over:
        st.fragment(_follow, run_every=1.0)(job.id)
        return
    earlier = time_left.past(cache.RUNS)
    words = model_size.duration(time_left.expect(WORK, model_size.cost(spec, series), earlier))
    known = any(one.work == WORK for one in earlier)
    st.markdown(
        tr("It takes about {duration}.", duration=words)
        if known
        else tr("It takes at most about {duration}.", duration=words)
    )


def _follow(job_id: str) -> None:
    job = cache.queue().job(job_id)
    if job.over:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            progress.draw_bar(job, loss.collect_epochs(job.events))
        if registry.is_mine(job_id) and st.button(tr("Cancel"), key=f"cancel-{job_id}", icon=":material/stop_circle:"):
            registry.withdraw(job_id)
