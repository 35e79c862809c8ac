"""One feature over time, as a model receives it before scaling.

Axis letter: T rows with a value.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.language import tr
from core.types import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSeries:
    """The values of one feature of one symbol in the feature's own units; the first `warm_up` rows have none."""

    symbol: str
    feature: str
    time_T: Times
    value_T: Floats
    warm_up: int

    @property
    def caption(self) -> str:
        """The number of values, their interquartile range and range, and the rows lost at the start."""
        if not len(self.value_T):
            return tr("{feature} has no value on {symbol}.", feature=self.feature, symbol=self.symbol)
        count = text.pluralize(len(self.value_T), "value")
        if self.value_T.min() == self.value_T.max():
            spread = tr("all equal to {value}: a constant tells a model nothing", value=text.number(self.value_T[0]))
        else:
            low, high = np.quantile(self.value_T, (0.25, 0.75))
            spread = tr(
                "half of them between {low} and {high}, all between {value} and {value_2}",
                low=text.number(low),
                high=text.number(high),
                value=text.number(self.value_T.min()),
                value_2=text.number(self.value_T.max()),
            )
        lost = (
            tr("; there is none in the first {rows}", rows=text.pluralize(self.warm_up, "row")) if self.warm_up else ""
        )
        return tr(
            "{count} of {feature} on {symbol}, {spread}{lost}.",
            count=count,
            feature=self.feature,
            symbol=self.symbol,
            spread=spread,
            lost=lost,
        )


def compute(symbol: str, feature: str, values: "pd.Series[float]") -> FeatureSeries:
    """The finite values of a feature; `values` has one entry per row in time order."""
    finite_T = np.isfinite(values.to_numpy(dtype=np.float64))
    finite = values[finite_T]
    return FeatureSeries(
        symbol=symbol,
        feature=feature,
        time_T=finite.index.to_numpy(),
        value_T=finite.to_numpy(dtype=np.float64),
        warm_up=int(finite_T.argmax()) if finite_T.any() else len(values),
    )


def draw(chart: FeatureSeries, height: int = 260) -> go.Figure:
    """The values as a thin line, or a sentence if there are none."""
    at = thinning.thin(chart.value_T)
    figure = go.Figure(
        go.Scatter(
            x=chart.time_T[at],
            y=chart.value_T[at],
            mode="lines",
            name=text.escape(chart.feature),
            showlegend=False,
            line={"color": style.MODEL, "width": 1.1},
            hovertemplate="%{y:,.5~r}",
        )
    )
    style.apply_layout(figure, text.truncate(chart.feature), height)
    if not len(chart.value_T):
        return style.add_note(figure, chart.caption)
    return style.format_dates(figure, chart.time_T)
