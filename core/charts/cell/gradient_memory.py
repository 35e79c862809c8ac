"""How far back a model remembers, on a logarithmic scale, beside untrained cells of the same size.

Axis letter: L lags, the latest session first.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.gradient_memory import FADED, Memory, horizon
from core.types import Floats, Ints

LOWEST = 1e-8  # of the strongest lag: what is below is not drawn
DASHED = {"rnn": (style.NEUTRAL, "dot"), "gru": (style.OCHRE, "dash"), "lstm": (style.GOOD, "dashdot")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """The norm of ∂ forecast / ∂ input by lag as a share of each model's strongest lag, and how far back each reaches.

    `far` is the farthest lag at or above 1 % of the strongest (0: nothing moves the forecast), the model's under its
    kind; `untrained` are kinds.
    """

    kind: str
    share_L: Floats
    far: int
    untrained: dict[str, Floats]
    untrained_far: dict[str, int]
    windows: int

    @property
    def caption(self) -> str:
        """How far back the model feels a change, and how far untrained cells do."""
        if self.far == 0:
            return "No input of the window moves the forecast, however recent: the gradient is zero."
        beside = ", ".join(f"{text.model(kind)} {far}" for kind, far in self.untrained_far.items())
        least = f"{text.level(FADED)} of what the strongest lag does"
        reach = (
            f"The model feels a change up to {text.counted(self.far, 'session')} back: further back it moves the "
            f"forecast by less than {least}."
        )
        if self.far == len(self.share_L):
            reach = (
                f"The model feels a change to the far end of its window, {text.counted(self.far, 'session')} "
                f"back: there it still moves the forecast by at least {least}."
            )
        return (
            f"{reach} Untrained cells of the same size reach {beside}; a mean over "
            f"{text.counted(self.windows, 'window')}."
        )


def compute(memory: Memory, kind: str) -> Horizon:
    """The memory of a model of this kind, each curve in shares of its own strongest lag."""
    return Horizon(
        kind=kind,
        share_L=_shares(memory.norm_L),
        far=horizon(memory.norm_L),
        windows=memory.windows,
        untrained={name: _shares(norm_L) for name, norm_L in memory.untrained.items()},
        untrained_far={name: horizon(norm_L) for name, norm_L in memory.untrained.items()},
    )


def draw(chart: Horizon, height: int = 360) -> go.Figure:
    """Lines over the lags, time running to the right; the dashed level is where a change counts as forgotten."""
    if chart.far == 0:
        return style.note(style.layout(go.Figure(), "", height), chart.caption)
    lag_L, figure = np.arange(1, len(chart.share_L) + 1), go.Figure()
    for kind, share_L in chart.untrained.items():
        colour, dash = DASHED[kind]
        figure.add_trace(_line(lag_L, share_L, f"untrained {text.model(kind)}", {"color": colour, "dash": dash}))
    figure.add_trace(_line(lag_L, chart.share_L, f"this {text.model(chart.kind)}", {"color": style.MODEL, "width": 3}))
    figure.add_hline(y=FADED, line={"color": style.BAD, "width": 1, "dash": "dash"})
    style.layout(
        figure, "norm of ∂ forecast / ∂ input (share of the strongest)", height, "lag in sessions (1 = the latest)"
    )
    figure.update_yaxes(type="log", exponentformat="power", dtick=2 if _deep(chart) else 1)
    return figure.update_xaxes(range=[len(lag_L) + 0.5, 0.5])


def _deep(chart: Horizon) -> bool:
    lowest = min(
        np.min(share_L, where=share_L >= LOWEST, initial=1.0) for share_L in (chart.share_L, *chart.untrained.values())
    )
    return bool(lowest < 1e-4)


def _line(lag_L: Ints, share_L: Floats, name: str, line: dict[str, object]) -> go.Scatter:
    return go.Scatter(
        x=lag_L,
        y=np.where(share_L >= LOWEST, share_L, np.nan),
        name=name,
        mode="lines",
        line={"width": 2} | line,
        hovertemplate="%{y:.2~e}",
    )


def _shares(norm_L: Floats) -> Floats:
    """In units of the largest; zeros stay zeros."""
    largest = float(norm_L.max())
    return norm_L / largest if largest > 0 else np.zeros_like(norm_L)
