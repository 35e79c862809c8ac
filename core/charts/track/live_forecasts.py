"""The live forecasts of a run since it was trained, with the outcomes that came later.

Axis letters: N forecasts with an outcome, M forecasts that wait for theirs.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.charts.forecast.past_forecasts import PastForecasts
from core.datasets.targets import TARGETS
from core.evaluation.track.score import TrackRecord
from core.language import join, message, message_n, shown, tr
from core.types import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveForecasts:
    """The scored live forecasts of one symbol and step, user's units, and those whose outcome lies ahead."""

    past: PastForecasts
    skill: float  # of all symbols and steps
    reference: str
    time_M: Times
    yhat_M: Floats
    lo_M: Floats
    hi_M: Floats

    @property
    def caption(self) -> str:
        """How many forecasts there are, how many outcomes lay in their interval, and how the error compares."""
        past = self.past
        if not len(past.y_N):
            return tr(
                "No live forecast of {symbol} has an outcome yet; the next refresh looks for it.", symbol=past.symbol
            )
        first = message_n(
            "{count} live forecast of {symbol}, {ahead}, for {first}, logged before its outcome was in the data.",
            "{count} live forecasts of {symbol}, {ahead}, for {first} to {last}, each logged before its outcome was in "
            "the data.",
            len(past.y_N),
            symbol=past.symbol,
            ahead=text.lead_time(past.step, past.unit),
            first=text.day(past.time_N[0]),
            last=text.day(past.time_N[-1]),
        )
        covered = (
            message(
                "{share} of the outcomes lay in their {nominal} interval.",
                share=text.percent(float(np.mean(past.inside_N))),
                nominal=text.short_percent(past.coverage),
            )
            if past.has_interval
            else ""
        )
        return shown(join([first, covered]))


def compute(track: TrackRecord, symbol: str, step: int, unit: str) -> LiveForecasts:
    """The live forecasts of one symbol at one step. Raises ValueError for a step that the model does not have."""
    h, model = track.model.steps.index(step), track.model
    own_N = np.array([name == symbol for name in track.symbol_N], dtype=bool)
    done_N, ahead_N = own_N & track.scored_N, own_N & ~track.settled_N
    target = str(model.recipe["target"]["kind"])
    past = PastForecasts(
        model=str(model.recipe["model"]["kind"]),
        symbol=symbol,
        step=step,
        unit=unit,
        coverage=model.nominal,
        binary=target in TARGETS and TARGETS[target].binary,
        cutoff_N=track.cutoff_N[done_N],
        time_N=track.time_NH[done_N, h],
        y_N=track.y_NH[done_N, h],
        yhat_N=track.yhat_NH[done_N, h],
        lo_N=track.lo_NH[done_N, h],
        hi_N=track.hi_NH[done_N, h],
    )
    return LiveForecasts(
        past=past,
        skill=track.skill,
        reference=model.reference,
        time_M=track.time_NH[ahead_N, h],
        yhat_M=track.yhat_NH[ahead_N, h],
        lo_M=track.lo_NH[ahead_N, h],
        hi_M=track.hi_NH[ahead_N, h],
    )


def draw(chart: LiveForecasts, height: int = 360) -> go.Figure:
    """Intervals, outcomes and forecasts; outcomes outside their interval are red, forecasts that wait are hollow."""
    figure, past = go.Figure(), chart.past
    if past.has_interval and len(past.time_N) > 1:
        figure.add_trace(past_forecasts.interval_trace(past))
    figure.add_trace(past_forecasts.outcome_trace(past.time_N, past.y_N, text.iso(past.cutoff_N), past.binary))
    figure.add_trace(past_forecasts.forecast_trace(past))
    if past.has_interval:
        out_N = ~past.inside_N
        figure.add_trace(
            go.Scatter(
                x=past.time_N[out_N],
                y=past.y_N[out_N],
                name=tr("outside its interval"),
                mode="markers",
                marker={"color": style.BAD, "size": 7},
                hoverinfo="skip",
            )
        )
    figure.add_trace(_waiting(chart))
    style.apply_layout(figure, text.unit_title(past.unit), height)
    style.format_dates(figure, np.concatenate([past.time_N, chart.time_M]))
    if past.binary:
        past_forecasts.add_even_odds_line(figure)
    return figure


def _waiting(chart: LiveForecasts) -> go.Scatter:
    """The forecasts that wait for their outcome, with their interval as a bar."""
    reach = {"type": "data", "symmetric": False, "color": style.MODEL, "thickness": 1.4, "width": 3}
    bars = {"error_y": reach | {"array": chart.hi_M - chart.yhat_M, "arrayminus": chart.yhat_M - chart.lo_M}}
    return go.Scatter(
        x=chart.time_M,
        y=chart.yhat_M,
        name=tr("waits for its outcome"),
        mode="markers",
        marker={"symbol": "circle-open", "size": 8, "color": style.MODEL, "line": {"width": 2}},
        hovertemplate="%{y:,.5~r}",
        **(bars if np.isfinite(chart.lo_M).all() and len(chart.lo_M) else {}),
    )
