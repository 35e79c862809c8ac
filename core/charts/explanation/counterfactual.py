"""The forecast after a change beside the forecast as it is.

Axis letters: M outcomes, H steps.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import past_forecasts
from core.types import Floats, Times

HISTORY = 60  # outcomes that are drawn before
SAME = 1e-9  # relative: what is closer counts as unchanged


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The latest outcomes, and both forecasts with their bands (NaN without one), target units; `change` is in words,
    empty where nothing was changed."""

    change: str
    unit: str
    coverage: float
    cutoff: np.datetime64
    step_H: tuple[int, ...]
    time_H: Times
    now_H: Floats
    now_lo_H: Floats
    now_hi_H: Floats
    then_H: Floats
    then_lo_H: Floats
    then_hi_H: Floats
    time_M: Times
    y_M: Floats

    @property
    def caption(self) -> str:
        """Both forecasts at the last step, and what became of the width of the band."""
        goal = f"the forecast for {text.day(self.time_H[-1])} ({text.lead_time(self.step_H[-1])})"
        now, then = float(self.now_H[-1]), float(self.then_H[-1])
        if not self.change:
            return f"Nothing is changed yet: {goal} is {text.amount(now, self.unit)}."
        start = f"With {self.change}, {goal}"
        if abs(then - now) <= SAME * max(abs(now), abs(then)):
            return f"{start} stays at {text.amount(now, self.unit)}."
        said = f"{start} would be {text.amount(then, self.unit)} instead of {text.amount(now, self.unit)}"
        width, after = (
            float(hi - lo)
            for hi, lo in ((self.now_hi_H[-1], self.now_lo_H[-1]), (self.then_hi_H[-1], self.then_lo_H[-1]))
        )
        if not (np.isfinite(width) and np.isfinite(after) and width > 0):
            return f"{said}."
        band, wider = f"its {text.short_percent(self.coverage)} band", after / width - 1
        if abs(wider) < 0.0005:
            return f"{said}, {band} as wide as before."
        return f"{said}, {band} {text.percent(abs(wider))} {'wider' if wider > 0 else 'narrower'}."


def compute(
    now: pd.DataFrame, then: pd.DataFrame, past: pd.DataFrame, change: str, unit: str, coverage: float
) -> Answer:
    """The rows of two live forecasts of one symbol, and its outcomes of the test part before them."""
    now, then, seen = now.sort_values("step"), then.sort_values("step"), past.dropna(subset=["y"]).tail(HISTORY)
    return Answer(
        change=change,
        unit=unit,
        coverage=coverage,
        cutoff=now["cutoff"].to_numpy()[0],
        step_H=tuple(int(step) for step in now["step"]),
        time_H=now["time"].to_numpy(),
        now_H=now["yhat"].to_numpy(),
        now_lo_H=now["lo"].to_numpy(),
        now_hi_H=now["hi"].to_numpy(),
        then_H=then["yhat"].to_numpy(),
        then_lo_H=then["lo"].to_numpy(),
        then_hi_H=then["hi"].to_numpy(),
        time_M=seen["time"].to_numpy(),
        y_M=seen["y"].to_numpy(),
    )


def draw(chart: Answer, height: int = 380) -> go.Figure:
    """Outcomes in black, the forecast as it is in grey, the changed one in ochre, each with its band."""
    figure = go.Figure()
    mode = "markers" if chart.unit.startswith("probability") else "lines"
    figure.add_trace(
        go.Scatter(
            x=chart.time_M,
            y=chart.y_M,
            name="outcome",
            mode=mode,
            hovertemplate="%{y:.4~g}",
            line={"color": style.OUTCOME, "width": 1.4},
            marker={"color": style.OUTCOME},
        )
    )
    both = (
        ("as it is", style.NEUTRAL, chart.now_H, chart.now_lo_H, chart.now_hi_H, 14),
        ("changed", style.OCHRE, chart.then_H, chart.then_lo_H, chart.then_hi_H, 6),
    )
    for name, colour, yhat_H, lo_H, hi_H, width in both:
        if np.isfinite(lo_H).all():
            figure.add_trace(_band(chart, name, colour, lo_H, hi_H, width))
        figure.add_trace(
            go.Scatter(
                x=chart.time_H,
                y=yhat_H,
                name=name,
                mode="lines+markers",
                hovertemplate="%{y:.4~g}",
                line={"color": colour, "width": 2.2},
                marker={"size": 9, "line": {"color": "#ffffff", "width": 1}},
            )
        )
    style.apply_layout(figure, chart.unit, height)
    style.format_dates(figure, np.concatenate([chart.time_M, chart.time_H]))
    if mode == "markers":
        past_forecasts.add_even_odds_line(figure)
    return figure


def _band(chart: Answer, name: str, colour: str, lo_H: Floats, hi_H: Floats, width: int) -> go.Scatter:
    """An area or, of a single step, a bar."""
    called = f"{text.short_percent(chart.coverage)} band {name}"
    if len(lo_H) > 1:
        return past_forecasts.area_trace(chart.time_H, lo_H, hi_H, called, style.translucent(colour, 0.25))
    return go.Scatter(
        x=np.repeat(chart.time_H, 2),
        y=np.array([lo_H[0], hi_H[0]]),
        mode="lines",
        name=called,
        hoverinfo="skip",
        line={"color": style.translucent(colour, 0.35), "width": width},
    )
