"""The window of one forecast: the contribution of each feature at each step next to the values of the features.

Axis letters: L rows of the window, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text
from core.charts.primitives import heatmap, symmetric_limits
from core.explain.local import LocalExplanation
from core.language import tr
from core.types import Floats, Times

MOST_FEATURES, MOST_ROWS = 14, 120
RECENT = 5  # steps that the caption sums up
FULL_COLOUR = 3.0  # standard deviations from the training mean that have the full colour


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowAttribution:
    """Contributions (target units, summed over the steps) and own values, the most important feature first.

    `omitted` less important features and the rows before `time_L` are not drawn; `hidden` is their share of all
    contributions by size. `deviation_LF` are the values in standard deviations from the training mean.
    """

    unit: str
    symbol: str
    features: tuple[str, ...]
    time_L: Times
    contribution_LF: Floats
    value_LF: Floats
    deviation_LF: Floats
    omitted: int
    hidden: float

    @property
    def caption(self) -> str:
        """The largest contribution, and the share of the latest five steps."""
        size_LF = np.abs(self.contribution_LF)
        total = float(size_LF.sum())
        if total == 0:
            return tr("Nothing in the window moves the forecast for {symbol}.", symbol=self.symbol)
        row, f = np.unravel_index(int(np.argmax(size_LF)), size_LF.shape)
        hidden = (
            tr("; {hidden} of the total is not drawn", hidden=text.percent(self.hidden))
            if self.omitted or self.hidden
            else ""
        )
        return tr(
            "{features} on {time} ({value_lf}) contributed most, {contribution_lf}, and the latest {steps} "
            "contributed {size_lf} of what is drawn{hidden}.",
            features=self.features[f],
            time=text.day(self.time_L[row]),
            value_lf=text.number(self.value_LF[row, f]),
            contribution_lf=text.amount(self.contribution_LF[row, f], self.unit),
            steps=text.steps(min(RECENT, len(size_LF)), self.unit),
            size_lf=text.percent(float(size_LF[-RECENT:].sum()) / total),
            hidden=hidden,
        )


def compute(day: LocalExplanation, unit: str) -> WindowAttribution:
    """At most 14 features at the latest 120 rows of the window of one forecast."""
    size_LF = np.abs(day.attribution_LF)
    order = np.argsort(-size_LF.sum(axis=0), kind="stable")[:MOST_FEATURES]
    drawn, total = float(size_LF[-MOST_ROWS:][:, order].sum()), float(size_LF.sum())
    complete = size_LF.shape == (min(MOST_ROWS, len(size_LF)), len(order))
    return WindowAttribution(
        unit=unit,
        symbol=day.symbol,
        features=tuple(day.features[f] for f in order),
        time_L=day.time_L[-MOST_ROWS:],
        contribution_LF=day.attribution_LF[-MOST_ROWS:][:, order],
        value_LF=day.raw_LF[-MOST_ROWS:][:, order],
        deviation_LF=day.standardized_LF[-MOST_ROWS:][:, order],
        omitted=len(day.features) - len(order),
        hidden=0.0 if complete or total == 0 else 1 - drawn / total,
    )


def draw(chart: WindowAttribution, height: int | None = None) -> go.Figure:
    """Contributions on the left (ochre raises), values on the right (ochre is above the training mean)."""
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=(tr("Contribution (ochre raised, blue lowered)"), tr("Value (ochre high, blue low)")),
    )
    # positions instead of times: steps may be hours or months apart, and all cells should be equally wide
    days = [text.day(time) for time in chart.time_L]
    names = [text.escape(name) for name in chart.features]
    for column, (colour_LF, limits, shown_LF) in enumerate(
        (
            (chart.contribution_LF, symmetric_limits(chart.contribution_LF), chart.contribution_LF),
            (chart.deviation_LF, (-FULL_COLOUR, FULL_COLOUR), chart.value_LF),
        ),
        start=1,
    ):
        hover = [
            [f"{text.tooltip(name)}, {day}: {text.number(shown_LF[row, f])}" for row, day in enumerate(days)]
            for f, name in enumerate(chart.features)
        ]
        figure.add_trace(heatmap(colour_LF.T, limits, style.LOW_HIGH, hover), row=1, col=column)
    style.apply_layout(figure, "", height or 130 + 30 * len(names), hover="closest")
    style.label_positions(figure, names)
    # a sixth from the edges, so that the dates of the two maps do not run into each other
    ticks = np.unique(((len(days) - 1) * np.array([1, 3, 5]) / 6).round().astype(int))
    return figure.update_xaxes(
        tickmode="array", tickvals=ticks, ticktext=[days[row] for row in ticks], showgrid=False, tickangle=0
    )
