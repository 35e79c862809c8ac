"""Outcome against forecast over the whole test part, to be zoomed into."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import test_forecasts
from core.charts.forecast.test_forecasts import Track
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Zoom:
    """Every test forecast at one step, and those of a baseline to compare with (`reference_N`, empty without one)."""

    track: Track
    reference: str | None
    reference_N: Floats

    @property
    def caption(self) -> str:
        """How often the band held, or how often the probability was on the right side."""
        t = self.track
        if not len(t.y_N):
            return f"There are no test forecasts of {t.symbol}."
        span = (
            f"Over {text.counted(len(t.y_N), 'test forecast')} of {t.symbol}, {text.ahead(t.step)}, from "
            f"{text.day(t.cutoff_N[0])} to {text.day(t.cutoff_N[-1])},"
        )
        if t.binary:
            return (
                f"{span} the {text.model(t.model)} was on the right side of 50% in "
                f"{text.percent(t.right_N.mean())}; {text.percent(t.y_N.mean())} were rises."
            )
        error = f"the mean absolute error was {text.amount(_mae(t), t.unit)}"
        if not t.banded:
            return f"{span} {error}."
        return (
            f"{span} the {text.level(t.coverage)} band held {text.percent(t.inside_N.mean())} of the outcomes and "
            f"{error}."
        )


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    reference: str | None = None,
) -> Zoom:
    """The test forecasts of `model` at `step`; SpecError for an unknown model, symbol or step."""
    made = test_forecasts.compute(forecast, model, symbol, step, unit=unit, coverage=coverage, binary=binary)
    beside = np.array([])
    if reference is not None:
        table = test_forecasts.rows(forecast, reference, symbol, step, ("test",)).set_index("cutoff")["yhat"]
        beside = table.reindex(made.cutoff_N).to_numpy()
    return Zoom(track=made, reference=reference, reference_N=beside)


def draw(zoom: Zoom, height: int = 420) -> go.Figure:
    """The whole test part; drag to zoom. Points of the forecast carry their ISO cutoff as customdata."""
    figure, made = go.Figure(), zoom.track
    if made.banded:
        figure.add_trace(test_forecasts.band(made))
    figure.add_trace(test_forecasts.outcome(made.time_N, made.y_N, text.iso(made.cutoff_N), made.binary))
    if zoom.reference is not None:
        figure.add_trace(test_forecasts.reference(made, zoom.reference_N, zoom.reference))
    figure.add_trace(test_forecasts.line(made))
    style.layout(figure, made.unit, height)
    style.dates(figure, made.time_N)
    figure.update_xaxes(rangeslider_visible=False)
    if made.binary:
        test_forecasts.even_odds(figure)
    return figure


def _mae(made: Track) -> float:
    return float(np.mean(np.abs(made.y_N - made.yhat_N)))
