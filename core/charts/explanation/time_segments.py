"""One forecast by stretches of its window: a bar for each, and what each feature did in it.

Axis letters: B stretches, F features.
"""

import math
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation.importance import position
from core.explain.local import TimeSegments
from core.types import Floats, Times

ROWS = 14
MANY = 6  # stretches beyond which their labels would touch
RECENT = 5  # sessions that the sentence sums up
ROUNDING = 1e-6  # share of the forecast below which a contribution is nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """base + Σ value_B = forecast, target units; the oldest stretch first, what is known ahead behind the latest.

    `first_B` and `last_B` are the sessions of each stretch, NaT for what is known ahead; `far_B` its oldest lag.
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
    far_B: Floats
    value_B: Floats

    @property
    def caption(self) -> str:
        """From the average to the forecast, the stretch that did most, and the share of the latest sessions."""
        start = text.forecast_and_average(self.cutoff, self.step, self.symbol, self.forecast, self.base, self.unit)
        size_B = np.abs(self.value_B)
        if not size_B.any():
            return f"{start}; no stretch of the window moves it."
        most = int(np.argmax(size_B))
        said = f"{start}; {self.names[most]}{self._when(most)} did most, {_moved(self.value_B[most], self.unit)}"
        recent_B = self.far_B <= RECENT
        if recent_B.all() or not recent_B.any():
            return f"{said}."
        sessions = text.pluralize(int(self.far_B[recent_B].max()), "session")
        return f"{said}. The latest {sessions} did {text.percent(size_B[recent_B].sum() / size_B.sum())} of all."

    def _when(self, b: int) -> str:
        if np.isnat(self.first_B[b]):
            return ""
        days = dict.fromkeys(text.day(time) for time in (self.first_B[b], self.last_B[b]))
        return f" ({' to '.join(days)})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Map:
    """What each feature did in each stretch, target units, the feature that did most first; `left` are not drawn."""

    unit: str
    names: tuple[str, ...]
    features: tuple[str, ...]
    value_BF: Floats
    left: int

    @property
    def caption(self) -> str:
        """The cell that did most, and the feature that did most over the whole window."""
        size_BF = np.abs(self.value_BF)
        if not size_BF.any():
            return "No feature moves the forecast in any stretch of the window."
        b, f = np.unravel_index(int(np.argmax(size_BF)), size_BF.shape)
        left = f" {text.pluralize(self.left, 'feature')} that did less are not drawn." if self.left else ""
        where = f"at {self.names[b]}" if self.names[b].startswith("lag") else self.names[b]
        return (
            f"{self.features[f]} {where} did most, {_moved(self.value_BF[b, f], self.unit)}; over the whole window "
            f"{self.features[0]} did, {text.percent(size_BF[:, 0].sum() / size_BF.sum())} of what is drawn.{left}"
        )


def compute(found: TimeSegments, unit: str, step: int) -> Bars:
    """The stretches of one forecast at `step` sessions ahead. Raises SpecError for a step that was not explained."""
    made, h = found.segments, position(found.segments, step)
    base, forecast = float(made.base_H[h]), float(made.forecast_NH[0, h])
    ahead = len(made.features) - len(found.first_B)  # 1 where something is known ahead
    far_B = np.concatenate([found.edge_B[-1] - found.edge_B[:-1].astype(float), np.full(ahead, np.inf)])
    nat_B = np.full(ahead, np.datetime64("NaT"))
    return Bars(
        unit=unit,
        symbol=made.symbol_N[0],
        cutoff=made.cutoff_N[0],
        step=step,
        base=base,
        forecast=forecast,
        names=tuple(_dashed(name) for name in made.features),
        far_B=far_B,
        first_B=np.concatenate([found.first_B, nat_B]),
        last_B=np.concatenate([found.last_B, nat_B]),
        value_B=_rounded(made.values_NHF[0, h], base, forecast),
    )


def by_feature(found: TimeSegments, unit: str, step: int) -> Map:
    """At most 14 features by stretch at `step` sessions ahead. Raises SpecError for a step that was not explained."""
    h = position(found.segments, step)
    value_BF = _rounded(found.grid(h), float(found.segments.base_H[h]), float(found.segments.forecast_NH[0, h]))
    top = np.argsort(-np.abs(value_BF).sum(axis=0), kind="stable")[:ROWS]
    return Map(
        unit=unit,
        names=tuple(_dashed(name) for name in found.segments.features),
        value_BF=value_BF[:, top],
        features=tuple(found.features[f] for f in top),
        left=len(found.features) - len(top),
    )


def draw(chart: Bars, height: int = 380) -> go.Figure:
    """A bar for each stretch, time running to the right; ochre raised the forecast, blue lowered it."""
    shown = [
        f"{name}{chart._when(b)}: {text.amount(value, chart.unit)}"
        for b, (name, value) in enumerate(zip(chart.names, chart.value_B, strict=True))
    ]
    figure = go.Figure(
        go.Bar(
            x=np.arange(len(chart.names)),
            y=chart.value_B,
            hovertext=shown,
            hoverinfo="text",
            cliponaxis=False,
            marker={"color": [style.OCHRE if value > 0 else style.MODEL for value in chart.value_B]},
            text=_alike(chart.value_B, 3),
            textposition="outside",
            textangle=0,
            constraintext="none",
            textfont={"size": 11},
        )
    )
    style.apply_layout(
        figure, f"contribution ({chart.unit})", height, "lag in sessions (1 = the latest)", hover="closest"
    )
    low, high = min(0.0, float(chart.value_B.min())), max(0.0, float(chart.value_B.max()))
    room = 0.15 * (high - low) or 1.0
    figure.update_yaxes(range=[low - room, high + room], zeroline=True, zerolinecolor=style.NEUTRAL)
    return style.label_positions(figure, _short(chart.names), axis="x").update_xaxes(tickangle=0, tickfont={"size": 11})


def draw_map(chart: Map, height: int | None = None) -> go.Figure:
    """Features down, stretches across; ochre where a feature raised the forecast, blue where it lowered it."""
    limit = float(np.abs(chart.value_BF).max()) or 1.0
    names = [text.escape(name, 24) for name in chart.features]
    hover = [
        [f"{name}, {stretch}: {text.amount(chart.value_BF[b, f], chart.unit)}" for b, stretch in enumerate(chart.names)]
        for f, name in enumerate(names)
    ]
    figure = go.Figure(
        go.Heatmap(
            z=chart.value_BF.T,
            x=np.arange(len(chart.names)),
            y=np.arange(len(names)),
            zmin=-limit,
            zmax=limit,
            colorscale=style.LOW_HIGH,
            showscale=False,
            hovertext=hover,
            hoverinfo="text",
            xgap=1,
            ygap=1,
            text=np.array(_alike(chart.value_BF.T.ravel(), 2)).reshape(len(names), -1),
            texttemplate="%{text}",
            textfont={"size": 11, "color": style.OUTCOME},
        )
    )
    style.apply_layout(
        figure, "", height or max(380, 130 + 26 * len(names)), "lag in sessions (1 = the latest)", hover="closest"
    )
    style.label_positions(figure, names)
    return style.label_positions(figure, _short(chart.names), axis="x").update_xaxes(tickangle=0, tickfont={"size": 11})


def _alike(value_n: Floats, digits: int) -> list[str]:
    """Signed numbers with as many decimals as the largest needs for so many digits; "0" for what is less."""
    largest = float(np.abs(value_n).max())
    decimals = max(0, digits - 1 - math.floor(math.log10(largest))) if largest else 0
    if decimals > 6:
        return [f"{value:+.{digits - 1}g}".replace("-", "−") if value else "0" for value in value_n]
    shown = [f"{value:+,.{decimals}f}".replace("-", "−") for value in value_n]
    return [said if any(digit in said for digit in "123456789") else "0" for said in shown]


def _moved(value: float, unit: str) -> str:
    return f"{'raising' if value > 0 else 'lowering'} it by {text.amount(abs(float(value)), unit)}"


def _rounded(value: Floats, base: float, forecast: float) -> Floats:
    """Without what batches of other sizes round differently."""
    return np.where(np.abs(value) > ROUNDING * max(abs(base), abs(forecast)), value, 0.0)


def _dashed(name: str) -> str:
    return name.replace("-", "–")


def _short(names: tuple[str, ...]) -> list[str]:
    """Below the stretches: their lags, over two lines where there are many."""
    between = "–<br>" if len(names) > MANY else "–"
    return [
        name.removeprefix("lags ").removeprefix("lag ").replace("known ahead", "known<br>ahead").replace("–", between)
        for name in names
    ]
