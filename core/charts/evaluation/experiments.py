"""Every try on a question: its skill in the order of time, and how often each session of the test parts was looked at.

Axis letters: K tries, D days on which the number of looks changes.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.evaluation.experiments.multiple_testing import Comparison
from core.evaluation.experiments.record import Task, labels
from core.types import Floats, Ints, Times

LEGEND = {
    "kept": ("cannot be told from the best", style.MODEL),
    "out": ("worse than the best", style.OCHRE),
    "other": ("judged on other sessions", style.TINTS[1]),
    "gone": ("its run is deleted", style.NEUTRAL),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tries:
    """Skill of each try against its own reference with its 95 % interval (NaN where unknown), oldest first.

    `standing_K` is kept (in the confidence set), out (not in it) or other (not compared); `gone_K` says whose run is
    deleted; `best` is a position, None where nothing was compared.
    """

    label_K: tuple[str, ...]
    run_K: tuple[str, ...]
    skill_K: Floats
    low_K: Floats
    high_K: Floats
    p_K: Floats
    standing_K: tuple[str, ...]
    gone_K: tuple[bool, ...]
    best: int | None

    @property
    def caption(self) -> str:
        """How many look like skill alone, and how many cannot be told from the best."""
        count = len(self.label_K)
        alone = int(((self.p_K < 0.05) & (self.skill_K > 0)).sum())
        said = f"{text.pluralize(count, 'dot')}, one a try, from the first to the last: " if count > 1 else "One try: "
        said += f"{alone} of {count} {'looks' if alone == 1 else 'look'} like skill when seen alone."
        if self.best is None:
            return said
        kept = self.standing_K.count("kept")
        return (
            f"{said} The ring marks the best one, {self.label_K[self.best]}; "
            f"{text.pluralize(kept, 'try').replace('trys', 'tries')} cannot be told from the best."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """From each day of `day_D` on, `count_D` looks were taken at the sessions up to the next."""

    day_D: Times
    count_D: Ints

    @property
    def caption(self) -> str:
        """How often the most used sessions were looked at, and when they were."""
        most = int(self.count_D.max())
        at = int(np.argmax(self.count_D))
        when = f"from {text.day(self.day_D[at].astype('M8[D]'))} to {text.day(self.day_D[at + 1].astype('M8[D]'))}"
        times = {1: "once", 2: "twice"}.get(most, f"{most} times")
        fresh = " A test part says most when it is seen for the first time." if most > 1 else ""
        return f"The sessions {when} were looked at {times}.{fresh}"


def compute(question: Task, made: Comparison, alive: frozenset[str]) -> Tries:
    """The chart of one question; `alive` are the names of the runs that still exist."""
    tries, looks = question.tries, question.looks
    here = {look.same: look.run_id for look in looks if look.run_id in alive}  # of several looks the latest
    runs = tuple(here.get(one.same, one.run_id) for one in tries)
    low_K, high_K = np.array([one.interval for one in tries]).T
    return Tries(
        label_K=labels(tries),
        run_K=runs,
        skill_K=np.array([one.skill for one in tries]),
        low_K=low_K,
        high_K=high_K,
        p_K=np.array([one.p_value for one in tries]),
        standing_K=tuple(
            "kept" if k in made.kept else "out" if k in made.compared else "other" for k in range(len(tries))
        ),
        gone_K=tuple(name not in alive for name in runs),
        best=made.best,
    )


def draw(chart: Tries, height: int = 360) -> go.Figure:
    """A dot at each try's skill with its interval; grey where the run is deleted, ringed where it is the best.

    The name of a run that exists is the dot's customdata, so that a click can open it.
    """
    figure, position_K = go.Figure(), np.arange(1, len(chart.label_K) + 1)
    alone = {"other": ("the first try", style.MODEL)} if len(position_K) == 1 else {}
    for key, (name, colour) in (LEGEND | alone).items():
        at = np.flatnonzero(
            [
                ("gone" if gone else standing) == key
                for standing, gone in zip(chart.standing_K, chart.gone_K, strict=True)
            ]
        )
        if len(at):
            skill = chart.skill_K[at]
            figure.add_scatter(
                x=position_K[at],
                y=skill,
                mode="markers",
                name=name,
                showlegend=True,
                customdata=[None if chart.gone_K[k] else chart.run_K[k] for k in at],
                marker={"color": colour, "size": 10},
                error_y={
                    "type": "data",
                    "array": np.nan_to_num(chart.high_K[at] - skill),
                    "arrayminus": np.nan_to_num(skill - chart.low_K[at]),
                    "color": colour,
                    "thickness": 1.2,
                    "width": 0,
                },
                hovertext=[_hover(chart, int(k)) for k in at],
                hoverinfo="text",
            )
    if chart.best is not None:
        figure.add_scatter(
            x=[chart.best + 1],
            y=[chart.skill_K[chart.best]],
            mode="markers",
            name="the best",
            hoverinfo="skip",
            marker={"symbol": "circle-open", "size": 19, "color": style.GOOD, "line": {"width": 2.5}},
        )
    style.apply_layout(figure, "skill against its reference", height, "try", hover="closest")
    figure.add_hline(y=0, line={"color": style.OUTCOME, "width": 1})
    figure.update_yaxes(tickformat=".0%")
    return style.integer_ticks(figure, len(chart.label_K)).update_layout(showlegend=True)


def _hover(chart: Tries, k: int) -> str:
    p = chart.p_K[k]
    return (
        f"{text.escape(chart.label_K[k], 80)}<br>skill {text.percent(chart.skill_K[k])}"
        f"{'' if np.isnan(p) else f', p = {p:.3f}'} alone<br>{chart.run_K[k]}"
        f"{' (deleted)' if chart.gone_K[k] else ''}"
    )


def looks(question: Task) -> Looks:
    """How many looks met each session, from the first to the last that any of them met."""
    edges = sorted(
        [(look.first, 1) for look in question.looks]
        + [(look.last + np.timedelta64(1, "ns"), -1) for look in question.looks]
    )
    day_D = np.unique(np.array([time for time, _ in edges], dtype="M8[ns]"))
    change_D = np.zeros(len(day_D), dtype=int)
    np.add.at(change_D, np.searchsorted(day_D, [time for time, _ in edges]), [step for _, step in edges])
    return Looks(day_D=day_D, count_D=np.cumsum(change_D))


def draw_looks(chart: Looks, height: int = 190) -> go.Figure:
    """Steps over time, filled."""
    figure = go.Figure(
        go.Scatter(
            x=chart.day_D,
            y=chart.count_D,
            mode="lines",
            line={"shape": "hv", "color": style.MODEL},
            fill="tozeroy",
            fillcolor=style.translucent(style.MODEL, 0.25),
            name="looks",
            hovertemplate="%{y:d} looks<extra></extra>",
        )
    )
    style.apply_layout(figure, "looks", height)
    figure.update_yaxes(rangemode="tozero", tickformat="d", dtick=max(1, -(-int(chart.count_D.max()) // 4)))
    return style.format_dates(figure, chart.day_D.astype("M8[D]"))
