"""The charts of a fitted run by name: (run, symbol, step) → plotly figure."""

from collections.abc import Callable

import plotly.graph_objects as go

from core.charts.evaluation import scores
from core.charts.explanation import importance
from core.charts.forecast import fan
from core.charts.training import loss
from core.datasets.targets import TARGETS
from core.errors import SpecError
from core.types import Run


def draw_forecast(run: Run, symbol: str, step: int) -> go.Figure:
    kind = TARGETS[run.spec.target.kind]
    chart = fan.compute(
        run.forecast,
        run.spec.model.kind,
        symbol,
        step,
        unit=kind.unit,
        binary=kind.binary,
        coverage=run.spec.bands.coverage,
        joint=run.spec.bands.joint,
        level=kind.level,
    )
    return fan.draw(chart)


def draw_loss(run: Run, symbol: str, step: int) -> go.Figure:
    return loss.draw(loss.compute(run.history, run.spec.train.unit))


def draw_importance(run: Run, symbol: str, step: int) -> go.Figure:
    if run.explanation is None:
        raise SpecError("This run has no explanation. Call explain() first.")
    return importance.draw(importance.compute(run.explanation, TARGETS[run.spec.target.kind].unit, None, None))


def draw_scores(run: Run, symbol: str, step: int) -> go.Figure:
    return scores.draw_skill(scores.compute_skill(run.evaluation, run.spec.model.kind))


PLOTS: dict[str, Callable[[Run, str, int], go.Figure]] = {
    "forecast": draw_forecast,
    "loss": draw_loss,
    "importance": draw_importance,
    "scores": draw_scores,
}
