"""The loss by epoch: a figure of a finished training, and a live curve as an Apache ECharts option.

Axis letter: E epochs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import points, style, text
from core.records import Epoch, Floats, History, Ints

UNIT = "loss (standardised target)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Losses by epoch, train-standardised target units; `best` is the 1-based epoch whose weights were kept."""

    epoch_E: Ints
    train_E: Floats
    val_E: Floats
    best: int
    planned: int
    seconds: float

    @property
    def says(self) -> str:
        """The best epoch, its loss, and how long training took."""
        if not len(self.epoch_E):
            return "No epoch has been trained yet."
        stopped = (f"training stopped after {len(self.epoch_E)} of at most {text.counted(self.planned, 'epoch')} and "
                   f"took {text.number(round(self.seconds, 1))} s")
        lowest = self.val_E[self.epoch_E == self.best]
        if not len(lowest):
            return f"No epoch was kept; {stopped}."
        return f"The validation loss was lowest, {text.number(lowest[0])}, after epoch {self.best}; {stopped}."


def compute(history: History) -> Curve:
    """The curve of a finished training."""
    return Curve(epoch_E=np.array([e.epoch for e in history.epochs], dtype=int),
                 train_E=np.array([e.train_loss for e in history.epochs], dtype=float),
                 val_E=np.array([e.val_loss for e in history.epochs], dtype=float), best=history.best_epoch,
                 planned=history.epochs[-1].epochs if history.epochs else 0, seconds=history.seconds)


def draw(curve: Curve, height: int = 300) -> go.Figure:
    """Both losses as lines with the best epoch marked."""
    at, figure = points.thin(curve.val_E), go.Figure()
    mode = "lines" if len(at) > 15 else "lines+markers"
    for name, loss_E, colour in (("training", curve.train_E, style.NEUTRAL), ("validation", curve.val_E, style.MODEL)):
        figure.add_trace(go.Scatter(x=curve.epoch_E[at], y=loss_E[at], name=name, mode=mode,
                                    line={"color": colour, "width": 2}, hovertemplate="%{y:.4~g}"))
    best = curve.epoch_E == curve.best
    figure.add_trace(go.Scatter(x=curve.epoch_E[best], y=curve.val_E[best], name="best epoch", mode="markers",
                                hoverinfo="skip", marker={"color": style.GOOD, "size": 10, "symbol": "diamond"}))
    style.layout(figure, UNIT, height, "epoch")
    return style.whole(figure, len(at))


def echarts(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """The two losses so far as an ECharts option of plain JSON values.

    The axes stand still: all planned epochs across, and a loss axis that moves only when a loss crosses a round number.
    A loss that is no number leaves a gap.
    """
    planned = max(epochs[-1].epochs, 1) if epochs else 1
    low, high = _bounds([loss for e in epochs for loss in (e.train_loss, e.val_loss) if math.isfinite(loss)])
    grid = {"lineStyle": {"color": style.GRID}}
    return {
        "animation": False,
        "textStyle": {"color": style.OUTCOME},
        "grid": {"left": 8, "right": 24, "top": 62, "bottom": 30, "containLabel": True},
        "legend": {"left": 0, "top": 0, "data": ["training", "validation"]},
        "tooltip": {"trigger": "axis", "transitionDuration": 0},
        "xAxis": {"type": "value", "name": "epoch", "nameLocation": "middle", "nameGap": 24, "min": 0, "max": planned,
                  "minInterval": 1, "splitLine": {"show": False}},
        "yAxis": {"type": "value", "name": UNIT, "nameTextStyle": {"align": "left"}, "nameLocation": "end",
                  "nameGap": 12, "min": low, "max": high, "splitLine": grid},
        "series": [_series("training", style.NEUTRAL, [(e.epoch, e.train_loss) for e in epochs]),
                   _series("validation", style.MODEL, [(e.epoch, e.val_loss) for e in epochs])],
    }


def _series(name: str, colour: str, pairs: list[tuple[int, float]]) -> dict[str, Any]:
    return {"type": "line", "name": name, "color": colour, "showSymbol": len(pairs) < 2, "symbolSize": 6,
            "lineStyle": {"width": 2},
            "data": [[epoch, round(loss, 6) if math.isfinite(loss) else None] for epoch, loss in pairs]}


def _bounds(losses: list[float]) -> tuple[float, float]:
    """Round numbers around the losses: multiples of 1, 2 or 5 times a power of ten, about a quarter of their span."""
    if not losses:
        return 0.0, 1.0
    low, high = min(losses), max(losses)
    span = max(high - low, 0.1 * abs(high)) or 1.0
    power = 10 ** math.floor(math.log10(span / 4))
    unit = next(power * m for m in (1, 2, 5, 10) if power * m >= span / 4 * 0.999)
    bottom, top = math.floor(low / unit), math.ceil(high / unit)
    return round(bottom * unit, 12), round((top + (top == bottom)) * unit, 12)
