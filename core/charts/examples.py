"""What a page will show, drawn from invented numbers: the charts' own drawing functions, greyed and marked "Example".

Axis letters: N past forecasts, H steps.
"""

from collections.abc import Callable

import numpy as np
import plotly.graph_objects as go

from core.charts import style
from core.charts.cell import gates
from core.charts.comparison import pairs
from core.charts.evaluation import calibration, scores
from core.charts.explanation import counterfactual, importance
from core.charts.forecast import fan
from core.charts.forecast.past_forecasts import PastForecasts
from core.language import message, shown, tr
from core.types import Floats, Ints

WORD = message("Example")
HEIGHT = 260


def draw(page: str) -> go.Figure:
    """The example of the page with this title, a fan chart where it has none of its own."""
    return mark(CHARTS.get(page, _fan)())


def mark(figure: go.Figure) -> go.Figure:
    """The figure greyed, with the word across it and nothing to hover over."""
    figure.update_traces(opacity=0.3, hoverinfo="skip", hovertemplate=None)
    figure.update_layout(hovermode=False, dragmode=False, showlegend=False, height=HEIGHT)
    figure.update_xaxes(fixedrange=True, showticklabels=False)
    figure.update_yaxes(fixedrange=True)
    return figure.add_annotation(
        text=shown(WORD),
        showarrow=False,
        xref="paper",
        yref="paper",
        x=0.5,
        y=0.5,
        font={"size": 40, "color": style.NEUTRAL},
    )


def _fan() -> go.Figure:
    past_N, live_H = np.arange(80), np.arange(80, 92)
    y_N, ahead_H = _wave(past_N), _wave(live_H)
    time_N, time_H = (np.datetime64("2024-01-01") + at for at in (past_N, live_H))
    spread_H = 1 + 0.4 * np.sqrt(np.arange(1, 13))
    past = PastForecasts(
        model="lstm",
        symbol=WORD,
        step=1,
        unit="",
        coverage=0.9,
        binary=False,
        cutoff_N=time_N[40:] - 1,
        time_N=time_N[40:],
        y_N=y_N[40:],
        yhat_N=_wave(past_N[40:] - 0.7),
        lo_N=_wave(past_N[40:] - 0.7) - 1.5,
        hi_N=_wave(past_N[40:] - 0.7) + 1.5,
    )
    chart = fan.Fan(
        past=past,
        time_M=time_N,
        y_M=y_N,
        cutoff_M=(None,) * len(y_N),
        reference=None,
        reference_N=np.array([]),
        live_time_H=time_H,
        live_H=ahead_H,
        live_step_H=tuple(range(1, 13)),
        intervals=tuple(
            fan.Interval(coverage=share, lo_H=ahead_H - wide * spread_H, hi_H=ahead_H + wide * spread_H)
            for share, wide in ((0.9, 1.6), (0.5, 0.7))
        ),
        cutoff=time_N[-1],
    )
    return fan.draw(chart)


def _wave(at_N: Floats | Ints) -> Floats:
    return 50 + 0.05 * at_N + 4 * np.sin(at_N / 7) + 1.2 * np.sin(1.9 * at_N)


def _skill() -> go.Figure:
    names = ("lstm", "ridge", "last_value", "mean")
    chart = scores.Skill(model="lstm", reference="last_value", names=names, skill_M=np.array([0.16, 0.11, 0.0, -0.2]))
    return scores.draw_skill(chart)


def _pairs() -> go.Figure:
    chart = pairs.PairedErrors(
        first_P=("A", "A", "B"),
        second_P=("C", "B", "C"),
        skill_P=np.array([0.07, 0.05, 0.02]),
        low_P=np.array([0.03, 0.01, -0.01]),
        high_P=np.array([0.11, 0.09, 0.05]),
        p_P=np.array([0.002, 0.02, 0.2]),
        significant_P=np.array([True, True, False]),
    )
    return pairs.draw(chart)


def _calibration() -> go.Figure:
    chart = calibration.NestedCoverage(nominal_C=(0.5, 0.8, 0.9, 0.95), coverage_C=(0.49, 0.78, 0.9, 0.95), count=100)
    return calibration.draw_nested(chart)


def _importance() -> go.Figure:
    names = (tr("last change"), tr("level"), tr("hour of the day"), tr("volume"))
    chart = importance.Importance(unit="", windows=100, features=names, mean_F=np.array([5.0, 3.2, 1.1, 0.4]))
    return importance.draw(chart)


def _scenario() -> go.Figure:
    past_M, ahead_H = np.arange(60), np.arange(60, 72)
    start = np.datetime64("2024-01-01")
    current_H, perturbed_H = _wave(ahead_H), _wave(ahead_H) + 2
    chart = counterfactual.Counterfactual(
        perturbation=WORD,
        unit="",
        coverage=0.9,
        cutoff=start + past_M[-1],
        step_H=tuple(range(1, 13)),
        time_H=start + ahead_H,
        current_H=current_H,
        current_lo_H=current_H - 2,
        current_hi_H=current_H + 2,
        perturbed_H=perturbed_H,
        perturbed_lo_H=perturbed_H - 2,
        perturbed_hi_H=perturbed_H + 2,
        time_M=start + past_M,
        y_M=_wave(past_M),
    )
    return counterfactual.draw(chart)


def _gates() -> go.Figure:
    row_L, unit_D = np.arange(40), np.arange(1, 17)
    chart = gates.ActivationMap(
        part=tr("forget gate"),
        time_L=np.datetime64("2024-01-01") + row_L,
        unit_D=unit_D,
        value_LD=0.5 + 0.5 * np.sin(row_L[:, None] / 4 + unit_D),
        drawn_units=len(unit_D),
    )
    return gates.draw(chart)


CHARTS: dict[str, Callable[[], go.Figure]] = {
    "Evaluate": _skill,
    "Experiments": _skill,
    "Compare": _pairs,
    "Calibration": _calibration,
    "Explain": _importance,
    message("Importance methods"): _importance,
    "Scenario": _scenario,
    "Network": _gates,
}
