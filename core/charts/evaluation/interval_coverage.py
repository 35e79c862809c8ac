"""The coverage of prediction intervals: at each step and through time.

Axis letters: H steps, N forecasts in time order.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.forecast.past_forecasts import PastForecasts
from core.charts.primitives import reference_line
from core.language import message, tr
from core.types import Evaluation, Floats, Times

WINDOW = 100  # forecasts over which coverage is averaged
FEWEST = 10  # of a short track
NOMINAL_LINE = {"color": style.REFERENCE, "width": 2}
NO_INTERVAL = message("These forecasts have no prediction interval: a probability states its own uncertainty.")


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCoverage:
    """Coverage on the test split at each step, and the nominal coverage; `steps` is empty without an interval."""

    nominal: float
    overall: float
    steps: tuple[int, ...]
    coverage_H: tuple[float, ...]
    unit: str = ""

    @property
    def caption(self) -> str:
        """The coverage over all steps and, of several steps, the one furthest from nominal."""
        if not self.steps:
            return NO_INTERVAL
        nominal, overall = text.short_percent(self.nominal), text.percent(self.overall)
        covers = tr("The {nominal} prediction interval covers {overall} of the test ", nominal=nominal, overall=overall)
        if len(self.steps) == 1:
            return tr(
                "{covers}outcomes, {lead_time}.", covers=covers, lead_time=text.lead_time(self.steps[0], self.unit)
            )
        worst = int(np.argmax(np.abs(np.array(self.coverage_H) - self.nominal)))
        return tr(
            "{covers}outcomes; it is furthest from nominal at {lead_time}, with {coverage}.",
            covers=covers,
            lead_time=text.lead_time(self.steps[worst], self.unit),
            coverage=text.percent(self.coverage_H[worst]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RollingCoverage:
    """Coverage over the last `window` outcomes, at the time of each outcome that completes a window; `worst` are the
    times of the first and the last outcome of the worst window."""

    nominal: float
    window: int
    overall: float
    time_N: Times
    share_N: Floats
    worst: tuple[np.datetime64, np.datetime64] | None = None

    @property
    def caption(self) -> str:
        """The coverage over the test split and in its worst window."""
        if not len(self.share_N):
            return NO_INTERVAL
        worst = int(np.argmin(self.share_N))
        return tr(
            "The {nominal} prediction interval covers {overall} of the test outcomes, and {share} in its worst window "
            "of {forecasts}, which ends {time}.",
            nominal=text.short_percent(self.nominal),
            overall=text.percent(self.overall),
            share=text.percent(float(self.share_N[worst])),
            forecasts=text.pluralize(self.window, "forecast"),
            time=text.day(self.time_N[worst]),
        )


def compute_by_step(evaluation: Evaluation) -> StepCoverage:
    """The coverage that the evaluation measured at each step."""
    bands = evaluation.bands
    if not bands:
        return StepCoverage(nominal=float("nan"), overall=float("nan"), steps=(), coverage_H=())
    return StepCoverage(
        nominal=float(bands["nominal"]),
        overall=float(bands["coverage"]),
        steps=tuple(int(entry["step"]) for entry in bands["by_step"]),
        coverage_H=tuple(float(entry["coverage"]) for entry in bands["by_step"]),
        unit=evaluation.unit,
    )


def draw_by_step(chart: StepCoverage, height: int = 300) -> go.Figure:
    """A bar of coverage per step and a line at the nominal coverage."""
    if not chart.steps:
        return style.add_note(style.apply_layout(go.Figure(), tr("coverage"), height), NO_INTERVAL)
    room = 0.6 if len(chart.steps) > 1 else 1.5
    ends = [chart.steps[0] - room, chart.steps[-1] + room]
    labelled = len(chart.steps) <= 12
    step = tr("{step} {number}", step=text.one_step(chart.unit), number="%{x}")
    figure = go.Figure(
        coverage_bars(
            chart.steps,
            chart.coverage_H,
            labelled,
            marker={"color": style.MODEL},
            showlegend=True,
            hovertemplate=f"{step}: %{{y:.1%}}<extra></extra>",
        )
    )
    figure.add_trace(nominal_line(ends, chart.nominal))
    coverage_layout(figure, height, text.step_axis(chart.unit))
    figure.update_xaxes(range=ends, tickvals=chart.steps if labelled else None)
    return style.integer_ticks(figure, len(chart.steps))


def compute_rolling(track: PastForecasts, window: int = WINDOW) -> RollingCoverage:
    """The rolling coverage of a track; a window is at most a third of it, or ten forecasts if that is more."""
    if not track.has_interval:
        return RollingCoverage(
            nominal=track.coverage, window=window, overall=float("nan"), time_N=track.time_N[:0], share_N=np.array([])
        )
    window = min(window, max(len(track.y_N) // 3, FEWEST), len(track.y_N))
    share_N = np.convolve(track.inside_N.astype(float), np.ones(window), mode="valid") / window
    worst = int(np.argmin(share_N))
    return RollingCoverage(
        nominal=track.coverage,
        window=window,
        overall=float(track.inside_N.mean()),
        time_N=track.time_N[window - 1 :],
        share_N=share_N,
        worst=(track.time_N[worst], track.time_N[worst + window - 1]),
    )


def draw_rolling(chart: RollingCoverage, height: int = 300) -> go.Figure:
    """The rolling coverage as a line, the nominal coverage as another, and the worst window shaded."""
    figure = go.Figure()
    style.apply_layout(figure, tr("coverage, last {window}", window=chart.window), height)
    if not len(chart.share_N):
        return style.add_note(figure, NO_INTERVAL)
    shown = thinning.thin(chart.share_N)
    figure.add_trace(
        go.Scatter(
            x=chart.time_N[shown],
            y=chart.share_N[shown],
            name=tr("coverage"),
            mode="lines" if len(shown) > 1 else "markers",
            line={"color": style.MODEL, "width": 1.8},
            hovertemplate="%{y:.1%}",
        )
    )
    figure.add_trace(nominal_line(chart.time_N[shown][[0, -1]], chart.nominal))
    if chart.worst is not None:
        start, end = text.iso(np.array(chart.worst))
        figure.add_shape(
            type="rect",
            x0=start,
            x1=end,
            yref="paper",
            y0=0,
            y1=1,
            layer="below",
            line={"width": 0},
            name=tr("worst {window}", window=chart.window),
            showlegend=True,
            fillcolor=style.translucent(style.BAD, 0.16),
        )
    low = min(float(chart.share_N.min()), chart.nominal)
    figure.update_yaxes(range=[max(0.0, np.floor(10 * low - 0.5) / 10), 1.02], tickformat=".0%")
    return style.format_dates(figure, chart.time_N)


def coverage_bars(x: Any, share: Any, labelled: bool, **options: Any) -> go.Bar:
    """Vertical bars of coverage, each with its share written into it if `labelled`."""
    usual = {"name": "coverage", "width": [0.35] if len(x) == 1 else None}
    return go.Bar(
        x=x,
        y=share,
        text=[f"{value:.0%}" for value in share] if labelled else None,
        textposition="inside",
        insidetextanchor="middle",  # at the end of the bar it would stand on the line of the nominal coverage
        textangle=0,
        insidetextfont={"color": style.PAPER},
        **(usual | options),
    )


def coverage_layout(figure: go.Figure, height: int, x_title: str = "") -> go.Figure:
    """The layout of a figure of coverage bars."""
    style.apply_layout(figure, tr("coverage"), height, x_title, hover="closest")
    figure.update_layout(uniformtext={"minsize": 10, "mode": "hide"})
    return figure.update_yaxes(range=[0, 1.02], tickformat=".0%")


def nominal_line(x: Any, nominal: float) -> go.Scatter:
    """A horizontal line at the nominal coverage between the two ends `x`."""
    return reference_line(
        x, [nominal] * 2, tr("nominal ({nominal})", nominal=text.short_percent(nominal)), NOMINAL_LINE
    )
