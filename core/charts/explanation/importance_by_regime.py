"""The importance of features at low and at high volatility.

Axis letters: G regimes, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.evaluation import regimes
from core.charts.explanation.importance_over_time import STEADY
from core.charts.primitives import bar_layout, bars
from core.explain.grouping import ImportanceSummary
from core.language import message, shown, tr
from core.types import Floats, Ints

SHOWN = 12
COLOURS: dict[str, str] = {
    message("low volatility"): style.TINTS[3],
    message("medium volatility"): style.MODEL,
    message("high volatility"): style.REFERENCE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceByRegime:
    """Mean |contribution| of each feature in each regime, target units, the most important feature first; `total_G` is
    the sum over all features, also of those that are not drawn."""

    unit: str
    features: tuple[str, ...]
    names: tuple[str, ...]
    mean_GF: Floats
    total_G: Floats
    count_G: Ints

    @property
    def drawable(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.names) > 1

    @property
    def caption(self) -> str:
        """How far forecasts are moved at high and at low volatility, and whose share differs most between the two."""
        if not self.drawable:
            return regimes.NO_REGIMES
        if not self.total_G.any():
            return tr("No feature moves the forecast, whatever the volatility.")
        low, high = 0, len(self.names) - 1
        totals = tr(
            "All features together move the forecast by {total} at {names} and by {total_2} at {names_2}",
            total=text.amount(self.total_G[high], self.unit),
            names=self.names[high],
            total_2=text.amount(self.total_G[low], self.unit),
            names_2=self.names[low],
        )
        if len(self.features) == 1:
            return f"{totals}."
        share_GF = self.mean_GF / np.where(self.total_G > 0, self.total_G, 1.0)[:, None]
        f = int(np.argmax(np.abs(share_GF[high] - share_GF[low])))
        if abs(share_GF[high, f] - share_GF[low, f]) < STEADY:
            return tr("{totals}; no share differs by a percentage point.", totals=totals)
        return tr(
            "{totals}; the share of {features} differs most, {share_gf} at {names} against {share_gf_2}.",
            totals=totals,
            features=self.features[f],
            share_gf=text.percent(share_GF[high, f]),
            names=self.names[high],
            share_gf_2=text.percent(share_GF[low, f]),
        )


def compute(view: ImportanceSummary, unit: str) -> ImportanceByRegime:
    """At most 12 features in up to three regimes, the lowest volatility first."""
    groups = view.regime
    order = np.argsort(-groups.mean_GF.sum(axis=0), kind="stable")[:SHOWN]
    return ImportanceByRegime(
        unit=unit,
        features=tuple(view.features[f] for f in order),
        names=tuple(map(regimes.title, groups.names)),
        mean_GF=groups.mean_GF[:, order],
        total_G=groups.mean_GF.sum(axis=1),
        count_G=groups.count_G,
    )


def draw(chart: ImportanceByRegime, height: int | None = None) -> go.Figure:
    """A bar per regime in the row of each feature, low volatility on top."""
    height, x_title = (
        height or 110 + 46 * len(chart.features),
        tr("mean |contribution| ({unit})", unit=text.unit_title(chart.unit)),
    )
    if not chart.drawable:
        return style.add_note(style.apply_layout(go.Figure(), "", height, x_title), chart.caption)
    colours = {shown(name): colour for name, colour in COLOURS.items()}
    figure = go.Figure(
        [
            bars(
                chart.mean_GF[g],
                {"color": colours[name]},
                hover=f"%{{customdata}}, {name}: %{{x:,.5~r}}<extra></extra>",
                customdata=[text.tooltip(feature) for feature in chart.features],
                name=f"{name} ({text.pluralize(int(chart.count_G[g]), 'window')})",
            )
            for g, name in enumerate(chart.names)
        ]
    )
    figure.update_xaxes(rangemode="tozero", nticks=6)
    return bar_layout(figure, [text.escape(name) for name in chart.features], height, x_title)
