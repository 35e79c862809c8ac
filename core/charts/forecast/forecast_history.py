"""Forecasts and outcomes over the whole test split, to zoom into."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.charts.forecast.past_forecasts import PastForecasts
from core.language import tr
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastHistory:
    """Every test forecast at one step, and those of a baseline for comparison (`reference_N`, empty without one)."""

    past: PastForecasts
    reference: str | None
    reference_N: Floats

    @property
    def caption(self) -> str:
        """The coverage of the prediction intervals and the mean absolute error, or the hit rate of probabilities."""
        past = self.past
        if not len(past.y_N):
            return tr("There are no test forecasts of {symbol}.", symbol=past.symbol)
        scope = tr(
            "Over {forecasts} of {symbol}, {lead_time}, from {cutoff} to {cutoff_2},",
            forecasts=text.pluralize(len(past.y_N), "test forecast"),
            symbol=past.symbol,
            lead_time=text.lead_time(past.step, past.unit),
            cutoff=text.day(past.cutoff_N[0]),
            cutoff_2=text.day(past.cutoff_N[-1]),
        )
        if past.binary:
            return tr(
                "{scope} the {model} called the direction correctly in {hit}; {y} were rises.",
                scope=scope,
                model=text.model_name(past.model),
                hit=text.percent(past.hit_N.mean()),
                y=text.percent(past.y_N.mean()),
            )
        error = tr(
            "the mean absolute error was {mean_absolute_error}",
            mean_absolute_error=text.amount(_mean_absolute_error(past), past.unit),
        )
        if not past.has_interval:
            return f"{scope} {error}."
        return tr(
            "{scope} the {coverage} prediction interval covered {inside} of the outcomes and {error}.",
            scope=scope,
            coverage=text.short_percent(past.coverage),
            inside=text.percent(past.inside_N.mean()),
            error=error,
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
    reference: str | None = None,
) -> ForecastHistory:
    """The test forecasts of `model` at `step`. Raises SpecError for an unknown model, symbol or step."""
    past = past_forecasts.compute(forecast, model, symbol, step, unit=unit, coverage=coverage, binary=binary)
    reference_N = past_forecasts.compute_reference(forecast, past, reference)
    return ForecastHistory(past=past, reference=reference, reference_N=reference_N)


def draw(chart: ForecastHistory, height: int = 420, chosen: np.datetime64 | None = None) -> go.Figure:
    """Forecasts and outcomes; drag to zoom. Points of the forecast carry their ISO cutoff as customdata.

    The forecast from the cutoff `chosen` has a ring, if it is one of the test split.
    """
    figure, past = go.Figure(), chart.past
    if past.has_interval:
        figure.add_trace(past_forecasts.interval_trace(past))
    figure.add_trace(past_forecasts.outcome_trace(past.time_N, past.y_N, text.iso(past.cutoff_N), past.binary))
    if chart.reference is not None:
        figure.add_trace(past_forecasts.reference_trace(past, chart.reference_N, chart.reference))
    figure.add_trace(past_forecasts.forecast_trace(past))
    _add_ring(figure, past, chosen)
    style.apply_layout(figure, text.unit_title(past.unit), height)
    style.format_dates(figure, past.time_N)
    figure.update_xaxes(rangeslider_visible=False)
    if past.binary:
        past_forecasts.add_even_odds_line(figure)
    return figure


def _add_ring(figure: go.Figure, past: PastForecasts, chosen: np.datetime64 | None) -> None:
    at = np.flatnonzero(past.cutoff_N == chosen) if chosen is not None else ()
    if len(at):
        figure.add_trace(
            go.Scatter(
                x=past.time_N[at],
                y=past.yhat_N[at],
                name=tr("chosen forecast"),
                mode="markers",
                marker={"symbol": "circle-open", "size": 14, "color": style.REFERENCE, "line": {"width": 3}},
                hoverinfo="skip",
            )
        )


def _mean_absolute_error(past: PastForecasts) -> float:
    return float(np.mean(np.abs(past.y_N - past.yhat_N)))
