"""Backtests on the screen: planned, started fold by fold on the queue, saved as folds end, followed while they run."""

from functools import partial

import pandas as pd
import streamlit as st

from core import backtest
from core.charts.evaluation import backtest_folds
from core.charts.evaluation.backtest_folds import Timeline
from core.charts.training import loss
from core.data.frame import digest
from core.datasets.windows import resolve
from core.errors import CoreError
from core.evaluation.backtest.plan import Plan
from core.evaluation.backtest.result import Backtest
from core.jobs.job import Job
from core.language import mark, message, shown, tr
from core.models.kinds import title_of
from core.spec import Spec
from core.spec.fields import fields_of
from core.storage import backtests
from ui import cache, charts, markdown, messages, names, widgets
from ui.jobs import progress, registry, training
from ui.train import model_size

VISIBLE = ("folds", "window", "stride", "embargo")


def choose_plan() -> Plan:
    """The plan in the widgets. Raises SpecError if its numbers contradict each other."""
    usual = Plan()
    chosen = widgets.draw_fields("plan", usual, 4, VISIBLE)
    with st.expander(tr("More settings of the folds")):
        others = tuple(name for name, _ in fields_of(Plan) if name not in VISIBLE)
        chosen |= widgets.draw_fields("plan", usual, 4, others)
    return Plan(**{path.removeprefix("plan."): value for path, value in chosen.items()})


def draw_timeline(spec: Spec, series: pd.DataFrame, plan: Plan) -> None:
    """Where the folds would lie. Raises what the first of them would raise before it is trained."""
    with st.spinner(tr("Laying out the folds …")):
        timeline = _timeline(spec, plan, digest(series), series)
    charts.show(backtest_folds.draw_timeline(timeline), timeline.caption, "backtest-timeline")


@st.cache_data(show_spinner=False, max_entries=16)
def _timeline(spec: Spec, plan: Plan, digest: str, _series: pd.DataFrame) -> Timeline:
    backtest.check(spec, _series, plan)
    folds, index = backtest.layout(spec, _series, plan)
    return backtest_folds.compute_timeline(folds, index, spec.target.horizon, plan.window == "rolling")


def describe_cost(spec: Spec, series: pd.DataFrame, plan: Plan) -> str:
    """What a start costs: a training for each fold. Raises as a training would."""
    return tr(
        "Nothing is trained before you start. Then the model is trained {count} times, each time with at most {size}",
        count=plan.folds,
        size=shown(model_size.describe(spec, series)),
    )


def start(spec: Spec, series: pd.DataFrame, plan: Plan) -> str:
    """Create a backtest on disk, queue all its folds, and return its id. Raises JobError if a training of this recipe
    is beyond the quotas, and RunError when the disk refuses."""
    full = resolve(spec, series)
    training.check_quotas(full, series)
    backtest_id = backtests.create(full, plan, series, cache.RUNS)
    resume(backtest_id)
    return backtest_id


def resume(backtest_id: str) -> None:
    """Queue every fold that is neither finished nor under way. Raises RunError if the backtest is gone."""
    stored = backtests.load(backtest_id, cache.RUNS)
    finished, spec = {result.fold for result in stored.results}, stored.spec
    for number in range(1, stored.plan.folds + 1):
        if number in finished:
            continue
        title = message(
            "Fold {number} of {count}: {model} on {series}",
            number=number,
            count=stored.plan.folds,
            model=message(title_of(spec.model.kind)),
            series=", ".join(spec.data.symbols),
        )
        registry.start(
            backtest.fold,
            spec,
            stored.frame,
            stored.plan,
            number,
            kind=registry.FOLD,
            subject=(backtest_id, number),
            title=title,
            on_result=partial(backtests.save_fold, backtest_id, cache.RUNS),
        )


def delete(backtest_id: str) -> None:
    """Stop a backtest and remove it from disk."""
    line = next((line for line in backtests.list_all(cache.RUNS) if line.id == backtest_id), None)
    for job in _running(line) if line is not None else ():
        registry.cancel(job.id)
    backtests.delete(backtest_id, cache.RUNS)


def follow(line: backtests.Summary) -> None:
    """The folds while they are trained, redrawn every second; nothing once all are finished."""
    if len(line.finished) < line.plan.folds:
        busy = bool(_running(line))
        st.fragment(_draw_folds, run_every=1.0 if busy else None)(line, busy)


def collect(line: backtests.Summary) -> Backtest:
    """The finished folds of a backtest together; callers must not change them. Raises as core.backtest.collect."""
    with st.spinner(tr("Collecting the folds …")):
        return _collect(line.id, line.finished)


@st.cache_resource(show_spinner=False, max_entries=8)
def _collect(backtest_id: str, done: tuple[int, ...]) -> Backtest:
    stored = backtests.load(backtest_id, cache.RUNS)
    finished = tuple(result for result in stored.results if result.fold in done)
    return backtest.collect(stored.spec, stored.frame, stored.plan, finished)


def label(line: backtests.Summary) -> str:
    """One backtest as a line of a list."""
    return tr(
        "{recipe} · {done} of {count} folds, {window} · {id}",
        recipe=names.recipe(line.spec),
        done=len(line.finished),
        count=line.plan.folds,
        window=tr(line.plan.window),
        id=line.id,
    )


def _job(backtest_id: str, number: int) -> Job | None:
    return registry.find(registry.FOLD, (backtest_id, number))


def _running(line: backtests.Summary) -> list[Job]:
    """The folds that are under way."""
    jobs = [_job(line.id, number) for number in range(1, line.plan.folds + 1)]
    return [job for job in jobs if job is not None and not job.over]


def _draw_folds(line: backtests.Summary, was_busy: bool) -> None:
    try:
        done, running = backtests.finished_folds(line.id, cache.RUNS), _running(line)
    except CoreError:  # deleted elsewhere: the page draws its list again
        st.rerun()
    if was_busy and (not running or len(done) > len(line.finished)):
        st.rerun()  # the page draws the folds that have ended since
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.markdown(
        tr(
            "**{done} of {count} folds** are finished. You can leave this page meanwhile.",
            done=len(done),
            count=line.plan.folds,
        )
        if was_busy
        else tr(
            "**{done} of {count} folds** are finished. The others are not under way.",
            done=len(done),
            count=line.plan.folds,
        )
    )
    if not was_busy:
        if right.button(
            tr("Resume"), key="backtest-resume", type="primary", icon=":material/play_arrow:", width="stretch"
        ):
            try:
                resume(line.id)
            except CoreError as problem:  # it is gone, or the quotas are used up
                messages.error(problem)
                return
            st.rerun()
    elif any(registry.is_mine(job.id) for job in running):
        right.button(
            tr("Cancel all"),
            key="backtest-cancel",
            icon=":material/stop_circle:",
            width="stretch",
            on_click=_withdraw,
            args=(line,),
        )
    for number in range(1, line.plan.folds + 1):
        if number not in done:
            _draw_fold(number, _job(line.id, number))


def _withdraw(line: backtests.Summary) -> None:
    """Stop this visitor's folds of a backtest; finished ones stay."""
    for job in _running(line):
        if registry.is_mine(job.id):
            registry.withdraw(job.id)


def _draw_fold(number: int, job: Job | None) -> None:
    if job is None:
        st.progress(0.0, tr("Fold {number}: not trained yet", number=number))
        return
    if job.over:
        ending = {"cancelled": mark("Fold {number} was cancelled."), "done": mark("Fold {number} is being read.")}
        words = tr(ending.get(job.status, mark("Fold {number} failed.")), number=number)
        text = f"{words} {markdown.escape(job.error or '')}"
        st.error(text, icon=":material/error:") if job.status == "failed" else st.progress(0.0, text)
        return
    waiting = message("Fold {number}: waiting for a worker process", number=number)
    text = shown(job.stages[-1].event.text if job.stages else waiting)
    progress.draw_bar(job, loss.collect_epochs(job.events), text)
