"""Partial dependence: the forecast of many windows over the values of one feature, and their mean.

Axis letters: N windows, M values.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.partial_dependence import PartialDependence
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """The forecast of each window at one step (curve_NM, target units) with a feature's newest `rows` values set."""

    feature: str
    unit: str
    step: int
    rows: int
    value_M: Floats
    curve_NM: Floats

    @property
    def caption(self) -> str:
        """How the mean moves from one end to the other, and in how many windows it goes the same way."""
        if len(self.value_M) < 2:
            return (
                f"{self.feature} is {text.number(self.value_M[0])} throughout the training part: there is no other "
                "value to try."
            )
        first, last = (float(x) for x in self.curve_NM.mean(axis=0)[[0, -1]])
        where = "on the newest session" if self.rows == 1 else f"on the newest {self.rows} sessions"
        span = f"{text.number(self.value_M[0])} to {text.number(self.value_M[-1])}"
        rise_N = self.curve_NM[:, -1] - self.curve_NM[:, 0]
        if not rise_N.any():
            return f"Whatever {self.feature} is {where}, from {span}, the forecast is the same."
        same = int((rise_N * (last - first) > 0).sum())
        return (
            f"As {self.feature} goes from {span} {where}, the mean forecast, {text.lead_time(self.step)}, goes from "
            f"{text.amount(first, self.unit)} to {text.amount(last, self.unit)}; {same} of "
            f"{text.pluralize(len(rise_N), 'window')} go the same way."
        )


def compute(found: PartialDependence, unit: str, step: int) -> Partial:
    """The curves at `step` sessions ahead."""
    return Partial(
        feature=found.feature,
        unit=unit,
        step=step,
        rows=found.rows,
        value_M=found.value_M,
        curve_NM=found.curve_NMH[:, :, found.steps.index(step)],
    )


def draw(chart: Partial, height: int = 380) -> go.Figure:
    """A thin line for each window, their mean thick."""
    if len(chart.value_M) < 2:
        return style.add_note(style.apply_layout(go.Figure(), "", height), chart.caption)
    gap_NM = np.column_stack([chart.curve_NM, np.full(len(chart.curve_NM), np.nan)])  # lifts the pen between windows
    x_NM = np.tile(np.append(chart.value_M, np.nan), len(chart.curve_NM))
    figure = go.Figure(
        go.Scatter(
            x=x_NM,
            y=gap_NM.ravel(),
            mode="lines",
            name="one window each",
            hoverinfo="skip",
            line={"color": style.translucent(style.NEUTRAL, 0.45), "width": 1},
        )
    )
    figure.add_trace(
        go.Scatter(
            x=chart.value_M,
            y=chart.curve_NM.mean(axis=0),
            mode="lines+markers",
            name="mean",
            hovertemplate="%{x:.4~g}: %{y:.4~g}<extra></extra>",
            line={"color": style.MODEL, "width": 3},
        )
    )
    return style.apply_layout(figure, f"forecast ({chart.unit})", height, text.truncate(chart.feature), hover="closest")
