"""What drives the forecast in calm and in stormy times.

Axis letters: G regimes, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation.importance_over_time import STEADY
from core.explain.grouping import ImportanceSummary
from core.types import Floats, Ints

SHOWN = 12
COLOURS = {"calm": style.TINTS[1], "middle": style.MODEL, "stormy": style.OCHRE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Regimes:
    """Mean |contribution| of each feature in each regime, target units, the most important feature first; `total_G` is
    the sum over all features, those that are not drawn too."""

    unit: str
    features: tuple[str, ...]
    names: tuple[str, ...]
    mean_GF: Floats
    total_G: Floats
    count_G: Ints

    @property
    def told(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.names) > 1

    @property
    def caption(self) -> str:
        """How far forecasts are moved in calm and storm, and whose share differs most between the two."""
        if not self.told:
            return "The volatility before the forecasts did not change, so there are no calm and stormy times."
        if not self.total_G.any():
            return "No feature moves the forecast, in calm times or in stormy ones."
        calm, storm = 0, len(self.names) - 1
        said = (
            f"All features together move the forecast by {text.amount(self.total_G[storm], self.unit)} in "
            f"{self.names[storm]} times and by {text.amount(self.total_G[calm], self.unit)} in {self.names[calm]} "
            "ones"
        )
        if len(self.features) == 1:
            return f"{said}."
        share_GF = self.mean_GF / np.where(self.total_G > 0, self.total_G, 1.0)[:, None]
        most = int(np.argmax(np.abs(share_GF[storm] - share_GF[calm])))
        if abs(share_GF[storm, most] - share_GF[calm, most]) < STEADY:
            return f"{said}; no share differs by a hundredth."
        low, high = text.percent(share_GF[calm, most]), text.percent(share_GF[storm, most])
        return (
            f"{said}; the share of {self.features[most]} differs most, {high} in {self.names[storm]} times against "
            f"{low}."
        )


def compute(view: ImportanceSummary, unit: str) -> Regimes:
    """At most 12 features in up to three regimes."""
    groups = view.regime
    top = np.argsort(-groups.mean_GF.sum(axis=0), kind="stable")[:SHOWN]
    return Regimes(
        unit=unit,
        features=tuple(view.features[f] for f in top),
        names=groups.names,
        mean_GF=groups.mean_GF[:, top],
        total_G=groups.mean_GF.sum(axis=1),
        count_G=groups.count_G,
    )


def draw(chart: Regimes, height: int | None = None) -> go.Figure:
    """A bar for each regime beside each feature's name, calm on top."""
    figure = go.Figure()
    style.apply_layout(
        figure, "", height or 110 + 46 * len(chart.features), f"mean |contribution| ({chart.unit})", hover="closest"
    )
    if not chart.told:
        return style.add_note(figure, chart.caption)
    for g, name in enumerate(chart.names):
        figure.add_trace(
            go.Bar(
                x=chart.mean_GF[g],
                y=np.arange(len(chart.features)),
                orientation="h",
                marker={"color": COLOURS[name]},
                name=f"{name} ({text.pluralize(int(chart.count_G[g]), 'window')})",
                hovertemplate=f"{name}: %{{x:.4~g}}<extra></extra>",
            )
        )
    figure.update_xaxes(rangemode="tozero", nticks=6)
    return style.label_positions(figure, [text.escape(name) for name in chart.features])
