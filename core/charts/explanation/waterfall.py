"""The waterfall: from the average forecast to one forecast, feature by feature.

Axis letter: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.explanation.importance import position
from core.types import Explanation, Floats

SHOWN = 10
VISIBLE = 1e-3  # share of all contributions below which what is not shared out is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """base + Σ contribution_F + others + unexplained = forecast, target units; largest contribution first.

    `value_F` is each feature's own value at the cutoff. `others` sums the `other_count` features that are not shown.
    """

    unit: str
    symbol: str
    cutoff: np.datetime64
    step: int
    base: float
    forecast: float
    features: tuple[str, ...]
    value_F: Floats
    contribution_F: Floats
    others: float
    other_count: int
    unexplained: float

    @property
    def caption(self) -> str:
        """From the average to the forecast, with the feature that did most."""
        start = text.forecast_and_average(self.cutoff, self.step, self.symbol, self.forecast, self.base, self.unit)
        most = float(self.contribution_F[0])
        if most == 0:
            return f"{start}; no feature moves it."
        side = "raising" if most > 0 else "lowering"
        own = f" ({text.number(self.value_F[0])})" if np.isfinite(self.value_F[0]) else ""  # a family has no value
        return f"{start}; {self.features[0]}{own} did most, {side} it by {text.amount(abs(most), self.unit)}."


def compute(explanation: Explanation, unit: str, window: int = -1, step: int | None = None) -> Waterfall:
    """The waterfall of one explained window (a position, the last by default) at `step` sessions ahead (the last).

    Raises SpecError for a step that was not explained.
    """
    step = explanation.steps[-1] if step is None else step
    h = position(explanation, step)
    values_F, base = explanation.values_NHF[window, h], float(explanation.base_H[h])
    order = np.argsort(-np.abs(values_F), kind="stable")
    top, rest = (order, order[:0]) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])
    forecast = float(explanation.forecast_NH[window, h])
    gap = forecast - base - float(values_F.sum())
    return Waterfall(
        unit=unit,
        symbol=explanation.symbol_N[window],
        cutoff=explanation.cutoff_N[window],
        step=step,
        base=base,
        forecast=forecast,
        features=tuple(explanation.features[i] for i in top),
        contribution_F=values_F[top],
        value_F=explanation.data_NF[window, top],
        others=float(values_F[rest].sum()),
        other_count=len(rest),
        unexplained=gap if abs(gap) > VISIBLE * float(np.abs(values_F).sum() or 1.0) else 0.0,
    )


def draw(chart: Waterfall, height: int | None = None, start: str = "average forecast") -> go.Figure:
    """Horizontal steps from the average (what `start` names) on top to the forecast below.

    Ochre raises, blue lowers.
    """
    names = [
        text.escape(name, 26)
        + (f"<br><span style='font-size:11px'>= {text.number(value)}</span>" if np.isfinite(value) else "")
        for name, value in zip(chart.features, chart.value_F, strict=True)
    ]
    moves = [float(value) for value in chart.contribution_F]
    if chart.other_count:
        names, moves = [*names, text.pluralize(chart.other_count, "other feature")], [*moves, chart.others]
    if chart.unexplained:
        names, moves = [*names, "not shared out"], [*moves, chart.unexplained]
    shares = chart.unit.startswith("probability")
    shown = text.percent if shares else text.number
    said = [
        shown(chart.base),
        *(("+" if m > 0 else "") + shown(m if shares else float(f"{m:.3g}")) for m in moves),
        shown(chart.forecast),
    ]
    figure = go.Figure(
        go.Waterfall(
            orientation="h",
            y=np.arange(len(moves) + 2),
            x=[chart.base, *moves, chart.forecast],
            measure=["absolute", *["relative"] * len(moves), "total"],
            text=said,
            textposition="outside",
            cliponaxis=False,
            hoverinfo="skip",
            increasing={"marker": {"color": style.OCHRE}},
            decreasing={"marker": {"color": style.MODEL}},
            totals={"marker": {"color": style.OUTCOME}},
            connector={"line": {"color": style.NEUTRAL, "width": 1}},
        )
    )
    style.apply_layout(figure, "", height or 90 + 38 * len(said), f"forecast ({chart.unit})", hover="closest")
    figure.update_xaxes(range=_range(chart.base, moves), nticks=4, tickangle=0, tickformat=".0%" if shares else None)
    return style.label_positions(figure, [text.escape(start), *names, "<b>forecast</b>"])


def _range(base: float, moves: list[float]) -> list[float]:
    """Close around the steps: from zero, small contributions to a large level could not be seen."""
    reached = base + np.concatenate([[0.0], np.cumsum(moves)])
    room = float(np.ptp(reached)) or 0.2 * abs(base) or 1.0
    left = 0.5 if min(moves, default=0.0) < 0 else 0.25  # numbers of steps that go down stand on their left
    return [float(reached.min()) - left * room, float(reached.max()) + 0.4 * room]
