"""Time travel: what was known at one past cutoff, what the model said then, and what came after, greyed.

Axis letters: M outcomes, H steps of the forecast.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import test_forecasts
from core.errors import SpecError
from core.types import Floats, Times

PARTS = ("val", "calib", "test")
PAST, AFTER = 120, 60  # outcomes drawn before and after the cutoff
GREY = "#c3c8ce"


@dataclass(frozen=True, slots=True, kw_only=True)
class Travel:
    """The forecast made at `cutoff`: `*_H` its steps, `came_H` what came of each; outcomes known then and those after.

    `step` is the one that the sentence is about. Of a level the whole path is there, of anything else that step alone.
    `calibrated` tells the band of the test part from the network's own quantiles before it.
    """

    model: str
    symbol: str
    unit: str
    binary: bool
    part: str
    cutoff: np.datetime64
    step: int
    coverage: float
    calibrated: bool
    known_time_M: Times
    known_M: Floats
    after_time_M: Times
    after_M: Floats
    step_H: tuple[int, ...]
    time_H: Times
    said_H: Floats
    lo_H: Floats
    hi_H: Floats
    came_H: Floats

    @property
    def caption(self) -> str:
        """What was said, what came, and whether the band held it."""
        h = self.step_H.index(self.step)
        said, came, low, high = (float(v[h]) for v in (self.said_H, self.came_H, self.lo_H, self.hi_H))
        head = (
            f"On {text.day(self.cutoff)} the {text.model(self.model)} said {text.amount(said, self.unit)} for "
            f"{text.day(self.time_H[h])} ({text.ahead(self.step)})"
        )
        if self.binary:
            right = "half right" if said == 0.5 else "right" if (said > 0.5) == (came > 0.5) else "wrong"
            what = "rose" if came > 0.5 else "did not rise"
            return f"{head}: the probability of a rise. {self.symbol} {what}: {right}."
        if not np.isfinite(low):
            return f"{head}, without a band; {text.amount(came, self.unit)} came."
        which = f"{text.level(self.coverage)} band" if self.calibrated else "own 90% range, not calibrated yet,"
        where = "inside it" if low <= came <= high else "below it" if came < low else "above it"
        return (
            f"{head}, with a {which} from {text.number(low)} to {text.number(high)}; "
            f"{text.amount(came, self.unit)} came, {where}."
        )


def cutoffs(forecast: pd.DataFrame, model: str, symbol: str) -> Times:
    """Every past cutoff at which the table has a forecast of `model` for `symbol`, in time order. Raises SpecError."""
    first = int(forecast["step"].min())
    return test_forecasts.rows(forecast, model, symbol, first, PARTS)["cutoff"].to_numpy()


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    cutoff: np.datetime64,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    level: bool = False,
) -> Travel:
    """The forecast of `model` for `symbol` at one past `cutoff`, from the run's long table alone.

    `level`: outcomes of all steps are values of one series, so the whole path is drawn. Raises SpecError for a model,
    symbol, step or cutoff that the table does not know.
    """
    outcomes = test_forecasts.rows(forecast, model, symbol, step, PARTS)
    here = (
        outcomes
        if not level
        else forecast[(forecast["model"] == model) & (forecast["symbol"] == symbol) & forecast["part"].isin(PARTS)]
    )
    path = here[here["cutoff"] == cutoff].sort_values("step")
    if path.empty:
        raise SpecError(f"The run has no forecast from {text.day(cutoff)}. Choose one of its cutoffs.")
    known = (outcomes["time"] <= cutoff).to_numpy()
    before, after = outcomes[known].tail(PAST), outcomes[~known].head(AFTER)
    calibrated = bool(path["lo"].notna().any())
    low, high = ("lo", "hi") if calibrated else ("q05", "q95")
    return Travel(
        model=model,
        symbol=symbol,
        unit=unit,
        binary=binary,
        part=str(path["part"].iloc[0]),
        cutoff=cutoff,
        step=step,
        coverage=coverage,
        calibrated=calibrated,
        known_time_M=before["time"].to_numpy(),
        known_M=before["y"].to_numpy(),
        after_time_M=after["time"].to_numpy(),
        after_M=after["y"].to_numpy(),
        step_H=tuple(int(s) for s in path["step"]),
        time_H=path["time"].to_numpy(),
        said_H=path["yhat"].to_numpy(),
        lo_H=path[low].to_numpy(),
        hi_H=path[high].to_numpy(),
        came_H=path["y"].to_numpy(),
    )


def draw(travel: Travel, height: int = 380) -> go.Figure:
    """What was known as a dark line, what came as a grey one, the forecast with its band, and a mark at the cutoff."""
    figure = go.Figure()
    mode = "markers" if travel.binary else "lines"
    look = {"size": 4}
    if np.isfinite(travel.lo_H).any():
        name = f"{text.level(travel.coverage)} band" if travel.calibrated else "own 90% range"
        figure.add_trace(_band(travel, name))
    for name, time_M, y_M, colour in (
        ("what came", travel.after_time_M, travel.after_M, GREY),
        ("known then", travel.known_time_M, travel.known_M, style.OUTCOME),
    ):
        figure.add_trace(
            go.Scatter(
                x=time_M,
                y=y_M,
                name=name,
                mode=mode,
                marker=look | {"color": colour},
                line={"color": colour, "width": 1.6},
                hovertemplate="%{y:.4~g}",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=travel.time_H,
            y=travel.said_H,
            mode="lines+markers",
            name=text.safe(f"said by the {text.model(travel.model)}"),
            hovertemplate="%{y:.4~g}",
            line={"color": style.MODEL, "width": 2.2},
            marker={"size": 8},
        )
    )
    h = travel.step_H.index(travel.step)
    figure.add_trace(
        go.Scatter(
            x=travel.time_H[h : h + 1],
            y=travel.came_H[h : h + 1],
            name="its outcome",
            mode="markers",
            hovertemplate="%{y:.4~g}",
            marker={"color": style.OCHRE, "size": 10, "symbol": "diamond"},
        )
    )
    style.layout(figure, travel.unit, height)
    style.dates(figure, np.concatenate([travel.known_time_M, travel.time_H]))
    cutoff = text.iso(np.array([travel.cutoff]))[0]
    figure.add_shape(
        type="line",
        x0=cutoff,
        x1=cutoff,
        yref="paper",
        y0=0,
        y1=1,
        name="cutoff",
        showlegend=True,
        line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"},
    )
    if travel.binary:
        test_forecasts.even_odds(figure)
    return figure


def _band(travel: Travel, name: str) -> go.Scatter:
    if len(travel.time_H) > 1:
        return test_forecasts.area(travel.time_H, travel.lo_H, travel.hi_H, name, style.translucent(style.MODEL, 0.22))
    return go.Scatter(
        x=np.repeat(travel.time_H, 2),
        y=np.array([travel.lo_H[0], travel.hi_H[0]]),
        mode="lines",
        name=name,
        hoverinfo="skip",
        line={"color": style.TINTS[1], "width": 10},
    )
