"""The latest outcomes and the live forecast of a run as one small line without axes.

Axis letters: M outcomes, H steps.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style
from core.charts.forecast import past_forecasts
from core.types import Floats, Times

SHOWN = 60  # outcomes


@dataclass(frozen=True, slots=True, kw_only=True)
class Sparkline:
    """The latest outcomes of one symbol one step ahead, and its live forecast, empty without one; target units."""

    time_M: Times
    y_M: Floats
    time_H: Times
    yhat_H: Floats


def compute(forecast: pd.DataFrame, model: str, *, level: bool = False) -> Sparkline:
    """The line of the first symbol of a long table at its last step; `level` as for `fan.compute`."""
    symbol, step = str(forecast["symbol"].cat.categories[0]), int(forecast["step"].max())
    outcomes = past_forecasts.select_outcomes(forecast, model, symbol, step, level).tail(SHOWN)
    is_live = (forecast["part"] == "live") & (forecast["model"] == model) & (forecast["symbol"] == symbol)
    live = forecast[is_live].sort_values("step")
    return Sparkline(
        time_M=outcomes["time"].to_numpy(),
        y_M=outcomes["y"].to_numpy(),
        time_H=live["time"].to_numpy(),
        yhat_H=live["yhat"].to_numpy(),
    )


def draw(chart: Sparkline, height: int = 56) -> go.Figure:
    """Outcomes in black and the forecast in blue; nothing to hover over or to zoom into."""
    figure = go.Figure()
    joined = len(chart.time_H) and len(chart.time_M)
    time_H = np.concatenate([chart.time_M[-1:], chart.time_H]) if joined else chart.time_H
    yhat_H = np.concatenate([chart.y_M[-1:], chart.yhat_H]) if joined else chart.yhat_H
    for x, y, colour, width in ((chart.time_M, chart.y_M, style.OUTCOME, 1.4), (time_H, yhat_H, style.MODEL, 2.4)):
        figure.add_trace(
            go.Scatter(
                x=x, y=y, mode="lines", hoverinfo="skip", showlegend=False, line={"color": colour, "width": width}
            )
        )
    style.apply_layout(figure, "", height, hover="closest")
    figure.update_layout(margin={"l": 0, "r": 0, "t": 2, "b": 2}, dragmode=False)
    figure.update_xaxes(visible=False, fixedrange=True)
    return figure.update_yaxes(visible=False, fixedrange=True)
