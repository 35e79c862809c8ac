"""The waterfall: from the average forecast to one forecast, feature by feature.

Axis letter: F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import primitives, style, text
from core.charts.explanation import phrases
from core.charts.explanation.importance import Z_95, position
from core.language import mark, tr
from core.types import Explanation, Floats, Ints

SHOWN = 10
VISIBLE = 1e-3  # share of all contributions; a smaller unexplained rest is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Waterfall:
    """base + Σ contribution_F + others + unexplained = forecast, target units; the largest contribution first.

    `value_F` is each feature's own value at the cutoff, `error` the standard error of the first contribution, NaN if it
    is not sampled. `others` sums the `other_count` features that are not shown.
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
    error: float = float("nan")

    @property
    def caption(self) -> str:
        """From the average to the forecast, with the feature that contributed most."""
        start = text.forecast_and_average(self.cutoff, self.step, self.symbol, self.forecast, self.base, self.unit)
        largest = float(self.contribution_F[0])
        if largest == 0:
            return tr("{start}; no feature moves it.", start=start)
        value = f" ({text.number(self.value_F[0])})" if np.isfinite(self.value_F[0]) else ""  # a family has no value
        error = tr(" (± {z_95} from sampling)", z_95=text.number(Z_95 * self.error)) if np.isfinite(self.error) else ""
        return tr(
            "{start}; {features}{value} contributed most, {effect}{error}.",
            start=start,
            features=self.features[0],
            value=value,
            effect=phrases.effect(largest, self.unit),
            error=error,
        )


def compute(explanation: Explanation, unit: str, window: int = -1, step: int | None = None) -> Waterfall:
    """The waterfall of one explained window (its position, the last by default) at `step` (the last if None).

    Raises SpecError for a step that was not explained.
    """
    step = explanation.steps[-1] if step is None else step
    h = position(explanation, step)
    values_F, base = explanation.values_NHF[window, h], float(explanation.base_H[h])
    shown, rest = largest_first(values_F)
    forecast = float(explanation.forecast_NH[window, h])
    gap = forecast - base - float(values_F.sum())
    return Waterfall(
        unit=unit,
        symbol=explanation.symbol_N[window],
        cutoff=explanation.cutoff_N[window],
        step=step,
        base=base,
        forecast=forecast,
        features=tuple(explanation.features[i] for i in shown),
        contribution_F=values_F[shown],
        value_F=explanation.data_NF[window, shown],
        others=float(values_F[rest].sum()),
        other_count=len(rest),
        error=float("nan") if explanation.error_NHF is None else float(explanation.error_NHF[window, h, shown[0]]),
        unexplained=gap if abs(gap) > VISIBLE * float(np.abs(values_F).sum() or 1.0) else 0.0,
    )


def largest_first(values_F: Floats) -> tuple[Ints, Ints]:
    """The positions of the ten largest contributions by size, and of the rest; eleven are all shown."""
    order = np.argsort(-np.abs(values_F), kind="stable")
    return (order, order[:0]) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])


def draw(chart: Waterfall, height: int | None = None, start: str = mark("average forecast")) -> go.Figure:
    """Horizontal steps from the average (named by `start`) on top to the forecast below; ochre raises, blue lowers."""
    names, moves = _steps(chart)
    share = chart.unit.startswith("probability")
    label = text.percent if share else text.number
    labels = [
        label(chart.base),
        *(("+" if move > 0 else "") + label(move if share else float(f"{move:.3g}")) for move in moves),
        label(chart.forecast),
    ]
    figure = go.Figure(primitives.waterfall(chart.base, moves, chart.forecast, labels))
    style.apply_layout(
        figure,
        "",
        height or 90 + 38 * len(labels),
        tr("forecast ({unit})", unit=text.unit_title(chart.unit)),
        hover="closest",
    )
    figure.update_xaxes(
        range=primitives.waterfall_range(chart.base, moves), nticks=4, tickangle=0, tickformat=".0%" if share else None
    )
    return style.label_positions(figure, [text.escape(tr(start)), *names, f"<b>{tr('forecast')}</b>"])


def _steps(chart: Waterfall) -> tuple[list[str], list[float]]:
    """The names and sizes of the steps: each feature with its value, the other features, the unexplained rest."""
    names = [
        text.escape(name, 26)
        + (f"<br><span style='font-size:11px'>= {text.number(value)}</span>" if np.isfinite(value) else "")
        for name, value in zip(chart.features, chart.value_F, strict=True)
    ]
    moves = [float(value) for value in chart.contribution_F]
    if chart.other_count:
        names, moves = [*names, text.pluralize(chart.other_count, "other feature")], [*moves, chart.others]
    if chart.unexplained:
        names, moves = [*names, tr("unexplained")], [*moves, chart.unexplained]
    return names, moves
