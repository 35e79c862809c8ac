"""From when to when each feature has values: what a short series costs all the others.

Axis letters: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import FeatureAvailability, SymbolAvailability, Times

SHOWN = 12  # features drawn, those that miss most


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachChart:
    """The features of one symbol that miss most, longest gap first.

    `first_F` and `last_F` are NaT where one has none.
    """

    symbol: str
    total: int
    usable: int
    features: tuple[str, ...]
    first_F: Times
    last_F: Times
    missing_F: tuple[int, ...]
    start: np.datetime64
    end: np.datetime64

    @property
    def caption(self) -> str:
        """How many sessions have every feature, and which feature misses most and why."""
        lost, name = self.total - self.usable, self.features[0]
        if not lost:
            return f"Every one of the {self.total:,} sessions of {self.symbol} has every feature."
        return (
            f"{self.usable:,} of {text.counted(self.total, 'session')} of {self.symbol} have every feature; "
            f"{lost:,} are lost. {name} misses most, {self.missing_F[0]:,}: {self._why()}."
        )

    def _why(self) -> str:
        first, last = self.first_F[0], self.last_F[0]
        if np.isnat(first):
            return "it has no value at all"
        if first > self.start:
            return f"it begins on {text.day(first)}" + (f" and ends on {text.day(last)}" if last < self.end else "")
        return f"it ends on {text.day(last)}" if last < self.end else "it has holes"


def compute(found: SymbolAvailability) -> ReachChart:
    """The reaches of a symbol's features, those that miss most first, at most 12 of them."""
    reaches: list[FeatureAvailability] = sorted(found.reaches, key=lambda reach: -reach.missing)[:SHOWN]
    return ReachChart(
        symbol=found.symbol,
        total=found.total,
        usable=found.usable,
        start=found.start,
        end=found.end,
        features=tuple(reach.feature for reach in reaches),
        first_F=np.array([reach.first for reach in reaches]),
        last_F=np.array([reach.last for reach in reaches]),
        missing_F=tuple(reach.missing for reach in reaches),
    )


def draw(chart: ReachChart, height: int | None = None) -> go.Figure:
    """One line a feature from its first to its last value, over the span of the series."""
    figure = go.Figure()
    for at, (first, last, missing) in enumerate(zip(chart.first_F, chart.last_F, chart.missing_F, strict=True)):
        if np.isnat(first):
            continue
        figure.add_trace(
            go.Scatter(
                x=text.iso(np.array([first, last])),
                y=[at, at],
                mode="lines",
                showlegend=False,
                line={"width": 10, "color": style.MODEL if missing < 0.05 * chart.total else style.OCHRE},
                text=[f"{missing:,} sessions without a value"] * 2,
                hovertemplate="%{x}: %{text}<extra></extra>",
            )
        )
    style.layout(figure, "", height or 110 + 26 * len(chart.features), hover="closest")
    style.labels(figure, [text.safe(name, 40) for name in chart.features])
    figure.update_xaxes(type="date", range=list(text.iso(np.array([chart.start, chart.end]))))
    return figure
