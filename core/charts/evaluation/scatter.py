"""Forecast against outcome as points, and the reliability diagram of probabilities.

Axis letters: N forecasts, B bins.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.forecast.past_forecasts import PastForecasts
from core.charts.primitives import reference_line
from core.language import message, tr
from core.types import Floats, Ints

DIAGONAL_LINE = {"color": style.REFERENCE, "width": 1.6, "dash": "dash"}
LEAST = 20  # forecasts of a bin
NO_FORECAST = message("There is no forecast to compare with its outcome.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scatter:
    """Forecasts and outcomes at one step in `unit`; `correlation` is NaN if either is constant."""

    unit: str
    yhat_N: Floats
    y_N: Floats
    cutoff_N: tuple[str, ...]
    correlation: float

    @property
    def caption(self) -> str:
        """The share of forecasts that were too high, and the correlation with the outcomes."""
        if not len(self.y_N):
            return NO_FORECAST
        share = text.percent(float(np.mean(self.yhat_N > self.y_N)))
        too_high = tr(
            "{share} of {forecasts} were above the outcome",
            share=share,
            forecasts=text.pluralize(len(self.y_N), "forecast"),
        )
        if not np.isfinite(self.correlation):
            return tr(
                "{too_high}; no correlation can be computed because the forecasts or the outcomes do not vary.",
                too_high=too_high,
            )
        return tr(
            "{too_high}; the correlation of forecast and outcome is {correlation}.",
            too_high=too_high,
            correlation=text.number(round(self.correlation, 3)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """Bins of equally many probabilities: their mean, the observed share of rises, and the number of forecasts."""

    forecast_B: Floats
    observed_B: Floats
    count_B: Ints

    @property
    def caption(self) -> str:
        """The range of the probabilities and their mean distance from the observed shares."""
        if not len(self.count_B):
            return NO_FORECAST
        gap = float(np.average(np.abs(self.forecast_B - self.observed_B), weights=self.count_B))
        return tr(
            "In {bins} of forecast probability from {forecast} to {forecast_2}, the observed share of rises differs "
            "by {gap} on average, over {forecasts}.",
            bins=text.pluralize(len(self.count_B), "bin"),
            forecast=text.percent(self.forecast_B[0]),
            forecast_2=text.percent(self.forecast_B[-1]),
            gap=text.percent(gap),
            forecasts=text.pluralize(int(self.count_B.sum()), "forecast"),
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
    shown = thinning.thin_evenly(len(chart.y_N))
    figure = go.Figure(
        go.Scatter(
            x=chart.yhat_N[shown],
            y=chart.y_N[shown],
            mode="markers",
            name=tr("one forecast"),
            customdata=[chart.cutoff_N[i] for i in shown],
            marker={"color": style.MODEL, "size": 6, "opacity": 0.45},
            hovertemplate=tr(
                "forecast {x}, outcome {y}, from {customdata}",
                x="%{x:,.5~r}",
                y="%{y:,.5~r}",
                customdata="%{customdata}",
            )
            + "<extra></extra>",
        )
    )
    if len(shown):
        values = np.concatenate([chart.yhat_N, chart.y_N])
        ends = [values.min(), values.max()]
        figure.add_trace(reference_line(ends, ends, tr("forecast = outcome"), DIAGONAL_LINE))
    return style.apply_layout(
        figure,
        tr("outcome ({unit})", unit=text.unit_title(chart.unit)),
        height,
        tr("forecast ({unit})", unit=text.unit_title(chart.unit)),
        hover="closest",
    )


def compute_reliability(track: PastForecasts, bins: int = 10) -> Reliability:
    """Forecast and observed share of rises in at most `bins` bins of at least 20 forecasts, sorted by forecast."""
    order = np.argsort(track.yhat_N, kind="stable")
    members = np.array_split(order, max(1, min(bins, len(order) // LEAST))) if len(order) else []
    return Reliability(
        forecast_B=np.array([track.yhat_N[n].mean() for n in members]),
        observed_B=np.array([track.y_N[n].mean() for n in members]),
        count_B=np.array([len(n) for n in members], dtype=int),
    )


def draw_reliability(chart: Reliability, height: int = 420) -> go.Figure:
    """Observed share over forecast probability, with the line on which both are equal."""
    figure = go.Figure(
        go.Scatter(
            x=chart.forecast_B,
            y=chart.observed_B,
            mode="markers",
            name=tr("forecasts"),
            customdata=chart.count_B,
            marker={"color": style.MODEL, "size": 9},
            hovertemplate=tr(
                "forecast {x}, observed {y}, {customdata} forecasts",
                x="%{x:.1%}",
                y="%{y:.1%}",
                customdata="%{customdata}",
            )
            + "<extra></extra>",
        )
    )
    figure.add_trace(reference_line([0, 1], [0, 1], tr("forecast = observed"), DIAGONAL_LINE))
    style.apply_layout(
        figure, tr("observed share of rises"), height, tr("forecast probability of a rise"), hover="closest"
    )
    figure.update_yaxes(range=_axis_range(chart.observed_B), tickformat=".0%")
    return figure.update_xaxes(range=_axis_range(chart.forecast_B), tickformat=".0%")


def _axis_range(share_B: Floats) -> list[float]:
    """An axis around shares, at least 20 points wide and at most a little beyond 0 and 1."""
    low, high = (float(share_B.min()), float(share_B.max())) if len(share_B) else (0.0, 1.0)
    room = max(0.08 * (high - low), 0.1 - (high - low) / 2, 0.02)
    return [max(low - room, -0.02), min(high + room, 1.02)]
