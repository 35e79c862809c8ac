"""Calibration of prediction intervals and probabilities: coverage, widths, scores next to benchmarks, PIT histogram.

Axis letters: N forecasts in time order, C nominal coverages, G groups, B bins.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.evaluation.interval_coverage import (
    NO_INTERVAL,
    NOMINAL_LINE,
    coverage_bars,
    coverage_layout,
    nominal_line,
)
from core.charts.primitives import bar_layout, bars, reference_line
from core.evaluation.calibration import CoverageGroups
from core.types import Floats, Times

TITLES = {
    "ours": "this interval",
    "historical": "historical quantiles",
    "garch": "GJR-GARCH-t",
    "announced": "raw probabilities",
    "calibrated": "calibrated probabilities",
    "base": "the base rate",
}
COLOURS = {"ours": style.MODEL, "historical": style.NEUTRAL, "garch": style.REFERENCE}
BINS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class NestedCoverage:
    """The coverage of each of the nested intervals next to its nominal coverage; empty without intervals."""

    nominal_C: tuple[float, ...]
    coverage_C: tuple[float, ...]
    count: int

    @property
    def caption(self) -> str:
        """The coverage of each interval."""
        if not self.nominal_C:
            return NO_INTERVAL
        each = ", ".join(
            f"the {text.short_percent(nominal)} interval covers {text.percent(coverage)}"
            for nominal, coverage in zip(self.nominal_C, self.coverage_C, strict=True)
        )
        return f"Of {text.pluralize(self.count, 'outcome')}, {each}; calibrated intervals lie on the line."


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupCoverage:
    """The coverage in each group of forecasts; `by` is what forms the groups."""

    by: str
    nominal: float
    groups: CoverageGroups

    @property
    def caption(self) -> str:
        """The group with the lowest coverage."""
        groups = self.groups
        if not groups.names_G:
            return NO_INTERVAL
        worst = int(np.argmin(groups.share_G))
        return (
            f"By {self.by}, the coverage of the {text.short_percent(self.nominal)} prediction interval is lowest for "
            f"{groups.names_G[worst]}: {text.percent(groups.share_G[worst])} of "
            f"{text.pluralize(int(groups.count_G[worst]), 'outcome')}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Widths:
    """The width of each interval at the time of each outcome, in the target's `unit`; this interval comes first."""

    unit: str
    time_N: Times
    width_N: dict[str, Floats]  # by the keys of TITLES

    @property
    def caption(self) -> str:
        """The mean widths, and the range of the first one's width."""
        if not len(self.time_N):
            return NO_INTERVAL
        means = ", ".join(
            f"{text.amount(float(np.mean(width_N)), self.unit)} ({TITLES[name]})"
            for name, width_N in self.width_N.items()
        )
        low, high = np.quantile(next(iter(self.width_N.values())), [0.05, 0.95])
        return (
            f"Mean width: {means}; 90% of the time, the width of this interval is between "
            f"{text.number(float(low))} and {text.number(float(high))}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The score of each interval or source of probabilities, the smaller the better; the judged one comes first."""

    score: str
    values: dict[str, float]  # by the keys of TITLES

    @property
    def caption(self) -> str:
        """How far the first is better or worse than each of the others."""
        if not self.values:
            return NO_INTERVAL
        (name, score), *others = self.values.items()
        if not others or score <= 0:
            return f"The {self.score} of {TITLES[name]} is {text.number(score)}."
        comparisons = [
            f"{abs(score / value - 1):.1%} {'worse' if score > value else 'better'} than that of {TITLES[other]}"
            if value > 0
            else f"worse than the {text.number(value)} of {TITLES[other]}"
            for other, value in others
        ]
        judged = f"The {self.score} of {TITLES[name]}, {text.number(score)},"
        return f"{judged} is {' and '.join(comparisons)}; smaller is better."


@dataclass(frozen=True, slots=True, kw_only=True)
class Pit:
    """The histogram of the probability integral transform: the share of outcomes in each tenth of their forecast
    distribution, a tenth everywhere if the distributions are calibrated."""

    share_B: Floats
    count: int

    @property
    def caption(self) -> str:
        """The share in the outer two tenths, and what the shape of the histogram means."""
        if not self.count:
            return NO_INTERVAL
        ends, middle = float(self.share_B[[0, -1]].sum()), float(self.share_B[4:6].sum())
        outer = (
            f"{text.percent(ends)} of the outcomes lie in the outer two tenths of their forecast distribution "
            "(20% if calibrated)"
        )
        if ends > 0.24 and ends > middle:
            return f"{outer}: the forecasts are overconfident."
        if ends < 0.16:
            return f"{outer}: the forecasts are underconfident."
        tilt = float(self.share_B[:5].sum()) - 0.5
        if abs(tilt) > 0.05:
            side = "lower" if tilt > 0 else "upper"
            return f"{outer}, and more than half lie in the {side} half: the forecasts are biased."
        return f"{outer}: the distributions are close to calibrated."


def draw_nested(chart: NestedCoverage, height: int = 300) -> go.Figure:
    """Coverage over nominal coverage, with the line on which both are equal."""
    figure = style.apply_layout(go.Figure(), "coverage", height, "nominal coverage", hover="closest")
    if not chart.nominal_C:
        return style.add_note(figure, NO_INTERVAL)
    figure.add_trace(reference_line([0.4, 1], [0.4, 1], "coverage = nominal", NOMINAL_LINE))
    figure.add_trace(
        go.Scatter(
            x=chart.nominal_C,
            y=chart.coverage_C,
            mode="markers+text",
            name="coverage",
            textposition=[("top left", "bottom right")[place % 2] for place in range(len(chart.nominal_C))],
            text=[f"{share:.1%}" for share in chart.coverage_C],
            marker={"color": style.MODEL, "size": 11},
            hovertemplate="nominal %{x:.0%}, coverage %{y:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0.4, 1.08], tickformat=".0%", tick0=0.5, dtick=0.1, tickangle=0)
    low = max(0.0, min(0.4, min(chart.coverage_C) - 0.1))
    return figure.update_yaxes(range=[low, 1.08], tickformat=".0%", tick0=0, dtick=0.2)


def draw_by_group(chart: GroupCoverage, height: int = 300) -> go.Figure:
    """A bar of coverage per group, in red those 5 points below nominal, and a line at the nominal coverage."""
    groups = chart.groups
    if not groups.names_G:
        return style.add_note(style.apply_layout(go.Figure(), "coverage", height), NO_INTERVAL)
    count = len(groups.names_G)
    hover_G = np.array(
        [
            f"{text.escape(name)}: {text.pluralize(int(size), 'outcome')}"
            for name, size in zip(groups.names_G, groups.count_G, strict=True)
        ]
    )
    low_G, figure = np.asarray(groups.share_G) < chart.nominal - 0.05, go.Figure()
    for name, rows_G, colour in (("coverage", ~low_G, style.MODEL), ("5 points too low", low_G, style.BAD)):
        if rows_G.any():
            figure.add_trace(
                coverage_bars(
                    np.flatnonzero(rows_G),
                    np.asarray(groups.share_G)[rows_G],
                    count <= 14,
                    name=name,
                    width=0.35 if count == 1 else 0.75,
                    marker={"color": colour},
                    customdata=hover_G[rows_G],
                    hovertemplate="%{customdata}, %{y:.1%}<extra></extra>",
                )
            )
    figure.add_trace(nominal_line([-0.6, count - 0.4], chart.nominal))
    coverage_layout(figure, height).update_layout(barmode="overlay")
    labels = [text.escape(name).replace(" ", "<br>") for name in groups.names_G]  # side by side in half a page
    return style.label_positions(figure, labels, axis="x")


def draw_widths(chart: Widths, height: int = 300) -> go.Figure:
    """A line per interval; this one on top."""
    figure = style.apply_layout(go.Figure(), f"interval width ({chart.unit})", height)
    if not len(chart.time_N):
        return style.add_note(figure, NO_INTERVAL)
    for name, width_N in reversed(chart.width_N.items()):
        shown = thinning.thin(width_N)
        figure.add_trace(
            go.Scatter(
                x=chart.time_N[shown],
                y=width_N[shown],
                mode="lines",
                name=TITLES[name],
                line={"color": COLOURS[name], "width": 1.6 if name == "ours" else 1.1},
                hovertemplate="%{y:,.5~r}",
            )
        )
    figure.update_yaxes(rangemode="tozero")
    return style.format_dates(figure, chart.time_N)


def draw_scores(chart: Scores, height: int = 300) -> go.Figure:
    """A bar per score, the judged one in the model's colour."""
    if not chart.values:
        return style.add_note(style.apply_layout(go.Figure(), "", height, chart.score), NO_INTERVAL)
    values = list(chart.values.values())
    figure = go.Figure(
        bars(
            values,
            {"color": [style.MODEL, *[style.NEUTRAL] * (len(values) - 1)]},
            numbers=True,
            hover="%{x:,.5~r}<extra></extra>",
            name=chart.score,
            width=0.55,
            textposition="auto",
        )
    )
    figure.update_xaxes(rangemode="tozero")
    return bar_layout(figure, [TITLES[name] for name in chart.values], height, chart.score)


def compute_pit(pit_N: Floats) -> Pit:
    """The histogram of PIT values from 0 to 1; NaN values are left out."""
    known_N = pit_N[np.isfinite(pit_N)]
    count_B, _ = np.histogram(known_N, bins=BINS, range=(0, 1))
    return Pit(share_B=count_B / max(1, len(known_N)), count=len(known_N))


def draw_pit(chart: Pit, height: int = 300) -> go.Figure:
    """Ten bars and a line at one tenth."""
    x_title = "PIT of the outcome (place in its forecast distribution)"
    figure = style.apply_layout(go.Figure(), "share of outcomes", height, x_title, hover="closest")
    if not chart.count:
        return style.add_note(figure, NO_INTERVAL)
    figure.add_trace(
        go.Bar(
            x=(np.arange(BINS) + 0.5) / BINS,
            y=chart.share_B,
            width=0.092,
            name="observed",
            marker={"color": style.MODEL},
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    )
    figure.add_trace(reference_line([0, 1], [1 / BINS] * 2, "calibrated", NOMINAL_LINE))
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure.update_yaxes(rangemode="tozero", tickformat=".0%")
