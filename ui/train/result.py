"""The training of the recipe in the form: its loss curve, then its verdict and the way to its forecast."""

import streamlit as st

from core.charts.training import loss
from core.errors import CoreError
from core.language import tr
from core.spec import Spec
from core.storage import checkpoints
from ui import cache, charts, layout, session, summary, verdict
from ui.jobs import progress, training


def draw(full: Spec, digest: str) -> bool:
    """The loss curve, error or verdict of this resolved recipe on the data with this digest, each under the name of its
    run.

    Nothing, and False, for a recipe that this visitor has not trained, whatever else was trained.
    """
    key = checkpoints.key(full, digest)
    job = training.own(key)
    if job is not None and not job.over:
        progress.follow(job, curves_only=True)
        return True
    if job is not None and job.status != "done":
        progress.follow(job)
    run_id = training.own_run(key) or _opened(key)
    if run_id is None:
        return False
    run = cache.run(run_id)
    layout.draw_title(run)
    verdict.draw_chip(run)
    st.page_link(
        "pages/forecast.py", label=tr("See the forecast"), icon=":material/arrow_forward:", query_params={"run": run_id}
    )
    curve = loss.compute(run.history, run.spec.train.unit)
    charts.show(loss.draw(curve, height=300), curve.caption, "training")
    verdict.draw_details(run.evaluation)
    summary.draw_training(run)
    return True


def _opened(key: str) -> str | None:
    """The run on show, if it is of this recipe and these data."""
    run_id = session.run_id()
    try:
        run = cache.run(run_id) if run_id else None
    except CoreError:  # it is named on its own pages
        return None
    return run_id if run is not None and checkpoints.key(run.spec, run.data_digest) == key else None
