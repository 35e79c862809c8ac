"""What a worker finds out about a run and is kept beside it as JSON: started by a click, followed, never lost."""

from collections.abc import Callable, Generator
from dataclasses import replace
from functools import partial
from typing import Any

import streamlit as st

from core.errors import RunError
from core.events import Event
from core.storage import runs
from core.types import Run
from ui import cache, charts, jobs


def offer(
    run: Run, name: str, label: str, title: str, work: Callable[..., Generator[Event, None, Any]], *more: Any
) -> None:
    """A button that starts `work(run, *more)` in a worker, or that job while it runs, with a way to cancel it.

    The record that it returns is kept in the server under `name`, whoever is still looking.
    """
    job = cache.job(_jobs().get((run.id, name)))
    if job is not None and job.status != "done":
        jobs.follow(job.id)
    if (job is None or job.over) and st.button(label, key=f"kept-{name}", icon=":material/play_arrow:"):
        light = replace(run, forecast=run.forecast.iloc[:0])
        _jobs()[run.id, name] = cache.queue().submit(
            work, light, *more, title=title, on_result=partial(_keep, run.id, name)
        )
        st.rerun()


def read(run: Run, name: str, kind: Any) -> Any:
    """The record of this kind that is kept under this name; None where there is none that can be read."""
    try:
        return runs.load_record(run.id, name, kind, cache.RUNS)
    except RunError as problem:
        charts.error(problem)
        return None


def _keep(run_id: str, name: str, found: Any) -> str:
    return runs.save_record(run_id, name, found, cache.RUNS)


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[tuple[str, str], str]:
    """(run, name) → the job that works it out, or did last."""
    return {}
