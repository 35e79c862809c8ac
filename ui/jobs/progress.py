"""A job while it runs: stage, loss curve, time left and a way to stop it, redrawn without blocking the page."""

import streamlit as st

from core.charts.training import loss
from core.errors import CoreError
from core.events import Epoch, Progress, Stage
from core.jobs.job import Job
from ui import cache, markdown
from ui.jobs import registry


def follow(job: Job) -> None:
    """Draw the job; until it is over the drawing renews itself every second, and the page once at the end."""
    st.fragment(_draw, run_every=None if job.over else 1.0)(job.id, job.over)


def _draw(job_id: str, was_over: bool) -> None:
    job = cache.queue().job(job_id)
    if job.over and not was_over:
        st.rerun()
    if job.status == "done":
        return
    if job.over:
        _draw_end(job)
        return
    stages = [event for event in job.events if isinstance(event, Stage)]
    stage = stages[-1].text if stages else "Waiting for a worker process"
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f"**{markdown.escape(job.title)}** · {markdown.escape(stage)} …")
    if registry.is_mine(job_id) and right.button(
        "Cancel", key=f"cancel-{job_id}", icon=":material/stop_circle:", width="stretch"
    ):
        registry.withdraw(job_id)
    epochs = loss.collect_epochs(job.events)
    if epochs:
        _draw_epochs(epochs, next((stage.unit for stage in stages[::-1] if stage.name == "train"), "step"))
    else:
        steps = [event for event in job.events if isinstance(event, Progress)]
        st.progress(steps[-1].done / steps[-1].total if steps else 0.0)


def _draw_epochs(epochs: list[Epoch], unit: str) -> None:
    """The networks that are learning now, and the curves of all."""
    learning = loss.active_epochs(epochs)
    last, eta = learning[0], max(epoch.eta for epoch in learning)
    best = min((epoch for epoch in epochs if epoch.member == last.member), key=lambda epoch: epoch.val_loss)
    counted, done, most = last.count(unit)
    network = f"Network {last.member} of {last.members} · {counted}" if last.members > 1 else counted.capitalize()
    parallel = f" · {len(learning)} networks at a time" if len(learning) > 1 else ""
    st.progress(loss.progress(learning), f"{network} {done:,} of at most {most:,}{parallel} · about {eta:.0f} s left")
    left, right = st.columns([3, 2])
    with left:
        st.echarts_chart(loss.echarts_loss(epochs, unit), height=260, key="loss")
        st.caption(
            f"The best validation loss so far is {best.val_loss:.4f}, after {counted} {best.count(unit)[1]:,}. "
            "Training stops when it no longer falls."
        )
    if last.grad_norm is not None:
        with right:
            st.echarts_chart(loss.echarts_norm(epochs, unit), height=260, key="norm")
            st.caption(
                "Gradient norm before clipping, in total and by layer. If its maximum leaps far above the mean, "
                "lower the learning rate."
            )


def _draw_end(job: Job) -> None:
    """That a job was cancelled, or why it failed and what can be done."""
    title = markdown.escape(job.title)
    if job.status == "cancelled":
        st.info(f"{title} was cancelled.", icon=":material/stop_circle:")
        return
    error = markdown.escape(job.error or "The job ended without an error message.")
    st.error(f"**{title} failed.** {error}", icon=":material/error:")
    if job.traceback:
        with st.expander("This is a bug in Lookback. Details for a report:"):
            st.code(job.traceback, language="python")
    try:
        cache.queue().result(job.id)
    except CoreError:
        return
    if st.button("Save it again", key=f"save-{job.id}"):
        cache.queue().retry_save(job.id)
        st.rerun()
