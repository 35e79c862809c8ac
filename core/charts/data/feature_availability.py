"""The period over which each feature has values, and the rows that a short feature costs.

Axis letters: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.language import tr
from core.types import FeatureAvailability, SymbolAvailability, Times

MAX_FEATURES = 12  # those with the most missing values are drawn


@dataclass(frozen=True, slots=True, kw_only=True)
class AvailabilityChart:
    """The features of one symbol with the most missing values, the worst first.

    `total` rows from `start` to `end`, of which `usable` have every feature; `first_F` and `last_F` are NaT for a
    feature without values.
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
        """The number of rows with every feature, and the feature with the most missing values and why."""
        lost, name = self.total - self.usable, self.features[0]
        if not lost:
            return tr(
                "Each of the {total} rows of {symbol} has every feature.", total=f"{self.total:,}", symbol=self.symbol
            )
        return tr(
            "{usable} of {rows} of {symbol} have every feature; {lost} are lost. {name} misses most, {rows_2}: "
            "{reason}.",
            usable=f"{self.usable:,}",
            rows=text.pluralize(self.total, "row"),
            symbol=self.symbol,
            lost=f"{lost:,}",
            name=name,
            rows_2=text.pluralize(self.missing_F[0], "row"),
            reason=self._reason(),
        )

    def _reason(self) -> str:
        first, last = self.first_F[0], self.last_F[0]
        if np.isnat(first):
            return tr("it has no value at all")
        if first > self.start:
            return tr("it begins on {first}", first=text.day(first)) + (
                tr(" and ends on {last}", last=text.day(last)) if last < self.end else ""
            )
        return tr("it ends on {last}", last=text.day(last)) if last < self.end else tr("it has holes")


def compute(availability: SymbolAvailability) -> AvailabilityChart:
    """The 12 features of a symbol with the most missing values, the worst first."""
    by_missing = sorted(availability.features, key=lambda feature: -feature.missing)
    worst: list[FeatureAvailability] = by_missing[:MAX_FEATURES]
    return AvailabilityChart(
        symbol=availability.symbol,
        total=availability.total,
        usable=availability.usable,
        start=availability.start,
        end=availability.end,
        features=tuple(feature.feature for feature in worst),
        first_F=np.array([feature.first for feature in worst]),
        last_F=np.array([feature.last for feature in worst]),
        missing_F=tuple(feature.missing for feature in worst),
    )


def draw(chart: AvailabilityChart, height: int | None = None) -> go.Figure:
    """One bar per feature from its first to its last value, over the span of the series."""
    figure = go.Figure()
    rows = zip(chart.features, chart.first_F, chart.last_F, chart.missing_F, strict=True)
    for position, (name, first, last, missing) in enumerate(rows):
        if np.isnat(first):
            continue
        figure.add_trace(
            go.Scatter(
                x=text.iso(np.array([first, last])),
                y=[position, position],
                mode="lines",
                showlegend=False,
                line={"width": 10, "color": style.MODEL if missing < 0.05 * chart.total else style.REFERENCE},
                hovertext=[
                    tr(
                        "{tooltip}, {rows} without a value",
                        tooltip=text.tooltip(name),
                        rows=text.pluralize(missing, "row"),
                    )
                ]
                * 2,
                hovertemplate="%{x}: %{hovertext}<extra></extra>",
            )
        )
    style.apply_layout(figure, "", height or 110 + 26 * len(chart.features), hover="closest")
    style.label_positions(figure, [text.escape(name, 40) for name in chart.features])
    figure.update_xaxes(type="date", range=list(text.iso(np.array([chart.start, chart.end]))))
    return figure
