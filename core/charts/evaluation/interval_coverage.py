"""Whether the error band keeps its promise: at each step, and through time.

Axis letters: H steps, N forecasts in time order.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.forecast.past_forecasts import PastForecasts
from core.types import Evaluation, Floats, Times

WINDOW = 100
PROMISED = {"color": style.OCHRE, "width": 2}
NO_BAND = "There is no error band on these forecasts: a probability says by itself how sure it is."


@dataclass(frozen=True, slots=True, kw_only=True)
class ByStep:
    """Share of test outcomes inside the band at each step, beside the nominal share; empty without a band."""

    nominal: float
    overall: float
    steps: tuple[int, ...]
    coverage_H: tuple[float, ...]

    @property
    def caption(self) -> str:
        """The share held over all steps, and the worst step where there are several."""
        if not self.steps:
            return NO_BAND
        said = f"The {text.short_percent(self.nominal)} band held {text.percent(self.overall)} of the test outcomes"
        if len(self.steps) == 1:
            return f"{said}, {text.lead_time(self.steps[0])}."
        worst = int(np.argmax(np.abs(np.array(self.coverage_H) - self.nominal)))
        return (
            f"{said}; furthest from its promise is step {self.steps[worst]} with "
            f"{text.percent(self.coverage_H[worst])}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ThroughTime:
    """Share of the last `window` outcomes inside the band, at the time of each outcome that completes a window."""

    nominal: float
    window: int
    overall: float
    time_N: Times
    share_N: Floats
    worst: tuple[np.datetime64, np.datetime64] | None = None  # the times between which the worst window lies

    @property
    def caption(self) -> str:
        """The worst stretch beside the overall share."""
        if not len(self.share_N):
            return NO_BAND
        worst = int(np.argmin(self.share_N))
        return (
            f"In its worst stretch of {text.pluralize(self.window, 'forecast')}, ending "
            f"{text.day(self.time_N[worst])}, the {text.short_percent(self.nominal)} band held "
            f"{text.percent(float(self.share_N[worst]))} of the outcomes; over the whole test part it held "
            f"{text.percent(self.overall)}."
        )


def by_step(evaluation: Evaluation) -> ByStep:
    """The coverage at each step that the evaluation has measured."""
    bands = evaluation.bands
    if not bands:
        return ByStep(nominal=float("nan"), overall=float("nan"), steps=(), coverage_H=())
    return ByStep(
        nominal=float(bands["nominal"]),
        overall=float(bands["coverage"]),
        steps=tuple(int(entry["step"]) for entry in bands["by_step"]),
        coverage_H=tuple(float(entry["coverage"]) for entry in bands["by_step"]),
    )


def draw_by_step(chart: ByStep, height: int = 300) -> go.Figure:
    """Bars of coverage and a line at the nominal share."""
    figure = go.Figure()
    style.apply_layout(figure, "outcomes inside the band", height, "sessions ahead", hover="closest")
    if not chart.steps:
        return style.add_note(figure, NO_BAND)
    few = len(chart.steps) <= 12
    figure.add_trace(
        go.Bar(
            x=chart.steps,
            y=chart.coverage_H,
            name="held",
            marker={"color": style.MODEL},
            showlegend=True,
            width=[0.35] if len(chart.steps) == 1 else None,
            text=[f"{share:.0%}" for share in chart.coverage_H] if few else None,
            textposition="inside",
            textangle=0,
            insidetextfont={"color": "#ffffff"},
            hovertemplate="%{x} ahead: %{y:.1%}<extra></extra>",
        )
    )
    room = 0.6 if len(chart.steps) > 1 else 1.5
    ends = [chart.steps[0] - room, chart.steps[-1] + room]
    figure.add_trace(
        go.Scatter(
            x=ends,
            y=[chart.nominal] * 2,
            mode="lines",
            hoverinfo="skip",
            name=f"promised ({text.short_percent(chart.nominal)})",
            line=PROMISED,
        )
    )
    figure.update_layout(uniformtext={"minsize": 10, "mode": "hide"})
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_xaxes(range=ends, tickvals=chart.steps if few else None)
    return style.integer_ticks(figure, len(chart.steps))


def through_time(track: PastForecasts, window: int = WINDOW) -> ThroughTime:
    """The rolling coverage of a track; a shorter track is one window."""
    if not track.has_interval:
        return ThroughTime(
            nominal=track.coverage, window=window, overall=float("nan"), time_N=track.time_N[:0], share_N=np.array([])
        )
    window = min(window, len(track.y_N))
    share_N = np.convolve(track.inside_N.astype(float), np.ones(window), mode="valid") / window
    at = int(np.argmin(share_N))
    return ThroughTime(
        nominal=track.coverage,
        window=window,
        overall=float(track.inside_N.mean()),
        time_N=track.time_N[window - 1 :],
        share_N=share_N,
        worst=(track.time_N[at], track.time_N[at + window - 1]),
    )


def draw_through_time(chart: ThroughTime, height: int = 300) -> go.Figure:
    """The rolling share as a line, with the promised share, and the worst window shaded."""
    figure = go.Figure()
    style.apply_layout(figure, f"inside the band, last {chart.window}", height)
    if not len(chart.share_N):
        return style.add_note(figure, NO_BAND)
    at = thinning.thin(chart.share_N)
    mode = "lines" if len(at) > 1 else "markers"
    figure.add_trace(
        go.Scatter(
            x=chart.time_N[at],
            y=chart.share_N[at],
            name="held",
            mode=mode,
            line={"color": style.MODEL, "width": 1.8},
            hovertemplate="%{y:.1%}",
        )
    )
    figure.add_trace(
        go.Scatter(
            x=chart.time_N[at][[0, -1]],
            y=[chart.nominal] * 2,
            mode="lines",
            hoverinfo="skip",
            name=f"promised ({text.short_percent(chart.nominal)})",
            line=PROMISED,
        )
    )
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
            name=f"worst {chart.window}",
            showlegend=True,
            fillcolor=style.translucent(style.BAD, 0.16),
        )
    low = min(float(chart.share_N.min()), chart.nominal)
    figure.update_yaxes(range=[max(0.0, np.floor(10 * low - 0.5) / 10), 1.02], tickformat=".0%")
    return style.format_dates(figure, chart.time_N)
