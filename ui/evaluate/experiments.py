"""Experiments on the screen: the shared reading of the log, the line under a verdict, and the parts of their page."""

import streamlit as st

from core.charts.evaluation.experiments import Experiments
from core.evaluation.experiments import multiple_testing
from core.evaluation.experiments.multiple_testing import Comparison, Traded
from core.evaluation.experiments.record import Experiment, Task, group_by_task
from core.storage import experiment_log
from core.types import Run
from ui import cache, markdown, messages

NO_E_VALUES = (
    "Significance here allows for the number of experiments. E-values, which allow for repeated looks while outcomes "
    "arrive, need forecasts that were fixed before their outcomes; here every look sees the whole period, and the next "
    "recipe may depend on it. Only outcomes that no experiment has seen are a first look again."
)
IN_CONFIDENCE_SET = {"kept": "in", "out": "out", "other": "not compared"}


def read() -> experiment_log.ExperimentLog:
    """The experiment log as it is on disk now."""
    return _read(str(cache.RUNS), experiment_log.fingerprint(cache.RUNS))


@st.cache_resource(show_spinner=False, max_entries=2)
def _read(root: str, stamp: tuple[tuple[str, int], ...]) -> experiment_log.ExperimentLog:
    return experiment_log.load(cache.RUNS)


def compare(task: Task) -> Comparison:
    """The comparison of all experiments of a task, computed once until another experiment is added."""
    return _compare(
        str(cache.RUNS), task.key, tuple(experiment.run_id for experiment in task.experiments), task.experiments
    )


@st.cache_resource(show_spinner="Comparing the experiments …", max_entries=32)
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
    st.page_link("pages/experiments.py", label="All experiments of this task", icon=":material/science:")
    if experiment.tone != "good" or len(task.experiments) < 2:
        return
    comparison = compare(task)
    weak = {*comparison.compared} - {*comparison.superior}
    if comparison.best is not None and task.number(experiment) - 1 in weak:
        st.warning(
            f"**Significant alone, but not among {len(task.experiments)} experiments.** "
            f"{markdown.sentence(comparison.caption)}",
            icon=":material/science:",
        )


def count(task: Task, experiment: Experiment) -> str:
    """Experiment 3 of 12 of this task; its test period was evaluated 14 times."""
    if len(task.evaluations) == 1:
        return "This is the first experiment of this task, and the first evaluation of its test period."
    evaluations = task.count_evaluations(experiment)
    times = {1: "once", 2: "twice"}.get(evaluations, f"{evaluations} times")
    number = task.number(experiment)
    return f"Experiment {number} of {len(task.experiments)} of this task; its test period was evaluated {times}."


def count_traded(run: Run) -> Traded:
    """The experiments of the run's task that can be traded on, at least this one."""
    log = read()
    experiment = log.of_run(run.id)
    known = multiple_testing.count_traded(log.task_of(experiment).experiments) if experiment else None
    return known if known and known.count else Traded(count=1, independent=1.0, variance=0.0)


def _draw_uncounted(run: Run) -> None:
    """A run that is not in the log: it is of an older version, or the disk was full when it ended."""
    left, right = st.columns([4, 1], vertical_alignment="center")
    left.caption("This run is not in the experiment log: it is older than the log, or the disk was full.")
    if right.button("Count it", key="count-experiment", width="stretch"):
        problem = experiment_log.add_or_report(run, cache.RUNS)
        if not problem:
            st.rerun()
        messages.error(problem)


def title(key: str) -> str:
    """A task in the list of tasks."""
    task = next(task for task in group_by_task(read().evaluations) if task.key == key)
    return f"{task.title}: {len(task.experiments)} {'experiment' if len(task.experiments) == 1 else 'experiments'}"


def draw_conclusion(task: Task, comparison: Comparison) -> None:
    """What the best experiment is worth, in the colour of a verdict."""
    best = None if comparison.best is None else task.experiments[comparison.best]
    proven = best is not None and comparison.best in comparison.superior and best.tone == "good"
    box = st.info if best is None else st.success if proven else st.warning
    box(f"**{markdown.sentence(comparison.caption)}**", icon=":material/science:")


def draw_leaderboard(task: Task, comparison: Comparison, chart: Experiments) -> None:
    """The experiments by their skill on the steps that they share, those not compared last, each with a link to its
    run."""
    shared = dict(zip(comparison.compared, comparison.skill_K, strict=True))
    alone = len(task.experiments) == 1
    order = sorted(range(len(task.experiments)), key=lambda k: (k not in shared, -shared.get(k, 0.0), k))
    rows = [
        {
            "experiment": k + 1,
            "recipe": chart.label_K[k],
            "skill": shared.get(k, task.experiments[k].skill),
            "p alone": task.experiments[k].p_value,
            "confidence set": IN_CONFIDENCE_SET[chart.status_K[k]],
            "significant among all": k in comparison.superior or (alone and task.experiments[k].tone == "good"),
            "run": "" if chart.deleted_K[k] else f"evaluate?run={chart.run_K[k]}",
            "trained": task.experiments[k].created[:16].replace("T", " "),
        }
        for k in order
    ]
    st.dataframe(
        rows,
        hide_index=True,
        key="leaderboard",
        column_config={
            "skill": st.column_config.NumberColumn(
                format="percent",
                help="1 − error / error of its reference, over the steps that all compared experiments share",
            ),
            "p alone": st.column_config.NumberColumn(format="%.3f"),
            "confidence set": st.column_config.TextColumn(
                help="In: at the 10 % level the data cannot tell it from the best (model confidence set)"
            ),
            "significant among all": st.column_config.CheckboxColumn(
                help="Better than its reference at 5 %, given how many experiments there are"
            ),
            "run": st.column_config.LinkColumn(display_text="open"),
        },
    )
    if any(chart.deleted_K):
        st.caption("Where there is no link, the run was deleted.")
