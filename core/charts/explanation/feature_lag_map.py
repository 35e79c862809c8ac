"""The feature × lag attributions: what each feature at each lag contributes to the forecast, on average.

Axis letters: L lags (columns of several lags in long windows), F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation import phrases
from core.charts.primitives import colour_bar, heatmap
from core.language import tr
from core.types import Floats, Ints

ROWS, COLUMNS = 20, 120
# By the square root: a linear scale would leave all but the latest lags empty.
SCALE = [(at * at, style.translucent(style.MODEL, at)) for at in np.linspace(0, 1, 9).tolist()]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLagMap:
    """Mean |contribution| per lag in target units, the most important feature first; column l has the lags `lag_L[l]`
    to `lag_L[l + 1]` − 1. `omitted` features are not drawn; `top` is the largest attribution: feature, lag, amount and
    share of the total.
    """

    unit: str
    features: tuple[str, ...]
    lag_L: Ints  # one longer than the columns
    mean_LF: Floats
    top: tuple[str, int, float, float]
    half: float  # share of the attributions, the largest first, that add up to half of the total
    omitted: int

    @property
    def caption(self) -> str:
        """The largest attribution, and how concentrated the importance is."""
        name, lag, amount, share = self.top
        if share == 0:
            return tr("No feature moves the forecast at any lag.")
        return tr(
            "{name} at lag {lag} moves the forecast most, by {amount} on average ({share} of the total); half of the "
            "total comes from {half} of the feature × lag pairs.{omitted}",
            name=name,
            lag=lag,
            amount=text.amount(amount, self.unit),
            share=text.percent(share),
            half=text.percent(self.half),
            omitted=phrases.omitted(self.omitted),
        )


def compute(features: tuple[str, ...], by_cell_LF: Floats, unit: str) -> FeatureLagMap:
    """At most 20 features and 120 columns; in longer windows a column is the mean of neighbouring lags."""
    lags, total = len(by_cell_LF), float(by_cell_LF.sum())
    order = np.argsort(-by_cell_LF.sum(axis=0), kind="stable")[:ROWS]
    lag, f = np.unravel_index(int(np.argmax(by_cell_LF)), by_cell_LF.shape)
    largest = float(by_cell_LF[lag, f])
    running = np.cumsum(np.sort(by_cell_LF.ravel())[::-1])
    edge_L = np.unique(np.linspace(0, lags, min(lags, COLUMNS) + 1).round().astype(int))
    mean_LF = np.add.reduceat(by_cell_LF[:, order], edge_L[:-1], axis=0) / np.diff(edge_L)[:, None]
    return FeatureLagMap(
        unit=unit,
        features=tuple(features[i] for i in order),
        lag_L=edge_L + 1,
        mean_LF=mean_LF,
        top=(features[f], int(lag) + 1, largest, largest / total if total else 0.0),
        half=float(np.searchsorted(running, total / 2) + 1) / by_cell_LF.size,
        omitted=len(features) - len(order),
    )


def draw(chart: FeatureLagMap, height: int | None = None) -> go.Figure:
    """Features down, lags across, the latest step on the right as in the chart by lag."""
    names = [text.escape(name) for name in chart.features]
    spans = [
        tr("lag {start}", start=start) if end - start == 1 else tr("lags {start} to {end}", start=start, end=end - 1)
        for start, end in zip(chart.lag_L[:-1].tolist(), chart.lag_L[1:].tolist(), strict=True)
    ]
    hover = [
        [
            f"{text.tooltip(name)}, {span}: {text.amount(chart.mean_LF[column, f], chart.unit)}"
            for column, span in enumerate(spans)
        ]
        for f, name in enumerate(chart.features)
    ]
    figure = go.Figure(
        heatmap(
            chart.mean_LF.T,
            (0, float(chart.mean_LF.max()) or 1.0),
            SCALE,
            hover,
            column_C=(chart.lag_L[:-1] + chart.lag_L[1:] - 1) / 2,
            colour_bar=colour_bar(tr("mean |contribution| ({unit})", unit=text.escape(text.unit_title(chart.unit)))),
            ygap=1,
        )
    )
    style.apply_layout(figure, "", height or 150 + 22 * len(names), text.lag_axis(chart.unit), hover="closest")
    last = int(chart.lag_L[-1]) - 1
    every = next(e for e in (1, 5, 10, 20, 50, 100) if last <= 13 * e or e == 100)
    figure.update_xaxes(tickvals=[1, *range(max(every, 2), last + 1, every)], range=[last + 0.5, 0.5], showgrid=False)
    return style.label_positions(figure, names)
