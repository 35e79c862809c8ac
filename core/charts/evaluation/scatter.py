"""Forecast against outcome: points with the diagonal, and for probabilities how often the announced came true.

Axis letters: N forecasts, B bins.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.forecast.past_forecasts import PastForecasts
from core.types import Floats, Ints

DIAGONAL = {"color": style.OCHRE, "width": 1.6, "dash": "dash"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Test forecasts and outcomes at one step, user's `unit`; `correlation` is NaN where one of them is constant."""

    unit: str
    yhat_N: Floats
    y_N: Floats
    cutoff_N: tuple[str, ...]
    correlation: float

    @property
    def caption(self) -> str:
        """The correlation and the share of forecasts that lay too high."""
        if not len(self.y_N):
            return "There is no forecast to compare with its outcome."
        high = text.percent(float(np.mean(self.yhat_N > self.y_N)))
        said = f"{high} of {text.pluralize(len(self.y_N), 'forecast')} lay above the outcome"
        if not np.isfinite(self.correlation):
            return f"{said}; a correlation cannot be computed, since the forecasts or the outcomes do not vary."
        return f"{said}; the correlation of forecast and outcome is {text.number(round(self.correlation, 3))}."


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Bins of announced probability with equal numbers of forecasts: its mean, and the share of rises that came."""

    announced_B: Floats
    came_B: Floats
    count_B: Ints

    @property
    def caption(self) -> str:
        """The span of the announced probabilities and their mean distance from what came."""
        if not len(self.count_B):
            return "There is no forecast to compare with its outcome."
        gap = float(np.average(np.abs(self.announced_B - self.came_B), weights=self.count_B))
        return (
            f"In {text.pluralize(len(self.count_B), 'bin')} of announced probability from "
            f"{text.percent(self.announced_B[0])} to {text.percent(self.announced_B[-1])}, the share of rises that "
            f"came differs by {text.percent(gap)} on average, over "
            f"{text.pluralize(int(self.count_B.sum()), 'forecast')}."
        )


def compute(track: PastForecasts) -> Scatter:
    """The points of a track."""
    varies = len(track.y_N) > 1 and np.ptp(track.y_N) > 0 and np.ptp(track.yhat_N) > 0
    return Scatter(
        unit=track.unit,
        yhat_N=track.yhat_N,
        y_N=track.y_N,
        cutoff_N=text.iso(track.cutoff_N),
        correlation=float(np.corrcoef(track.y_N, track.yhat_N)[0, 1]) if varies else float("nan"),
    )


def draw(chart: Scatter, height: int = 420) -> go.Figure:
    """Outcome over forecast with the line on which both are equal; customdata is the ISO cutoff."""
    at = thinning.thin_evenly(len(chart.y_N))
    figure = go.Figure(
        go.Scatter(
            x=chart.yhat_N[at],
            y=chart.y_N[at],
            mode="markers",
            name="one forecast",
            customdata=[chart.cutoff_N[i] for i in at],
            marker={"color": style.MODEL, "size": 6, "opacity": 0.45},
            hovertemplate="forecast %{x:.4~g}, outcome %{y:.4~g}, from %{customdata}<extra></extra>",
        )
    )
    if len(at):
        both = np.concatenate([chart.yhat_N, chart.y_N])
        ends = [both.min(), both.max()]
        figure.add_trace(
            go.Scatter(x=ends, y=ends, mode="lines", name="forecast = outcome", hoverinfo="skip", line=DIAGONAL)
        )
    return style.apply_layout(figure, f"outcome ({chart.unit})", height, f"forecast ({chart.unit})", hover="closest")


def reliability(track: PastForecasts, bins: int = 10) -> Reliability:
    """Announced against realised share of rises in at most `bins` bins of at least 20 forecasts, sorted by forecast."""
    order = np.argsort(track.yhat_N, kind="stable")
    parts = np.array_split(order, max(1, min(bins, len(order) // 20))) if len(order) else []
    return Reliability(
        announced_B=np.array([track.yhat_N[p].mean() for p in parts]),
        came_B=np.array([track.y_N[p].mean() for p in parts]),
        count_B=np.array([len(p) for p in parts], dtype=int),
    )


def draw_reliability(chart: Reliability, height: int = 420) -> go.Figure:
    """The share that came over the share announced, with the line on which both are equal."""
    figure = go.Figure(
        go.Scatter(
            x=chart.announced_B,
            y=chart.came_B,
            mode="markers",
            name="forecasts",
            customdata=chart.count_B,
            marker={"color": style.MODEL, "size": 9},
            hovertemplate="announced %{x:.1%}, came %{y:.1%}, %{customdata} forecasts<extra></extra>",
        )
    )
    figure.add_trace(
        go.Scatter(x=[0, 1], y=[0, 1], mode="lines", name="announced = came", hoverinfo="skip", line=DIAGONAL)
    )
    style.apply_layout(figure, "share of rises that came", height, "announced probability of a rise", hover="closest")
    figure.update_yaxes(range=_around(chart.came_B), tickformat=".0%")
    return figure.update_xaxes(range=_around(chart.announced_B), tickformat=".0%")


def _around(share_B: Floats) -> list[float]:
    """An axis around shares, at least 20 points wide and a little beyond 0 and 1 at most."""
    low, high = (float(share_B.min()), float(share_B.max())) if len(share_B) else (0.0, 1.0)
    room = max(0.08 * (high - low), 0.1 - (high - low) / 2, 0.02)
    return [max(low - room, -0.02), min(high + room, 1.02)]
