"""What goes into a training: the level over time with the borders of the parts, and the histogram of the labels.

Axis letters: T rows, N labels, B bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.data import quality_marks
from core.errors import DataError
from core.types import Floats, Ints, Times

PART_COLOURS = {"train": style.MODEL, "val": style.OCHRE, "calib": style.NEUTRAL, "test": style.GOOD}
PART_NAMES = {"train": "train", "val": "validation", "calib": "calibration", "test": "test"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One part of the split, from its first to its last time."""

    name: str
    start: np.datetime64
    end: np.datetime64


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """The observed values of one column of one symbol, user's units, the spans of the parts and what is odd."""

    symbol: str
    column: str
    time_T: Times
    level_T: Floats
    spans: tuple[Span, ...]
    odd: tuple[quality_marks.Marks, ...] = ()

    @property
    def caption(self) -> str:
        """How many values there are, from when to when and between which bounds; what is marked."""
        if not len(self.level_T):
            return f"{self.symbol} has no value of {self.column}."
        parts = "".join(f"; {PART_NAMES.get(s.name, s.name)} from {text.day(s.start)}" for s in self.spans)
        return (
            f"{text.counted(len(self.level_T), 'value')} of {self.symbol} {self.column} from "
            f"{text.day(self.time_T[0])} to {text.day(self.time_T[-1])}, between {text.number(self.level_T.min())} "
            f"and {text.number(self.level_T.max())}{parts}.{quality_marks.listed(self.odd)}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The histogram of labels, user's units: B counts between B + 1 edges; share_up is the share above zero."""

    unit: str
    edge_B: Floats
    count_B: Ints
    median: float
    share_up: float
    binary: bool

    @property
    def caption(self) -> str:
        """The middle and the bounds of the labels, or the share of rises."""
        count = int(self.count_B.sum())
        if not count:
            return "There is no label to count."
        if self.binary:
            return f"{text.percent(self.share_up)} of {text.counted(count, 'label')} are rises."
        if self.edge_B[0] == self.edge_B[-1]:
            return f"All of {text.counted(count, 'label')} are {text.amount(self.median, self.unit)}."
        signs = f" and {text.percent(self.share_up)} above zero" if self.edge_B[0] < 0 < self.edge_B[-1] else ""
        return (
            f"{text.counted(count, 'label')} from {text.number(self.edge_B[0])} to {text.number(self.edge_B[-1])}; "
            f"half lie below {text.amount(self.median, self.unit)}{signs}."
        )


def level(
    frame: pd.DataFrame,
    symbol: str,
    column: str,
    parts: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]] | None = None,
    odd: Sequence[quality_marks.Marks] = (),
) -> Level:
    """The values of `column` of `symbol`, missing ones left out; `parts` maps train, val, calib, test to (start, end).

    `odd` are the marks to draw on it (core.charts.data.quality_marks.place).

    Raises DataError when the frame has no such column.
    """
    if (symbol, column) not in frame.columns:
        raise DataError(f"The data have no column {column!r} of {symbol!r}. Choose another column to draw.")
    values = frame[symbol, column].dropna()
    spans = tuple(
        Span(name=name, start=np.datetime64(start), end=np.datetime64(end))
        for name, (start, end) in (parts or {}).items()
    )
    return Level(
        symbol=symbol,
        column=column,
        time_T=values.index.to_numpy(),
        level_T=values.to_numpy(),
        spans=spans,
        odd=tuple(odd),
    )


def draw_level(chart: Level, height: int = 320) -> go.Figure:
    """The level as a line over the shaded parts, with what is odd marked on it."""
    at = _drawn(chart)
    figure = go.Figure(
        go.Scatter(
            x=chart.time_T[at],
            y=chart.level_T[at],
            name=text.safe(f"{chart.symbol} {chart.column}"),
            mode="lines",
            line={"color": style.OUTCOME, "width": 1.3},
            showlegend=False,
            hovertemplate="%{y:.4~g}",
        )
    )
    for span in chart.spans:
        _shade(figure, span)
    if chart.odd:
        quality_marks.draw(figure, chart.odd)
    style.layout(figure, f"{text.clip(chart.symbol)} {text.clip(chart.column)}", height)
    return style.dates(figure, chart.time_T)


def labels(label_N: Floats, *, unit: str, binary: bool = False) -> Labels:
    """The histogram of finite labels, user's units, in at most 40 equal bins; two bars where they are 0 or 1."""
    finite_N = label_N[np.isfinite(label_N)].ravel()
    if not len(finite_N):
        return Labels(
            unit=unit,
            edge_B=np.zeros(2),
            count_B=np.zeros(1, dtype=int),
            median=float("nan"),
            share_up=float("nan"),
            binary=binary,
        )
    if binary:
        edge_B = np.array([-0.5, 0.5, 1.5])
        count_B = np.histogram(finite_N, edge_B)[0]
    elif np.ptp(finite_N) == 0:
        edge_B, count_B = np.repeat(finite_N[0], 2), np.array([len(finite_N)])
    else:
        count_B, edge_B = np.histogram(finite_N, bins=int(np.clip(np.sqrt(len(finite_N)), 5, 40)))
    return Labels(
        unit=unit,
        edge_B=edge_B,
        count_B=count_B,
        median=float(np.median(finite_N)),
        share_up=float(np.mean(finite_N > 0)),
        binary=binary,
    )


def draw_labels(chart: Labels, height: int = 220) -> go.Figure:
    """The histogram as bars; the median is marked."""
    width_B = np.diff(chart.edge_B)
    middle_B = chart.edge_B[:-1] + width_B / 2
    if not width_B.any():
        width_B = np.full(1, 0.01 * abs(middle_B[0]) or 0.01)
    figure = go.Figure(
        go.Bar(
            x=middle_B,
            y=chart.count_B,
            width=width_B * (0.5 if chart.binary else 1.0),
            marker={"color": style.MODEL, "line": {"color": "#ffffff", "width": 1}},
            hovertemplate="%{x:.4~g}: %{y}<extra></extra>",
        )
    )
    style.layout(figure, "labels", height, "" if chart.binary else chart.unit, hover="closest")
    if chart.binary:
        return style.labels(figure, ["no rise", "rise"], axis="x")
    if np.isfinite(chart.median):
        figure.add_vline(
            x=chart.median,
            line={"color": style.OUTCOME, "width": 1, "dash": "dot"},
            annotation={"text": "median", "font": {"size": 11, "color": style.NEUTRAL}},
        )
    return figure


def _drawn(chart: Level) -> Ints:
    """The rows to draw: a thinned line, and every row with a mark, so that the mark lies on the line."""
    marked = [np.flatnonzero(np.isin(chart.time_T, times)) for one in chart.odd for times in (one.time_M, one.end_M)]
    return np.unique(np.concatenate([thinning.thin(chart.level_T), *marked]))


def _shade(figure: go.Figure, span: Span) -> None:
    start, end = text.iso(np.array([span.start, span.end]))
    colour = PART_COLOURS.get(span.name, style.NEUTRAL)
    figure.add_shape(
        type="rect",
        x0=start,
        x1=end,
        yref="paper",
        y0=0,
        y1=1,
        layer="below",
        showlegend=True,
        name=text.safe(PART_NAMES.get(span.name, span.name)),
        line={"width": 0},
        fillcolor=style.translucent(colour, 0.16),
    )
