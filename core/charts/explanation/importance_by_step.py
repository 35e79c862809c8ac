"""The importance of features at each forecast step.

Axis letters: H steps, F features.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.importance import IMPORTANCE_METHODS
from core.language import tr
from core.types import Explanation, Floats

SHOWN = 6  # lines that can still be told apart
COLOURS = (style.MODEL, style.REFERENCE, style.NEUTRAL, style.VIOLET, style.OUTCOME, style.GOOD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceByStep:
    """Mean |contribution| of each feature at each step, target units, the most important feature first.

    `shared` says that the method explains only the sum over the steps, so that all steps look alike.
    """

    unit: str
    steps: tuple[int, ...]
    features: tuple[str, ...]
    mean_HF: Floats
    shared: bool

    @property
    def drawable(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.steps) > 1 and not self.shared

    @property
    def caption(self) -> str:
        """The leading feature of the first and of the last step, and the total contribution at both."""
        if len(self.steps) < 2:
            ahead = text.lead_time(self.steps[0], self.unit)
            return tr("The run forecasts only one step, {ahead}, so there are no steps to compare.", ahead=ahead)
        if self.shared:
            return tr(
                "{title} explain only the sum over the steps; explain the run by permutation to see each step.",
                title=IMPORTANCE_METHODS["gradients"].title,
            )
        total_H = self.mean_HF.sum(axis=1)
        if not total_H.any():
            return tr("No feature moves the forecast at any of {steps}.", steps=text.steps(len(self.steps), self.unit))
        first, last = (self.features[int(np.argmax(self.mean_HF[h]))] for h in (0, -1))
        shares = [text.percent(float(self.mean_HF[h].max() / (total_H[h] or 1.0))) for h in (0, -1)]
        near, far = (text.lead_time(self.steps[h], self.unit) for h in (0, -1))
        totals = [text.amount(total_H[h], self.unit) for h in (0, -1)]
        then = (
            tr("and {far} ({shares})", far=far, shares=shares[1])
            if first == last
            else tr("and {last} does {far} ({shares})", last=last, far=far, shares=shares[1])
        )
        return tr(
            "{first} moves the forecast most {near} ({shares} of the total) {then}; all features together move it by "
            "{totals} and {totals_2}, respectively.",
            first=first,
            near=near,
            shares=shares[0],
            then=then,
            totals=totals[0],
            totals_2=totals[1],
        )


def compute(explanation: Explanation, unit: str) -> ImportanceByStep:
    """All features by importance; `draw` shows the first six."""
    mean_HF = np.abs(explanation.values_NHF).mean(axis=0)
    order = np.argsort(-mean_HF.sum(axis=0), kind="stable")
    return ImportanceByStep(
        unit=unit,
        steps=explanation.steps,
        features=tuple(explanation.features[f] for f in order),
        mean_HF=mean_HF[:, order],
        shared=explanation.method == "gradients",
    )


def draw(chart: ImportanceByStep, height: int = 380) -> go.Figure:
    """A line for each of the six most important features."""
    figure = style.apply_layout(
        go.Figure(),
        tr("mean |contribution| ({unit})", unit=text.unit_title(chart.unit)),
        height,
        text.step_axis(chart.unit),
    )
    if not chart.drawable:
        return style.add_note(figure, chart.caption)
    for f, name in enumerate(chart.features[:SHOWN]):
        figure.add_trace(
            go.Scatter(
                x=chart.steps,
                y=chart.mean_HF[:, f],
                name=text.escape(name),
                hovertemplate="%{y:,.5~r}",
                mode="lines+markers" if len(chart.steps) <= 30 else "lines",
                marker={"size": 5},
                line={"color": COLOURS[f], "dash": style.DASHES[f % 2 * 2]},
            )
        )
    figure.update_yaxes(rangemode="tozero")
    return style.integer_ticks(figure, len(chart.steps))
