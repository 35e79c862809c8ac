"""The learning-rate finder: a short job, its curve, and a button that uses its suggestion."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core import pipeline
from core.charts.training import lr_finder
from core.datasets.windows import resolve
from core.errors import CoreError
from core.language import message, tr
from core.spec import Spec
from ui import boxes, cache, charts, widgets
from ui.jobs import progress, registry


def draw(spec: Spec, series: pd.DataFrame) -> None:
    """The button that starts a search, and this visitor's last one, or its curve."""
    subject = (_recipe(spec), cache.digest(series))
    if st.button(
        tr("Find a learning rate"),
        icon=":material/troubleshoot:",
        help=tr("Trains for a few seconds at rising rates; the best rate is where the loss falls fastest"),
    ):
        registry.start(
            pipeline.find_rate,
            resolve(spec, series),
            series,
            kind=registry.RATE,
            subject=subject,
            title=message("Finding a learning rate"),
        )
    job = registry.mine(registry.RATE)
    if job is None:
        return
    progress.follow(job)
    if job.status != "done":
        return
    try:
        lr_N, loss_N, suggestion = cache.queue().result(job.id)
    except CoreError:  # the queue has forgotten it
        registry.forget(job.id)
        return
    curve = lr_finder.compute(lr_N, loss_N, suggestion, spec.train.learning_rate)
    _draw_curve(curve, job.id, stale=registry.subject(job.id) != subject)


def _draw_curve(curve: lr_finder.LearningRateCurve, job_id: str, stale: bool) -> None:
    charts.show(lr_finder.draw(curve), curve.caption, "rates")
    if stale:
        st.caption(tr("Other settings have changed since; the best rate may have changed with them."))
    with st.container(horizontal=True):
        st.button(
            tr("Use {rate}", rate=curve.suggestion_text),
            on_click=_use,
            args=(curve.suggestion,),
            key="rates-use",
            icon=":material/check:",
            disabled=curve.suggestion == curve.current,
        )
        st.button(tr("Close"), on_click=registry.forget, args=(job_id,), key="rates-close")


def _use(rate: float) -> None:
    boxes.put({widgets.key("train.learning_rate"): rate})


def _recipe(spec: Spec) -> str:
    """The id of the recipe without its learning rate and what the search does not use."""
    rest = replace(spec.train, learning_rate=1e-3, steps=1, epochs=1, patience=1, ensemble=1, warmup=0, averaging=0.0)
    rest = replace(rest, schedule="plateau")
    return replace(spec, train=rest).id
