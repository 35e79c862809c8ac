"""The forecasts of several runs over one line of outcomes.

Axis letters: R runs, N shared windows of one symbol in time order.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.charts.comparison import look
from core.charts.forecast import past_forecasts
from core.errors import SpecError
from core.evaluation.compare.comparison import Comparison
from core.language import message, tr
from core.types import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class OverlaidForecasts:
    """Forecasts of each run, `step` steps before their outcome, in the target's `unit`."""

    letters: tuple[str, ...]
    models: tuple[str, ...]
    symbol: str
    step: int
    unit: str
    binary: bool
    time_N: Times
    y_N: Floats
    yhat_RN: Floats

    @property
    def caption(self) -> str:
        """Whose forecasts these are, and where they differ most."""
        parts = {
            "runs": look.listed(self.letters),
            "symbol": self.symbol,
            "ahead": text.lead_time(self.step, self.unit),
            "forecasts": text.pluralize(len(self.y_N), "forecast"),
        }
        spread_N = np.ptp(self.yhat_RN, axis=0)
        if not spread_N.any():
            return tr("{forecasts} for {symbol}, {ahead}: {runs} forecast the same.", **parts)
        at = int(np.argmax(spread_N))
        lowest, highest = int(np.argmin(self.yhat_RN[:, at])), int(np.argmax(self.yhat_RN[:, at]))
        return tr(
            "{forecasts} for {symbol}, {ahead}. They differ most for {day}: {low} by {lowest}, {high} by {highest}; "
            "the outcome is {outcome}.",
            day=text.day(self.time_N[at]),
            low=text.amount(self.yhat_RN[lowest, at], self.unit),
            high=text.amount(self.yhat_RN[highest, at], self.unit),
            lowest=self.letters[lowest],
            highest=self.letters[highest],
            outcome=text.amount(self.y_N[at], self.unit),
            **parts,
        )


def compute(comparison: Comparison, symbol: str, step: int, *, unit: str, binary: bool = False) -> OverlaidForecasts:
    """The shared forecasts of one symbol at one step. Raises SpecError for a symbol or step that is not shared."""
    test = comparison.test.mean
    own_N = np.isin(test.symbol_N, [s for s, name in enumerate(test.symbols) if name == symbol])
    if step not in test.steps or not own_N.any():
        raise SpecError(
            message(
                "The runs share no forecast of {symbol} at step {step}. Choose another one.", symbol=symbol, step=step
            )
        )
    column = test.steps.index(step)
    order_N = np.argsort(test.cutoff_N[own_N], kind="stable")

    def pick(value_NH: Floats) -> Floats:
        return value_NH[own_N, column][order_N]

    return OverlaidForecasts(
        letters=comparison.letters,
        models=tuple(run.model for run in comparison.runs),
        symbol=symbol,
        step=step,
        unit=unit,
        binary=binary,
        time_N=comparison.test.time_NH[own_N, column][order_N],
        y_N=pick(test.y_NH),
        yhat_RN=np.stack([pick(test.yhat_NH[run.run_id]) for run in comparison.runs]),
    )


def draw(chart: OverlaidForecasts, height: int = 380) -> go.Figure:
    """The outcomes in black, a coloured line for each run."""
    figure = go.Figure()
    at = thinning.thin(chart.y_N)
    figure.add_scatter(
        x=chart.time_N[at],
        y=chart.y_N[at],
        name=tr("outcome"),
        mode="markers" if chart.binary else "lines",
        marker={"color": style.OUTCOME, "size": 4, "opacity": 0.55},
        line={"color": style.OUTCOME, "width": 1.4},
        hovertemplate="%{y:,.5~r}",
    )
    for row, yhat_N in enumerate(chart.yhat_RN):
        at = thinning.thin(yhat_N)
        figure.add_scatter(
            x=chart.time_N[at],
            y=yhat_N[at],
            name=look.label(chart.letters[row], chart.models[row]),
            mode="lines" if len(at) > 1 else "markers",
            line={"color": look.COLOURS[row], "width": 1.8, "dash": look.DASHES[row]},
            hovertemplate="%{y:,.5~r}",
        )
    style.apply_layout(figure, text.unit_title(chart.unit), height)
    if chart.binary:
        past_forecasts.add_even_odds_line(figure)
    return style.format_dates(figure, chart.time_N)
