"""The experiments on one task: their skill in order of time, and how often each part of the test period was evaluated.

Axis letters: K experiments, D days on which the number of evaluations changes.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.evaluation.experiments.multiple_testing import Comparison
from core.evaluation.experiments.record import Task, label_experiments
from core.evaluation.verdict import SIGNIFICANT, format_p_value
from core.language import message, shown, tr
from core.types import Floats, Ints, Times

LEGEND = {
    "kept": (message("in the confidence set of the best"), style.MODEL),
    "out": (message("significantly worse than the best"), style.REFERENCE),
    "other": (message("tested on other dates"), style.TINTS[3]),
    "deleted": (message("run deleted"), style.NEUTRAL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiments:
    """Skill of each experiment against its own reference with its 95 % interval (NaN if unknown), oldest first.

    `status_K` is kept (in the confidence set of the best), out (not in it) or other (not compared); `deleted_K` says
    whose run is deleted; `best` is a position, None if nothing was compared.
    """

    label_K: tuple[str, ...]
    run_K: tuple[str, ...]
    skill_K: Floats
    low_K: Floats
    high_K: Floats
    p_K: Floats
    status_K: tuple[str, ...]
    deleted_K: tuple[bool, ...]
    best: int | None

    @property
    def caption(self) -> str:
        """How many show significant skill taken alone, which is the best, and how many are in its confidence set."""
        count = len(self.label_K)
        significant = int(((self.p_K < SIGNIFICANT) & (self.skill_K > 0)).sum())
        if count == 1:
            return (
                tr("The only experiment shows significant skill.")
                if significant
                else tr("The only experiment shows no significant skill.")
            )
        sentence = (
            tr(
                "Taken alone, {significant} of {count} experiments shows significant skill",
                significant=significant,
                count=count,
            )
            if significant == 1
            else tr(
                "Taken alone, {significant} of {count} experiments show significant skill",
                significant=significant,
                count=count,
            )
        )
        if self.best is None:
            return f"{sentence}."
        return tr(
            "{sentence}; the ring marks the best, {label}, and its confidence set contains {experiments}.",
            sentence=sentence,
            label=self.label_K[self.best],
            experiments=text.pluralize(self.status_K.count("kept"), "experiment"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluations:
    """From each day of `day_D` until the next, the test period was evaluated `count_D` times."""

    day_D: Times
    count_D: Ints

    @property
    def caption(self) -> str:
        """How often the most used part of the test period was evaluated, and which part that is."""
        most, start = int(self.count_D.max()), int(np.argmax(self.count_D))
        first, last = (text.day(self.day_D[d].astype("M8[D]")) for d in (start, start + 1))
        times = {1: tr("once"), 2: tr("twice")}.get(most, tr("{most} times", most=most))
        advice = tr("; a test is most reliable the first time") if most > 1 else ""
        return tr(
            "The test period from {first} to {last} has been evaluated {times}{advice}.",
            first=first,
            last=last,
            times=times,
            advice=advice,
        )


def compute(task: Task, comparison: Comparison, run_ids: frozenset[str]) -> Experiments:
    """The chart of one task; `run_ids` are the runs that still exist."""
    experiments = task.experiments
    existing = {  # of several evaluations of an experiment, the latest
        evaluation.identity: evaluation.run_id for evaluation in task.evaluations if evaluation.run_id in run_ids
    }
    runs = tuple(existing.get(experiment.identity, experiment.run_id) for experiment in experiments)
    low_K, high_K = np.array([experiment.interval for experiment in experiments]).T
    return Experiments(
        label_K=label_experiments(experiments),
        run_K=runs,
        skill_K=np.array([experiment.skill for experiment in experiments]),
        low_K=low_K,
        high_K=high_K,
        p_K=np.array([experiment.p_value for experiment in experiments]),
        status_K=tuple(
            "kept" if k in comparison.confidence_set else "out" if k in comparison.compared else "other"
            for k in range(len(experiments))
        ),
        deleted_K=tuple(run_id not in run_ids for run_id in runs),
        best=comparison.best,
    )


def draw(chart: Experiments, height: int = 360) -> go.Figure:
    """A dot per experiment at its skill with its interval; grey if the run is deleted, a ring around the best.

    The id of a run that exists is the dot's customdata, so that a click can open it.
    """
    figure, position_K = go.Figure(), np.arange(1, len(chart.label_K) + 1)
    legend = LEGEND | ({"other": (tr("the first experiment"), style.MODEL)} if len(position_K) == 1 else {})
    status_K = np.where(chart.deleted_K, "deleted", chart.status_K)
    for status, (name, colour) in legend.items():
        members = np.flatnonzero(status_K == status)
        if not len(members):
            continue
        skill = chart.skill_K[members]
        figure.add_scatter(
            x=position_K[members],
            y=skill,
            mode="markers",
            name=shown(name),
            showlegend=True,
            customdata=[None if chart.deleted_K[k] else chart.run_K[k] for k in members],
            marker={"color": colour, "size": 10},
            error_y={
                "type": "data",
                "array": np.nan_to_num(chart.high_K[members] - skill),
                "arrayminus": np.nan_to_num(skill - chart.low_K[members]),
                "color": colour,
                "thickness": 1.2,
                "width": 0,
            },
            hovertext=[_hover(chart, int(k)) for k in members],
            hoverinfo="text",
        )
    if chart.best is not None:
        figure.add_scatter(
            x=[chart.best + 1],
            y=[chart.skill_K[chart.best]],
            mode="markers",
            name=tr("the best"),
            hoverinfo="skip",
            marker={"symbol": "circle-open", "size": 19, "color": style.GOOD, "line": {"width": 2.5}},
        )
    style.apply_layout(figure, tr("skill against its reference"), height, tr("experiment"), hover="closest")
    figure.add_hline(y=0, line={"color": style.OUTCOME, "width": 1})
    figure.update_yaxes(tickformat=".0%")
    return style.integer_ticks(figure, len(chart.label_K)).update_layout(showlegend=True)


def _hover(chart: Experiments, k: int) -> str:
    p, deleted = chart.p_K[k], chart.deleted_K[k]
    parts = {"label": text.escape(chart.label_K[k], 80), "skill": text.percent(chart.skill_K[k]), "run": chart.run_K[k]}
    if np.isnan(p):
        if deleted:
            return tr("{label}<br>skill {skill} alone<br>{run} (deleted)", **parts)
        return tr("{label}<br>skill {skill} alone<br>{run}", **parts)
    parts["p_value"] = format_p_value(p)
    if deleted:
        return tr("{label}<br>skill {skill}, {p_value} alone<br>{run} (deleted)", **parts)
    return tr("{label}<br>skill {skill}, {p_value} alone<br>{run}", **parts)


def compute_evaluations(task: Task) -> Evaluations:
    """How often each part of the test period was evaluated, from the first cutoff of any evaluation to the last."""
    edges = sorted(
        [(evaluation.first, 1) for evaluation in task.evaluations]
        + [(evaluation.last + np.timedelta64(1, "ns"), -1) for evaluation in task.evaluations]
    )
    day_D = np.unique(np.array([time for time, _ in edges], dtype="M8[ns]"))
    change_D = np.zeros(len(day_D), dtype=int)
    np.add.at(change_D, np.searchsorted(day_D, [time for time, _ in edges]), [change for _, change in edges])
    return Evaluations(day_D=day_D, count_D=np.cumsum(change_D))


def draw_evaluations(chart: Evaluations, height: int = 190) -> go.Figure:
    """The number of evaluations over time as filled steps."""
    figure = go.Figure(
        go.Scatter(
            x=chart.day_D,
            y=chart.count_D,
            mode="lines",
            line={"shape": "hv", "color": style.MODEL},
            fill="tozeroy",
            fillcolor=style.translucent(style.MODEL, 0.25),
            name=tr("evaluations"),
            hovertemplate=tr("{y} evaluations", y="%{y:d}") + "<extra></extra>",
        )
    )
    style.apply_layout(figure, tr("evaluations"), height)
    figure.update_yaxes(rangemode="tozero", tickformat="d", dtick=max(1, -(-int(chart.count_D.max()) // 4)))
    return style.format_dates(figure, chart.day_D.astype("M8[D]"))
