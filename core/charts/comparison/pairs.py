"""Every two runs of a comparison: how much smaller the error of one is, with its interval.

Axis letter: P pairs.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.comparison import look
from core.evaluation.compare.comparison import Comparison
from core.evaluation.verdict import format_p_value
from core.language import shown, tr
from core.types import Flags, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedErrors:
    """For each pair the share by which the error (RMSE) of the first is smaller than that of the second, with its 95 %
    interval (NaN where there is none), and the p-value of equal accuracy, corrected for the number of pairs."""

    first_P: tuple[str, ...]
    second_P: tuple[str, ...]
    skill_P: Floats
    low_P: Floats
    high_P: Floats
    p_P: Floats
    significant_P: Flags

    @property
    def caption(self) -> str:
        """How to read a row, and how many differences are evidence."""
        count, real = len(self.first_P), int(self.significant_P.sum())
        if count == 1:
            return (
                tr("The difference is significant: its 95 % interval leaves out zero.")
                if real
                else tr("The difference is not significant: its 95 % interval contains zero.")
            )
        return tr(
            "{real} of {count} differences are significant. P-values are corrected for {count} comparisons (Holm), "
            "intervals (95 %) are those of each pair alone.",
            real=real,
            count=count,
        )


def compute(comparison: Comparison) -> PairedErrors:
    """Every pair, the run with the smaller error first, the largest difference on top."""
    pairs = [pair for best in range(len(comparison.runs)) for pair in comparison.seen_from(best)]
    pairs = [pair for pair in pairs if pair.difference < 0 or (pair.difference == 0 and pair.a < pair.b)]
    pairs.sort(key=lambda pair: -pair.skill)
    return PairedErrors(
        first_P=tuple(comparison.letters[pair.a] for pair in pairs),
        second_P=tuple(comparison.letters[pair.b] for pair in pairs),
        skill_P=np.array([pair.skill for pair in pairs]),
        low_P=np.array([pair.skill_interval[0] for pair in pairs]),
        high_P=np.array([pair.skill_interval[1] for pair in pairs]),
        p_P=np.array([pair.p_adjusted for pair in pairs]),
        significant_P=np.array([pair.significant for pair in pairs]),
    )


def draw(chart: PairedErrors, height: int | None = None) -> go.Figure:
    """A dot a pair with its interval, blue if it is significant, and a line at no difference."""
    figure = go.Figure()
    for real, name, colour in (
        (True, tr("significant"), style.MODEL),
        (False, tr("chance could explain it"), style.NEUTRAL),
    ):
        rows = np.flatnonzero(chart.significant_P == real)
        if not len(rows):
            continue
        skill = chart.skill_P[rows]
        figure.add_scatter(
            x=skill,
            y=rows,
            mode="markers",
            name=name,
            showlegend=True,
            marker={"color": colour, "size": 11, "symbol": "circle" if real else "circle-open"},
            error_x={
                "type": "data",
                "array": np.nan_to_num(chart.high_P[rows] - skill),
                "arrayminus": np.nan_to_num(skill - chart.low_P[rows]),
                "color": colour,
                "thickness": 2,
                "width": 5,
            },
            hovertext=[_hover(chart, int(row)) for row in rows],
            hoverinfo="text",
        )
    names = [
        tr("{a} against {b}", a=a, b=b) + f"<br>{shown(format_p_value(p))}"
        for a, b, p in zip(chart.first_P, chart.second_P, chart.p_P, strict=True)
    ]
    style.apply_layout(figure, "", height or 130 + 2 * look.ROW * len(names), tr("error smaller by"), hover="closest")
    figure.add_vline(x=0, line={"color": style.OUTCOME, "width": 1})
    figure.update_xaxes(tickformat=".0%" if np.nanmax(np.abs(chart.skill_P)) > 0.05 else ".1%", nticks=5)
    return style.label_positions(figure, names)


def _hover(chart: PairedErrors, row: int) -> str:
    return tr(
        "{a} against {b}: error {skill} smaller (95 % interval {low} to {high}), {p}",
        a=chart.first_P[row],
        b=chart.second_P[row],
        skill=text.percent(chart.skill_P[row]),
        low=text.percent(chart.low_P[row]),
        high=text.percent(chart.high_P[row]),
        p=format_p_value(chart.p_P[row]),
    )
