"""The folds of a walk forward: where they lie in time, how well each did, and how often its band held.

Axis letters: K folds.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.data.series import SPLIT_COLOURS, SPLIT_NAMES
from core.evaluation.backtest.plan import Layout
from core.evaluation.backtest.result import Backtest
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The sessions that one part of one fold (counted from 1) forecasts from: times of the first and the last."""

    fold: int
    part: str
    first: np.datetime64
    last: np.datetime64
    sessions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """All spans of all folds, fold by fold; between two parts of a fold `gap` cutoffs are left out."""

    spans: tuple[Span, ...]
    folds: int
    gap: int
    rolling: bool

    @property
    def caption(self) -> str:
        """How often the model is trained anew, on what, by what it is judged, and what is left out."""
        test = [span for span in self.spans if span.part == "test"]
        sees = "the latest sessions, always as many," if self.rolling else "every session"
        times = "once" if self.folds == 1 else f"{self.folds} times"
        return (
            f"The model is trained {times}, each time on {sees} before the test part (green) of its fold, and "
            f"judged by {sum(span.sessions for span in test):,} forecasts from {text.day(test[0].first)} to "
            f"{text.day(test[-1].last)}; {text.pluralize(self.gap, 'cutoff')} between two parts "
            f"{'is' if self.gap == 1 else 'are'} left out (red), so that no label reaches into the next."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFold:
    """One number a fold, with the time span of its test part in words; `line` is what it is held against."""

    what: str  # skill or coverage
    model: str
    reference: str
    names: tuple[str, ...]
    value_K: Floats
    forecasts_K: tuple[int, ...]
    line: float
    mean: float
    std: float

    @property
    def caption(self) -> str:
        """The spread over the folds."""
        count = len(self.names)
        if self.what == "coverage":
            low, high = (text.percent(float(at(self.value_K))) for at in (np.min, np.max))
            band = f"the {text.short_percent(self.line)} band held"
            return (
                f"Fold by fold, {band} between {low} and {high} of the outcomes."
                if count > 1
                else f"In its one fold {band} {low} of the outcomes."
            )
        above = int((self.value_K > 0).sum())
        rule = text.the_model(self.reference)
        if count == 1:
            return (
                f"In its one fold the {text.model_name(self.model)} has a skill of {_signed(self.mean)} against {rule}."
            )
        return (
            f"The {text.model_name(self.model)} does better than {rule} in {above} of {count} folds; its skill is "
            f"{_signed(self.mean)} ± {text.percent(self.std)} (mean and standard deviation over folds)."
        )


def timeline(folds: tuple[Layout, ...], index: pd.DatetimeIndex, horizon: int, rolling: bool) -> Timeline:
    """The spans of folds laid over the sessions `index`; labels reach `horizon` sessions ahead."""
    spans = []
    for fold in folds:
        used = [part for part, (start, end) in fold.parts.items() if end > start]
        for part in used:
            start, end = fold.parts[part]
            first = max(start - 1, fold.start)
            last = end - 1 - horizon if part == "test" else end - 2 - fold.gap
            spans.append(
                Span(
                    fold=fold.number,
                    part=part,
                    first=index[first].to_datetime64(),
                    last=index[max(first, last)].to_datetime64(),
                    sessions=max(0, last - first + 1),
                )
            )
    return Timeline(spans=tuple(spans), folds=len(folds), gap=folds[0].gap, rolling=rolling)


def draw_timeline(chart: Timeline) -> go.Figure:
    """A bar a part, a line a fold, the first fold on top; a red mark where cutoffs are left out."""
    figure = go.Figure()
    for part, colour in SPLIT_COLOURS.items():
        own = [span for span in chart.spans if span.part == part]
        x = [t for span in own for t in (*text.iso(np.array([span.first, span.last])), None)]
        y = [at for span in own for at in (span.fold - 1, span.fold - 1, None)]
        said = [f"{SPLIT_NAMES[part]}, {text.pluralize(span.sessions, 'session')}" for span in own for _ in range(3)]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                name=SPLIT_NAMES[part],
                text=said,
                line={"width": 12, "color": colour},
                hovertemplate="%{x}: %{text}<extra></extra>",
            )
        )
    ends = [span for span, after in zip(chart.spans, chart.spans[1:], strict=False) if span.fold == after.fold]
    figure.add_trace(
        go.Scatter(
            x=text.iso(np.array([span.last for span in ends])),
            y=[span.fold - 1 for span in ends],
            mode="markers",
            name="left out",
            marker={"symbol": "line-ns", "size": 14, "line": {"color": style.BAD, "width": 2}},
            hovertemplate=f"then {text.pluralize(chart.gap, 'cutoff')} left out<extra></extra>",
        )
    )
    style.apply_layout(figure, "", 130 + 26 * chart.folds, hover="closest")
    style.label_positions(figure, [f"fold {k}" for k in range(1, chart.folds + 1)])
    return style.format_dates(figure, np.array([span.last for span in chart.spans]))


def skill(walk: Backtest) -> ByFold:
    """The skill of the model in each fold, against the reference of the whole walk."""
    return _by_fold(walk, "skill", np.array([fold.skill for fold in walk.folds]), 0.0)


def coverage(walk: Backtest) -> ByFold:
    """The share of outcomes that the band held in each fold; NaN where there is no band."""
    return _by_fold(walk, "coverage", np.array([fold.coverage for fold in walk.folds]), walk.spec.bands.coverage)


def draw(chart: ByFold) -> go.Figure:
    """A bar a fold, in time order, and a line at what it is held against; undefined numbers have no bar."""
    good = chart.value_K >= chart.line if chart.what == "skill" else np.ones(len(chart.names), dtype=bool)
    colours = [style.MODEL if one else style.OCHRE for one in good]
    said = [
        f"{text.percent(value)} over {text.pluralize(count, 'forecast')}"
        for value, count in zip(chart.value_K, chart.forecasts_K, strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(chart.names)),
            y=np.where(np.isfinite(chart.value_K), chart.value_K, 0),
            marker={"color": colours},
            text=said,
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_hline(y=chart.line, line={"color": style.OUTCOME, "width": 1})
    title = f"skill against {text.model_name(chart.reference)}" if chart.what == "skill" else "share inside the band"
    style.apply_layout(figure, title, 320, hover="closest")
    if chart.what == "skill" and math.isfinite(chart.mean):
        figure.add_hrect(
            y0=chart.mean - chart.std,
            y1=chart.mean + chart.std,
            line={"width": 0},
            layer="below",
            fillcolor=style.translucent(style.MODEL, 0.12),
        )
    figure.update_yaxes(tickformat=".0%")
    return style.label_positions(figure, list(chart.names), axis="x")


def _by_fold(walk: Backtest, what: str, value_K: Floats, line: float) -> ByFold:
    names = tuple(f"{fold.fold}<br>{np.datetime_as_string(fold.first, unit='M')}" for fold in walk.folds)
    there_K = value_K[np.isfinite(value_K)]
    return ByFold(
        what=what,
        model=walk.spec.model.kind,
        reference=walk.evaluation.verdict.reference,
        names=names,
        value_K=value_K,
        forecasts_K=tuple(fold.rows["test"] for fold in walk.folds),
        line=line,
        mean=float(there_K.mean()) if len(there_K) else float("nan"),
        std=float(there_K.std(ddof=1)) if len(there_K) > 1 else 0.0,
    )


def _signed(share: float) -> str:
    return f"{'+' if share >= 0 else ''}{text.percent(share)}"
