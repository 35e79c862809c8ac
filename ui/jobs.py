"""A job while it runs: stage, loss curve, time left and a way to stop it, redrawn without blocking the page."""

import streamlit as st

from core.charts.training import loss
from core.errors import CoreError
from core.events import Epoch, Progress, Stage
from core.jobs.job import Job
from core.models.registry import count_networks
from core.types import Run
from ui import cache, charts

DEVICES = {"cpu": "one core of the processor", "cuda": "a graphics card (CUDA)", "mps": "a graphics card (MPS)"}


def follow(job_id: str) -> Job:
    """Draw the job and return it; while it is not over the drawing renews itself, and the page once at the end."""
    job = cache.queue().job(job_id)
    st.fragment(_panel, run_every=None if job.over else 1.0)(job_id, job.over)
    return job


def _panel(job_id: str, was_over: bool) -> None:
    queue = cache.queue()
    job = queue.job(job_id)
    if job.over and not was_over:
        st.rerun()
    if job.status == "done":
        return
    if job.over:
        _ended(job)
        return
    stages = [event for event in job.events if isinstance(event, Stage)]
    said = stages[-1].text if stages else "Waiting for a worker process"
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(f"**{charts.plain(job.title)}** · {charts.plain(said)} …")
    if right.button("Cancel", key=f"cancel-{job_id}", icon=":material/stop_circle:", width="stretch"):
        cache.stop(job_id)
    epochs = loss.collect_epochs(job.events)
    if epochs:
        _epochs(epochs)
    else:
        pieces = [event for event in job.events if isinstance(event, Progress)]
        st.progress(pieces[-1].done / pieces[-1].total if pieces else 0.0)


def told(run: Run) -> None:
    """How many networks there are, where and how long they were trained, and a warning where that ended early."""
    networks, history = count_networks(run.weights), run.history
    shown = f"{networks} networks" if networks > 1 else "One network"
    where = DEVICES.get(history.device, history.device) + (" each" if networks > 1 and history.device == "cpu" else "")
    st.caption(f"{shown}, trained on {where} in {history.seconds:.1f} s.")
    if history.problem:
        st.warning(f"**Training ended early.** {charts.plain(history.problem)}", icon=":material/warning:")


def _epochs(epochs: list[Epoch]) -> None:
    now = loss.active_epochs(epochs)
    last, eta = now[0], max(epoch.eta for epoch in now)
    best = min((e for e in epochs if e.member == last.member), key=lambda e: e.val_loss)
    which = f"Network {last.member} of {last.members} · epoch" if last.members > 1 else "Epoch"
    beside = f" · {len(now)} networks at a time" if len(now) > 1 else ""
    st.progress(
        loss.progress(now),
        f"{which} {last.epoch} of at most {last.epochs}{beside} · about {eta:.0f} s of training left",
    )
    left, right = st.columns([3, 2])
    with left:
        st.echarts_chart(loss.echarts_loss(epochs), height=260, key="loss")
        st.caption(
            f"The loss falls while the model learns; the best validation loss so far is {best.val_loss:.4f}, in "
            f"epoch {best.epoch}. Training stops when it no longer gets better."
        )
    if last.grad_norm is not None:
        with right:
            st.echarts_chart(loss.echarts_norm(epochs), height=260, key="norm")
            st.caption(
                "How steep the loss is, whole and layer by layer, before clipping. A largest norm that "
                "leaps away from the mean is a reason to lower the learning rate."
            )


def _ended(job: Job) -> None:
    text = charts.plain(job.error or "The job ended without a word.")
    if job.status == "cancelled":
        st.info(f"{charts.plain(job.title)} was cancelled.", icon=":material/stop_circle:")
        return
    st.error(f"**{charts.plain(job.title)} failed.** {text}", icon=":material/error:")
    if job.traceback:
        with st.expander("This is a bug of ours. What happened, for a report:"):
            st.code(job.traceback, language="python")
    try:
        cache.queue().result(job.id)
    except CoreError:
        return
    if st.button("Try to save it again", key=f"save-{job.id}"):
        cache.queue().retry_save(job.id)
        st.rerun()
