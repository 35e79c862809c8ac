"""The folds of a backtest: their place in time, and the skill and the coverage of each.

Axis letters: K folds.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.datasets.split import TITLES as SPLIT_TITLES
from core.evaluation.backtest.plan import FoldLayout
from core.evaluation.backtest.result import Backtest
from core.language import tr, tr_n
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The cutoffs of one split of one fold (counted from 1): the first, the last and their number."""

    fold: int
    split: str
    first: np.datetime64
    last: np.datetime64
    cutoffs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """The spans of all folds, fold by fold; `gap` cutoffs are left out between adjacent splits of a fold."""

    spans: tuple[Span, ...]
    folds: int
    gap: int
    rolling: bool

    @property
    def caption(self) -> str:
        """How often the model is trained, on what, on how many forecasts it is tested, and what is left out."""
        test = [span for span in self.spans if span.split == "test"]
        history = tr("a window of fixed length") if self.rolling else tr("all data")
        times = tr("once") if self.folds == 1 else tr("{folds} times", folds=self.folds)
        return tr_n(
            "The model is trained {times}, on {history} before the test split (green) of each fold, and tested on "
            "{cutoffs} forecasts from {first} to {last}; {count} cutoff between adjacent splits is left out (red) so "
            "that no label reaches into the next split.",
            "The model is trained {times}, on {history} before the test split (green) of each fold, and tested on "
            "{cutoffs} forecasts from {first} to {last}; {count} cutoffs between adjacent splits are left out (red) so "
            "that no label reaches into the next split.",
            self.gap,
            times=times,
            history=history,
            cutoffs=f"{sum(span.cutoffs for span in test):,}",
            first=text.day(test[0].first),
            last=text.day(test[-1].last),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFold:
    """One number per fold; `names` are the fold and the month in which its test split starts, `threshold` is zero
    skill or the nominal coverage. `mean` and `std` leave undefined values out."""

    metric: str  # skill or coverage
    model: str
    references: tuple[str, ...]
    names: tuple[str, ...]
    value_K: Floats
    forecasts_K: tuple[int, ...]
    threshold: float
    mean: float
    std: float

    @property
    def caption(self) -> str:
        """The spread over the folds."""
        count, model = len(self.names), text.model_name(self.model)
        one = len(self.references) == 1
        reference = text.the_model(self.references[0]) if one else tr("the reference of the fold")
        if self.metric == "coverage":
            low, high = (text.percent(float(end(self.value_K))) for end in (np.min, np.max))
            interval = tr("the {threshold} prediction interval covers", threshold=text.short_percent(self.threshold))
            return (
                tr(
                    "Over {count} folds, {interval} between {low} and {high} of the outcomes.",
                    count=count,
                    interval=interval,
                    low=low,
                    high=high,
                )
                if count > 1
                else tr("In the only fold, {interval} {low} of the outcomes.", interval=interval, low=low)
            )
        if count == 1:
            return tr(
                "In the only fold, the {model} has a skill of {mean} against {reference}.",
                model=model,
                mean=_signed(self.mean),
                reference=reference,
            )
        better = int((self.value_K > 0).sum())
        return tr(
            "The {model} beats {reference} in {better} of {count} folds; its mean skill is {mean} ± {std} (standard "
            "deviation over the folds).",
            model=model,
            reference=reference,
            better=better,
            count=count,
            mean=_signed(self.mean),
            std=text.percent(self.std),
        )


def compute_timeline(folds: tuple[FoldLayout, ...], index: pd.DatetimeIndex, horizon: int, rolling: bool) -> Timeline:
    """The spans of `folds` over the times `index`; labels reach `horizon` steps ahead."""
    spans = []
    for fold in folds:
        for split, (start, end) in fold.splits.items():
            if end <= start:
                continue
            first = max(start - 1, fold.start)
            last = end - 1 - horizon if split == "test" else end - 2 - fold.gap
            spans.append(
                Span(
                    fold=fold.number,
                    split=split,
                    first=index[first].to_datetime64(),
                    last=index[max(first, last)].to_datetime64(),
                    cutoffs=max(0, last - first + 1),
                )
            )
    return Timeline(spans=tuple(spans), folds=len(folds), gap=folds[0].gap, rolling=rolling)


def draw_timeline(chart: Timeline) -> go.Figure:
    """A row per fold, the first on top, with a bar per split; a red mark where cutoffs are left out."""
    figure = go.Figure()
    for split, colour in style.SPLITS.items():
        spans = [span for span in chart.spans if span.split == split]
        x = [t for span in spans for t in (*text.iso(np.array([span.first, span.last])), None)]
        y = [row for span in spans for row in (span.fold - 1, span.fold - 1, None)]
        hover = [
            f"{tr(SPLIT_TITLES[split])}, {text.pluralize(span.cutoffs, 'cutoff')}" for span in spans for _ in range(3)
        ]
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                name=tr(SPLIT_TITLES[split]),
                text=hover,
                line={"width": 12, "color": colour},
                hovertemplate="%{x}: %{text}<extra></extra>",
            )
        )
    before_gap = [span for span, after in zip(chart.spans, chart.spans[1:], strict=False) if span.fold == after.fold]
    figure.add_trace(
        go.Scatter(
            x=text.iso(np.array([span.last for span in before_gap])),
            y=[span.fold - 1 for span in before_gap],
            mode="markers",
            name=tr("left out"),
            marker={"symbol": "line-ns", "size": 14, "line": {"color": style.BAD, "width": 2}},
            hovertemplate=tr("then {cutoffs} left out", cutoffs=text.pluralize(chart.gap, "cutoff"))
            + "<extra></extra>",
        )
    )
    style.apply_layout(figure, "", 130 + 26 * chart.folds, hover="closest")
    style.label_positions(figure, [tr("fold {k}", k=k) for k in range(1, chart.folds + 1)])
    return style.format_dates(figure, np.array([span.last for span in chart.spans]))


def compute_skill(backtest: Backtest) -> ByFold:
    """The skill of the model in each fold, against the reference that its own validation split chooses."""
    return _by_fold(backtest, "skill", np.array([fold.skill for fold in backtest.folds]), 0.0)


def compute_coverage(backtest: Backtest) -> ByFold:
    """The coverage of the prediction interval in each fold; NaN without an interval."""
    coverage_K = np.array([fold.coverage for fold in backtest.folds])
    return _by_fold(backtest, "coverage", coverage_K, backtest.spec.bands.coverage)


def draw_by_fold(chart: ByFold) -> go.Figure:
    """A bar per fold in time order and a line at the threshold; undefined values have no bar."""
    good_K = chart.value_K >= chart.threshold if chart.metric == "skill" else np.ones(len(chart.names), dtype=bool)
    hover = [
        tr("{value} over {forecasts}", value=text.percent(value), forecasts=text.pluralize(count, "forecast"))
        for value, count in zip(chart.value_K, chart.forecasts_K, strict=True)
    ]
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(chart.names)),
            y=np.where(np.isfinite(chart.value_K), chart.value_K, 0),
            marker={"color": [style.MODEL if good else style.REFERENCE for good in good_K]},
            text=hover,
            textposition="none",
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_hline(y=chart.threshold, line={"color": style.OUTCOME, "width": 1})
    references = " or ".join(text.model_name(name) for name in chart.references)
    title = tr("skill against {references}", references=references) if chart.metric == "skill" else tr("coverage")
    style.apply_layout(figure, title, 320, hover="closest")
    if chart.metric == "skill" and math.isfinite(chart.mean):
        figure.add_hrect(
            y0=chart.mean - chart.std,
            y1=chart.mean + chart.std,
            line={"width": 0},
            layer="below",
            fillcolor=style.translucent(style.MODEL, 0.12),
        )
    figure.update_yaxes(tickformat=".0%")
    return style.label_positions(figure, list(chart.names), axis="x")


def _by_fold(backtest: Backtest, metric: str, value_K: Floats, threshold: float) -> ByFold:
    names = tuple(f"{fold.fold}<br>{np.datetime_as_string(fold.first, unit='M')}" for fold in backtest.folds)
    finite_K = value_K[np.isfinite(value_K)]
    return ByFold(
        metric=metric,
        model=backtest.spec.model.kind,
        references=backtest.references,
        names=names,
        value_K=value_K,
        forecasts_K=tuple(fold.rows["test"] for fold in backtest.folds),
        threshold=threshold,
        mean=float(finite_K.mean()) if len(finite_K) else float("nan"),
        std=float(finite_K.std(ddof=1)) if len(finite_K) > 1 else 0.0,
    )


def _signed(share: float) -> str:
    return f"{'+' if share >= 0 else ''}{text.percent(share)}"
