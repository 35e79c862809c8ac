"""The waterfall between two forecasts: from the one before to this one, feature by feature.

Axis letter: P features, with the last value where the forecast starts from it.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import text
from core.charts.explanation import waterfall
from core.charts.explanation.waterfall import SHOWN, Waterfall
from core.explain.local import ForecastRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The waterfall whose base is the forecast from `before`; `old` is the first feature's own value then."""

    previous: np.datetime64
    old: float
    fall: Waterfall

    @property
    def caption(self) -> str:
        """By how much the forecast moved, and what moved it most."""
        fall, unit = self.fall, self.fall.unit
        start = (
            f"Since {text.day(self.previous)}, the forecast for {fall.symbol}, {text.lead_time(fall.step)}, went from "
            f"{text.amount(fall.base, unit)} to {text.amount(fall.forecast, unit)} on {text.day(fall.cutoff)}"
        )
        most = float(fall.contribution_F[0])
        if most == 0:
            return f"{start}; no feature moved it."
        side = "raising" if most > 0 else "lowering"
        return (
            f"{start}; {fall.features[0]} ({text.number(self.old)} → {text.number(fall.value_F[0])}) did most, "
            f"{side} it by {text.amount(abs(most), unit)}."
        )


def compute(since: ForecastRevision, unit: str, step: int) -> Step:
    """The split of the difference at `step` sessions ahead, the largest part first; user's unit."""
    h = since.steps.index(step)
    values_P = since.values_PH[:, h]
    order = np.argsort(-np.abs(values_P), kind="stable")
    top, rest = (order, order[:0]) if len(order) <= SHOWN + 1 else (order[:SHOWN], order[SHOWN:])
    fall = Waterfall(
        unit=unit,
        symbol=since.symbol,
        cutoff=since.cutoff,
        step=step,
        base=float(since.previous_H[h]),
        forecast=float(since.forecast_H[h]),
        features=tuple(since.names[i] for i in top),
        value_F=since.new_P[top],
        contribution_F=values_P[top],
        others=float(values_P[rest].sum()),
        other_count=len(rest),
        unexplained=0.0,
    )
    return Step(previous=since.previous, old=float(since.old_P[top[0]]), fall=fall)


def draw(chart: Step, height: int | None = None) -> go.Figure:
    """Steps from the forecast before on top to this one below; ochre raises, blue lowers."""
    return waterfall.draw(chart.fall, height, start=f"from {text.day(chart.previous)}")
