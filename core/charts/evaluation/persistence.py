"""Whether a forecast of a level says anything but the level before: its line beside its target and beside yesterday's.

Axis letters: N sessions in time order, G lags.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast.past_forecasts import PastForecasts
from core.types import Floats, Times

SHOWN = 40  # sessions: few enough to see one of them as a distance


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """The latest forecasts of one session ahead in `unit`, their targets, and the targets one session later; with the
    correlation of the forecast's moves with the target's moves `lag_G` sessions away, over the whole part."""

    model: str
    unit: str
    time_N: Times
    y_N: Floats
    yhat_N: Floats
    shifted_N: Floats
    lag_G: tuple[int, ...]
    correlation_G: tuple[float, ...]

    @property
    def peak(self) -> int | None:
        """The lag at which the moves agree most; None where nothing moves."""
        return self.lag_G[int(np.argmax(self.correlation_G))] if self.lag_G else None

    @property
    def caption(self) -> str:
        """How far the forecast is from its target, and from the target of the session before."""
        apart = text.number(float(np.nanmean(np.abs(self.yhat_N - self.y_N))))
        near = text.number(float(np.nanmean(np.abs(self.yhat_N - self.shifted_N))))
        return (
            f"In the last {text.pluralize(len(self.y_N), 'session')} the {text.model_name(self.model)}'s forecast lies "
            f"{near} from the value of the session before, and {apart} from the value that it forecasts."
        )

    @property
    def lags_say(self) -> str:
        """At which lag the moves agree most, and what that means."""
        if self.peak is None:
            return "The forecast does not move, so it has no lag."
        at = dict(zip(self.lag_G, self.correlation_G, strict=True))
        means = {0: "it moves with its target", -1: "it repeats the move of the session before"}
        meaning = means.get(self.peak, f"it moves {abs(self.peak)} sessions {'late' if self.peak < 0 else 'early'}")
        return (
            f"The forecast's moves agree most with the target's at lag {self.peak}".replace("-", "−")
            + f" (correlation {text.number(at[self.peak])}; {text.number(at.get(0, np.nan))} at lag 0): {meaning}."
        )


def compute(track: PastForecasts, correlation: Mapping[int, float]) -> Copies:
    """From the track of one session ahead and the correlations of core.evaluation.alarms.lags, lag by lag."""
    shifted_N = np.concatenate([[np.nan], track.y_N[:-1]])
    last = slice(max(0, len(track.y_N) - SHOWN), None)
    order = sorted(correlation)
    return Copies(
        model=track.model,
        unit=track.unit,
        time_N=track.time_N[last],
        y_N=track.y_N[last],
        yhat_N=track.yhat_N[last],
        shifted_N=shifted_N[last],
        lag_G=tuple(order),
        correlation_G=tuple(correlation[lag] for lag in order),
    )


def draw(chart: Copies, height: int = 340) -> go.Figure:
    """Three lines: a forecast that copies yesterday lies on the dotted one."""
    figure = go.Figure()
    for name, values, look in (
        ("target", chart.y_N, {"color": style.OUTCOME, "width": 1.6}),
        ("target, one session late", chart.shifted_N, {"color": style.OCHRE, "width": 4, "dash": "dot"}),
        (f"forecast ({text.model_name(chart.model)})", chart.yhat_N, {"color": style.MODEL, "width": 2}),
    ):
        figure.add_trace(
            go.Scatter(
                x=chart.time_N, y=values, name=text.escape(name), mode="lines", line=look, hovertemplate="%{y:.5~g}"
            )
        )
    return style.format_dates(style.apply_layout(figure, chart.unit, height), chart.time_N)


def draw_lags(chart: Copies, height: int = 340) -> go.Figure:
    """A bar for each lag, the highest in red where it is not 0."""
    figure = go.Figure()
    if chart.peak is None:
        return style.add_note(style.apply_layout(figure, "", height), chart.lags_say)
    highest = style.GOOD if chart.peak >= 0 else style.BAD
    figure.add_trace(
        go.Bar(
            x=chart.lag_G,
            y=chart.correlation_G,
            hovertemplate="%{y:.2f}<extra></extra>",
            marker={"color": [highest if lag == chart.peak else style.NEUTRAL for lag in chart.lag_G]},
        )
    )
    style.apply_layout(figure, "correlation of moves", height, "lag in sessions: −1 is yesterday", hover="closest")
    return figure.update_xaxes(dtick=1)
