"""One feature over time, as a model would get it before scaling.

Axis letters: T sessions with a value.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.types import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The values of one feature of one symbol, in the feature's own units; `before` sessions at the start have none."""

    symbol: str
    feature: str
    time_T: Times
    value_T: Floats
    before: int

    @property
    def caption(self) -> str:
        """How many values there are, where half of them lie, and how many sessions are lost at the start."""
        if not len(self.value_T):
            return f"{self.feature} has no value on {self.symbol}."
        count = text.counted(len(self.value_T), "value")
        if self.value_T.min() == self.value_T.max():
            spread = f"all {text.number(self.value_T[0])}: it tells a model nothing"
        else:
            low, high = np.quantile(self.value_T, (0.25, 0.75))
            spread = (
                f"half of them from {text.number(low)} to {text.number(high)}, all from "
                f"{text.number(self.value_T.min())} to {text.number(self.value_T.max())}"
            )
        lost = f"; none in the first {text.counted(self.before, 'session')}" if self.before else ""
        return f"{count} of {self.feature} on {self.symbol}, {spread}{lost}."


def compute(symbol: str, feature: str, values: "pd.Series[float]") -> Trace:
    """The finite values of a feature, one row per session in time order."""
    finite_T = np.isfinite(values.to_numpy(dtype=np.float64))
    held = values[finite_T]
    return Trace(
        symbol=symbol,
        feature=feature,
        time_T=held.index.to_numpy(),
        value_T=held.to_numpy(dtype=np.float64),
        before=int(finite_T.argmax()) if finite_T.any() else len(values),
    )


def draw(chart: Trace, height: int = 260) -> go.Figure:
    """The values as a thin line; a sentence where there are none."""
    at = thinning.thin(chart.value_T)
    figure = go.Figure(
        go.Scatter(
            x=chart.time_T[at],
            y=chart.value_T[at],
            mode="lines",
            name=text.safe(chart.feature),
            showlegend=False,
            line={"color": style.MODEL, "width": 1.1},
            hovertemplate="%{y:.4~g}",
        )
    )
    style.layout(figure, text.clip(chart.feature), height)
    if not len(chart.value_T):
        return style.note(figure, chart.caption)
    return style.dates(figure, chart.time_T)
