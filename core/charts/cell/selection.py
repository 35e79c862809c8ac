"""The weights that a network gives its inputs, by feature and time, over one window.

Axis letters: L rows of the window, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation import phrases
from core.charts.primitives import colour_bar, heatmap
from core.explain.selection import SelectionWeights
from core.language import tr
from core.types import Floats, Times

SHOWN = 20  # features that are still readable
MAX_ROWS = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionMap:
    """Weights (L, F) of the features, the largest mean over the window first; every row adds up to one."""

    time_L: Times
    features: tuple[str, ...]
    weight_LF: Floats

    @property
    def caption(self) -> str:
        """The feature with the largest mean weight, that mean, its range, and what equal weights would be."""
        weight_L, count = self.weight_LF[:, 0], len(self.features)
        low, high = text.percent(float(weight_L.min())), text.percent(float(weight_L.max()))
        return tr(
            "{features} has the largest weight, {mean} on average, from {low} to {high} in this window; equal weights "
            "would be {count} each.{omitted}",
            features=self.features[0],
            mean=text.percent(float(weight_L.mean())),
            low=low,
            high=high,
            count=text.percent(1 / count),
            omitted=phrases.omitted(max(0, count - SHOWN)),
        )


def compute(weights: SelectionWeights) -> SelectionMap:
    """The features in the order of their mean weight."""
    order = np.argsort(-weights.weight_LF.mean(axis=0), kind="stable")
    return SelectionMap(
        time_L=weights.time_L, features=tuple(weights.features[f] for f in order), weight_LF=weights.weight_LF[:, order]
    )


def draw(chart: SelectionMap, height: int | None = None) -> go.Figure:
    """Features down, time to the right, darker for a larger weight."""
    at_L = thinning.thin_evenly(len(chart.time_L), MAX_ROWS)
    weight_FL = chart.weight_LF[at_L].T[:SHOWN]
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    hover = [
        [
            f"{text.tooltip(name)}, {text.day(time)}: {text.percent(float(weight))}"
            for time, weight in zip(chart.time_L[at_L], row, strict=True)
        ]
        for name, row in zip(chart.features[:SHOWN], weight_FL, strict=True)
    ]
    largest = float(weight_FL.max())
    figure = go.Figure(
        heatmap(
            weight_FL,
            (0.0, largest),
            style.AMOUNT,
            hover,
            column_C=chart.time_L[at_L],
            colour_bar=colour_bar(tr("weight"), tickformat=".0%"),
        )
    )
    style.apply_layout(figure, "", height or 190 + 26 * len(names), hover="closest")
    style.label_positions(figure, names)
    return style.format_dates(figure, chart.time_L, cells=True)
