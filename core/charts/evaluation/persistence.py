"""Whether a forecast just repeats the last value: its line next to its target and to the target one step late.

Axis letters: N steps in time order, G lags.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast.past_forecasts import PastForecasts
from core.language import tr
from core.types import Floats, Times

SHOWN = 40  # steps: few enough to see one of them as a distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Persistence:
    """The latest one-step forecasts in `unit`, their targets, and the targets one step late (`shifted_N`, NaN where
    there is none); with the correlation between the forecast's changes and the target's changes `lag_G` steps away,
    over the whole split."""

    model: str
    unit: str
    time_N: Times
    y_N: Floats
    yhat_N: Floats
    shifted_N: Floats
    lag_G: tuple[int, ...]
    correlation_G: tuple[float, ...]

    @property
    def peak_lag(self) -> int | None:
        """The lag with the highest correlation; None if nothing changes."""
        return self.lag_G[int(np.argmax(self.correlation_G))] if self.lag_G else None

    @property
    def caption(self) -> str:
        """The mean distance of the forecast from the previous value and from its target."""
        return tr(
            "Over the last {steps}, the {model}'s forecast is {mean_distance} away from the previous value and "
            "{mean_distance_2} from the value it forecasts, on average.",
            steps=text.steps(len(self.y_N), self.unit),
            model=text.model_name(self.model),
            mean_distance=_mean_distance(self.yhat_N, self.shifted_N),
            mean_distance_2=_mean_distance(self.yhat_N, self.y_N),
        )

    @property
    def lag_caption(self) -> str:
        """The lag with the highest correlation, and what it means."""
        if self.peak_lag is None:
            return tr("The forecast does not change, so it has no lag.")
        correlation = dict(zip(self.lag_G, self.correlation_G, strict=True))
        meanings = {0: tr("it moves with its target"), -1: tr("it just repeats the last value")}
        steps = text.steps(abs(self.peak_lag), self.unit)
        meaning = meanings.get(
            self.peak_lag,
            (tr("it is {steps} late", steps=steps) if self.peak_lag < 0 else tr("it is {steps} early", steps=steps)),
        )
        return tr(
            "The changes of the forecast correlate most with those of the target at lag {peak_lag} ({correlation}; "
            "{value} at lag 0): {meaning}.",
            peak_lag=text.number(self.peak_lag),
            correlation=text.number(correlation[self.peak_lag]),
            value=text.number(correlation.get(0, np.nan)),
            meaning=meaning,
        )


def compute(track: PastForecasts, correlation: Mapping[int, float]) -> Persistence:
    """The chart of a one-step track and its correlation at each lag, from core.evaluation.alarms.cross_correlation."""
    shifted_N = np.concatenate([[np.nan], track.y_N[:-1]])
    last = slice(max(0, len(track.y_N) - SHOWN), None)
    lags = sorted(correlation)
    return Persistence(
        model=track.model,
        unit=track.unit,
        time_N=track.time_N[last],
        y_N=track.y_N[last],
        yhat_N=track.yhat_N[last],
        shifted_N=shifted_N[last],
        lag_G=tuple(lags),
        correlation_G=tuple(correlation[lag] for lag in lags),
    )


def draw(chart: Persistence, height: int = 340) -> go.Figure:
    """Three lines: a forecast that just repeats the last value lies on the dotted one."""
    figure = go.Figure()
    for name, values, line in (
        (tr("target"), chart.y_N, {"color": style.OUTCOME, "width": 1.6}),
        (
            tr("target, one {step} late", step=text.one_step(chart.unit)),
            chart.shifted_N,
            {"color": style.REFERENCE, "width": 4, "dash": "dot"},
        ),
        (
            tr("forecast ({model})", model=text.model_name(chart.model)),
            chart.yhat_N,
            {"color": style.MODEL, "width": 2},
        ),
    ):
        figure.add_trace(
            go.Scatter(
                x=chart.time_N, y=values, name=text.escape(name), mode="lines", line=line, hovertemplate="%{y:.5~g}"
            )
        )
    return style.format_dates(style.apply_layout(figure, text.unit_title(chart.unit), height), chart.time_N)


def draw_lags(chart: Persistence, height: int = 340) -> go.Figure:
    """A bar per lag; the highest is green, or red if the forecast is late."""
    figure = go.Figure()
    if chart.peak_lag is None:
        return style.add_note(style.apply_layout(figure, "", height), chart.lag_caption)
    peak_colour = style.GOOD if chart.peak_lag >= 0 else style.BAD
    figure.add_trace(
        go.Bar(
            x=chart.lag_G,
            y=chart.correlation_G,
            hovertemplate="%{y:.2f}<extra></extra>",
            marker={"color": [peak_colour if lag == chart.peak_lag else style.NEUTRAL for lag in chart.lag_G]},
        )
    )
    style.apply_layout(
        figure,
        tr("correlation of changes"),
        height,
        tr("lag in {units} (−1: previous value)", units=text.several_steps(chart.unit)),
        hover="closest",
    )
    return figure.update_xaxes(dtick=1)


def _mean_distance(a_N: Floats, b_N: Floats) -> str:
    """The mean absolute difference over the steps that have both values, as text."""
    distance_N = np.abs(a_N - b_N)
    return text.number(float(np.nanmean(distance_N)) if np.isfinite(distance_N).any() else float("nan"))
