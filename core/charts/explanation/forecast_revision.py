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
from core.language import tr


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
        start = tr(
            "From {previous} to {cutoff}, the forecast for {symbol}, {lead_time}, went from {base} to {forecast}",
            previous=text.day(self.previous),
            cutoff=text.day(steps.cutoff),
            symbol=steps.symbol,
            lead_time=text.lead_time(steps.step, unit),
            base=text.amount(steps.base, unit),
            forecast=text.amount(steps.forecast, unit),
        )
        largest = float(steps.contribution_F[0])
        if largest == 0:
            return tr("{start}; no feature moved it.", start=start)
        values = f"{text.number(self.previous_value)} → {text.number(steps.value_F[0])}"
        return tr(
            "{start}; {features} ({values}) contributed most, {effect}.",
            start=start,
            features=steps.features[0],
            values=values,
            effect=phrases.effect(largest, unit),
        )


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
    return waterfall.draw(chart.steps, height, start=tr("from {previous}", previous=text.day(chart.previous)))
