"""The forecasts of one model for one symbol at one step, with their outcomes and band; and how they are drawn.

Axis letter: N forecasts in time order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.errors import SpecError
from core.types import Flags, Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Past forecasts made `step` sessions before their outcome, in the target's `unit`; `coverage` is the band's."""

    model: str
    symbol: str
    step: int
    unit: str
    coverage: float
    binary: bool  # outcomes are 0 or 1 and forecasts probabilities
    cutoff_N: Times
    time_N: Times
    y_N: Floats
    yhat_N: Floats
    lo_N: Floats
    hi_N: Floats

    @property
    def banded(self) -> bool:
        """Whether there is an error band at all; probabilities and baselines have none."""
        return bool(np.isfinite(self.lo_N).any())

    @property
    def inside_N(self) -> Flags:
        """Whether each outcome fell within the band."""
        return (self.lo_N <= self.y_N) & (self.y_N <= self.hi_N)

    @property
    def right_N(self) -> Floats:
        """1 where a probability lay on the side of 50% that came true, else 0; exactly 50% is half right."""
        return np.where(self.yhat_N == 0.5, 0.5, (self.yhat_N > 0.5) == (self.y_N > 0.5))


def rows(forecast: pd.DataFrame, model: str, symbol: str, step: int, parts: tuple[str, ...]) -> pd.DataFrame:
    """The rows of the long table of one model, symbol and step in these parts, in time order; possibly none.

    Raises SpecError for a model, symbol or step that the table does not know.
    """
    for column, wanted in (("model", model), ("symbol", symbol), ("step", step)):
        known = list(forecast[column].unique())
        if wanted not in known:
            raise SpecError(
                f"The run has no forecast of the {column} {wanted!r}. It has: {', '.join(str(k) for k in known)}."
            )
    here = (forecast["model"] == model) & (forecast["symbol"] == symbol) & (forecast["step"] == step)
    return forecast[here & forecast["part"].isin(parts)].sort_values("cutoff", kind="stable")


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    part: str = "test",
) -> Track:
    """The track of `model` on one part of the run's long table. Raises SpecError as `rows` does."""
    table = rows(forecast, model, symbol, step, (part,))
    return Track(
        model=model,
        symbol=symbol,
        step=step,
        unit=unit,
        coverage=coverage,
        binary=binary,
        cutoff_N=table["cutoff"].to_numpy(),
        time_N=table["time"].to_numpy(),
        y_N=table["y"].to_numpy(),
        yhat_N=table["yhat"].to_numpy(),
        lo_N=table["lo"].to_numpy(),
        hi_N=table["hi"].to_numpy(),
    )


def band(track: Track) -> go.Scatter:
    """The band as one shaded area."""
    at = thinning.thin(track.hi_N)
    colour = style.translucent(style.MODEL, 0.18)
    return area(track.time_N[at], track.lo_N[at], track.hi_N[at], f"{text.level(track.coverage)} band", colour)


def line(track: Track) -> go.Scatter:
    """The forecasts as a line, each to be selected by a click; customdata is its ISO cutoff."""
    at = thinning.thin(track.yhat_N)
    low_high = [
        f" ({text.number(lo)} to {text.number(hi)})" if np.isfinite(lo) else ""
        for lo, hi in zip(track.lo_N[at], track.hi_N[at], strict=True)
    ]
    name = f"{text.model(track.model)}, {track.step} ahead"
    return go.Scatter(
        x=track.time_N[at],
        y=track.yhat_N[at],
        name=text.safe(name),
        mode="lines+markers",
        text=low_high,
        line={"color": style.MODEL, "width": 1.8},
        hovertemplate="%{y:.4~g}%{text}, from %{customdata}",
        **_clickable(text.iso(track.cutoff_N[at])),
    )


def outcome(time_N: Times, y_N: Floats, cutoff_N: tuple[str | None, ...], binary: bool) -> go.Scatter:
    """The outcomes: a line, or dots at 0 and 1 where they are yes or no; `cutoff_N` is None where none was forecast."""
    at = thinning.thin(y_N)
    look = {"mode": "markers"} if binary else {"mode": "lines+markers", "line": {"color": style.OUTCOME, "width": 1.4}}
    shown = {"color": style.OUTCOME, "size": 4, "opacity": 0.55} if binary else None
    return go.Scatter(
        x=time_N[at],
        y=y_N[at],
        name="outcome",
        hovertemplate="%{y:.4~g}",
        **look,
        **_clickable([cutoff_N[i] for i in at], shown),
    )


def reference(track: Track, yhat_N: Floats, model: str) -> go.Scatter:
    """The forecasts of another model at the times of `track`, dotted."""
    at = thinning.thin(yhat_N)
    return go.Scatter(
        x=track.time_N[at],
        y=yhat_N[at],
        name=text.safe(text.model(model)),
        mode="lines+markers",
        line={"color": style.OCHRE, "width": 1.4, "dash": "dot"},
        hovertemplate="%{y:.4~g}",
        **_clickable(text.iso(track.cutoff_N[at])),
    )


def area(time_N: Times, lo_N: Floats, hi_N: Floats, name: str, colour: str) -> go.Scatter:
    """The area between two lines as one closed shape, without hover."""
    return go.Scatter(
        x=np.concatenate([time_N, time_N[::-1]]),
        y=np.concatenate([hi_N, lo_N[::-1]]),
        name=name,
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )


def _clickable(cutoffs: Sequence[str | None], marker: dict[str, Any] | None = None) -> dict[str, Any]:
    """Markers, invisible unless given, that carry ISO cutoffs.

    Every line that shares a hover needs them: plotly selects nothing where one of the lines under the pointer has none.
    """
    marker = marker or {"size": 9, "opacity": 0}
    return {
        "customdata": cutoffs,
        "marker": marker,
        "unselected": {"marker": {"opacity": marker["opacity"]}},
        "selected": {"marker": {"opacity": 1, "color": style.OCHRE, "size": 9}},
    }


def even_odds(figure: go.Figure) -> None:
    """The line at 50% and an axis in percent, for probabilities."""
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, y0=0.5, y1=0.5, line={"color": style.NEUTRAL, "width": 1, "dash": "dash"}
    )
    figure.update_yaxes(range=[-0.04, 1.04], tickformat=".0%")
