"""What a model is trained on: the level over time with its splits, and the histogram of the labels.

Axis letters: T rows, N labels, B bins.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.data import quality_marks
from core.datasets.split import TITLES as SPLIT_TITLES
from core.errors import DataError
from core.language import message, tr
from core.types import Floats, Ints, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitSpan:
    """One split (train, val, calib or test) from its first to its last time."""

    name: str
    start: np.datetime64
    end: np.datetime64


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSeries:
    """The observed values of one column of one symbol in the user's units, its splits and quality marks."""

    symbol: str
    column: str
    time_T: Times
    level_T: Floats
    spans: tuple[SplitSpan, ...]
    marks: tuple[quality_marks.Marks, ...] = ()

    @property
    def caption(self) -> str:
        """The number of values, their period and range, when each split starts, and the marks."""
        if not len(self.level_T):
            return tr("{symbol} has no value of {column}.", symbol=self.symbol, column=self.column)
        starts = ", ".join(
            tr("{name} starts on {start}", name=tr(SPLIT_TITLES.get(s.name, s.name)), start=text.day(s.start))
            for s in self.spans
        )
        splits = tr("; {starts}", starts=starts) if starts else ""
        return tr(
            "{values} of {symbol} {column} from {time} to {time_2}, between {level} and {level_2}{splits}.{summarize}",
            values=text.pluralize(len(self.level_T), "value"),
            symbol=self.symbol,
            column=self.column,
            time=text.day(self.time_T[0]),
            time_2=text.day(self.time_T[-1]),
            level=text.number(self.level_T.min()),
            level_2=text.number(self.level_T.max()),
            splits=splits,
            summarize=quality_marks.summarize(self.marks),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelHistogram:
    """The histogram of labels in the user's units: B counts between B + 1 edges; `share_up` is the share above zero."""

    unit: str
    edge_B: Floats
    count_B: Ints
    median: float
    share_up: float
    binary: bool

    @property
    def caption(self) -> str:
        """The number, range and median of the labels, or the share of rises."""
        count = int(self.count_B.sum())
        if not count:
            return tr("There are no labels.")
        if self.binary:
            return tr(
                "{share_up} of the {labels} are rises.",
                share_up=text.percent(self.share_up),
                labels=text.pluralize(count, "label"),
            )
        if self.edge_B[0] == self.edge_B[-1]:
            return tr(
                "Each of the {labels} is {median}.",
                labels=text.pluralize(count, "label"),
                median=text.amount(self.median, self.unit),
            )
        signs = (
            tr(" and {share_up} above zero", share_up=text.percent(self.share_up))
            if self.edge_B[0] < 0 < self.edge_B[-1]
            else ""
        )
        return tr(
            "{labels} from {edge} to {edge_2}, with a median of {median}{signs}.",
            labels=text.pluralize(count, "label"),
            edge=text.number(self.edge_B[0]),
            edge_2=text.number(self.edge_B[-1]),
            median=text.amount(self.median, self.unit),
            signs=signs,
        )


def compute_level(
    frame: pd.DataFrame,
    symbol: str,
    column: str,
    splits: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]] | None = None,
    marks: Sequence[quality_marks.Marks] = (),
) -> LevelSeries:
    """The values of `column` of `symbol` without the missing ones.

    `splits` maps train, val, calib and test to (start, end); `marks` come from core.charts.data.quality_marks.place.
    Raises DataError if the frame has no such column.
    """
    if (symbol, column) not in frame.columns:
        raise DataError(
            message(
                "The data has no column {column} of {symbol}. Choose another column to draw.",
                column=repr(column),
                symbol=repr(symbol),
            )
        )
    values = frame[symbol, column].dropna()
    spans = tuple(
        SplitSpan(name=name, start=np.datetime64(start), end=np.datetime64(end))
        for name, (start, end) in (splits or {}).items()
    )
    return LevelSeries(
        symbol=symbol,
        column=column,
        time_T=values.index.to_numpy(),
        level_T=values.to_numpy(),
        spans=spans,
        marks=tuple(marks),
    )


def draw_level(chart: LevelSeries, height: int = 320) -> go.Figure:
    """The level as a line over the shaded splits, with its quality marks."""
    at = _rows_to_draw(chart)
    figure = go.Figure(
        go.Scatter(
            x=text.iso(chart.time_T[at]),
            y=chart.level_T[at],
            name=text.escape(f"{chart.symbol} {chart.column}"),
            mode="lines",
            line={"color": style.OUTCOME, "width": 1.3},
            showlegend=False,
            hovertemplate="%{y:,.5~r}",
        )
    )
    for span in chart.spans:
        _add_shading(figure, span)
    if chart.marks:
        quality_marks.draw(figure, chart.marks)
    style.apply_layout(figure, f"{text.truncate(chart.symbol)} {text.truncate(chart.column)}", height)
    return style.format_dates(figure, quality_marks.with_times(chart.time_T, chart.marks))


def compute_labels(label_N: Floats, *, unit: str, binary: bool = False) -> LabelHistogram:
    """The histogram of the finite labels (user's units) in 5 to 40 equal bins, or in two if they are 0 or 1."""
    finite_N = label_N[np.isfinite(label_N)].ravel()
    if not len(finite_N):
        return LabelHistogram(
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
    return LabelHistogram(
        unit=unit,
        edge_B=edge_B,
        count_B=count_B,
        median=float(np.median(finite_N)),
        share_up=float(np.mean(finite_N > 0)),
        binary=binary,
    )


def draw_labels(chart: LabelHistogram, height: int = 220) -> go.Figure:
    """The histogram as bars with a line at the median."""
    width_B = np.diff(chart.edge_B)
    middle_B = chart.edge_B[:-1] + width_B / 2
    if not width_B.any():
        width_B = np.full(1, 0.01 * abs(middle_B[0]) or 0.01)
    figure = go.Figure(
        go.Bar(
            x=middle_B,
            y=chart.count_B,
            width=width_B * (0.5 if chart.binary else 1.0),
            marker={"color": style.MODEL, "line": {"color": style.PAPER, "width": 1}},
            hovertemplate="%{x:,.5~r}: %{y}<extra></extra>",
        )
    )
    style.apply_layout(
        figure, tr("labels"), height, "" if chart.binary else text.unit_title(chart.unit), hover="closest"
    )
    if chart.binary:
        return style.label_positions(figure, [tr("no rise"), tr("rise")], axis="x")
    if np.isfinite(chart.median):
        figure.add_vline(
            x=chart.median,
            line={"color": style.OUTCOME, "width": 1, "dash": "dot"},
            annotation={"text": tr("median"), "font": {"size": 11, "color": style.NEUTRAL}},
        )
    return figure


def _rows_to_draw(chart: LevelSeries) -> Ints:
    """Positions of the rows to draw: the thinned line plus every marked row, so that each mark lies on the line."""
    times = [time_M for marks in chart.marks for time_M in (marks.time_M, marks.end_M)]
    marked = [np.flatnonzero(np.isin(chart.time_T, time_M)) for time_M in times]
    return np.unique(np.concatenate([thinning.thin(chart.level_T), *marked]))


def _add_shading(figure: go.Figure, span: SplitSpan) -> None:
    start, end = text.iso(np.array([span.start, span.end]))
    colour = style.SPLITS.get(span.name, style.NEUTRAL)
    figure.add_shape(
        type="rect",
        x0=start,
        x1=end,
        yref="paper",
        y0=0,
        y1=1,
        layer="below",
        showlegend=True,
        name=text.escape(tr(SPLIT_TITLES.get(span.name, span.name))),
        line={"width": 0},
        fillcolor=style.translucent(colour, 0.16),
    )
