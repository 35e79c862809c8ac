"""The loss by epoch: a figure of a finished training, and live curves as Apache ECharts options.

Axis letter: E epochs.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.events import Epoch, SubtaskReturned
from core.types import Floats, History, Ints

UNIT = "loss (standardised target)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """Losses by epoch of the first network, train-standardised target units; `best` is its 1-based epoch whose weights
    were kept. `others` are the validation losses of further networks of an ensemble."""

    epoch_E: Ints
    train_E: Floats
    val_E: Floats
    best: int
    planned: int
    seconds: float
    others: tuple[Floats, ...] = ()

    @property
    def caption(self) -> str:
        """The best epoch, its loss, and how long training took."""
        if self.others:
            return f"Of the first of {1 + len(self.others)} networks: {self._first[0].lower()}{self._first[1:]}"
        return self._first

    @property
    def _first(self) -> str:
        if not len(self.epoch_E):
            return "No epoch has been trained yet."
        stopped = (
            f"training stopped after {len(self.epoch_E)} of at most {text.counted(self.planned, 'epoch')} and "
            f"took {text.number(round(self.seconds, 1))} s"
        )
        lowest = self.val_E[self.epoch_E == self.best]
        if not len(lowest):
            return f"No epoch was kept; {stopped}."
        return f"The validation loss was lowest, {text.number(lowest[0])}, after epoch {self.best}; {stopped}."


def compute(history: History) -> Curve:
    """The curve of a finished training."""
    first = [e for e in history.epochs if e.member == 1]
    members = sorted({e.member for e in history.epochs} - {1})
    return Curve(
        epoch_E=np.array([e.epoch for e in first], dtype=int),
        train_E=np.array([e.train_loss for e in first], dtype=float),
        val_E=np.array([e.val_loss for e in first], dtype=float),
        best=history.best_epoch,
        planned=first[-1].epochs if first else 0,
        seconds=history.seconds,
        others=tuple(np.array([e.val_loss for e in history.epochs if e.member == m]) for m in members),
    )


def draw(curve: Curve, height: int = 300) -> go.Figure:
    """Both losses as lines with the best epoch marked; thin lines are further networks."""
    at, figure = thinning.thin(curve.val_E), go.Figure()
    for number, loss_E in enumerate(curve.others):
        kept = thinning.thin(loss_E)
        figure.add_trace(
            go.Scatter(
                x=1 + kept,
                y=loss_E[kept],
                name="other networks",
                mode="lines",
                hoverinfo="skip",
                legendgroup="others",
                showlegend=number == 0,
                line={"color": style.TINTS[1], "width": 1},
            )
        )
    mode = "lines" if len(at) > 15 else "lines+markers"
    for name, loss_E, colour in (("training", curve.train_E, style.NEUTRAL), ("validation", curve.val_E, style.MODEL)):
        figure.add_trace(
            go.Scatter(
                x=curve.epoch_E[at],
                y=loss_E[at],
                name=name,
                mode=mode,
                line={"color": colour, "width": 2},
                hovertemplate="%{y:.4~g}",
            )
        )
    best = curve.epoch_E == curve.best
    figure.add_trace(
        go.Scatter(
            x=curve.epoch_E[best],
            y=curve.val_E[best],
            name="best epoch",
            mode="markers",
            hoverinfo="skip",
            marker={"color": style.GOOD, "size": 10, "symbol": "diamond"},
        )
    )
    style.layout(figure, UNIT, height, "epoch")
    return style.whole(figure, max(len(at), *(len(loss_E) for loss_E in curve.others), 0))


def echarts(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """The two losses so far as an ECharts option of plain JSON values; of several networks that are under way those of
    the first.

    The axes stand still: all planned epochs across, and a loss axis that moves only when a loss crosses a round number.
    A loss that is no number leaves a gap.
    """
    now = _followed(epochs)
    lines = {"training": [(e.epoch, e.train_loss) for e in now], "validation": [(e.epoch, e.val_loss) for e in now]}
    return _option(lines, (style.NEUTRAL, style.MODEL), epochs, UNIT)


def echarts_norm(epochs: Sequence[Epoch]) -> dict[str, Any]:
    """The largest norm of the gradient in each epoch, its mean, and that of each layer, before clipping, as `echarts`
    draws losses."""
    now = _followed(epochs)
    lines = {
        "mean": [(e.epoch, e.grad_norm) for e in now if e.grad_norm is not None],
        "largest": [(e.epoch, e.grad_norm_max) for e in now if e.grad_norm_max is not None],
    }
    layers = list(now[-1].layer_norms or {}) if now else []
    lines |= {name: [(e.epoch, e.layer_norms[name]) for e in now if e.layer_norms] for name in layers}
    others = [style.BASELINES[n % len(style.BASELINES)] for n in range(1, len(layers) + 1)]
    colours = (style.MODEL, style.OCHRE, *others)
    return _option(lines, colours, epochs, "norm of the gradient")


def told(events: Iterable[Any]) -> list[Epoch]:
    """The epochs among the events of a job, but for those of a network that was given back and is trained anew."""
    found: list[Epoch] = []
    for event in events:
        if isinstance(event, SubtaskReturned):
            found = [epoch for epoch in found if epoch.member != event.number]
        elif isinstance(event, Epoch):
            found.append(event)
    return found


def learning(epochs: Sequence[Epoch]) -> list[Epoch]:
    """The newest epoch of each network that is under way, in their order; where none is, that of the last one."""
    newest = {e.member: e for e in epochs}
    return [newest[member] for member in sorted(newest) if not newest[member].final] or [*epochs[-1:]]


def share(now: Sequence[Epoch]) -> float:
    """How much of a training is over, from the newest epochs of the networks that are under way."""
    return min(1.0, now[0].seconds / max(now[0].seconds + max(epoch.eta for epoch in now), 1e-9))


def _followed(epochs: Sequence[Epoch]) -> list[Epoch]:
    members = [e.member for e in learning(epochs)]
    return [e for e in epochs if e.member == members[0]]


def _option(
    lines: dict[str, list[tuple[int, float]]], colours: tuple[str, ...], epochs: Sequence[Epoch], unit: str
) -> dict[str, Any]:
    planned = max(epochs[-1].epochs, 1) if epochs else 1
    low, high = _bounds([value for pairs in lines.values() for _, value in pairs if math.isfinite(value)])
    return {
        "animation": False,
        "textStyle": {"color": style.OUTCOME},
        "grid": {"left": 8, "right": 24, "top": 62, "bottom": 30, "containLabel": True},
        "legend": {"left": 0, "top": 0, "type": "scroll", "data": list(lines)},
        "tooltip": {"trigger": "axis", "transitionDuration": 0},
        "xAxis": {
            "type": "value",
            "name": "epoch",
            "nameLocation": "middle",
            "nameGap": 24,
            "min": 0,
            "max": planned,
            "minInterval": 1,
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": unit,
            "nameTextStyle": {"align": "left"},
            "nameLocation": "end",
            "nameGap": 12,
            "min": low,
            "max": high,
            "splitLine": {"lineStyle": {"color": style.GRID}},
        },
        "series": [_series(name, colour, pairs) for (name, pairs), colour in zip(lines.items(), colours, strict=True)],
    }


def _series(name: str, colour: str, pairs: list[tuple[int, float]]) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "color": colour,
        "showSymbol": len(pairs) < 2,
        "symbolSize": 6,
        "lineStyle": {"width": 2},
        "data": [[epoch, round(loss, 6) if math.isfinite(loss) else None] for epoch, loss in pairs],
    }


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
