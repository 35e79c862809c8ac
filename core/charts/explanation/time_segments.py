"""One forecast by time segments of its window: a bar per segment, and what each feature contributes in it.

Axis letters: B segments, F features.
"""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation import phrases
from core.charts.explanation.importance import position
from core.charts.primitives import heatmap, symmetric_limits
from core.explain.local import TimeSegments
from core.language import tr
from core.types import Floats, Times

ROWS = 14
WRAPPED = 6  # segments; with more, labels on one line would touch
RECENT = 5  # steps that the caption sums up
ROUNDING = 1e-6  # share of the forecast below which a contribution is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentBars:
    """base + Σ value_B = forecast, target units; the oldest segment first, known future covariates last.

    `first_B` and `last_B` are the times of each segment, NaT for known future covariates; `oldest_lag_B` is its oldest
    lag.
    """

    unit: str
    symbol: str
    cutoff: np.datetime64
    step: int
    base: float
    forecast: float
    names: tuple[str, ...]
    first_B: Times
    last_B: Times
    oldest_lag_B: Floats
    value_B: Floats

    @property
    def caption(self) -> str:
        """From the average to the forecast, the segment that contributes most, and the share of the latest steps."""
        start = text.forecast_and_average(self.cutoff, self.step, self.symbol, self.forecast, self.base, self.unit)
        size_B = np.abs(self.value_B)
        if not size_B.any():
            return tr("{start}; no segment of the window moves it.", start=start)
        b = int(np.argmax(size_B))
        effect = phrases.effect(float(self.value_B[b]), self.unit)
        return tr(
            "{start}; {names}{times} contributed most, {effect}{recent}.",
            start=start,
            names=_in_words(self.names[b]),
            times=self._times(b),
            effect=effect,
            recent=self._recent(size_B),
        )

    def _recent(self, size_B: Floats) -> str:
        recent_B = self.oldest_lag_B <= RECENT
        if recent_B.all() or not recent_B.any():
            return ""
        steps = text.steps(int(self.oldest_lag_B[recent_B].max()), self.unit)
        return tr(
            ", and the latest {steps} contributed {size} of the total",
            steps=steps,
            size=text.percent(size_B[recent_B].sum() / size_B.sum()),
        )

    def _times(self, b: int) -> str:
        if np.isnat(self.first_B[b]):
            return ""
        first, last = (text.day(time) for time in (self.first_B[b], self.last_B[b]))
        return f" ({first})" if first == last else tr(" ({first} to {last})", first=first, last=last)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentMap:
    """The contribution of each feature in each segment, target units, the most important feature first; `omitted`
    features are not drawn."""

    unit: str
    names: tuple[str, ...]
    features: tuple[str, ...]
    value_BF: Floats
    omitted: int

    @property
    def caption(self) -> str:
        """The feature and segment that contribute most, and the feature that contributes most over the window."""
        size_BF = np.abs(self.value_BF)
        if not size_BF.any():
            return tr("No feature moves the forecast in any segment of the window.")
        b, f = np.unravel_index(int(np.argmax(size_BF)), size_BF.shape)
        segment = _in_words(self.names[b])
        where = tr("at {names}", names=segment) if self.names[b].startswith("lag") else f"({segment})"
        share = text.percent(size_BF[:, 0].sum() / size_BF.sum())
        return tr(
            "{features} {where} contributed most, {effect}; over the whole window {features_2} did, with {share} of "
            "what is drawn.{omitted}",
            features=self.features[f],
            where=where,
            effect=phrases.effect(float(self.value_BF[b, f]), self.unit),
            features_2=self.features[0],
            share=share,
            omitted=phrases.omitted(self.omitted),
        )


def compute(segments: TimeSegments, unit: str, step: int) -> SegmentBars:
    """The segments of one forecast at `step`. Raises SpecError for a step that was not explained."""
    explanation, h = segments.segments, position(segments.segments, step)
    base, forecast = float(explanation.base_H[h]), float(explanation.forecast_NH[0, h])
    known = len(explanation.features) - len(segments.first_B)  # 1 with known future covariates, else 0
    lag_B = segments.edge_B[-1] - segments.edge_B[:-1].astype(float)
    nat_B = np.full(known, np.datetime64("NaT"))
    return SegmentBars(
        unit=unit,
        symbol=explanation.symbol_N[0],
        cutoff=explanation.cutoff_N[0],
        step=step,
        base=base,
        forecast=forecast,
        names=tuple(_with_dashes(name) for name in explanation.features),
        oldest_lag_B=np.concatenate([lag_B, np.full(known, np.inf)]),
        first_B=np.concatenate([segments.first_B, nat_B]),
        last_B=np.concatenate([segments.last_B, nat_B]),
        value_B=_without_rounding(explanation.values_NHF[0, h], base, forecast),
    )


def compute_map(segments: TimeSegments, unit: str, step: int) -> SegmentMap:
    """At most 14 features by segment at `step`. Raises SpecError for a step that was not explained."""
    explanation, h = segments.segments, position(segments.segments, step)
    value_BF = _without_rounding(segments.grid(h), float(explanation.base_H[h]), float(explanation.forecast_NH[0, h]))
    order = np.argsort(-np.abs(value_BF).sum(axis=0), kind="stable")[:ROWS]
    return SegmentMap(
        unit=unit,
        names=tuple(_with_dashes(name) for name in explanation.features),
        value_BF=value_BF[:, order],
        features=tuple(segments.features[f] for f in order),
        omitted=len(segments.features) - len(order),
    )


def draw(chart: SegmentBars, height: int = 380) -> go.Figure:
    """A bar per segment, the latest on the right; ochre raised the forecast, blue lowered it."""
    hover = [
        f"{_in_words(name)}{chart._times(b)}: {text.amount(value, chart.unit)}"
        for b, (name, value) in enumerate(zip(chart.names, chart.value_B, strict=True))
    ]
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(chart.names)),
            y=chart.value_B,
            hovertext=hover,
            hoverinfo="text",
            cliponaxis=False,
            marker={"color": [style.HIGH if value > 0 else style.LOW for value in chart.value_B]},
            text=_aligned_numbers(chart.value_B, 3),
            textposition="outside",
            textangle=0,
            constraintext="none",
            textfont={"size": 11},
        )
    )
    low, high = min(0.0, float(chart.value_B.min())), max(0.0, float(chart.value_B.max()))
    room = 0.15 * (high - low) or 1.0
    _segment_layout(
        figure, chart.names, height, tr("contribution ({unit})", unit=text.unit_title(chart.unit)), chart.unit
    )
    return figure.update_yaxes(range=[low - room, high + room], zeroline=True, zerolinecolor=style.NEUTRAL)


def draw_map(chart: SegmentMap, height: int | None = None) -> go.Figure:
    """Features down, segments across; ochre where a feature raised the forecast, blue where it lowered it."""
    names = [text.escape(name, 24) for name in chart.features]
    hover = [
        [
            f"{text.tooltip(name)}, {_in_words(segment)}: {text.amount(chart.value_BF[b, f], chart.unit)}"
            for b, segment in enumerate(chart.names)
        ]
        for f, name in enumerate(chart.features)
    ]
    figure = go.Figure(
        heatmap(
            chart.value_BF.T,
            symmetric_limits(chart.value_BF),
            style.LOW_HIGH,
            hover,
            label_RC=np.array(_aligned_numbers(chart.value_BF.T.ravel(), 2)).reshape(len(names), -1),
            textfont={"size": 11, "color": style.OUTCOME},
            xgap=1,
            ygap=1,
        )
    )
    _segment_layout(figure, chart.names, height or max(380, 130 + 26 * len(names)), "", chart.unit)
    return style.label_positions(figure, names)


def _segment_layout(figure: go.Figure, names: tuple[str, ...], height: int, y_title: str, unit: str) -> None:
    style.apply_layout(figure, y_title, height, text.lag_axis(unit), hover="closest")
    style.label_positions(figure, _short_names(names), axis="x").update_xaxes(tickangle=0, tickfont={"size": 11})


def _aligned_numbers(value_n: Floats, digits: int) -> list[str]:
    """Signed numbers, all with the decimals that the largest needs for `digits` digits; "0" for smaller ones."""
    largest = float(np.abs(value_n).max())
    decimals = max(0, digits - 1 - math.floor(math.log10(largest))) if largest else 0
    if decimals > 6:
        return [text.minus(f"{value:+.{digits - 1}g}") if value else "0" for value in value_n]
    numbers = [text.minus(f"{value:+,.{decimals}f}") for value in value_n]
    return [number if any(digit in number for digit in "123456789") else "0" for number in numbers]


def _without_rounding(value: Floats, base: float, forecast: float) -> Floats:
    """The values with zero for what is only rounding: batches of other sizes round differently."""
    return np.where(np.abs(value) > ROUNDING * max(abs(base), abs(forecast)), value, 0.0)


def _with_dashes(name: str) -> str:
    return name.replace("-", "–")


def _in_words(name: str) -> str:
    """A segment in the language of the screen: lag 1, lags 2–5, known ahead."""
    kind, _, lags = name.partition(" ")
    if kind == "lag":
        return tr("lag {start}", start=lags)
    return tr("lags {lags}", lags=lags) if kind == "lags" else tr(name)


def _short_names(names: tuple[str, ...]) -> list[str]:
    """The labels below the segments: their lags, on two lines if there are many segments."""
    between = "–<br>" if len(names) > WRAPPED else "–"
    return [
        name.removeprefix("lags ").removeprefix("lag ").replace("–", between)
        if name.startswith("lag")
        else tr(name).replace(" ", "<br>")
        for name in names
    ]
