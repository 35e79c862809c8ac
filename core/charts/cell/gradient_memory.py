"""How far back a model remembers, on a logarithmic scale, next to untrained cells of the same size.

Axis letter: L lags, the latest step first.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.explain.gradient_memory import FORGOTTEN_SHARE, Memory, memory_length
from core.language import tr
from core.types import Floats, Ints

LOWEST = 1e-8  # share of the strongest lag below which nothing is drawn
LINES = {
    "rnn": (style.NEUTRAL, "dot"),
    "gru": (style.REFERENCE, "dash"),
    "lstm": (style.GOOD, "dashdot"),
    "slstm": (style.VIOLET, "longdash"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryCurves:
    """The norm of ∂ forecast / ∂ input by lag, as a share of each model's strongest lag, and each model's reach.

    `reach` is the farthest lag with at least 1 % of the strongest norm (0: no lag moves the forecast). `untrained` and
    `untrained_reach` are by kind of cell.
    """

    kind: str
    share_L: Floats
    reach: int
    untrained: dict[str, Floats]
    untrained_reach: dict[str, int]
    windows: int
    unit: str = ""

    @property
    def caption(self) -> str:
        """How far back the forecast responds to inputs, in the model and in untrained cells."""
        if self.reach == 0:
            return tr("No input of the window moves the forecast, however recent: the gradient is zero.")
        threshold = tr(
            "{forgotten_share} of the effect of the strongest lag", forgotten_share=text.short_percent(FORGOTTEN_SHARE)
        )
        if self.reach == len(self.share_L):
            memory = tr(
                "The model remembers its whole window of {steps}: even the oldest input has at least {threshold}",
                steps=text.steps(self.reach, self.unit),
                threshold=threshold,
            )
        else:
            memory = tr(
                "The model remembers {steps}: older inputs have less than {threshold}",
                steps=text.steps(self.reach, self.unit),
                threshold=threshold,
            )
        untrained = ", ".join(
            tr("{value} ({name})", value=reach, name=text.model_name(kind))
            for kind, reach in self.untrained_reach.items()
        )
        return tr(
            "{memory}. Untrained cells of the same size remember {untrained}; the norms are means over {windows}.",
            memory=memory,
            untrained=untrained,
            windows=text.pluralize(self.windows, "window"),
        )


def compute(memory: Memory, kind: str, unit: str = "") -> MemoryCurves:
    """The memory curves of a model of this kind, each as shares of its own strongest lag."""
    return MemoryCurves(
        kind=kind,
        share_L=_shares(memory.norm_L),
        reach=memory_length(memory.norm_L),
        windows=memory.windows,
        unit=unit,
        untrained={name: _shares(norm_L) for name, norm_L in memory.untrained.items()},
        untrained_reach={name: memory_length(norm_L) for name, norm_L in memory.untrained.items()},
    )


def draw(chart: MemoryCurves, height: int = 360) -> go.Figure:
    """Lines over the lags, time running to the right; below the dashed line an input counts as forgotten."""
    if chart.reach == 0:
        return style.add_note(style.apply_layout(go.Figure(), "", height), chart.caption)
    lag_L, figure = np.arange(1, len(chart.share_L) + 1), go.Figure()
    for kind, share_L in chart.untrained.items():
        colour, dash = LINES[kind]
        figure.add_trace(
            _line(lag_L, share_L, tr("untrained {kind}", kind=text.model_name(kind)), {"color": colour, "dash": dash})
        )
    figure.add_trace(
        _line(
            lag_L,
            chart.share_L,
            tr("this {kind}", kind=text.model_name(chart.kind)),
            {"color": style.MODEL, "width": 3},
        )
    )
    figure.add_hline(y=FORGOTTEN_SHARE, line={"color": style.BAD, "width": 1, "dash": "dash"})
    style.apply_layout(
        figure, tr("norm of ∂ forecast / ∂ input (share of the strongest)"), height, text.lag_axis(chart.unit)
    )
    figure.update_yaxes(type="log", exponentformat="power", dtick=2 if _spans_many_decades(chart) else 1)
    return figure.update_xaxes(range=[len(lag_L) + 0.5, 0.5])


def _spans_many_decades(chart: MemoryCurves) -> bool:
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
    """Norms divided by the largest; all zeros stay zeros."""
    largest = float(norm_L.max())
    return norm_L / largest if largest > 0 else np.zeros_like(norm_L)
