"""Tries on the screen: the shared reading of the ledger, the line under a verdict, and the parts of their page."""

import streamlit as st

from core.charts.evaluation.experiments import Experiments
from core.evaluation.experiments import multiple_testing
from core.evaluation.experiments.multiple_testing import Comparison
from core.evaluation.experiments.record import Experiment, Task, group_by_task
from core.storage import experiment_log
from core.types import Run
from ui import cache, charts

STANDING = {"kept": "in", "out": "out", "other": "not compared"}


def read() -> experiment_log.ExperimentLog:
    """The ledger as it is on disk now."""
    return _read(str(cache.RUNS), experiment_log.fingerprint(cache.RUNS))


@st.cache_resource(show_spinner=False, max_entries=2)
def _read(root: str, stamp: tuple[tuple[str, int], ...]) -> experiment_log.ExperimentLog:
    return experiment_log.load(cache.RUNS)


def compare(question: Task) -> Comparison:
    """The tries of a question beside each other; reckoned once as long as none is added."""
    return _compare(
        str(cache.RUNS), question.key, tuple(one.run_id for one in question.experiments), question.experiments
    )


@st.cache_resource(show_spinner="Comparing the tries …", max_entries=32)
def _compare(root: str, key: str, names: tuple[str, ...], _tries: tuple[Experiment, ...]) -> Comparison:
    return multiple_testing.compare(_tries)


def line(run: Run) -> None:
    """Under the verdict of a run: which try it was, how often its test period was looked at, and whether what would be
    evidence alone is none among so many tries."""
    found = read()
    look = found.of_run(run.id)
    if look is None:
        _uncounted(run)
        return
    question = found.task_of(look)
    st.caption(counted(question, look))
    st.page_link("pages/experiments.py", label="All tries on this question", icon=":material/casino:")
    if look.tone != "good" or len(question.experiments) < 2:
        return
    made = compare(question)
    if made.best is not None and question.number(look) - 1 in {*made.compared} - {*made.superior}:
        st.warning(
            f"**Significant alone, not among {len(question.experiments)} tries.** {_whole(made.caption)}",
            icon=":material/casino:",
        )


def counted(question: Task, look: Experiment) -> str:
    """Try 12 on this question; looked at this test period 12 times."""
    number, times = question.number(look), question.count_evaluations(look)
    if len(question.evaluations) == 1:
        return "This is the first try on this question, and the first look at this test period."
    again = {1: "once", 2: "twice"}.get(times, f"{times} times")
    return f"Try {number} of {len(question.experiments)} on this question; looked at this test period {again}."


def traded(run: Run) -> tuple[int, float | None]:
    """How many tries on the question of a run could be traded on, at least this one, and the variance of their Sharpe
    ratios per session; None where fewer than two are known."""
    found = read()
    look = found.of_run(run.id)
    count, variance = multiple_testing.count_traded(found.task_of(look).experiments) if look else (0, 0.0)
    return max(1, count), variance if count > 1 else None


def _uncounted(run: Run) -> None:
    """A run that never came into the ledger: of an older version, or the disk was full when it ended."""
    said, press = st.columns([4, 1], vertical_alignment="center")
    said.caption("This run is not counted among the tries: it is older than the ledger, or the disk was full.")
    if press.button("Count it", key="count-try", width="stretch"):
        trouble = experiment_log.add_or_report(run, cache.RUNS)
        if not trouble:
            st.rerun()
        st.error(charts.plain(trouble), icon=":material/error:")


def _whole(said: str) -> str:
    """The sentence as Markdown shows it, never with a line break inside a p-value."""
    return charts.plain(said.replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0"))


def title(key: str) -> str:
    """What a question is called where one is chosen."""
    one = next(one for one in group_by_task(read().evaluations) if one.key == key)
    return f"{one.title}: {len(one.experiments)} {'try' if len(one.experiments) == 1 else 'tries'}"


def sentence(question: Task, made: Comparison) -> None:
    """What the best try is worth, in the colour of a verdict."""
    best = None if made.best is None else question.experiments[made.best]
    box = st.info if best is None else st.success if made.best in made.superior and best.tone == "good" else st.warning
    box(f"**{_whole(made.caption)}**", icon=":material/casino:")


def leaderboard(question: Task, made: Comparison, chart: Experiments) -> None:
    """The tries by their skill on the sessions that they share, those that were not compared last; each run that still
    exists has a link."""
    shared = dict(zip(made.compared, made.skill_K, strict=True))
    order = sorted(range(len(question.experiments)), key=lambda k: (k not in shared, -shared.get(k, 0.0), k))
    rows = [
        {
            "try": k + 1,
            "recipe": chart.label_K[k],
            "skill": shared.get(k, question.experiments[k].skill),
            "p alone": question.experiments[k].p_value,
            "confidence set": STANDING[chart.status_K[k]],
            "holds among all": k in made.superior,
            "run": "" if chart.deleted_K[k] else f"evaluate?run={chart.run_K[k]}",
            "trained": question.experiments[k].created[:16].replace("T", " "),
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
                help="1 − error / error of its reference, on the sessions that all compared tries share",
            ),
            "p alone": st.column_config.NumberColumn(format="%.3f"),
            "confidence set": st.column_config.TextColumn(help="In: at 10 % the data cannot tell it from the best"),
            "holds among all": st.column_config.CheckboxColumn(
                help="Better than its reference at 5 % even among so many tries"
            ),
            "run": st.column_config.LinkColumn(display_text="open"),
        },
    )
    st.caption(
        "Sorted by skill on the sessions that the compared tries share; a try without a link has no run any more."
    )
