"""Which features and which lags move the forecast, on average over the explained windows.

Axis letters: F features, L lags.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.errors import SpecError
from core.types import Explanation, Floats

SHOWN = 20  # bars that can still be read
BARS = 120  # lags beyond which bars become a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Mean absolute contribution of each feature in target units, largest first.

    `spread_F` are its standard deviations over the networks of an ensemble, None where they are not known.
    """

    unit: str
    windows: int
    features: tuple[str, ...]
    mean_F: Floats
    spread_F: Floats | None = None

    @property
    def caption(self) -> str:
        """The leading feature, what it moves the forecast by, and its share of all contributions."""
        total, over = float(self.mean_F.sum()), text.pluralize(self.windows, "explained forecast")
        if total == 0:
            return f"No feature moves the forecast: all contributions are zero over {over}."
        if len(self.features) == 1:
            return (
                f"{self.features[0]} alone moves the forecast: by "
                f"{text.amount(self.mean_F[0], self.unit)} on average, over {over}."
            )
        return (
            f"{self.features[0]} moves the forecast most, by {text.amount(self.mean_F[0], self.unit)} on average, "
            f"{text.percent(self.mean_F[0] / total)} of what all {text.pluralize(len(self.features), 'feature')} "
            f"move, over {over}.{self._left}"
        )

    @property
    def _left(self) -> str:
        """How many features are not drawn, and what they move."""
        rest_F = self.mean_F[SHOWN:]
        if not len(rest_F):
            return ""
        return (
            f" {text.pluralize(len(rest_F), 'other')} that move it less are not drawn; together they are "
            f"{text.percent(float(rest_F.sum() / self.mean_F.sum()))}."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """Mean absolute contribution of each lag in target units; the first is lag 1, the last observed session."""

    unit: str
    by_lag_L: Floats

    @property
    def caption(self) -> str:
        """How many of the latest sessions carry half of the importance, and which lag carries most."""
        total, count = float(self.by_lag_L.sum()), len(self.by_lag_L)
        if total == 0:
            return f"None of the {text.pluralize(count, 'session')} in the window moves the forecast."
        half = min(int(np.searchsorted(np.cumsum(self.by_lag_L), 0.5 * total)) + 1, count)
        top = int(np.argmax(self.by_lag_L))
        latest = "The latest session" if half == 1 else f"The latest {half} sessions"
        return (
            f"{latest} of {count} {'carries' if half == 1 else 'carry'} at least half of the importance; lag "
            f"{top + 1} carries most, {text.percent(self.by_lag_L[top] / total)}."
        )


def compute(
    explanation: Explanation, unit: str, step: int | None = None, spread: dict[str, float] | None = None
) -> Importance:
    """The importance at one step (sessions ahead), or averaged over all; `spread` is a deviation of each feature.

    Raises SpecError for a step that was not explained.
    """
    chosen = slice(None) if step is None else [position(explanation, step)]
    mean_F = np.abs(explanation.values_NHF[:, chosen]).mean(axis=(0, 1))
    order = np.argsort(-mean_F, kind="stable")
    names = tuple(explanation.features[i] for i in order)
    return Importance(
        unit=unit,
        windows=len(explanation.values_NHF),
        mean_F=mean_F[order],
        features=names,
        spread_F=np.array([spread.get(name, np.nan) for name in names]) if spread else None,
    )


def draw(chart: Importance, height: int | None = None) -> go.Figure:
    """Horizontal bars, the largest on top, with a deviation to either side where it is known; at most the first 20
    features."""
    shown_F = chart.mean_F[:SHOWN]
    spread_F = np.zeros(len(shown_F)) if chart.spread_F is None else np.nan_to_num(chart.spread_F[:SHOWN])
    figure = go.Figure(
        go.Bar(
            x=shown_F,
            y=np.arange(len(shown_F)),
            orientation="h",
            marker={"color": style.MODEL},
            hoverinfo="skip",
            error_x=None
            if chart.spread_F is None
            else {
                "array": spread_F,
                "arrayminus": np.minimum(spread_F, shown_F),
                "color": style.OUTCOME,
                "thickness": 1.4,
            },
        )
    )
    for row, value in enumerate(shown_F):  # beyond the end of the bar or, where there is one, of the deviation
        figure.add_annotation(
            x=value + spread_F[row], y=row, text=text.number(value), showarrow=False, xanchor="left", xshift=4
        )
    style.apply_layout(
        figure, "", height or 90 + 28 * len(shown_F), f"mean |contribution| ({chart.unit})", hover="closest"
    )
    figure.update_xaxes(range=[0, 1.25 * float((shown_F + spread_F).max()) or 1], nticks=5)
    return style.label_positions(figure, [text.escape(name) for name in chart.features[:SHOWN]])


def lags(explanation: Explanation, unit: str) -> Lags:
    """The importance of each lag, as explained."""
    return Lags(unit=unit, by_lag_L=np.asarray(explanation.by_lag_L, dtype=float))


def draw_lags(chart: Lags, height: int = 280) -> go.Figure:
    """Bars over the lags, time running to the right: the latest session stands last. A line beyond 120 lags."""
    lag_L = np.arange(1, len(chart.by_lag_L) + 1)
    said = "lag %{x}: %{y:.4~g}<extra></extra>"
    trace = (
        go.Bar(x=lag_L, y=chart.by_lag_L, marker={"color": style.MODEL}, hovertemplate=said)
        if len(lag_L) <= BARS
        else go.Scatter(x=lag_L, y=chart.by_lag_L, mode="lines", line={"color": style.MODEL}, hovertemplate=said)
    )
    figure = style.apply_layout(
        go.Figure(trace),
        f"mean |contribution| ({chart.unit})",
        height,
        "lag in sessions (1 = the latest)",
        hover="closest",
    )
    figure.update_yaxes(rangemode="tozero")
    every = next(e for e in (1, 5, 10, 20, 50, 100) if len(lag_L) <= 12 * e or e == 100)
    ticks = [1, *(lag for lag in range(every, len(lag_L) + 1, every) if lag > 1)]
    return figure.update_xaxes(range=[len(lag_L) + 0.5, 0.5 - 0.004 * len(lag_L)], showgrid=False, tickvals=ticks)


def position(explanation: Explanation, step: int) -> int:
    """Where `step` (sessions ahead) stands among the explained steps; SpecError when it is not there."""
    if step not in explanation.steps:
        raise SpecError(f"Step {step} was not explained. Explained: {', '.join(str(s) for s in explanation.steps)}.")
    return explanation.steps.index(step)
