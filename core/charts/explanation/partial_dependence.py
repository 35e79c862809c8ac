"""Partial dependence: the forecasts of many windows over the values of one feature, and their mean.

Axis letters: N windows, M values.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.partial_dependence import PartialDependence
from core.language import tr
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class PartialDependenceChart:
    """The forecast of each window at one step (curve_NM, target units) with the feature set to each of value_M at the
    latest `rows` steps of the window."""

    feature: str
    unit: str
    step: int
    rows: int
    value_M: Floats
    curve_NM: Floats

    @property
    def caption(self) -> str:
        """How the mean changes from the lowest to the highest value, and how many windows change alike."""
        if len(self.value_M) < 2:
            return tr(
                "{feature} is {value} throughout the training split, so there is no other value to set.",
                feature=self.feature,
                value=text.number(self.value_M[0]),
            )
        first, last = (float(mean) for mean in self.curve_NM.mean(axis=0)[[0, -1]])
        where = (
            tr("at the latest {step}", step=text.one_step(self.unit))
            if self.rows == 1
            else tr("at the latest {value}", value=text.steps(self.rows, self.unit))
        )
        span = tr(
            "from {value} to {value_2}", value=text.number(self.value_M[0]), value_2=text.number(self.value_M[-1])
        )
        change_N = self.curve_NM[:, -1] - self.curve_NM[:, 0]
        if not change_N.any():
            return tr(
                "The forecast is the same for every value of {feature} {span} {where} of the window.",
                feature=self.feature,
                span=span,
                where=where,
            )
        same = int((change_N * (last - first) > 0).sum())
        return tr(
            "As {feature} goes {span} {where} of the window, the mean forecast, {lead_time}, goes from {first} to "
            "{last}; {same} of {windows} change in the same direction.",
            feature=self.feature,
            span=span,
            where=where,
            lead_time=text.lead_time(self.step, self.unit),
            first=text.amount(first, self.unit),
            last=text.amount(last, self.unit),
            same=same,
            windows=text.pluralize(len(change_N), "window"),
        )


def compute(dependence: PartialDependence, unit: str, step: int) -> PartialDependenceChart:
    """The curves at `step`."""
    return PartialDependenceChart(
        feature=dependence.feature,
        unit=unit,
        step=step,
        rows=dependence.rows,
        value_M=dependence.value_M,
        curve_NM=dependence.curve_NMH[:, :, dependence.steps.index(step)],
    )


def draw(chart: PartialDependenceChart, height: int = 380) -> go.Figure:
    """A thin line per window, and their mean as a thick one."""
    if len(chart.value_M) < 2:
        return style.add_note(style.apply_layout(go.Figure(), "", height), chart.caption)
    gap_NM = np.column_stack([chart.curve_NM, np.full(len(chart.curve_NM), np.nan)])  # a gap between windows
    x_NM = np.tile(np.append(chart.value_M, np.nan), len(chart.curve_NM))
    figure = go.Figure(
        go.Scatter(
            x=x_NM,
            y=gap_NM.ravel(),
            mode="lines",
            name=tr("single windows"),
            hoverinfo="skip",
            line={"color": style.translucent(style.NEUTRAL, 0.45), "width": 1},
        )
    )
    figure.add_trace(
        go.Scatter(
            x=chart.value_M,
            y=chart.curve_NM.mean(axis=0),
            mode="lines+markers",
            name=tr("mean"),
            hovertemplate="%{x:,.5~r}: %{y:,.5~r}<extra></extra>",
            line={"color": style.MODEL, "width": 3},
        )
    )
    return style.apply_layout(
        figure,
        tr("forecast ({unit})", unit=text.unit_title(chart.unit)),
        height,
        text.truncate(chart.feature),
        hover="closest",
    )
