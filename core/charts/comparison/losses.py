"""The validation losses of several runs over one axis.

Axis letters: R runs, E epochs of one of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.comparison import look
from core.charts.training import loss
from core.charts.training.loss import LossCurve
from core.language import tr
from core.types import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaidLosses:
    """The loss curves of the first network of each run; `comparable` if the runs minimise one and the same loss."""

    letters: tuple[str, ...]
    models: tuple[str, ...]
    curves: tuple[LossCurve, ...]
    unit: str
    comparable: bool

    @property
    def caption(self) -> str:
        """The lowest validation loss of each run, and whether the heights say anything."""
        lowest = [
            tr("{run} {loss}", run=letter, loss=text.number(self._lowest(row)))
            for row, letter in enumerate(self.letters)
            if len(self.curves[row].at_E)
        ]
        if not lowest:
            return tr("No run has a loss curve.")
        sentence = tr("The lowest validation losses: {lowest}.", lowest=", ".join(lowest))
        if self.comparable:
            return sentence
        return f"{sentence} {tr('The runs minimise different losses or data, so the heights cannot be compared.')}"

    def _lowest(self, row: int) -> float:
        curve = self.curves[row]
        return float(curve.val_E[curve.at_E == curve.best].min(initial=curve.val_E.min()))


def compute(letters: Sequence[str], runs: Sequence[Run]) -> OverlaidLosses:
    """The curves by step, or by epoch if not all runs count steps."""
    units = {run.spec.train.unit for run in runs}
    counted = all(epoch.step for run in runs for epoch in run.history.epochs)
    unit = "step" if units == {"step"} and counted else "epoch"
    losses = {(run.spec.model.head, run.spec.train.loss, run.spec.data, run.spec.split) for run in runs}
    return OverlaidLosses(
        letters=tuple(letters),
        models=tuple(run.spec.model.kind for run in runs),
        curves=tuple(loss.compute(run.history, unit) for run in runs),
        unit=unit,
        comparable=len(losses) == 1,
    )


def draw(chart: OverlaidLosses, height: int = 300) -> go.Figure:
    """A line for each run, its best step marked."""
    figure = go.Figure()
    for row, curve in enumerate(chart.curves):
        at, colour = thinning.thin(curve.val_E), look.COLOURS[row]
        name = look.label(chart.letters[row], chart.models[row])
        figure.add_scatter(
            x=curve.at_E[at],
            y=curve.val_E[at],
            name=name,
            mode="lines" if len(at) > 1 else "markers",
            line={"color": colour, "width": 2, "dash": look.DASHES[row]},
            legendgroup=name,
            hovertemplate="%{y:,.5~r}",
        )
        best_E = curve.at_E == curve.best
        figure.add_scatter(
            x=curve.at_E[best_E],
            y=curve.val_E[best_E],
            mode="markers",
            showlegend=False,
            legendgroup=name,
            hoverinfo="skip",
            marker={"color": colour, "size": 10, "symbol": "diamond"},
        )
    style.apply_layout(figure, tr("validation loss"), height, tr(chart.unit))
    return style.integer_ticks(figure, max((int(c.at_E[-1]) for c in chart.curves if len(c.at_E)), default=0))
