"""The learning-rate finder: a short job, the curve it finds, and a button that takes its suggestion."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core import pipeline
from core.charts.training import lr_finder
from core.datasets.windows import resolve
from core.errors import CoreError
from core.spec import Spec
from ui import cache, charts, jobs, widgets

JOB = "rates-job"  # the visitor's last search and the recipe it was for


def panel(spec: Spec, series: pd.DataFrame, pressed: bool) -> None:
    """Start a search where the button was pressed; draw the one under way, or the curve of the last."""
    if pressed:
        job_id = cache.queue().submit(
            pipeline.find_rate, resolve(spec, series), series, title="Finding a learning rate"
        )
        st.session_state[JOB] = {"id": job_id, "for": _recipe(spec)}
    held = st.session_state.get(JOB)
    if held is None:
        return
    try:
        job = jobs.follow(held["id"])
        found = cache.queue().result(job.id) if job.status == "done" else None
    except CoreError:  # the server was started anew, or fifty jobs ended since
        st.session_state.pop(JOB)
        return
    if found is not None:
        lr_N, loss_N, suggestion = found
        _show(lr_finder.compute(lr_N, loss_N, suggestion, spec.train.learning_rate), stale=held["for"] != _recipe(spec))


def _show(curve: lr_finder.LearningRateCurve, stale: bool) -> None:
    charts.chart(lr_finder.draw(curve), curve.caption, "rates")
    if stale:
        st.caption("Other settings have changed since; the best rate may have moved with them.")
    with st.container(horizontal=True):
        st.button(
            f"Use {curve.suggestion_text}",
            on_click=_use,
            args=(curve.suggestion,),
            key="rates-use",
            icon=":material/check:",
            disabled=curve.suggestion == curve.current,
        )
        st.button("Close", on_click=_close, key="rates-close")


def _use(rate: float) -> None:
    st.session_state[widgets.name("train.learning_rate")] = rate


def _close() -> None:
    st.session_state.pop(JOB, None)


def _recipe(spec: Spec) -> str:
    """The recipe but for its learning rate and what the search does not heed."""
    rest = replace(spec.train, learning_rate=1e-3, epochs=1, patience=1, ensemble=1, schedule="plateau", warmup=0)
    return replace(spec, train=rest).id
