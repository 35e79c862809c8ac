"""The visitor's last training: its progress, then its verdict and the way to its forecast."""

import streamlit as st

from ui import cache, summary, verdict
from ui.jobs import progress, training


def draw() -> None:
    """Progress, error or verdict; nothing before this visitor's first training. Raises RunError if the run is gone."""
    job = training.mine()
    if job is None:
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
