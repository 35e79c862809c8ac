"""The forecast revision as a waterfall: from the previous forecast to this one, feature by feature.

Axis letter: P features, and the last value if the forecast starts from it.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import text
from core.charts.explanation import phrases, waterfall
from core.charts.explanation.waterfall import Waterfall
from core.explain.local import ForecastRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A waterfall whose base is the forecast from the cutoff `previous`; `previous_value` is the value that its first
    feature had then."""

    previous: np.datetime64
    previous_value: float
    steps: Waterfall

    @property
    def caption(self) -> str:
        """How far the forecast moved, and what moved it most."""
        steps, unit = self.steps, self.steps.unit
        start = (
            f"From {text.day(self.previous)} to {text.day(steps.cutoff)}, the forecast for {steps.symbol}, "
            f"{text.lead_time(steps.step, unit)}, went from {text.amount(steps.base, unit)} to "
            f"{text.amount(steps.forecast, unit)}"
        )
        largest = float(steps.contribution_F[0])
        if largest == 0:
            return f"{start}; no feature moved it."
        values = f"{text.number(self.previous_value)} → {text.number(steps.value_F[0])}"
        return f"{start}; {steps.features[0]} ({values}) contributed most, {phrases.effect(largest, unit)}."


def compute(since: ForecastRevision, unit: str, step: int) -> Revision:
    """The revision at `step` by feature, the largest contribution first, in the user's unit."""
    h = since.steps.index(step)
    values_P = since.values_PH[:, h]
    shown, rest = waterfall.largest_first(values_P)
    steps = Waterfall(
        unit=unit,
        symbol=since.symbol,
        cutoff=since.cutoff,
        step=step,
        base=float(since.previous_H[h]),
        forecast=float(since.forecast_H[h]),
        features=tuple(since.names[i] for i in shown),
        value_F=since.new_P[shown],
        contribution_F=values_P[shown],
        others=float(values_P[rest].sum()),
        other_count=len(rest),
        unexplained=0.0,
    )
    return Revision(previous=since.previous, previous_value=float(since.old_P[shown[0]]), steps=steps)


def draw(chart: Revision, height: int | None = None) -> go.Figure:
    """Steps from the previous forecast on top to this one below; ochre raises, blue lowers."""
    return waterfall.draw(chart.steps, height, start=f"from {text.day(chart.previous)}")
