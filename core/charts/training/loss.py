"""The loss by training step: a figure for finished training, and Apache ECharts options for live curves.

Runs whose recipe names epochs, or of versions that counted no steps, are drawn by epoch; `unit` is that of `Train`.
Axis letter: E epochs, after each of which the loss is known.
"""

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.training.gradient_norms import layer_name
from core.events import Epoch, SubtaskReturned
from core.language import message, shown, tr
from core.types import Floats, History, Ints

UNIT = message("loss (standardised target)")
LIVE_POINTS = 240  # of a live line, which is sent every second: one for each two or three pixels
LEGEND_ROW = 4  # names in a row of the legend of a live chart in a narrow column


@dataclass(frozen=True, slots=True, kw_only=True)
class LossCurve:
    """Losses of the first network after each epoch, in train-standardised target units.

    `at_E` are the steps (or epochs, see `unit`) so far, `best` those after which the weights were saved, `most` the
    limit. `other_members` are the steps and validation losses of the other networks of an ensemble.
    """

    at_E: Ints
    train_E: Floats
    val_E: Floats
    best: int
    most: int
    seconds: float
    unit: str
    other_members: tuple[tuple[Ints, Floats], ...] = ()

    @property
    def caption(self) -> str:
        """The best step, its loss, and the duration of training."""
        sentence = self._first_member()
        if self.other_members:
            sentence = tr(
                "In the first of {networks} networks, {sentence}",
                networks=1 + len(self.other_members),
                sentence=sentence[0].lower() + sentence[1:],
            )
        return sentence

    def _first_member(self) -> str:
        if not len(self.at_E):
            return tr("No {unit} has been trained yet.", unit=tr(self.unit))
        stopped = tr(
            "training stopped after {at} of at most {most} and took {seconds} s",
            at=f"{self.at_E[-1]:,}",
            most=text.pluralize(self.most, self.unit),
            seconds=text.number(round(self.seconds, 1)),
        )
        lowest = self.val_E[self.at_E == self.best]
        if not len(lowest):
            return tr("No {unit} was kept; {stopped}.", unit=tr(self.unit), stopped=stopped)
        return tr(
            "The validation loss was lowest after {unit} {best}, at {lowest}; {stopped}.",
            unit=tr(self.unit),
            best=f"{self.best:,}",
            lowest=text.number(lowest[0]),
            stopped=stopped,
        )


def compute(history: History, unit: str = "step") -> LossCurve:
    """The curves of a finished training."""
    first = [e for e in history.epochs if e.member == 1]
    members = [[e for e in history.epochs if e.member == m] for m in sorted({e.member for e in history.epochs} - {1})]
    return LossCurve(
        at_E=np.array([_at(e, unit) for e in first], dtype=int),
        train_E=np.array([e.train_loss for e in first], dtype=float),
        val_E=np.array([e.val_loss for e in first], dtype=float),
        best=next((_at(e, unit) for e in first if e.epoch == history.best_epoch), 0),
        most=_most(first, unit),
        seconds=history.seconds,
        unit=first[-1].count(unit)[0] if first else unit,
        other_members=tuple(
            (np.array([_at(e, unit) for e in epochs]), np.array([e.val_loss for e in epochs])) for epochs in members
        ),
    )


def draw(chart: LossCurve, height: int = 300) -> go.Figure:
    """Both losses as lines with the best epoch marked; thin lines are the other networks of an ensemble."""
    at, figure = thinning.thin(chart.val_E), go.Figure()
    for number, (at_E, loss_E) in enumerate(chart.other_members):
        points = thinning.thin(loss_E)
        figure.add_trace(
            go.Scatter(
                x=at_E[points],
                y=loss_E[points],
                name=tr("other networks"),
                mode="lines",
                hoverinfo="skip",
                legendgroup="others",
                showlegend=number == 0,
                line={"color": style.TINTS[3], "width": 1},
            )
        )
    mode = "lines" if len(at) > 15 else "lines+markers"
    for name, loss_E, colour in (
        (tr("training"), chart.train_E, style.NEUTRAL),
        (tr("validation"), chart.val_E, style.MODEL),
    ):
        figure.add_trace(
            go.Scatter(
                x=chart.at_E[at],
                y=loss_E[at],
                name=name,
                mode=mode,
                line={"color": colour, "width": 2},
                hovertemplate="%{y:,.5~r}",
            )
        )
    best_E = chart.at_E == chart.best
    figure.add_trace(
        go.Scatter(
            x=chart.at_E[best_E],
            y=chart.val_E[best_E],
            name=tr("best {unit}", unit=tr(chart.unit)),
            mode="markers",
            hoverinfo="skip",
            marker={"color": style.GOOD, "size": 10, "symbol": "diamond"},
        )
    )
    style.apply_layout(figure, UNIT, height, tr(chart.unit))
    ends = [at_E[-1] for at_E in (chart.at_E, *(at_E for at_E, _ in chart.other_members)) if len(at_E)]
    return style.integer_ticks(figure, int(max(ends, default=0)))


def echarts_loss(epochs: Sequence[Epoch], unit: str = "step") -> dict[str, Any]:
    """An ECharts option (plain JSON values) with both losses so far; of several networks in training, the first one's.

    The axes stay put: x spans the maximum number of steps, y changes only when a loss crosses a round number. A
    non-finite loss leaves a gap.
    """
    active = _first_active(epochs)
    lines = {
        tr("training"): [(_at(e, unit), e.train_loss) for e in active],
        tr("validation"): [(_at(e, unit), e.val_loss) for e in active],
    }
    return _option(lines, (style.NEUTRAL, style.MODEL), epochs, unit, shown(UNIT))


def echarts_norm(epochs: Sequence[Epoch], unit: str = "step") -> dict[str, Any]:
    """An ECharts option like `echarts_loss` with gradient norms before clipping: mean, largest, and of each layer."""
    active = _first_active(epochs)
    lines = {
        tr("mean"): [(_at(e, unit), e.grad_norm) for e in active if e.grad_norm is not None],
        tr("largest"): [(_at(e, unit), e.grad_norm_max) for e in active if e.grad_norm_max is not None],
    }
    layers = list(active[-1].layer_norms or {}) if active else []
    lines |= {
        layer_name(name): [(_at(e, unit), e.layer_norms[name]) for e in active if e.layer_norms] for name in layers
    }
    layer_colours = [style.BASELINES[n % len(style.BASELINES)] for n in range(1, len(layers) + 1)]
    colours = (style.MODEL, style.REFERENCE, *layer_colours)
    return _option(lines, colours, epochs, unit, tr("gradient norm"))


def collect_epochs(events: Iterable[Any]) -> list[Epoch]:
    """The epochs among the events of a job, without those of a network whose training was returned and restarted, and
    those that a job trained again after it lost its worker: an epoch voids the later ones of its network before it."""
    by_member: dict[int, list[tuple[int, Epoch]]] = {}
    for position, event in enumerate(events):
        if isinstance(event, SubtaskReturned):
            by_member.pop(event.number, None)
        elif isinstance(event, Epoch):
            earlier = by_member.setdefault(event.member, [])
            while earlier and earlier[-1][1].epoch >= event.epoch:
                earlier.pop()
            earlier.append((position, event))
    return [epoch for _, epoch in sorted(itertools.chain(*by_member.values()), key=lambda pair: pair[0])]


def active_epochs(epochs: Sequence[Epoch]) -> list[Epoch]:
    """The newest epoch of each network still in training, by member; if there is none, the last epoch."""
    newest = {e.member: e for e in epochs}
    return [newest[member] for member in sorted(newest) if not newest[member].final] or [*epochs[-1:]]


def _at(epoch: Epoch, unit: str) -> int:
    return epoch.count(unit)[1]


def _most(epochs: Sequence[Epoch], unit: str) -> int:
    return epochs[-1].count(unit)[2] if epochs else 0


def _first_active(epochs: Sequence[Epoch]) -> list[Epoch]:
    """All epochs of the first network still in training."""
    members = [e.member for e in active_epochs(epochs)]
    return [e for e in epochs if e.member == members[0]]


def _option(
    lines: dict[str, list[tuple[int, float]]],
    colours: tuple[str, ...],
    epochs: Sequence[Epoch],
    unit: str,
    y_title: str,
) -> dict[str, Any]:
    low, high, unit_y = _bounds([value for pairs in lines.values() for _, value in pairs if math.isfinite(value)])
    legend_rows = math.ceil(len(lines) / LEGEND_ROW)
    return {
        "animation": False,
        "textStyle": {"color": style.OUTCOME},
        "grid": {"left": 8, "right": 24, "top": 40 + 22 * legend_rows, "bottom": 30, "containLabel": True},
        "legend": {
            "left": 0,
            "top": 0,
            "itemWidth": 16,
            "itemGap": 8,
            "textStyle": {"color": style.OUTCOME},
            "data": list(lines),
        },
        "tooltip": {"trigger": "axis", "transitionDuration": 0},
        "xAxis": {
            "type": "value",
            "name": tr(epochs[-1].count(unit)[0] if epochs else unit),
            "nameLocation": "middle",
            "nameGap": 24,
            "min": 0,
            "max": max(_most(epochs, unit), 1),
            "minInterval": 1,
            "axisLabel": {"hideOverlap": True},
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "value",
            "name": y_title,
            "nameTextStyle": {"align": "left"},
            "nameLocation": "end",
            "nameGap": 12,
            "min": low,
            "max": high,
            "interval": unit_y,
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
        "data": [[epoch, round(loss, 6) if math.isfinite(loss) else None] for epoch, loss in _thin(pairs)],
    }


def _thin(pairs: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The pairs of a line that its shape needs, spikes and gaps among them."""
    if len(pairs) <= LIVE_POINTS:
        return pairs
    values = np.array([loss for _, loss in pairs], dtype=float)
    gaps = np.flatnonzero(~np.isfinite(values))[:LIVE_POINTS]
    values[~np.isfinite(values)] = np.nan
    return [pairs[at] for at in sorted({*thinning.thin(values, LIVE_POINTS).tolist(), *gaps.tolist()})]


def _bounds(losses: list[float]) -> tuple[float, float, float]:
    """Round axis limits around the losses and the distance of their ticks: 1, 2 or 5 × a power of ten, about a quarter
    of the span of the losses, of which the limits are multiples."""
    if not losses:
        return 0.0, 1.0, 0.25
    low, high = min(losses), max(losses)
    span = max(high - low, 0.1 * abs(high)) or 1.0
    power = 10 ** math.floor(math.log10(span / 4))
    unit = next(power * m for m in (1, 2, 5, 10) if power * m >= span / 4 * 0.999)
    bottom, top = math.floor(low / unit), math.ceil(high / unit)
    return round(bottom * unit, 12), round((top + (top == bottom)) * unit, 12), round(unit, 12)
