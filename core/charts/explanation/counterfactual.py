"""The forecast of a perturbed window next to the current forecast.

Axis letters: M outcomes, H steps.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.language import tr
from core.types import Floats, Times

HISTORY = 60  # outcomes drawn before the forecasts
UNCHANGED = 1e-9  # relative difference of two forecasts below which they are the same
SAME_WIDTH = 0.0005  # relative difference of two interval widths below which they are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Counterfactual:
    """The latest outcomes and both forecasts with their prediction intervals (NaN without one) in target units;
    `perturbation` describes the change in words, empty for none."""

    perturbation: str
    unit: str
    coverage: float
    cutoff: np.datetime64
    step_H: tuple[int, ...]
    time_H: Times
    current_H: Floats
    current_lo_H: Floats
    current_hi_H: Floats
    perturbed_H: Floats
    perturbed_lo_H: Floats
    perturbed_hi_H: Floats
    time_M: Times
    y_M: Floats

    @property
    def caption(self) -> str:
        """Both forecasts at the last step, and how the width of the prediction interval changes."""
        subject = tr(
            "the forecast for {time} ({lead_time})",
            time=text.day(self.time_H[-1]),
            lead_time=text.lead_time(self.step_H[-1], self.unit),
        )
        current, perturbed = float(self.current_H[-1]), float(self.perturbed_H[-1])
        if not self.perturbation:
            return tr(
                "Nothing is changed yet: {subject} is {current}.",
                subject=subject,
                current=text.amount(current, self.unit),
            )
        if abs(perturbed - current) <= UNCHANGED * max(abs(current), abs(perturbed)):
            return tr(
                "With {perturbation}, {subject} stays at {current}.",
                perturbation=self.perturbation,
                subject=subject,
                current=text.amount(current, self.unit),
            )
        return tr(
            "With {perturbation}, {subject} would be {perturbed} instead of {current}{width}.",
            perturbation=self.perturbation,
            subject=subject,
            perturbed=text.amount(perturbed, self.unit),
            current=text.amount(current, self.unit),
            width=self._width(),
        )

    def _width(self) -> str:
        current = float(self.current_hi_H[-1] - self.current_lo_H[-1])
        perturbed = float(self.perturbed_hi_H[-1] - self.perturbed_lo_H[-1])
        if not (np.isfinite(current) and np.isfinite(perturbed) and current > 0):
            return ""
        interval, wider = (
            tr(", with a {coverage} prediction interval", coverage=text.short_percent(self.coverage)),
            perturbed / current - 1,
        )
        if abs(wider) < SAME_WIDTH:
            return tr("{interval} as wide as before", interval=interval)
        return (
            tr("{interval} {wider} wider", interval=interval, wider=text.percent(abs(wider)))
            if wider > 0
            else tr("{interval} {wider} narrower", interval=interval, wider=text.percent(abs(wider)))
        )


def compute(
    current: pd.DataFrame, perturbed: pd.DataFrame, past: pd.DataFrame, perturbation: str, unit: str, coverage: float
) -> Counterfactual:
    """The rows of two live forecasts of one symbol, after its latest outcomes of the test split (`past`)."""
    current, perturbed = current.sort_values("step"), perturbed.sort_values("step")
    outcomes = past.dropna(subset=["y"]).tail(HISTORY)
    return Counterfactual(
        perturbation=perturbation,
        unit=unit,
        coverage=coverage,
        cutoff=current["cutoff"].to_numpy()[0],
        step_H=tuple(int(step) for step in current["step"]),
        time_H=current["time"].to_numpy(),
        current_H=current["yhat"].to_numpy(),
        current_lo_H=current["lo"].to_numpy(),
        current_hi_H=current["hi"].to_numpy(),
        perturbed_H=perturbed["yhat"].to_numpy(),
        perturbed_lo_H=perturbed["lo"].to_numpy(),
        perturbed_hi_H=perturbed["hi"].to_numpy(),
        time_M=outcomes["time"].to_numpy(),
        y_M=outcomes["y"].to_numpy(),
    )


def draw(chart: Counterfactual, height: int = 380) -> go.Figure:
    """Outcomes in black, the current forecast in grey and the perturbed one in ochre, each with its interval."""
    figure = go.Figure()
    mode = "markers" if chart.unit.startswith("probability") else "lines"
    figure.add_trace(
        go.Scatter(
            x=chart.time_M,
            y=chart.y_M,
            name=tr("outcome"),
            mode=mode,
            hovertemplate="%{y:,.5~r}",
            line={"color": style.OUTCOME, "width": 1.4},
            marker={"color": style.OUTCOME},
        )
    )
    for name, colour, yhat_H, lo_H, hi_H, width in (
        (tr("current"), style.NEUTRAL, chart.current_H, chart.current_lo_H, chart.current_hi_H, 14),
        (tr("perturbed"), style.REFERENCE, chart.perturbed_H, chart.perturbed_lo_H, chart.perturbed_hi_H, 6),
    ):
        if np.isfinite(lo_H).all():
            figure.add_trace(_interval(chart, name, colour, lo_H, hi_H, width))
        figure.add_trace(
            go.Scatter(
                x=chart.time_H,
                y=yhat_H,
                name=tr("{name} forecast", name=name),
                mode="lines+markers",
                hovertemplate="%{y:,.5~r}",
                line={"color": colour, "width": 2.2},
                marker={"size": 9, "line": {"color": style.PAPER, "width": 1}},
            )
        )
    style.apply_layout(figure, text.unit_title(chart.unit), height)
    style.format_dates(figure, np.concatenate([chart.time_M, chart.time_H]))
    if mode == "markers":
        past_forecasts.add_even_odds_line(figure)
    return figure


def _interval(chart: Counterfactual, name: str, colour: str, lo_H: Floats, hi_H: Floats, width: int) -> go.Scatter:
    """The prediction interval as an area or, for a single step, as a thick line."""
    title = tr("{coverage} interval, {name}", coverage=text.short_percent(chart.coverage), name=name)
    if len(lo_H) > 1:
        return past_forecasts.area_trace(chart.time_H, lo_H, hi_H, title, style.translucent(colour, 0.25))
    return go.Scatter(
        x=np.repeat(chart.time_H, 2),
        y=np.array([lo_H[0], hi_H[0]]),
        mode="lines",
        name=title,
        hoverinfo="skip",
        line={"color": style.translucent(colour, 0.35), "width": width},
    )
