"""Time travel: what was known at one past cutoff, the forecast made there, and the later outcomes in grey.

Axis letters: M outcomes, H steps of the forecast.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.errors import SpecError
from core.language import message, tr
from core.types import Floats, Times

BEFORE, AFTER = 120, 60  # outcomes drawn before and after the cutoff


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeTravel:
    """The forecast made at `cutoff` with the outcome of each of its steps (`*_H`), and the outcomes before and after.

    `step` is the one that the caption is about. For a level all steps are included, for any other target that step
    alone. `calibrated` is true for the intervals of the test split, false for the network's own quantiles before it.
    """

    model: str
    symbol: str
    unit: str
    binary: bool
    split: str
    cutoff: np.datetime64
    step: int
    coverage: float
    calibrated: bool
    known_time_M: Times
    known_y_M: Floats
    later_time_M: Times
    later_y_M: Floats
    step_H: tuple[int, ...]
    time_H: Times
    yhat_H: Floats
    lo_H: Floats
    hi_H: Floats
    y_H: Floats

    @property
    def caption(self) -> str:
        """The forecast with its interval, and whether the outcome fell inside."""
        h = self.step_H.index(self.step)
        yhat, y, low, high = (float(v[h]) for v in (self.yhat_H, self.y_H, self.lo_H, self.hi_H))
        start = tr("On {cutoff} the {model}", cutoff=text.day(self.cutoff), model=text.model_name(self.model))
        goal = tr("{value} ({name})", value=text.day(self.time_H[h]), name=text.lead_time(self.step, self.unit))
        forecast, outcome = text.amount(yhat, self.unit), text.amount(y, self.unit)
        if self.binary:
            right = tr("half right") if yhat == 0.5 else tr("right") if (yhat > 0.5) == (y > 0.5) else tr("wrong")
            move = tr("rose") if y > 0.5 else tr("did not rise")
            return tr(
                "{start} put the probability that {symbol} rises by {goal} at {yhat}; {symbol} {move}, so the "
                "forecast was {right}.",
                start=start,
                symbol=self.symbol,
                goal=goal,
                yhat=text.percent(yhat),
                move=move,
                right=right,
            )
        if not np.isfinite(low):
            return tr(
                "{start} forecast {forecast} for {goal}, without a prediction interval; the outcome was {outcome}.",
                start=start,
                forecast=forecast,
                goal=goal,
                outcome=outcome,
            )
        interval = (
            tr("a {coverage} prediction interval", coverage=text.short_percent(self.coverage))
            if self.calibrated
            else tr("the network's own 90% interval, not calibrated yet,")
        )
        parts = {
            "start": start,
            "forecast": forecast,
            "goal": goal,
            "interval": interval,
            "low": text.number(low),
            "high": text.number(high),
            "outcome": outcome,
        }
        if low <= y <= high:
            return tr(
                "{start} forecast {forecast} for {goal}, with {interval} from {low} to {high}; the outcome, "
                "{outcome}, was inside it.",
                **parts,
            )
        if y < low:
            return tr(
                "{start} forecast {forecast} for {goal}, with {interval} from {low} to {high}; the outcome, "
                "{outcome}, was below it.",
                **parts,
            )
        return tr(
            "{start} forecast {forecast} for {goal}, with {interval} from {low} to {high}; the outcome, "
            "{outcome}, was above it.",
            **parts,
        )


def cutoffs(forecast: pd.DataFrame, model: str, symbol: str) -> Times:
    """Every past cutoff from which `model` has a forecast for `symbol`, in time order. Raises SpecError."""
    first = int(forecast["step"].min())
    return past_forecasts.select_rows(forecast, model, symbol, first, past_forecasts.SPLITS)["cutoff"].to_numpy()


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    cutoff: np.datetime64,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    level: bool = False,
) -> TimeTravel:
    """The forecast of `model` for `symbol` at one past `cutoff`, from the run's long table alone.

    `level` says that the outcomes of all steps are values of one series, so the whole path is drawn. Raises SpecError
    for a model, symbol, step or cutoff that is not in the table.
    """
    outcomes = past_forecasts.select_outcomes(forecast, model, symbol, step, level)
    rows = forecast[(forecast["model"] == model) & (forecast["symbol"] == symbol) & (forecast["cutoff"] == cutoff)]
    path = rows[rows["part"].isin(past_forecasts.SPLITS) & (level | (rows["step"] == step))].sort_values("step")
    if path.empty:
        raise SpecError(
            message("The run has no forecast from {cutoff}. Choose one of its cutoffs.", cutoff=text.day(cutoff))
        )
    known = (outcomes["time"] <= cutoff).to_numpy()
    before, later = outcomes[known].tail(BEFORE), outcomes[~known].head(AFTER)
    calibrated = bool(path["lo"].notna().any())
    low, high = ("lo", "hi") if calibrated else ("q05", "q95")
    return TimeTravel(
        model=model,
        symbol=symbol,
        unit=unit,
        binary=binary,
        split=str(path["part"].iloc[0]),
        cutoff=cutoff,
        step=step,
        coverage=coverage,
        calibrated=calibrated,
        known_time_M=before["time"].to_numpy(),
        known_y_M=before["y"].to_numpy(),
        later_time_M=later["time"].to_numpy(),
        later_y_M=later["y"].to_numpy(),
        step_H=tuple(int(s) for s in path["step"]),
        time_H=path["time"].to_numpy(),
        yhat_H=path["yhat"].to_numpy(),
        lo_H=path[low].to_numpy(),
        hi_H=path[high].to_numpy(),
        y_H=path["y"].to_numpy(),
    )


def draw(chart: TimeTravel, height: int = 380) -> go.Figure:
    """Known outcomes as a dark line, later ones as a grey line, the forecast with its interval, and the cutoff."""
    figure = go.Figure()
    if np.isfinite(chart.lo_H).any():
        figure.add_trace(_interval_trace(chart))
    for name, time_M, y_M, colour in (
        (tr("later outcomes"), chart.later_time_M, chart.later_y_M, style.NEUTRAL),
        (tr("known outcomes"), chart.known_time_M, chart.known_y_M, style.OUTCOME),
    ):
        figure.add_trace(
            go.Scatter(
                x=time_M,
                y=y_M,
                name=name,
                mode="markers" if chart.binary else "lines",
                marker={"size": 4, "color": colour},
                line={"color": colour, "width": 1.6},
                hovertemplate="%{y:,.5~r}",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=chart.time_H,
            y=chart.yhat_H,
            mode="lines+markers",
            name=text.escape(tr("forecast of the {model}", model=text.model_name(chart.model))),
            hovertemplate="%{y:,.5~r}",
            line={"color": style.MODEL, "width": 2.2},
            marker={"size": 8},
        )
    )
    h = chart.step_H.index(chart.step)
    figure.add_trace(
        go.Scatter(
            x=chart.time_H[h : h + 1],
            y=chart.y_H[h : h + 1],
            name=tr("its outcome"),
            mode="markers",
            hovertemplate="%{y:,.5~r}",
            marker={"color": style.REFERENCE, "size": 10, "symbol": "diamond"},
        )
    )
    style.apply_layout(figure, text.unit_title(chart.unit), height)
    style.format_dates(figure, np.concatenate([chart.known_time_M, chart.time_H]))
    style.mark_time(figure, chart.cutoff, tr("cutoff"))
    if chart.binary:
        past_forecasts.add_even_odds_line(figure)
    return figure


def _interval_trace(chart: TimeTravel) -> go.Scatter:
    """The intervals of all steps as an area, that of a single step as a bar."""
    name = (
        tr("{coverage} band", coverage=text.short_percent(chart.coverage)) if chart.calibrated else tr("own 90% band")
    )
    if len(chart.time_H) > 1:
        colour = style.translucent(style.MODEL, 0.22)
        return past_forecasts.area_trace(chart.time_H, chart.lo_H, chart.hi_H, name, colour)
    return past_forecasts.bar_trace(chart.time_H, chart.lo_H, chart.hi_H, name, style.TINTS[1], 10)
