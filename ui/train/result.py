"""The training of the recipe in the form: its progress, then its verdict and the way to its forecast."""

import streamlit as st

from core.errors import CoreError
from core.spec import Spec
from core.storage import checkpoints
from ui import cache, layout, session, summary, verdict
from ui.jobs import progress, training


def draw(full: Spec, digest: str) -> None:
    """Progress, error or verdict of this resolved recipe on the data with this digest, each under the name of its run;
    nothing for a recipe that this visitor has not trained, whatever else was trained."""
    key = checkpoints.key(full, digest)
    job = training.own(key)
    if job is not None and job.status != "done":
        progress.follow(job)
    if job is not None and not job.over:
        return
    run_id = training.own_run(key) or _opened(key)
    if run_id is None:
        return
    run = cache.run(run_id)
    layout.draw_title(run)
    verdict.draw(run.evaluation)
    summary.draw_training(run)
    st.page_link(
        "pages/forecast.py", label="See the forecast", icon=":material/arrow_forward:", query_params={"run": run_id}
    )


def _opened(key: str) -> str | None:
    """The run on show, if it is of this recipe and these data."""
    run_id = session.run_id()
    try:
        run = cache.run(run_id) if run_id else None
    except CoreError:  # it is named on its own pages
        return None
    return run_id if run is not None and checkpoints.key(run.spec, run.data_digest) == key else None
