"""The heat map of contributions: features down, explained windows in time across.

Axis letters: N windows, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.explanation.importance import position
from core.types import Explanation, Floats, Times

ROWS, COLUMNS = 14, 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Contributions at one step in target units, the most important feature first, windows in time order."""

    unit: str
    step: int
    features: tuple[str, ...]
    cutoff_N: Times
    contribution_NF: Floats

    @property
    def caption(self) -> str:
        """The largest contribution of all: whose, when and how much."""
        n, f = np.unravel_index(int(np.argmax(np.abs(self.contribution_NF))), self.contribution_NF.shape)
        return (
            f"The largest contribution, {text.amount(self.contribution_NF[n, f], self.unit)}, came from "
            f"{self.features[f]} on {text.day(self.cutoff_N[n])}, {text.ahead(self.step)}, among "
            f"{text.counted(len(self.cutoff_N), 'window')}."
        )


def compute(explanation: Explanation, unit: str, step: int | None = None) -> HeatMap:
    """At most 14 features and 200 windows, thinned evenly, at `step` sessions ahead (the last one when None).

    Raises SpecError for a step that was not explained.
    """
    step = explanation.steps[-1] if step is None else step
    values_NF = explanation.values_NHF[:, position(explanation, step)]
    top = np.argsort(-np.abs(values_NF).mean(axis=0), kind="stable")[:ROWS]
    in_time = np.argsort(explanation.cutoff_N, kind="stable")
    kept = in_time[thinning.even(len(in_time), COLUMNS)]
    return HeatMap(
        unit=unit,
        step=step,
        features=tuple(explanation.features[i] for i in top),
        cutoff_N=explanation.cutoff_N[kept],
        contribution_NF=values_NF[kept][:, top],
    )


def draw(chart: HeatMap, height: int | None = None) -> go.Figure:
    """Ochre where a feature raised the forecast, blue where it lowered it."""
    limit = float(np.abs(chart.contribution_NF).max()) or 1.0
    names = [text.safe(name) for name in chart.features]
    figure = go.Figure(
        go.Heatmap(
            z=chart.contribution_NF.T,
            x=chart.cutoff_N,
            y=np.arange(len(names)),
            zmin=-limit,
            zmax=limit,
            colorscale=style.LOW_HIGH,
            text=[[name] * len(chart.cutoff_N) for name in names],
            hovertemplate="%{text}, %{x}: %{z:.4~g}<extra></extra>",
            colorbar=style.bar(title={"text": f"contribution ({text.safe(chart.unit)})", "side": "top"}, nticks=5),
        )
    )
    style.layout(figure, "", height or 150 + 30 * len(names), "cutoff", hover="closest")
    style.dates(figure, chart.cutoff_N).update_xaxes(nticks=6, tickangle=0)
    return style.labels(figure, names)
