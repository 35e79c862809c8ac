"""A job while it runs: stage, loss curve, time left and a way to stop it, redrawn without blocking the page."""

import time
from collections.abc import Sequence
from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.charts.training import loss
from core.errors import CoreError
from core.events import Epoch
from core.jobs.job import Job
from core.language import mark, tr
from ui import cache, charts, markdown
from ui.jobs import registry, time_left

STAGES = {
    "features": mark("Preparing"),
    "train": mark("Training"),
    "evaluate": mark("Evaluating"),
    "explain": mark("Explaining"),
    "refresh": mark("Refreshing"),
}


def follow(job: Job, curves_only: bool = False) -> None:
    """Draw the job; until it is over the drawing renews itself every second, and the page once at the end.

    `curves_only` leaves the bar and the button that cancels to the page, and puts the curves below one another.
    """
    st.fragment(_draw, run_every=None if job.over else 1.0)(job.id, job.over, curves_only)


def _draw(job_id: str, was_over: bool, curves_only: bool = False) -> None:
    job = cache.queue().job(job_id)
    if job.over and not was_over:
        st.rerun()
    if job.status == "done":
        return
    if job.over:
        _draw_end(job)
        return
    stage = job.stages[-1].event.text if job.stages else tr("Waiting for a worker process")
    left, right = (st.container(), None) if curves_only else st.columns([5, 1], vertical_alignment="center")
    left.markdown(f"**{markdown.escape(job.title)}** · {markdown.escape(stage)} …")
    if (
        right is not None
        and registry.is_mine(job_id)
        and right.button(tr("Cancel"), key=f"cancel-{job_id}", icon=":material/stop_circle:", width="stretch")
    ):
        registry.withdraw(job_id)
    if job.resumed:
        ended = tr("Its worker process ended, so it went on from its last checkpoint.")
        st.caption(f":material/restart_alt: {ended}")
    epochs = loss.collect_epochs(job.events)
    if not curves_only:
        draw_bar(job, epochs)
    if epochs:
        _draw_curves(epochs, unit(job), st.columns([3, 2]) if not curves_only else [st.container(), st.container()])


def draw_bar(job: Job, epochs: list[Epoch], stage: str = "") -> None:
    """How much of the whole job is done, and how long it still takes; the bar never goes back. `epochs` as
    `loss.collect_epochs` gives them; `stage` is the text about its stage, by default one word."""
    left = estimate(job, epochs)
    name = job.stages[-1].event.name if job.stages else ""
    parts = [stage or tr(STAGES.get(name, "")), *(_count(epochs, unit(job)) if epochs and name == "train" else ())]
    if job.stages:
        parts.append(left.text)
    st.progress(left.share, markdown.escape(" · ".join(filter(None, parts))))


def estimate(job: Job, epochs: list[Epoch]) -> time_left.TimeLeft:
    """The share of the whole job that is done, which never falls while this visitor looks, and the time left."""
    left = time_left.estimate(job, epochs, time_left.past(cache.RUNS), time.time())
    share = max(left.share, st.session_state.get(f"share-{job.id}", 0.0))
    st.session_state[f"share-{job.id}"] = share
    return replace(left, share=share)


def unit(job: Job) -> str:
    """What the budget of its training counts."""
    return next((timed.event.unit for timed in reversed(job.stages) if timed.event.name == "train"), "step")


def _count(epochs: list[Epoch], unit: str) -> list[str]:
    """Which networks are learning now, and how far they are."""
    learning = loss.active_epochs(epochs)
    last = learning[0]
    counted, done, most = last.count(unit)
    parts = {"done": f"{done:,}", "most": f"{most:,}"}
    network = (
        [tr("network {member} of {members}", member=last.member, members=last.members)] if last.members > 1 else []
    )
    so_far = tr("step {done} of at most {most}", **parts)
    if counted == "epoch":
        so_far = tr("epoch {done} of at most {most}", **parts)
    parallel = [tr("{count} networks at a time", count=len(learning))] if len(learning) > 1 else []
    return [*network, so_far, *parallel]


def _draw_curves(epochs: list[Epoch], unit: str, places: Sequence[DeltaGenerator]) -> None:
    """The curves of the network that is learning now, each in its place."""
    last = loss.active_epochs(epochs)[0]
    best = min((epoch for epoch in epochs if epoch.member == last.member), key=lambda epoch: epoch.val_loss)
    left, right = places
    with left:
        alt = tr("The losses after each validation so far.")
        charts.show_live(loss.echarts_loss(epochs, unit), alt, "loss", 260)
        st.caption(_best_so_far(best, unit))
    if last.grad_norm is not None:
        with right:
            charts.show_live(loss.echarts_norm(epochs, unit), tr("The gradient norms so far."), "norm", 260)
            st.caption(
                tr(
                    "Gradient norm before clipping, in total and by layer. If its maximum leaps far above the mean, "
                    "lower the learning rate."
                )
            )


def _best_so_far(best: Epoch, unit: str) -> str:
    """The lowest validation loss, and when it was reached."""
    counted, at, _ = best.count(unit)
    parts = {"loss": f"{best.val_loss:.4f}", "at": f"{at:,}"}
    if counted == "epoch":
        return tr(
            "The best validation loss so far is {loss}, after epoch {at}. Training stops when it no longer falls.",
            **parts,
        )
    return tr(
        "The best validation loss so far is {loss}, after step {at}. Training stops when it no longer falls.", **parts
    )


def _draw_end(job: Job) -> None:
    """That a job was cancelled, or why it failed and what can be done."""
    title = markdown.escape(job.title)
    if job.status == "cancelled":
        st.info(tr("{title} was cancelled.", title=title), icon=":material/stop_circle:")
        return
    failed = tr("{title} failed.", title=title)
    error = markdown.escape(job.error or tr("The job ended without an error message."))
    st.error(f"**{failed}** {error}", icon=":material/error:")
    if job.traceback:
        with st.expander(tr("This is a bug in Lookback. Details for a report:")):
            st.code(job.traceback, language="python")
    try:
        cache.queue().result(job.id)
    except CoreError:
        return
    if st.button(tr("Save it again"), key=f"save-{job.id}"):
        cache.queue().retry_save(job.id)
        st.rerun()
