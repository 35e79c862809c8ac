"""What widens the band: which features move its width, and whether their high values widen or narrow it.

Axis letters: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.grouping import ImportanceSummary
from core.types import Floats

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """Mean |contribution| to the width of the band, target units, largest first; `lean_F` from −1 (high values narrow
    it) to 1 (they widen it), NaN where that cannot be said."""

    unit: str
    level: float
    windows: int
    features: tuple[str, ...]
    mean_F: Floats
    lean_F: Floats

    @property
    def caption(self) -> str:
        """The leading feature, by how much it moves the width, and which way it leans."""
        total, band = float(self.mean_F.sum()), f"the {text.short_percent(self.level)} band"
        over = text.pluralize(self.windows, "explained forecast")
        if total == 0:
            return f"No feature moves the width of {band}: it is the same for all of {over}."
        said = (
            f"{self.features[0]} moves the width of {band} most, by {text.amount(self.mean_F[0], self.unit)} on "
            f"average, {text.percent(self.mean_F[0] / total)} of what all move, over {over}"
        )
        lean = float(self.lean_F[0])
        if not np.isfinite(lean):
            return f"{said}."
        if abs(lean) < 0.1:
            return f"{said}; it leans neither way (rank correlation {text.number(round(lean, 2))})."
        side = "widen" if lean > 0 else "narrow"
        return f"{said}; its high values {side} it (rank correlation {text.number(round(lean, 2))})."


def compute(view: ImportanceSummary, width_F: Floats, level: float, windows: int, unit: str) -> Width:
    """All features by how much they move the width."""
    order = np.argsort(-width_F, kind="stable")
    return Width(
        unit=unit,
        level=level,
        windows=windows,
        features=tuple(view.features[f] for f in order),
        mean_F=width_F[order],
        lean_F=view.lean_F[order],
    )


def draw(chart: Width, height: int | None = None) -> go.Figure:
    """Horizontal bars: ochre where high values widen the band, blue where they narrow it, grey where unknown."""
    mean_F, lean_F = chart.mean_F[:SHOWN], chart.lean_F[:SHOWN]
    names, known = [text.escape(name) for name in chart.features[:SHOWN]], np.isfinite(lean_F)
    figure, row_F = go.Figure(), np.arange(len(mean_F))
    for here, marker in (
        (
            known,
            {
                "color": lean_F[known],
                "cmin": -1,
                "cmax": 1,
                "colorscale": style.LOW_HIGH,
                "showscale": True,
                "colorbar": style.colorbar(
                    tickvals=[-0.75, 0.75], ticklen=0, ticktext=["high values narrow it", "high values widen it"]
                ),
            },
        ),
        (~known, {"color": style.NEUTRAL}),
    ):
        if here.any():
            figure.add_trace(
                go.Bar(
                    x=mean_F[here],
                    y=row_F[here],
                    orientation="h",
                    marker=marker,
                    hoverinfo="skip",
                    text=[text.number(value) for value in mean_F[here]],
                    textposition="outside",
                    cliponaxis=False,
                    showlegend=False,
                )
            )
    style.apply_layout(
        figure,
        "",
        height or 120 + 28 * len(mean_F),
        f"mean |contribution| to the width ({chart.unit})",
        hover="closest",
    )
    figure.update_layout(barmode="overlay")
    figure.update_xaxes(range=[0, 1.25 * float(mean_F.max()) or 1], nticks=5)
    return style.label_positions(figure, names)
