"""How the importance of features changes with the step that is forecast.

Axis letters: H steps, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.types import Explanation, Floats

SHOWN = 6  # lines that can still be told apart
COLOURS = (style.MODEL, style.OCHRE, style.NEUTRAL, "#7d6020", style.OUTCOME, "#76a4bb")


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Mean |contribution| of each feature at each step, target units, the most important feature first.

    `shared` where the method explains the sum over steps alone, so that all steps look alike.
    """

    unit: str
    steps: tuple[int, ...]
    features: tuple[str, ...]
    mean_HF: Floats
    left: int
    shared: bool

    @property
    def told(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.steps) > 1 and not self.shared

    @property
    def caption(self) -> str:
        """The leading feature of the first step and of the last, and how the whole grows."""
        if len(self.steps) < 2:
            return (
                f"The run forecasts one step, {text.lead_time(self.steps[0])}, so there is no other to compare it with."
            )
        if self.shared:
            return (
                "Expected gradients explain the sum over the steps, so the steps cannot be told apart. Explain the "
                "run by permutation to see them."
            )
        total_H = self.mean_HF.sum(axis=1)
        if not total_H.any():
            return f"No feature moves the forecast at any of {len(self.steps)} steps."
        names = [self.features[int(np.argmax(self.mean_HF[h]))] for h in (0, -1)]
        shares = [text.percent(float(self.mean_HF[h].max() / (total_H[h] or 1.0))) for h in (0, -1)]
        near, far = (text.lead_time(self.steps[h]) for h in (0, -1))
        low, high = (text.amount(total_H[h], self.unit) for h in (0, -1))
        then = f"and {shares[1]}" if names[0] == names[1] else f"but {names[1]}, {shares[1]},"
        return (
            f"{names[0]} moves the forecast most {near}, {shares[0]} of what all move, {then} {far}; all features "
            f"together move it by {low} and by {high}."
        )


def compute(explanation: Explanation, unit: str) -> Steps:
    """All features by importance; `draw` shows the first six."""
    mean_HF = np.abs(explanation.values_NHF).mean(axis=0)
    order = np.argsort(-mean_HF.sum(axis=0), kind="stable")
    return Steps(
        unit=unit,
        steps=explanation.steps,
        features=tuple(explanation.features[f] for f in order),
        mean_HF=mean_HF[:, order],
        left=max(0, len(order) - SHOWN),
        shared=explanation.method == "gradients",
    )


def draw(chart: Steps, height: int = 380) -> go.Figure:
    """A line for each of the six features that matter most."""
    figure = go.Figure()
    style.apply_layout(figure, f"mean |contribution| ({chart.unit})", height, "sessions ahead")
    if not chart.told:
        return style.add_note(figure, chart.caption)
    for f, name in enumerate(chart.features[:SHOWN]):
        figure.add_trace(
            go.Scatter(
                x=chart.steps,
                y=chart.mean_HF[:, f],
                name=text.escape(name),
                hovertemplate="%{y:.4~g}",
                mode="lines+markers" if len(chart.steps) <= 30 else "lines",
                marker={"size": 5},
                line={"color": COLOURS[f], "dash": style.DASHES[f % 2 * 2]},
            )
        )
    figure.update_yaxes(rangemode="tozero")
    return style.integer_ticks(figure, len(chart.steps))
