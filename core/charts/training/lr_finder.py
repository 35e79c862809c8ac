"""The loss by learning rate as the learning-rate finder saw it, with the rate it suggests.

Axis letter: N learning rates.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChart:
    """Smoothed losses, standardised target units, by rising learning rate; `suggestion` has two digits."""

    lr_N: Floats
    loss_N: Floats
    suggestion: float
    current: float

    @property
    def shown(self) -> str:
        """The suggestion as a person writes it: 2.4e-3."""
        return written(self.suggestion)

    @property
    def caption(self) -> str:
        """Where the loss falls fastest, and how far the recipe is from there."""
        times = self.current / self.suggestion
        beside = (
            "what the recipe has"
            if times == 1
            else "about what the recipe has"
            if 0.5 <= times <= 2
            else f"the recipe's {written(self.current)} is {times:.2g} times that"
            if times > 2
            else f"the recipe's {written(self.current)} is {1 / times:.2g} times smaller"
        )
        return (
            f"With the learning rate rising at every step, the loss falls fastest at {self.shown}: {beside}. Far "
            "beyond, where it rises, training would fall apart."
        )


def compute(lr_N: Floats, loss_N: Floats, suggestion: float, current: float) -> RateChart:
    """The chart of a curve of the finder beside the learning rate of the recipe."""
    return RateChart(
        lr_N=np.asarray(lr_N), loss_N=np.asarray(loss_N), suggestion=float(f"{suggestion:.1e}"), current=current
    )


def draw(chart: RateChart, height: int = 280) -> go.Figure:
    """The loss over a log axis, the suggestion as a diamond, the recipe's rate as a dotted line.

    Losses above the first are cut off where the curve ends far higher: what matters lies below.
    """
    figure = go.Figure(
        go.Scatter(
            x=chart.lr_N,
            y=chart.loss_N,
            mode="lines",
            name="loss",
            line={"color": style.MODEL, "width": 2},
            hovertemplate="%{x:.2~e}: %{y:.4~g}<extra></extra>",
        )
    )
    at = float(np.interp(np.log(chart.suggestion), np.log(chart.lr_N), chart.loss_N))
    figure.add_trace(
        go.Scatter(
            x=[chart.suggestion],
            y=[at],
            mode="markers",
            name="suggestion",
            hoverinfo="skip",
            marker={"color": style.GOOD, "size": 12, "symbol": "diamond"},
        )
    )
    low, first = float(chart.loss_N.min()), float(chart.loss_N[0])
    top = min(float(chart.loss_N.max()), first + 0.6 * max(first - low, 1e-9))
    room = 0.08 * (top - low)
    figure.add_trace(
        go.Scatter(
            x=[chart.current] * 2,
            y=[low - room, top + room],
            mode="lines",
            hoverinfo="skip",
            name="in the recipe",
            line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"},
        )
    )
    style.layout(figure, "loss (standardised target)", height, "learning rate", hover="closest")
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    return figure.update_yaxes(range=[low - room, top + room])


def written(rate: float) -> str:
    """A rate with two digits at most: 2.4e-3, 1e-3, 0.5."""
    if rate >= 0.1:
        return f"{rate:.2g}"
    digits, power = f"{rate:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"
