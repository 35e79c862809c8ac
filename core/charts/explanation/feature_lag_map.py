"""The global map of features and lags: what each feature at each lag moves the forecast by, on average.

Axis letters: L lags (columns of several where there are many), F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Floats, Ints

ROWS, COLUMNS = 20, 120
# By the square root: a linear scale would leave all but the latest lags white.
SCALE = [
    (at * at, f"rgb({255 - 208 * at:.0f},{255 - 144 * at:.0f},{255 - 112 * at:.0f})")
    for at in np.linspace(0, 1, 9).tolist()
]


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMap:
    """Mean |contribution| a lag, target units, the most important feature first; column l holds the lags `lag_L[l]` to
    `lag_L[l + 1]` − 1. `left` features are not drawn; `top` is the largest single cell, (feature, lag, amount, share).
    """

    unit: str
    features: tuple[str, ...]
    lag_L: Ints  # one longer than the columns
    mean_LF: Floats
    top: tuple[str, int, float, float]
    half: float  # share of all cells that hold half of everything
    left: int

    @property
    def caption(self) -> str:
        """The cell that moves most, and in how few cells half of the importance lies."""
        name, lag, amount, share = self.top
        if share == 0:
            return "No feature moves the forecast at any lag."
        more = f" {text.pluralize(self.left, 'feature')} that matter less are not drawn." if self.left else ""
        return (
            f"{name} at lag {lag} moves the forecast most, by {text.amount(amount, self.unit)} on average, "
            f"{text.percent(share)} of the whole map; half of everything lies in {text.percent(self.half)} of its "
            f"cells.{more}"
        )


def compute(features: tuple[str, ...], by_cell_LF: Floats, unit: str) -> CellMap:
    """At most 20 features and 120 columns: longer windows share a column between neighbouring lags (their mean)."""
    lags, total = len(by_cell_LF), float(by_cell_LF.sum())
    top = np.argsort(-by_cell_LF.sum(axis=0), kind="stable")[:ROWS]
    lag, f = np.unravel_index(int(np.argmax(by_cell_LF)), by_cell_LF.shape)
    most = float(by_cell_LF[lag, f])
    running = np.cumsum(np.sort(by_cell_LF.ravel())[::-1])
    edge_L = np.unique(np.linspace(0, lags, min(lags, COLUMNS) + 1).round().astype(int))
    mean_LF = np.add.reduceat(by_cell_LF[:, top], edge_L[:-1], axis=0) / np.diff(edge_L)[:, None]
    return CellMap(
        unit=unit,
        features=tuple(features[i] for i in top),
        lag_L=edge_L + 1,
        mean_LF=mean_LF,
        top=(features[f], int(lag) + 1, most, most / total if total else 0.0),
        half=float(np.searchsorted(running, total / 2) + 1) / by_cell_LF.size,
        left=len(features) - len(top),
    )


def draw(chart: CellMap, height: int | None = None) -> go.Figure:
    """Time runs to the right, as in the chart by lag: the latest session stands last. Colours go by the square root."""
    names = [text.escape(name) for name in chart.features]
    spans = [
        f"lag {a}" if b - a == 1 else f"lags {a} to {b - 1}"
        for a, b in zip(chart.lag_L[:-1].tolist(), chart.lag_L[1:].tolist(), strict=True)
    ]
    said = [
        [f"{name}, {span}: {text.amount(chart.mean_LF[at, f], chart.unit)}" for at, span in enumerate(spans)]
        for f, name in enumerate(names)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=chart.mean_LF.T,
            x=(chart.lag_L[:-1] + chart.lag_L[1:] - 1) / 2,
            y=np.arange(len(names)),
            zmin=0,
            zmax=float(chart.mean_LF.max()) or 1.0,
            text=said,
            colorscale=SCALE,
            ygap=1,
            hovertemplate="%{text}<extra></extra>",
            colorbar=style.colorbar(
                title={"text": f"mean |contribution| ({text.escape(chart.unit)})", "side": "top"}, nticks=5
            ),
        )
    )
    style.apply_layout(figure, "", height or 150 + 22 * len(names), "lag in sessions (1 = the latest)", hover="closest")
    last = int(chart.lag_L[-1]) - 1
    every = next(e for e in (1, 5, 10, 20, 50, 100) if last <= 13 * e or e == 100)
    figure.update_xaxes(tickvals=[1, *range(max(every, 2), last + 1, every)], range=[last + 0.5, 0.5], showgrid=False)
    return style.label_positions(figure, names)
