"""The fan chart: outcomes, past forecasts with their intervals, and the live forecast with nested intervals.

Axis letters: M outcomes, N past forecasts, H steps of the live forecast.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.charts.forecast.past_forecasts import PastForecasts
from core.forecasting.table import QUANTILE_COLUMNS, QUANTILE_LEVELS
from core.language import tr
from core.types import Floats, Times

BAR_WIDTHS = (3, 6, 10, 15)  # px, for a single live forecast: wide interval to narrow
_LEGEND = tuple({"legendgroup": "live bands", "showlegend": i == 1} for i in range(4))  # one legend entry for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A prediction interval of the live forecast in target units, with its nominal coverage."""

    coverage: float
    lo_H: Floats
    hi_H: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """The latest outcomes, past forecasts over the same period and the live forecast; `intervals` go wide to narrow."""

    past: PastForecasts
    time_M: Times
    y_M: Floats  # NaN between two splits
    cutoff_M: tuple[str | None, ...]  # of each outcome's test forecast at this step; None without one
    reference: str | None
    reference_N: Floats  # at the times of `past`; empty without a reference
    live_time_H: Times
    live_H: Floats
    live_step_H: tuple[int, ...]
    intervals: tuple[Interval, ...]
    cutoff: np.datetime64 | None
    joint: bool = False  # the nominal coverage is that of whole paths, not of each step

    @property
    def caption(self) -> str:
        """The live forecast at its last step with its widest interval, and what the intervals cover."""
        name, unit, symbol = text.model_name(self.past.model), self.past.unit, self.past.symbol
        if self.cutoff is None:
            return tr(
                "The chart shows {outcomes} of {symbol}; there is no live forecast.",
                outcomes=text.pluralize(int(np.isfinite(self.y_M).sum()), "outcome"),
                symbol=symbol,
            )
        start = tr("From {cutoff}, the {name}", cutoff=text.day(self.cutoff), name=name)
        goal = tr(
            "{value} ({name})", value=text.day(self.live_time_H[-1]), name=text.lead_time(self.live_step_H[-1], unit)
        )
        if self.past.binary:
            return tr(
                "{start} puts the probability that {symbol} is higher on {goal} at {live}.",
                start=start,
                symbol=symbol,
                goal=goal,
                live=text.percent(self.live_H[-1]),
            )
        value = text.amount(self.live_H[-1], unit)
        if not self.intervals:
            return tr(
                "{start} forecasts {value} for {goal}, without a prediction interval.",
                start=start,
                value=value,
                goal=goal,
            )
        widest = self.intervals[0]
        sentence = tr(
            "{start} forecasts {value} for {goal}, with a {coverage} prediction interval from {lo} to {hi}.",
            start=start,
            value=value,
            goal=goal,
            coverage=text.short_percent(widest.coverage),
            lo=text.number(widest.lo_H[-1]),
            hi=text.number(widest.hi_H[-1]),
        )
        if len(self.live_H) == 1:
            return sentence
        if self.joint:
            return tr("{sentence} The intervals are joint: their coverage is that of whole paths.", sentence=sentence)
        return tr(
            "{sentence} The intervals are pointwise: their coverage is that of each step, and lower for whole paths.",
            sentence=sentence,
        )


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    history: int = 120,
    reference: str | None = None,
    live: pd.DataFrame | None = None,
    joint: bool = False,
    level: bool = False,
) -> Fan:
    """The fan of `model` for one symbol: the last `history` outcomes and their forecasts, `step` steps ahead.

    `level` says that the outcomes of all steps are values of one series, so that those of other steps fill the line.
    `coverage` is the nominal coverage of lo … hi; `reference` names a baseline to draw as well; `live` replaces the
    live rows of the table, as pipeline.predict returns them; `joint` says that intervals cover whole paths. Raises
    SpecError for an unknown model, symbol or step.
    """
    outcomes = past_forecasts.select_outcomes(forecast, model, symbol, step, level).tail(max(1, history))
    every = past_forecasts.compute(forecast, model, symbol, step, unit=unit, coverage=coverage, binary=binary)
    past = _since(every, outcomes["time"].min())
    table = forecast if live is None else live
    table = table[(table["part"] == "live") & (table["model"] == model) & (table["symbol"] == symbol)]
    table = table.sort_values("step")
    cutoffs = zip(outcomes["cutoff"].to_numpy(), outcomes["part"], strict=True)
    return Fan(
        past=past,
        time_M=outcomes["time"].to_numpy(),
        y_M=outcomes["y"].to_numpy(),
        cutoff_M=tuple(
            None if part != "test" or pd.isna(cutoff) else text.iso(np.array([cutoff]))[0] for cutoff, part in cutoffs
        ),
        reference=reference,
        reference_N=past_forecasts.compute_reference(forecast, past, reference),
        live_time_H=table["time"].to_numpy(),
        live_H=table["yhat"].to_numpy(),
        live_step_H=tuple(int(s) for s in table["step"]),
        intervals=_intervals(table),
        cutoff=table["cutoff"].to_numpy()[0] if len(table) else None,
        joint=joint,
    )


def draw(chart: Fan, height: int = 420) -> go.Figure:
    """The fan; clickable points carry the ISO cutoff of their forecast as customdata.

    Outcomes before the test split carry None: they have no forecast that could be explained.
    """
    figure, past = go.Figure(), chart.past
    if past.has_interval:
        figure.add_trace(past_forecasts.interval_trace(past))
    figure.add_trace(past_forecasts.outcome_trace(chart.time_M, chart.y_M, chart.cutoff_M, past.binary))
    if chart.reference is not None:
        figure.add_trace(past_forecasts.reference_trace(past, chart.reference_N, chart.reference))
    figure.add_trace(past_forecasts.forecast_trace(past))
    if chart.cutoff is not None:
        figure.add_traces(_interval_traces(chart))
        figure.add_trace(_live_trace(chart))
    style.apply_layout(figure, text.unit_title(past.unit), height)
    style.format_dates(figure, np.concatenate([chart.time_M, chart.live_time_H]))
    if chart.cutoff is not None:
        style.mark_time(figure, chart.cutoff, tr("last observed"))
    if past.binary:
        past_forecasts.add_even_odds_line(figure)
    return figure


def _since(past: PastForecasts, first: pd.Timestamp) -> PastForecasts:
    """The forecasts whose outcome is not before `first`."""
    recent_N = past.time_N >= np.datetime64(first) if len(past.time_N) else np.zeros(0, dtype=bool)
    return replace(
        past,
        cutoff_N=past.cutoff_N[recent_N],
        time_N=past.time_N[recent_N],
        y_N=past.y_N[recent_N],
        yhat_N=past.yhat_N[recent_N],
        lo_N=past.lo_N[recent_N],
        hi_N=past.hi_N[recent_N],
    )


def _intervals(live: pd.DataFrame) -> tuple[Interval, ...]:
    """The nested intervals that the table has; runs saved by older versions lack the widest."""
    intervals = []
    for q in range(len(QUANTILE_LEVELS) // 2):
        names = QUANTILE_COLUMNS[q], QUANTILE_COLUMNS[-1 - q]
        if names[0] in live and np.isfinite(live[names[0]]).any():
            lo_H, hi_H = (live[name].to_numpy() for name in names)
            intervals.append(
                Interval(coverage=round(QUANTILE_LEVELS[-1 - q] - QUANTILE_LEVELS[q], 6), lo_H=lo_H, hi_H=hi_H)
            )
    return tuple(intervals)


def _interval_traces(chart: Fan) -> list[go.Scatter]:
    """Nested areas; for a single live forecast nested bars, the narrower the interval the thicker the bar."""
    time_H, name, single = chart.live_time_H, _interval_legend(chart), len(chart.live_H) == 1
    return [
        (
            past_forecasts.bar_trace(time_H, interval.lo_H, interval.hi_H, name, colour, width)
            if single
            else past_forecasts.area_trace(time_H, interval.lo_H, interval.hi_H, name, colour)
        ).update(legend)
        for interval, colour, width, legend in zip(chart.intervals, style.TINTS, BAR_WIDTHS, _LEGEND, strict=False)
    ]


def _interval_legend(chart: Fan) -> str:
    kind = "" if len(chart.live_H) == 1 else tr(", joint") if chart.joint else tr(", pointwise")
    return tr(
        "live {intervals}%{kind}",
        intervals=", ".join(text.short_percent(i.coverage)[:-1] for i in chart.intervals),
        kind=kind,
    )


def _live_trace(chart: Fan) -> go.Scatter:
    ranges = [
        ", ".join(
            tr(
                "{coverage}: {lo} to {hi}",
                coverage=text.short_percent(i.coverage),
                lo=text.number(i.lo_H[h]),
                hi=text.number(i.hi_H[h]),
            )
            for i in chart.intervals
        )
        for h in range(len(chart.live_H))
    ]
    return go.Scatter(
        x=chart.live_time_H,
        y=chart.live_H,
        name=tr("live forecast"),
        mode="lines+markers",
        customdata=text.iso(np.repeat(np.asarray(chart.cutoff), len(chart.live_H))),
        text=[f" ({r})" if r else "" for r in ranges],
        hovertemplate="%{y:,.5~r}%{text}",
        line={"color": style.MODEL, "width": 2.2},
        unselected={"marker": {"opacity": 1}},
        marker={"color": style.PAPER, "size": 7, "line": {"color": style.MODEL, "width": 2}},
    )
