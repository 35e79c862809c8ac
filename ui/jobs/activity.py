"""The trainings of a visitor in the sidebar of every page: a line with progress for each, and the way to it."""

import streamlit as st

from core.charts.training import loss
from core.jobs.job import Job
from core.language import tr
from ui import markdown
from ui.jobs import progress, registry, training
from ui.train import recipe


def draw() -> None:
    """The lines, redrawn every second while a training is under way, and the page once when one has ended."""
    jobs = training.on_screen()
    open_ids = tuple(job.id for job in jobs if not job.over)
    if jobs:
        st.fragment(_draw, run_every=1.0 if open_ids else None)(tuple(job.id for job in jobs), open_ids)
    elif registry.under_way(registry.TRAINING):
        st.caption(tr("This machine is busy with another training; yours may have to wait."))


def _draw(job_ids: tuple[str, ...], open_ids: tuple[str, ...]) -> None:
    jobs = [job for job_id in job_ids if (job := registry.job(job_id)) is not None]
    if [job.id for job in jobs if not job.over] != list(open_ids):
        st.rerun()
    for job in jobs:
        _draw_line(job)


def _draw_line(job: Job) -> None:
    title = markdown.escape(job.title)
    if job.over:
        st.caption(tr("{title} failed.", title=title))
    else:
        left = progress.estimate(job, loss.collect_epochs(job.events))
        st.progress(left.share, f"{title}: {left.text if job.stages else tr('waiting for a worker')}")
    started = training.recipe_of(job)
    if started is not None and st.button(
        tr("Show it"),
        key=f"show-{job.id}",
        type="tertiary",
        icon=":material/arrow_forward:",
        on_click=recipe.take,
        args=(started,),
    ):
        st.switch_page("pages/train.py")
