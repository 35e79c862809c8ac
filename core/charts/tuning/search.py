"""The trials of a search: errors in order, points of the space as lines, one slice for each field, importances.

Axis letters: K complete trials, D fields of the space.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from core.charts import primitives, style, text
from core.language import tr, tr_n
from core.spec.convert import field_at
from core.tuning.space import Dimension
from core.tuning.study import Trial
from core.types import Floats, Ints

BEST = 3  # trials that stand out among the lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """The complete trials, by number, with their errors and their points; `pruned` and `failed` are numbers of others.

    `unit` says what the error is.
    """

    space: tuple[Dimension, ...]
    number_K: Ints
    value_K: Floats
    point_K: tuple[Mapping[str, Any], ...]
    pruned: tuple[int, ...]
    failed: tuple[int, ...]
    unit: str

    @property
    def best(self) -> int | None:
        """The position of the least error; None without a complete trial."""
        return int(np.argmin(self.value_K)) if len(self.value_K) else None

    @property
    def order_K(self) -> Ints:
        """Positions from the least error on."""
        return np.argsort(self.value_K, kind="stable")

    @property
    def caption(self) -> str:
        """The best trial, when it came, and how many were stopped early."""
        if self.best is None:
            return tr("No trial is complete yet.")
        sentence = tr_n(
            "The only complete trial, number {number}, has an error of {value}.",
            "Of {count} complete trials, number {number} has the least error: {value}.",
            len(self.value_K),
            number=int(self.number_K[self.best]),
            value=text.number(float(self.value_K[self.best])),
        )
        stopped = len(self.pruned)
        early = tr_n(
            "{count} trial was stopped early: its validation curve lay above the median.",
            "{count} trials were stopped early: their validation curves lay above the median.",
            stopped,
        )
        return f"{sentence} {early}" if stopped else sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Importances:
    """The share of each field in what separates the best trials from the others, largest first."""

    share: dict[str, float]

    @property
    def caption(self) -> str:
        """The field that matters most, or why none is named."""
        if not self.share:
            return tr("At least ten complete trials are needed to say which settings matter.")
        path, share = next(iter(self.share.items()))
        return tr(
            "{label} separates the best trials from the others most: {share} of the importance (PED-ANOVA).",
            label=label(path),
            share=text.percent(share),
        )


def compute(space: Sequence[Dimension], trials: Sequence[Trial], objective: str) -> Trials:
    """The chart values of a study; `objective` as in core.tuning.trial."""
    complete = [trial for trial in trials if trial.state == "complete"]
    units = {
        "validation": tr("validation error (scaled MSE)"),
        "backtest": tr("error over that of the naive reference, mean of the folds"),
    }
    return Trials(
        space=tuple(space),
        number_K=np.array([trial.number for trial in complete], dtype=np.int64),
        value_K=np.array([trial.value for trial in complete], dtype=float),
        point_K=tuple(trial.params for trial in complete),
        pruned=tuple(trial.number for trial in trials if trial.state == "pruned"),
        failed=tuple(trial.number for trial in trials if trial.state == "failed"),
        unit=units[objective],
    )


def draw_history(chart: Trials, height: int = 320) -> go.Figure:
    """A dot for each complete trial, the least error so far as steps, and marks for those that were stopped."""
    figure = go.Figure()
    if chart.best is not None:
        figure.add_scatter(
            x=chart.number_K,
            y=np.minimum.accumulate(chart.value_K),
            mode="lines",
            name=tr("least so far"),
            line={"shape": "hv", "color": style.GOOD, "width": 2},
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=chart.number_K,
            y=chart.value_K,
            mode="markers",
            name=tr("complete"),
            marker={"color": style.MODEL, "size": 8},
            hovertext=[_hover(chart, k) for k in range(len(chart.number_K))],
            hoverinfo="text",
        )
    top = float(chart.value_K.max()) if len(chart.value_K) else 1.0
    for numbers, name, symbol, colour in (
        (chart.pruned, tr("stopped early"), "x", style.NEUTRAL),
        (chart.failed, tr("failed"), "triangle-down", style.BAD),
    ):
        if numbers:
            figure.add_scatter(
                x=numbers,
                y=[top] * len(numbers),  # their errors are not comparable: they stand at the upper edge
                mode="markers",
                name=name,
                marker={"color": colour, "size": 7, "symbol": symbol},
                hovertemplate=tr("trial {number}: {name}", number="%{x}", name=name) + "<extra></extra>",
            )
    style.apply_layout(figure, chart.unit, height, tr("trial"), hover="closest")
    last = max([*chart.number_K.tolist(), *chart.pruned, *chart.failed], default=1)
    figure.update_xaxes(range=[0.5, last + 0.5])
    return style.integer_ticks(figure, last).update_layout(showlegend=True)


def draw_lines(chart: Trials, height: int = 340) -> go.Figure:
    """Parallel coordinates: a line for each complete trial through its settings, the best ones in colour.

    Every axis runs from the lower end of its field at the bottom to the upper end at the top.
    """
    figure, position_D = go.Figure(), list(range(len(chart.space)))
    best = [int(k) for k in chart.order_K[:BEST]]
    x: list[float | None] = []
    y: list[float | None] = []
    for k, point in enumerate(chart.point_K):
        if k not in best:
            x += [*position_D, None]
            y += [*(_place(one, point[one.path]) for one in chart.space), None]
    figure.add_scatter(
        x=x, y=y, mode="lines+markers", name=tr("other trials"), line={"color": style.TINTS[1], "width": 1},
        marker={"size": 4}, hoverinfo="skip",
    )  # fmt: skip
    colours = (style.GOOD, style.MODEL, style.REFERENCE)
    for rank, k in reversed(list(enumerate(best))):
        figure.add_scatter(
            x=position_D,
            y=[_place(one, chart.point_K[k][one.path]) for one in chart.space],
            mode="lines+markers",
            name=tr("trial {number}", number=int(chart.number_K[k])),
            line={"color": colours[rank], "width": 3},
            marker={"size": 8},
            hovertext=[
                f"{text.escape(label(one.path), 60)}: {show(chart.point_K[k][one.path])}" for one in chart.space
            ],
            hoverinfo="text",
        )
    style.apply_layout(figure, "", height, hover="closest")
    names = [
        f"{style.wrap_title(label(one.path), 12)}<br>{show(_end(one, 0))} … {show(_end(one, 1))}" for one in chart.space
    ]
    style.label_positions(figure, names, axis="x")
    figure.update_xaxes(showgrid=True)
    figure.update_yaxes(range=[-0.05, 1.05], showticklabels=False, showgrid=False)
    return figure.update_layout(showlegend=True)


def describe_lines(chart: Trials) -> str:
    """What the lines of the best trials have in common, field by field."""
    if len(chart.value_K) < 2:
        return tr(
            "Each line is a trial: where it crosses an axis is its setting, low at the bottom and high at the top."
        )
    best, values = [int(k) for k in chart.order_K[:BEST]], []
    for one in chart.space:
        shown_ = list(dict.fromkeys(show(chart.point_K[k][one.path]) for k in best))
        values.append(f"{label(one.path)} {', '.join(shown_)}")
    return tr("Settings of the best trials, the best first: {values}.", values="; ".join(values))


def draw_importances(chart: Importances, height: int = 0) -> go.Figure:
    """A bar for each field."""
    shares = list(chart.share.values())
    figure = go.Figure(primitives.bars([100 * share for share in shares], {"color": style.MODEL}, numbers=True))
    names = [text.escape(label(path), 40) for path in chart.share]
    largest = 100 * max(shares, default=1.0)
    return primitives.bar_layout(figure, names, height or 90 + 34 * len(shares), tr("importance (%)"), largest)


def draw_slice(chart: Trials, one: Dimension, height: int = 240) -> go.Figure:
    """The error of each complete trial over its setting of one field."""
    values = [point[one.path] for point in chart.point_K]
    at = [one.choices.index(value) for value in values] if one.choices else values
    figure = go.Figure(
        go.Scatter(
            x=at,
            y=chart.value_K,
            mode="markers",
            marker={"color": style.MODEL, "size": 8, "opacity": 0.7},
            hovertext=[_hover(chart, k) for k in range(len(chart.number_K))],
            hoverinfo="text",
            name=tr("complete"),
        )
    )
    if chart.best is not None:
        figure.add_scatter(
            x=[at[chart.best]],
            y=[chart.value_K[chart.best]],
            mode="markers",
            name=tr("the best"),
            hoverinfo="skip",
            marker={"symbol": "circle-open", "size": 17, "color": style.GOOD, "line": {"width": 2.5}},
        )
    style.apply_layout(figure, chart.unit, height, label(one.path), hover="closest")
    if one.choices:
        style.label_positions(figure, [text.escape(show(value), 20) for value in one.choices], axis="x")
    elif one.log:
        ticks = _log_ticks(one)
        figure.update_xaxes(type="log", tickmode="array", tickvals=ticks, ticktext=[f"{tick:g}" for tick in ticks])
    return figure


def describe_slice(chart: Trials, one: Dimension) -> str:
    """Where the best trials lie on one field."""
    if chart.best is None:
        return tr("No trial is complete yet.")
    values = [chart.point_K[int(k)][one.path] for k in chart.order_K[:BEST]]
    if one.choices:
        chosen = ", ".join(dict.fromkeys(map(show, values)))
        return tr("The best trials have {values}.", values=chosen)
    return tr("The best trials lie between {low} and {high}.", low=show(min(values)), high=show(max(values)))


def label(path: str) -> str:
    """The label of a field."""
    return tr(field_at(path).label)


def show(value: Any) -> str:
    """A setting in a few characters."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _place(one: Dimension, value: Any) -> float:
    """Where a setting lies between the ends of its field, from 0 to 1."""
    if one.choices:
        return one.choices.index(value) / max(len(one.choices) - 1, 1)
    low, high, at = (math.log(v) if one.log else float(v) for v in (one.low, one.high, value))
    return (at - low) / (high - low)


def _end(one: Dimension, end: int) -> Any:
    if one.choices:
        return one.choices[-end]
    number = (one.low, one.high)[end]
    return round(number) if one.whole else number


def _log_ticks(one: Dimension) -> list[float]:
    """1, 2 and 5 × powers of ten within the ends of a field, or powers of ten alone where those are many."""
    powers = range(math.floor(math.log10(one.low)), math.ceil(math.log10(one.high)) + 1)
    ticks = [float(f"{m}e{power}") for power in powers for m in (1, 2, 5)]
    inside = [tick for tick in ticks if one.low <= tick <= one.high]
    return inside if len(inside) < 8 else [tick for tick in inside if f"{tick:e}".startswith("1.0")]


def _hover(chart: Trials, k: int) -> str:
    settings = "<br>".join(
        f"{text.escape(label(path), 60)}: {text.escape(show(value), 30)}" for path, value in chart.point_K[k].items()
    )
    parts = {"number": int(chart.number_K[k]), "value": text.number(float(chart.value_K[k])), "settings": settings}
    return tr("trial {number}: {value}<br>{settings}", **parts)
