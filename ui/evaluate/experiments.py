"""Experiments on the screen: the shared reading of the log, the line under a verdict, and the parts of their page."""

import streamlit as st

from core.charts.evaluation.experiments import Experiments
from core.evaluation.experiments import multiple_testing
from core.evaluation.experiments.multiple_testing import Comparison, Traded
from core.evaluation.experiments.record import Experiment, Task, group_by_task
from core.language import mark, tr, tr_n
from core.storage import experiment_log
from core.types import Run
from ui import cache, markdown, messages

NO_E_VALUES = mark(
    "Significance here allows for the number of experiments. E-values, which allow for repeated looks while outcomes "
    "arrive, need forecasts that were fixed before their outcomes; here every look sees the whole period, and the next "
    "recipe may depend on it. Only outcomes that no experiment has seen are a first look again."
)
IN_CONFIDENCE_SET = {"kept": mark("in"), "out": mark("out"), "other": mark("not compared")}


def read() -> experiment_log.ExperimentLog:
    """The experiment log as it is on disk now."""
    return _read(str(cache.RUNS), experiment_log.fingerprint(cache.RUNS))


@st.cache_resource(show_spinner=False, max_entries=2)
def _read(root: str, stamp: tuple[tuple[str, int], ...]) -> experiment_log.ExperimentLog:
    return experiment_log.load(cache.RUNS)


def compare(task: Task) -> Comparison:
    """The comparison of all experiments of a task, computed once until another experiment is added."""
    run_ids = tuple(experiment.run_id for experiment in task.experiments)
    with st.spinner(tr("Comparing the experiments …")):
        return _compare(str(cache.RUNS), task.key, run_ids, task.experiments)


@st.cache_resource(show_spinner=False, max_entries=32)
def _compare(root: str, key: str, run_ids: tuple[str, ...], _experiments: tuple[Experiment, ...]) -> Comparison:
    return multiple_testing.compare(_experiments)


def draw_line(run: Run) -> None:
    """Under the verdict of a run: which experiment it is, how often its test period was evaluated, and a warning if its
    evidence does not survive the comparison with the others."""
    log = read()
    experiment = log.of_run(run.id)
    if experiment is None:
        _draw_uncounted(run)
        return
    task = log.task_of(experiment)
    st.caption(count(task, experiment))
    st.page_link("pages/experiments.py", label=tr("All experiments of this task"), icon=":material/science:")
    if experiment.tone != "good" or len(task.experiments) < 2:
        return
    comparison = compare(task)
    weak = {*comparison.compared} - {*comparison.superior}
    if comparison.best is not None and task.number(experiment) - 1 in weak:
        words = tr("Significant alone, but not among {count} experiments.", count=len(task.experiments))
        st.warning(f"**{words}** {markdown.sentence(comparison.caption)}", icon=":material/science:")


def count(task: Task, experiment: Experiment) -> str:
    """Experiment 3 of 12 of this task; its test period was evaluated 14 times."""
    if len(task.evaluations) == 1:
        return tr("This is the first experiment of this task, and the first evaluation of its test period.")
    evaluations = task.count_evaluations(experiment)
    return tr(
        "Experiment {number} of {count} of this task; its test period was evaluated {times}.",
        number=task.number(experiment),
        count=len(task.experiments),
        times={1: tr("once"), 2: tr("twice")}.get(evaluations) or tr("{most} times", most=evaluations),
    )


def count_traded(run: Run) -> Traded:
    """The experiments of the run's task that can be traded on, at least this one."""
    log = read()
    experiment = log.of_run(run.id)
    known = multiple_testing.count_traded(log.task_of(experiment).experiments) if experiment else None
    return known if known and known.count else Traded(count=1, independent=1.0, variance=0.0)


def _draw_uncounted(run: Run) -> None:
    """A run that is not in the log: it is of an older version, or the disk was full when it ended."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption(
        tr("This run is not in the experiment log: it was imported, it is older than the log, or the disk was full.")
    )
    if right.button(tr("Count it"), key="count-experiment", width="stretch"):
        problem = experiment_log.add_or_report(run, cache.RUNS)
        if not problem:
            st.rerun()
        messages.error(problem)


def title(key: str) -> str:
    """A task in the list of tasks."""
    task = next(task for task in group_by_task(read().evaluations) if task.key == key)
    return tr_n("{task}: {count} experiment", "{task}: {count} experiments", len(task.experiments), task=task.title)


def draw_conclusion(task: Task, comparison: Comparison) -> None:
    """What the best experiment is worth, in the colour of a verdict."""
    best = None if comparison.best is None else task.experiments[comparison.best]
    proven = best is not None and comparison.best in comparison.superior and best.tone == "good"
    box = st.info if best is None else st.success if proven else st.warning
    box(f"**{markdown.sentence(comparison.caption)}**", icon=":material/science:")


def draw_trials(task: Task) -> None:
    """How many recipes searches tried on this task without its test period; nothing without a search."""
    count = read().count_trials(task.key)
    if count:
        st.caption(
            tr_n(
                "Searches tried {count} recipe of this task on validation rows. It counts as tried, and did not see "
                "the test period.",
                "Searches tried {count} recipes of this task on validation rows. They count as tried, and did not see "
                "the test period.",
                count,
            )
        )


def draw_leaderboard(task: Task, comparison: Comparison, chart: Experiments) -> None:
    """The experiments by their skill on the steps that they share, those not compared last, each with a link to its
    run."""
    shared = dict(zip(comparison.compared, comparison.skill_K, strict=True))
    alone = len(task.experiments) == 1
    order = sorted(range(len(task.experiments)), key=lambda k: (k not in shared, -shared.get(k, 0.0), k))
    rows = [
        {
            tr("experiment"): k + 1,
            tr("recipe"): chart.label_K[k],
            tr("skill"): shared.get(k, task.experiments[k].skill),
            tr("p alone"): task.experiments[k].p_value,
            tr("confidence set"): tr(IN_CONFIDENCE_SET[chart.status_K[k]]),
            tr("significant among all"): k in comparison.superior or (alone and task.experiments[k].tone == "good"),
            tr("run"): "" if chart.deleted_K[k] else f"evaluate?run={chart.run_K[k]}",
            tr("trained"): task.experiments[k].created[:16].replace("T", " "),
        }
        for k in order
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="leaderboard",
        column_config={
            tr("skill"): st.column_config.NumberColumn(
                format="percent",
                help=tr("1 − error / error of its reference, over the steps that all compared experiments share"),
            ),
            tr("p alone"): st.column_config.NumberColumn(format="%.3f"),
            tr("confidence set"): st.column_config.TextColumn(
                help=tr("In: at the 10 % level the data cannot tell it from the best (model confidence set)")
            ),
            tr("significant among all"): st.column_config.CheckboxColumn(
                help=tr("Better than its reference at 5 %, given how many experiments there are")
            ),
            tr("run"): st.column_config.LinkColumn(display_text=tr("open")),
        },
    )
    if any(chart.deleted_K):
        st.caption(tr("Where there is no link, the run was deleted."))
