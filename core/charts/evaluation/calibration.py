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
from core.evaluation.verdict import join_words
from core.language import figures, message, shown, tr
from core.types import Floats, Times

TITLES = {
    "ours": message("this interval"),
    "historical": message("historical quantiles"),
    "garch": "GJR-GARCH-t",
    "announced": message("raw probabilities"),
    "calibrated": message("calibrated probabilities"),
    "base": message("the base rate"),
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
            tr(
                "the {nominal} interval covers {coverage}",
                nominal=text.short_percent(nominal),
                coverage=text.percent(coverage),
            )
            for nominal, coverage in zip(self.nominal_C, self.coverage_C, strict=True)
        )
        return tr(
            "Of {outcomes}, {each}; calibrated intervals lie on the line.",
            outcomes=text.pluralize(self.count, "outcome"),
            each=each,
        )


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
        return tr(
            "By {by}, the coverage of the {nominal} prediction interval is lowest for {names}: {share} of {outcomes}.",
            by=self.by,
            nominal=text.short_percent(self.nominal),
            names=groups.names_G[worst],
            share=text.percent(groups.share_G[worst]),
            outcomes=text.pluralize(int(groups.count_G[worst]), "outcome"),
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
            tr("{value} ({name})", value=text.amount(float(np.mean(width_N)), self.unit), name=TITLES[name])
            for name, width_N in self.width_N.items()
        )
        low, high = np.quantile(next(iter(self.width_N.values())), [0.05, 0.95])
        return tr(
            "Mean width: {means}; 90% of the time, the width of this interval is between {low} and {high}.",
            means=means,
            low=text.number(float(low)),
            high=text.number(float(high)),
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
        parts = {"score": self.score, "titles": TITLES[name], "score_2": text.number(score)}
        if not others or score <= 0:
            return tr("The {score} of {titles} is {score_2}.", **parts)
        parts["comparisons"] = join_words([_compare(score, value, TITLES[n]) for n, value in others], len(others))
        return tr("The {score} of {titles}, {score_2}, is {comparisons}; smaller is better.", **parts)


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
        outer = tr(
            "{ends} of the outcomes lie in the outer two tenths of their forecast distribution (20% if calibrated)",
            ends=text.percent(ends),
        )
        if ends > 0.24 and ends > middle:
            return tr("{outer}: the forecasts are overconfident.", outer=outer)
        if ends < 0.16:
            return tr("{outer}: the forecasts are underconfident.", outer=outer)
        tilt = float(self.share_B[:5].sum()) - 0.5
        if abs(tilt) > 0.05:
            return (
                tr("{outer}, and more than half lie in the lower half: the forecasts are biased.", outer=outer)
                if tilt > 0
                else tr("{outer}, and more than half lie in the upper half: the forecasts are biased.", outer=outer)
            )
        return tr("{outer}: the distributions are close to calibrated.", outer=outer)


def _compare(score: float, value: float, title: str) -> str:
    """How a score compares with the `value` of what is called `title`, smaller being better."""
    if value <= 0:
        return tr("worse than the {value} of {titles}", value=text.number(value), titles=title)
    parts = {"score": figures.percent(abs(score / value - 1)), "titles": title}
    if score > value:
        return tr("{score} worse than that of {titles}", **parts)
    return tr("{score} better than that of {titles}", **parts)


def draw_nested(chart: NestedCoverage, height: int = 300) -> go.Figure:
    """Coverage over nominal coverage, with the line on which both are equal."""
    figure = style.apply_layout(go.Figure(), tr("coverage"), height, tr("nominal coverage"), hover="closest")
    if not chart.nominal_C:
        return style.add_note(figure, NO_INTERVAL)
    figure.add_trace(reference_line([0.4, 1], [0.4, 1], tr("coverage = nominal"), NOMINAL_LINE))
    figure.add_trace(
        go.Scatter(
            x=chart.nominal_C,
            y=chart.coverage_C,
            mode="markers+text",
            name=tr("coverage"),
            textposition=[("top left", "bottom right")[place % 2] for place in range(len(chart.nominal_C))],
            text=[f"{share:.1%}" for share in chart.coverage_C],
            marker={"color": style.MODEL, "size": 11},
            hovertemplate=tr("nominal {x}, coverage {y}", x="%{x:.0%}", y="%{y:.1%}") + "<extra></extra>",
        )
    )
    figure.update_xaxes(range=[0.4, 1.08], tickformat=".0%", tick0=0.5, dtick=0.1, tickangle=0)
    low = max(0.0, min(0.4, min(chart.coverage_C) - 0.1))
    return figure.update_yaxes(range=[low, 1.08], tickformat=".0%", tick0=0, dtick=0.2)


def draw_by_group(chart: GroupCoverage, height: int = 300) -> go.Figure:
    """A bar of coverage per group, in red those 5 points below nominal, and a line at the nominal coverage."""
    groups = chart.groups
    if not groups.names_G:
        return style.add_note(style.apply_layout(go.Figure(), tr("coverage"), height), NO_INTERVAL)
    count = len(groups.names_G)
    hover_G = np.array(
        [
            f"{text.escape(name)}: {text.pluralize(int(size), 'outcome')}"
            for name, size in zip(groups.names_G, groups.count_G, strict=True)
        ]
    )
    low_G, figure = np.asarray(groups.share_G) < chart.nominal - 0.05, go.Figure()
    for name, rows_G, colour in ((tr("coverage"), ~low_G, style.MODEL), (tr("5 points too low"), low_G, style.BAD)):
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
    figure = style.apply_layout(go.Figure(), tr("interval width ({unit})", unit=text.unit_title(chart.unit)), height)
    if not len(chart.time_N):
        return style.add_note(figure, NO_INTERVAL)
    for name, width_N in reversed(chart.width_N.items()):
        drawn = thinning.thin(width_N)
        figure.add_trace(
            go.Scatter(
                x=chart.time_N[drawn],
                y=width_N[drawn],
                mode="lines",
                name=shown(TITLES[name]),
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
    return bar_layout(figure, [shown(TITLES[name]) for name in chart.values], height, chart.score)


def compute_pit(pit_N: Floats) -> Pit:
    """The histogram of PIT values from 0 to 1; NaN values are left out."""
    known_N = pit_N[np.isfinite(pit_N)]
    count_B, _ = np.histogram(known_N, bins=BINS, range=(0, 1))
    return Pit(share_B=count_B / max(1, len(known_N)), count=len(known_N))


def draw_pit(chart: Pit, height: int = 300) -> go.Figure:
    """Ten bars and a line at one tenth."""
    x_title = tr("PIT of the outcome (place in its forecast distribution)")
    figure = style.apply_layout(go.Figure(), tr("share of outcomes"), height, x_title, hover="closest")
    if not chart.count:
        return style.add_note(figure, NO_INTERVAL)
    figure.add_trace(
        go.Bar(
            x=(np.arange(BINS) + 0.5) / BINS,
            y=chart.share_B,
            width=0.092,
            name=tr("observed"),
            marker={"color": style.MODEL},
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    )
    figure.add_trace(reference_line([0, 1], [1 / BINS] * 2, tr("calibrated"), NOMINAL_LINE))
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure.update_yaxes(rangemode="tozero", tickformat=".0%")
