"""Walks forward on the screen: started fold by fold on the queue, kept as they end, followed while they run."""

from functools import partial

import pandas as pd
import streamlit as st

from core import backtest
from core.charts.evaluation import backtest_folds as charts
from core.charts.evaluation.backtest_folds import Timeline
from core.charts.training import loss
from core.data.frame import digest
from core.datasets.windows import resolve
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import Backtest
from core.events import Fold, Stage
from core.jobs.job import Job
from core.spec import Spec
from core.spec.fields import fields_of
from core.storage import backtests
from ui import cache, widgets
from ui import charts as show

IN_SIGHT = ("folds", "window", "stride", "embargo")


def plan() -> Plan:
    """The plan that the widgets say. Raises SpecError where its numbers do not go together."""
    usual = Plan()
    said = widgets.part("plan", usual, 4, IN_SIGHT)
    with st.expander("More settings of the folds"):
        said |= widgets.part("plan", usual, 4, tuple(name for name, _ in fields_of(Plan) if name not in IN_SIGHT))
    return Plan(**{path.removeprefix("plan."): value for path, value in said.items()})


def picture(spec: Spec, series: pd.DataFrame, asked: Plan) -> None:
    """Where the folds would lie. Raises what the first of them would raise before it is trained."""
    made = _laid(spec, asked, digest(series), series)
    show.chart(charts.draw_timeline(made), made.caption, "walk-timeline")


@st.cache_data(show_spinner="Laying the folds …", max_entries=16)
def _laid(spec: Spec, asked: Plan, digest: str, _series: pd.DataFrame) -> Timeline:
    backtest.check(spec, _series, asked)
    folds, index = backtest.layout(spec, _series, asked)
    return charts.compute_timeline(folds, index, spec.target.horizon, asked.window == "rolling")


def start(spec: Spec, series: pd.DataFrame, asked: Plan) -> str:
    """Begin a walk on disk, queue all its folds, and give its id."""
    walk_id = backtests.create(resolve(spec, series), asked, series, cache.RUNS)
    go_on(walk_id)
    return walk_id


def go_on(walk_id: str) -> None:
    """Queue every fold of a walk that is neither there nor under way. Raises RunError for a walk that is gone."""
    stored = backtests.load(walk_id, cache.RUNS)
    there = {result.fold for result in stored.results}
    for number in range(1, stored.plan.folds + 1):
        job = _job(walk_id, number)
        if number in there or (job is not None and not job.over):
            continue
        spec = stored.spec
        title = f"Fold {number} of {stored.plan.folds}: {spec.model.kind.upper()} on {', '.join(spec.data.symbols)}"
        _jobs()[walk_id, number] = cache.queue().submit(
            backtest.fold,
            spec,
            stored.frame,
            stored.plan,
            number,
            title=title,
            on_result=partial(backtests.save_fold, walk_id, cache.RUNS),
        )  # kept here in the server, whoever is still looking


def cancel(walk_id: str) -> None:
    """Stop every fold of a walk that is not over; those that are there stay."""
    for (owner, _), job_id in _jobs().items():
        if owner == walk_id and cache.queue().has_job(job_id):
            cache.queue().cancel(job_id)


def delete(walk_id: str) -> None:
    """Stop a walk and remove what there is of it."""
    cancel(walk_id)
    backtests.delete(walk_id, cache.RUNS)


def follow(line: backtests.Summary) -> None:
    """The folds while they are trained, redrawn every second; nothing once all are there."""
    if len(line.finished) < line.plan.folds:
        st.fragment(_panel, run_every=1.0 if _busy(line) else None)(line, _busy(line))


def collected(line: backtests.Summary) -> Backtest:
    """The finished folds of a walk put together; nobody may change what they are given.

    Raises as core.backtest.collect.
    """
    return _collected(line.id, line.finished)


@st.cache_resource(show_spinner="Putting the folds together …", max_entries=8)
def _collected(walk_id: str, done: tuple[int, ...]) -> Backtest:
    stored = backtests.load(walk_id, cache.RUNS)
    there = tuple(result for result in stored.results if result.fold in done)
    return backtest.collect(stored.spec, stored.frame, stored.plan, there)


def label(line: backtests.Summary) -> str:
    """One walk as a line of a list."""
    spec = line.spec
    return (
        f"{spec.model.kind.upper()} on {', '.join(spec.data.symbols)}, {spec.target.kind.replace('_', ' ')} "
        f"{spec.target.horizon}: {len(line.finished)} of {line.plan.folds} folds, {line.plan.window} · {line.id}"
    )


@st.cache_resource(show_spinner=False)
def _jobs() -> dict[tuple[str, int], str]:
    """(walk, fold) → the job that trains it, or trained it last."""
    return {}


def _job(walk_id: str, number: int) -> Job | None:
    return cache.job(_jobs().get((walk_id, number)))


def _busy(line: backtests.Summary) -> bool:
    each = [_job(line.id, number) for number in range(1, line.plan.folds + 1)]
    return any(job is not None and not job.over for job in each)


def _panel(line: backtests.Summary, was_busy: bool) -> None:
    done = backtests.finished_folds(line.id, cache.RUNS)
    if was_busy and (not _busy(line) or len(done) > len(line.finished)):
        st.rerun()  # the page shows the folds that have come since
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(
        f"**{len(done)} of {line.plan.folds} folds** are there. "
        + ("The others go on when this page is closed." if was_busy else "The others stand still.")
    )
    if was_busy:
        right.button(
            "Cancel all",
            key="walk-cancel",
            icon=":material/stop_circle:",
            width="stretch",
            on_click=cancel,
            args=(line.id,),
        )
    elif right.button("Go on", key="walk-go-on", type="primary", icon=":material/play_arrow:", width="stretch"):
        go_on(line.id)
        st.rerun()
    for number in range(1, line.plan.folds + 1):
        if number not in done:
            _fold(number, _job(line.id, number))


def _fold(number: int, job: Job | None) -> None:
    if job is None:
        st.progress(0.0, f"Fold {number}: not trained yet")
        return
    if job.over:
        kind = {"cancelled": "was stopped", "done": "is being read"}.get(job.status, "failed")
        said = f"Fold {number} {kind}. {show.plain(job.error or '')}"
        st.error(said, icon=":material/error:") if job.status == "failed" else st.progress(0.0, said)
        return
    stages = [event for event in job.events if isinstance(event, Stage)]
    now = loss.active_epochs(loss.collect_epochs(job.events))
    ended = [event for event in job.events if isinstance(event, Fold)]
    share = 1.0 if ended else loss.progress(now) if now else 0.0
    text = stages[-1].text if stages else f"Fold {number}: waiting for a worker process"
    st.progress(share, show.plain(text + (f", epoch {now[0].epoch}" if now and not ended else "")))
