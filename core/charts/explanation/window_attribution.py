"""The window of one forecast: what each feature contributed at each session, beside its own values.

Axis letters: L rows of the window, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text
from core.explain.local import LocalExplanation
from core.types import Floats, Times

MOST_FEATURES, MOST_ROWS = 14, 120
WIDEST = 3.0  # standard deviations from the training mean that have the full colour


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Contributions (target units, summed over the steps) and own values, the feature that did most first.

    `left` features that did less and the sessions before `time_L` are not drawn; they hold `hidden` of all
    contributions in absolute size.
    """

    unit: str
    symbol: str
    features: tuple[str, ...]
    time_L: Times
    contribution_LF: Floats
    raw_LF: Floats
    standardized_LF: Floats
    left: int
    hidden: float

    @property
    def caption(self) -> str:
        """The cell that did most, and how much of all came from the latest five sessions."""
        size_LF = np.abs(self.contribution_LF)
        total = float(size_LF.sum())
        if total == 0:
            return f"No cell of the window moves the forecast for {self.symbol}."
        row, f = np.unravel_index(int(np.argmax(size_LF)), size_LF.shape)
        few = f" {text.percent(self.hidden)} lies in what is not drawn." if self.left or self.hidden else ""
        return (
            f"{self.features[f]} on {text.day(self.time_L[row])} ({text.number(self.raw_LF[row, f])}) did most, "
            f"{text.amount(self.contribution_LF[row, f], self.unit)}; the latest "
            f"{text.pluralize(min(5, len(size_LF)), 'session')} hold "
            f"{text.percent(float(size_LF[-5:].sum()) / total)} of what is drawn.{few}"
        )


def compute(day: LocalExplanation, unit: str) -> Cells:
    """At most 14 features and the latest 120 sessions of the window of one forecast."""
    size_LF = np.abs(day.attribution_LF)
    top = np.argsort(-size_LF.sum(axis=0), kind="stable")[:MOST_FEATURES]
    drawn = float(size_LF[-MOST_ROWS:][:, top].sum())
    whole = float(size_LF.sum())
    complete = size_LF.shape == (min(MOST_ROWS, len(size_LF)), len(top))
    return Cells(
        unit=unit,
        symbol=day.symbol,
        features=tuple(day.features[f] for f in top),
        time_L=day.time_L[-MOST_ROWS:],
        contribution_LF=day.attribution_LF[-MOST_ROWS:][:, top],
        raw_LF=day.raw_LF[-MOST_ROWS:][:, top],
        standardized_LF=day.standardized_LF[-MOST_ROWS:][:, top],
        left=len(day.features) - len(top),
        hidden=0.0 if complete or whole == 0 else 1 - drawn / whole,
    )


def draw(chart: Cells, height: int | None = None) -> go.Figure:
    """Contributions on the left (ochre raises), the values on the right (ochre is above the training mean)."""
    figure = make_subplots(
        rows=1,
        cols=2,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        subplot_titles=("What it did (ochre raised, blue lowered)", "What it was (ochre high, blue low)"),
    )
    limit = float(np.abs(chart.contribution_LF).max()) or 1.0
    # positions and not times: sessions of a feed may be hours or months apart, and cells are to be equally wide
    days = [text.day(time) for time in chart.time_L]
    names = [text.escape(name) for name in chart.features]
    for column, (z_LF, most) in enumerate(((chart.contribution_LF, limit), (chart.standardized_LF, WIDEST)), start=1):
        shown = [
            [
                f"{name}, {day}: " + (text.number(z_LF[row, f]) if column == 1 else text.number(chart.raw_LF[row, f]))
                for row, day in enumerate(days)
            ]
            for f, name in enumerate(names)
        ]
        figure.add_trace(
            go.Heatmap(
                z=z_LF.T,
                y=np.arange(len(names)),
                zmin=-most,
                zmax=most,
                text=shown,
                colorscale=style.LOW_HIGH,
                showscale=False,
                hovertemplate="%{text}<extra></extra>",
            ),
            row=1,
            col=column,
        )
    style.apply_layout(figure, "", height or 130 + 30 * len(names), hover="closest")
    style.label_positions(figure, names)
    # a sixth from the edges, so that the dates of the two maps do not run into each other
    at = np.unique(((len(days) - 1) * np.array([1, 3, 5]) / 6).round().astype(int))
    return figure.update_xaxes(
        tickmode="array", tickvals=at, ticktext=[days[i] for i in at], showgrid=False, tickangle=0
    )
