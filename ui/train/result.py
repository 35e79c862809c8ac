"""The visitor's last training: its progress, then its verdict and the way to its forecast."""

import streamlit as st

from core.errors import CoreError
from core.evaluation import convergence
from ui import cache, layout, session, summary, verdict
from ui.jobs import progress, training
from ui.train import train_on


def draw() -> None:
    """Progress, error or verdict; before this visitor's first training, a way to train on if the run of the address was
    still improving. Raises RunError if the run of the training is gone."""
    job = training.mine()
    if job is None:
        _draw_opened()
        return
    progress.follow(job)
    if job.status == "done" and job.result_id:
        run = cache.run(job.result_id)
        verdict.draw(run.evaluation)
        summary.draw_training(run)
        st.page_link(
            "pages/forecast.py",
            label="See the forecast",
            icon=":material/arrow_forward:",
            query_params={"run": job.result_id},
        )


def _draw_opened() -> None:
    """After a reload, or for a run that was opened from disk; one that cannot be opened is named on its own pages."""
    run_id = session.opened()
    try:
        run = cache.run(run_id) if run_id else None
    except CoreError:
        return
    if run is not None and convergence.describe_unfinished(run):
        layout.draw_title(run)
        train_on.draw(run)
