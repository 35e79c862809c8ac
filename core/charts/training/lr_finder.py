"""The loss by learning rate measured by the learning-rate finder, and the rate it suggests.

Axis letter: N learning rates.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style
from core.language import tr
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LearningRateCurve:
    """Smoothed losses (standardised target units) by rising learning rate; `suggestion` has two digits."""

    lr_N: Floats
    loss_N: Floats
    suggestion: float
    current: float

    @property
    def suggestion_text(self) -> str:
        """The suggested rate as displayed: 2.4e-3."""
        return format_rate(self.suggestion)

    @property
    def caption(self) -> str:
        """The rate at which the loss falls fastest, and the recipe's rate relative to it."""
        return tr(
            "As the learning rate grows step by step, the loss falls fastest at {suggestion_text}; {comparison}. "
            "Where the loss rises again, training would diverge.",
            suggestion_text=self.suggestion_text,
            comparison=self._comparison(),
        )

    def _comparison(self) -> str:
        ratio = self.current / self.suggestion
        if ratio == 1:
            return tr("this is the recipe's rate")
        rate = tr("the recipe's {current}", current=format_rate(self.current))
        if 0.5 <= ratio <= 2:
            return tr("{rate} is close to it", rate=rate)
        return (
            tr("{rate} is {ratio} times that", rate=rate, ratio=f"{ratio:.2g}")
            if ratio > 2
            else tr("{rate} is {ratio} times smaller", rate=rate, ratio=f"{1 / ratio:.2g}")
        )


def compute(lr_N: Floats, loss_N: Floats, suggestion: float, current: float) -> LearningRateCurve:
    """The finder's curve with its suggestion rounded to two digits, and the `current` rate of the recipe."""
    return LearningRateCurve(
        lr_N=np.asarray(lr_N), loss_N=np.asarray(loss_N), suggestion=float(f"{suggestion:.1e}"), current=current
    )


def draw(chart: LearningRateCurve, height: int = 280) -> go.Figure:
    """The loss over a logarithmic axis, the suggestion as a diamond, the recipe's rate as a dotted line.

    If the curve ends far above its first loss, that end is cut off: the minimum is what matters.
    """
    figure = go.Figure(
        go.Scatter(
            x=chart.lr_N,
            y=chart.loss_N,
            mode="lines",
            name=tr("loss"),
            line={"color": style.MODEL, "width": 2},
            hovertemplate="%{x:.2~e}: %{y:,.5~r}<extra></extra>",
        )
    )
    at = float(np.interp(np.log(chart.suggestion), np.log(chart.lr_N), chart.loss_N))
    figure.add_trace(
        go.Scatter(
            x=[chart.suggestion],
            y=[at],
            mode="markers",
            name=tr("suggestion"),
            hoverinfo="skip",
            marker={"color": style.GOOD, "size": 12, "symbol": "diamond"},
        )
    )
    low, first = float(chart.loss_N.min()), float(chart.loss_N[0])
    top = min(float(chart.loss_N.max()), first + 0.6 * max(first - low, 1e-9))
    margin = 0.08 * (top - low)
    figure.add_trace(
        go.Scatter(
            x=[chart.current] * 2,
            y=[low - margin, top + margin],
            mode="lines",
            hoverinfo="skip",
            name=tr("in the recipe"),
            line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"},
        )
    )
    style.apply_layout(figure, tr("loss (standardised target)"), height, tr("learning rate"), hover="closest")
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    return figure.update_yaxes(range=[low - margin, top + margin])


def format_rate(rate: float) -> str:
    """A rate with at most two significant digits: 2.4e-3, 1e-3, 0.5."""
    if rate >= 0.1:
        return f"{rate:.2g}"
    digits, power = f"{rate:.1e}".split("e")
    return f"{digits.removesuffix('.0')}e{int(power)}"
