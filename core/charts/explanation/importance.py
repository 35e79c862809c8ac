"""Which features and which lags move the forecast, on average over the explained windows.

Axis letters: F features, L lags.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.primitives import bar_layout, bars
from core.errors import SpecError
from core.language import message, tr
from core.types import Explanation, Floats

SHOWN = 20  # bars that are still readable
Z_95 = 1.96
BARS = 120  # lags beyond which bars become a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """Mean absolute contribution of each feature in target units, largest first.

    `spread_F` is its standard deviation over the networks of an ensemble, `error_F` its standard error if contributions
    are sampled; None if unknown.
    """

    unit: str
    windows: int
    features: tuple[str, ...]
    mean_F: Floats
    spread_F: Floats | None = None
    error_F: Floats | None = None

    @property
    def bars_F(self) -> Floats | None:
        """Half the length of the error bars: one standard deviation over networks, else 1.96 standard errors."""
        if self.spread_F is not None:
            return self.spread_F
        return None if self.error_F is None else Z_95 * self.error_F

    @property
    def caption(self) -> str:
        """The leading feature, how far it moves the forecast, its share of all contributions, and its error."""
        return self._leading() + self._sampling()

    def _sampling(self) -> str:
        """What the error bars are, if they are those of the sampling."""
        if self.spread_F is not None or self.error_F is None or not self.mean_F[0] > 0:
            return ""
        share = text.percent(Z_95 * float(self.error_F[0] / self.mean_F[0]))
        return tr(
            " Error bars: 95 % intervals of the sampling of Shapley values (the largest bar ± {share}).", share=share
        )

    def _leading(self) -> str:
        total, over = float(self.mean_F.sum()), text.pluralize(self.windows, "explained forecast")
        if total == 0:
            return tr("No feature moves the forecast: all contributions are zero over {over}.", over=over)
        amount = text.amount(self.mean_F[0], self.unit)
        if len(self.features) == 1:
            return tr(
                "{features} is the only feature and moves the forecast by {amount} on average over {over}.",
                features=self.features[0],
                amount=amount,
                over=over,
            )
        return tr(
            "{features} moves the forecast most, by {amount} on average over {over} ({mean} of the total of "
            "{features_2}{omitted}).",
            features=self.features[0],
            amount=amount,
            over=over,
            mean=text.percent(self.mean_F[0] / total),
            features_2=text.pluralize(len(self.features), "feature"),
            omitted=self._omitted(),
        )

    def _omitted(self) -> str:
        """How many features are not drawn, and their share."""
        rest_F = self.mean_F[SHOWN:]
        if not len(rest_F):
            return ""
        share = text.percent(float(rest_F.sum() / self.mean_F.sum()))
        return tr("; the {rest} least important, {share}, are not drawn", rest=len(rest_F), share=share)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lags:
    """Mean absolute contribution of each lag in target units; the first is lag 1, the last observed step."""

    unit: str
    by_lag_L: Floats

    @property
    def caption(self) -> str:
        """How many of the latest lags carry half of the importance, and which lag carries most."""
        total, count = float(self.by_lag_L.sum()), len(self.by_lag_L)
        if total == 0:
            return tr("None of the {lags} of the window moves the forecast.", lags=text.pluralize(count, "lag"))
        half = min(int(np.searchsorted(np.cumsum(self.by_lag_L), 0.5 * total)) + 1, count)
        top = int(np.argmax(self.by_lag_L))
        latest = (
            tr("Lag 1 of {count} carries", count=count)
            if half == 1
            else tr("Lags 1 to {half} of {count} carry", half=half, count=count)
        )
        return tr(
            "{latest} at least half of the importance; lag {top} carries most ({by_lag}).",
            latest=latest,
            top=top + 1,
            by_lag=text.percent(self.by_lag_L[top] / total),
        )


def compute(
    explanation: Explanation, unit: str, step: int | None = None, spread: dict[str, float] | None = None
) -> Importance:
    """The importance at one step, or averaged over all steps; `spread` is the standard deviation of each feature.

    Raises SpecError for a step that was not explained.
    """
    steps = slice(None) if step is None else [position(explanation, step)]
    mean_F = np.abs(explanation.values_NHF[:, steps]).mean(axis=(0, 1))
    order = np.argsort(-mean_F, kind="stable")
    names = tuple(explanation.features[i] for i in order)
    error_CF = explanation.importance_error_CF
    error_F = None if error_CF is None else error_CF[-1 if step is None else position(explanation, step)][order]
    return Importance(
        unit=unit,
        windows=len(explanation.values_NHF),
        mean_F=mean_F[order],
        features=names,
        spread_F=np.array([spread.get(name, np.nan) for name in names]) if spread else None,
        error_F=None if error_F is None or np.isnan(error_F).all() else error_F,
    )


def draw(chart: Importance, height: int | None = None) -> go.Figure:
    """Horizontal bars of at most the first 20 features, the largest on top, each with its error to either side if it is
    known."""
    shown_F = chart.mean_F[:SHOWN]
    half_F = chart.bars_F
    spread_F = np.zeros(len(shown_F)) if half_F is None else np.nan_to_num(half_F[:SHOWN])
    error = {"array": spread_F, "arrayminus": np.minimum(spread_F, shown_F), "color": style.OUTCOME, "thickness": 1.4}
    codes = [text.tooltip(name) for name in chart.features[:SHOWN]]
    hover = "%{customdata}: %{x:,.5~r}<extra></extra>"
    spread = None if half_F is None else error
    figure = go.Figure(bars(shown_F, {"color": style.MODEL}, hover=hover, customdata=codes, error_x=spread))
    for row, value in enumerate(shown_F):  # beyond the end of the bar or of its error
        figure.add_annotation(
            x=value + spread_F[row], y=row, text=text.number(value), showarrow=False, xanchor="left", xshift=4
        )
    names = [text.escape(name) for name in chart.features[:SHOWN]]
    return bar_layout(
        figure,
        names,
        height or 90 + 28 * len(names),
        tr("mean |contribution| ({unit})", unit=text.unit_title(chart.unit)),
        largest=float((shown_F + spread_F).max()),
    )


def compute_lags(explanation: Explanation, unit: str) -> Lags:
    """The importance of each lag, as explained."""
    return Lags(unit=unit, by_lag_L=np.asarray(explanation.by_lag_L, dtype=float))


def draw_lags(chart: Lags, height: int = 280) -> go.Figure:
    """Bars over the lags, the latest step on the right; a line beyond 120 lags."""
    lag_L = np.arange(1, len(chart.by_lag_L) + 1)
    hover = tr("lag {x}: {y}", x="%{x}", y="%{y:,.5~r}") + "<extra></extra>"
    trace = (
        go.Bar(x=lag_L, y=chart.by_lag_L, marker={"color": style.MODEL}, hovertemplate=hover)
        if len(lag_L) <= BARS
        else go.Scatter(x=lag_L, y=chart.by_lag_L, mode="lines", line={"color": style.MODEL}, hovertemplate=hover)
    )
    figure = go.Figure(trace)
    style.apply_layout(
        figure,
        tr("mean |contribution| ({unit})", unit=text.unit_title(chart.unit)),
        height,
        text.lag_axis(chart.unit),
        hover="closest",
    )
    figure.update_yaxes(rangemode="tozero")
    every = next(e for e in (1, 5, 10, 20, 50, 100) if len(lag_L) <= 12 * e or e == 100)
    ticks = [1, *(lag for lag in range(every, len(lag_L) + 1, every) if lag > 1)]
    return figure.update_xaxes(range=[len(lag_L) + 0.5, 0.5 - 0.004 * len(lag_L)], showgrid=False, tickvals=ticks)


def position(explanation: Explanation, step: int) -> int:
    """The position of `step` among the explained steps. Raises SpecError if it is not among them."""
    if step not in explanation.steps:
        explained = ", ".join(str(s) for s in explanation.steps)
        raise SpecError(
            message(
                "Step {step} was not explained; explained are: {explained}. Choose one of these.",
                step=step,
                explained=explained,
            )
        )
    return explanation.steps.index(step)
