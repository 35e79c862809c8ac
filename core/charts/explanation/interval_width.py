"""Which features move the width of the prediction interval, and whether their high values widen or narrow it.

Axis letter: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation import phrases
from core.charts.primitives import bar_layout, bars
from core.explain.grouping import ImportanceSummary
from core.language import tr
from core.types import Floats

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IntervalWidth:
    """Mean |contribution| to the width of the interval, target units, largest first; `correlation_F` runs from −1 (high
    values narrow it) to 1 (they widen it), NaN if unknown."""

    unit: str
    level: float
    windows: int
    features: tuple[str, ...]
    mean_F: Floats
    correlation_F: Floats

    @property
    def caption(self) -> str:
        """The leading feature, how far it moves the width, and the effect of its high values."""
        total, interval = (
            float(self.mean_F.sum()),
            tr("the {level} prediction interval", level=text.short_percent(self.level)),
        )
        over = text.pluralize(self.windows, "explained forecast")
        if total == 0:
            return tr(
                "No feature moves the width of {interval}: it is constant over {over}.", interval=interval, over=over
            )
        return tr(
            "{features} moves the width of {interval} most, by {mean} on average over {over} ({mean_2} of the "
            "total){effect}.",
            features=self.features[0],
            interval=interval,
            mean=text.amount(self.mean_F[0], self.unit),
            over=over,
            mean_2=text.percent(self.mean_F[0] / total),
            effect=self._effect(),
        )

    def _effect(self) -> str:
        value = float(self.correlation_F[0])
        if not np.isfinite(value):
            return ""
        correlation = phrases.format_correlation(value)
        if abs(value) < phrases.NEGLIGIBLE:
            return tr("; its high values neither widen nor narrow it {correlation}", correlation=correlation)
        return (
            tr("; its high values widen it {correlation}", correlation=correlation)
            if value > 0
            else tr("; its high values narrow it {correlation}", correlation=correlation)
        )


def compute(view: ImportanceSummary, width_F: Floats, level: float, windows: int, unit: str) -> IntervalWidth:
    """All features, in order of how far they move the width."""
    order = np.argsort(-width_F, kind="stable")
    return IntervalWidth(
        unit=unit,
        level=level,
        windows=windows,
        features=tuple(view.features[f] for f in order),
        mean_F=width_F[order],
        correlation_F=view.lean_F[order],
    )


def draw(chart: IntervalWidth, height: int | None = None) -> go.Figure:
    """Horizontal bars: ochre if high values widen the interval, blue if they narrow it, grey if unknown."""
    mean_F, correlation_F = chart.mean_F[:SHOWN], chart.correlation_F[:SHOWN]
    figure, known = go.Figure(), np.isfinite(correlation_F)
    for group, marker in ((known, _coloured(correlation_F[known])), (~known, {"color": style.NEUTRAL})):
        if group.any():
            row_R = np.flatnonzero(group)
            figure.add_trace(
                bars(
                    mean_F[group],
                    marker,
                    row_R=row_R,
                    numbers=True,
                    showlegend=False,
                    hover="%{customdata}: %{x:,.5~r}<extra></extra>",
                    customdata=[text.tooltip(chart.features[row]) for row in row_R],
                )
            )
    figure.update_layout(barmode="overlay")
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    x_title = tr("mean |contribution| to the width ({unit})", unit=text.unit_title(chart.unit))
    return bar_layout(figure, names, height or 120 + 28 * len(names), x_title, largest=float(mean_F.max()))


def _coloured(correlation_F: Floats) -> dict[str, object]:
    return {
        "color": correlation_F,
        "cmin": -1,
        "cmax": 1,
        "colorscale": style.LOW_HIGH,
        "showscale": True,
        "colorbar": style.colorbar(
            tickvals=[-0.75, 0.75], ticklen=0, ticktext=[tr("high values narrow it"), tr("high values widen it")]
        ),
    }
