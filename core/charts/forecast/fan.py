"""The fan chart: outcomes, past forecasts with their band, and the live forecast with nested bands.

Axis letters: M outcomes, H steps of the live forecast.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text
from core.charts.forecast import test_forecasts
from core.charts.forecast.test_forecasts import Track
from core.forecasting.table import LEVELS, QUANTILE_COLUMNS
from core.types import Floats, Times

PARTS = ("val", "calib", "test")
WIDTH = (3, 6, 10, 15)  # px of the bars of a single live forecast, wide band to narrow
_ENTRY = tuple({"legendgroup": "live bands", "showlegend": i == 1} for i in range(4))  # one legend entry for all


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of the live forecast, target units; `coverage` is the share of outcomes that it should hold."""

    coverage: float
    lo_H: Floats
    hi_H: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Fan:
    """The last outcomes, the past forecasts within their span, and the live forecast; `bands` from wide to narrow."""

    past: Track
    time_M: Times
    y_M: Floats
    cutoff_M: tuple[str | None, ...]  # of the test forecast of each outcome, None before the test part
    reference: str | None
    reference_N: Floats  # at the times of `past`; empty without a reference
    live_time_H: Times
    live_H: Floats
    live_step_H: tuple[int, ...]
    bands: tuple[Band, ...]
    cutoff: np.datetime64 | None
    joint: bool = False  # bands hold whole paths, not each step its share

    @property
    def caption(self) -> str:
        """The live forecast at its last step, with its widest band, and what share of what the bands hold."""
        name, unit = text.model(self.past.model), self.past.unit
        if self.cutoff is None:
            shown = text.counted(len(self.y_M), "outcome")
            return f"The chart shows {shown} of {self.past.symbol}; there is no live forecast."
        said = (
            f"From {text.day(self.cutoff)}, the {name} forecasts {text.amount(self.live_H[-1], unit)} for "
            f"{text.day(self.live_time_H[-1])} ({text.ahead(self.live_step_H[-1])})"
        )
        if self.past.binary:
            return f"{said}: the probability that {self.past.symbol} is higher then."
        if not self.bands:
            return f"{said}, without an error band."
        wide = self.bands[0]
        said = (
            f"{said}, with a {text.level(wide.coverage)} band from {text.number(wide.lo_H[-1])} to "
            f"{text.number(wide.hi_H[-1])}."
        )
        if len(self.live_H) == 1:
            return said
        return (
            f"{said} Its bands are joint: each holds whole paths."
            if self.joint
            else f"{said} Its bands are pointwise: each step holds its share, a whole path holds less."
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
    history: int = 120,
    reference: str | None = None,
    live: pd.DataFrame | None = None,
    joint: bool = False,
) -> Fan:
    """The fan of `model` for one symbol: the last `history` outcomes and the forecasts of them, `step` sessions ahead.

    `coverage` is the nominal share of lo … hi; `reference` names a baseline to draw beside; `live` replaces the live
    rows of the table, as pipeline.predict returns them; `joint` bands hold whole paths. Raises SpecError for an
    unknown model, symbol or step.
    """
    outcomes = test_forecasts.rows(forecast, model, symbol, step, PARTS).tail(max(1, history))
    made = test_forecasts.compute(forecast, model, symbol, step, unit=unit, coverage=coverage, binary=binary)
    past = _since(made, outcomes["time"].min())
    beside = np.array([])
    if reference is not None:
        table = test_forecasts.rows(forecast, reference, symbol, step, ("test",)).set_index("cutoff")["yhat"]
        beside = table.reindex(past.cutoff_N).to_numpy()
    ahead = forecast if live is None else live
    ahead = ahead[(ahead["part"] == "live") & (ahead["model"] == model) & (ahead["symbol"] == symbol)]
    ahead = ahead.sort_values("step")
    cutoffs = zip(text.iso(outcomes["cutoff"].to_numpy()), outcomes["part"], strict=True)
    return Fan(
        past=past,
        time_M=outcomes["time"].to_numpy(),
        y_M=outcomes["y"].to_numpy(),
        cutoff_M=tuple(cutoff if part == "test" else None for cutoff, part in cutoffs),
        reference=reference,
        reference_N=beside,
        live_time_H=ahead["time"].to_numpy(),
        live_H=ahead["yhat"].to_numpy(),
        live_step_H=tuple(int(s) for s in ahead["step"]),
        bands=_bands(ahead),
        cutoff=ahead["cutoff"].to_numpy()[0] if len(ahead) else None,
        joint=joint,
    )


def draw(fan: Fan, height: int = 420) -> go.Figure:
    """The fan as a figure; what can be clicked carries the ISO cutoff of its forecast as customdata.

    Outcomes before the test part carry None: no forecast of theirs can be explained.
    """
    figure, past = go.Figure(), fan.past
    if past.banded:
        figure.add_trace(test_forecasts.band(past))
    figure.add_trace(test_forecasts.outcome(fan.time_M, fan.y_M, fan.cutoff_M, past.binary))
    if fan.reference is not None:
        figure.add_trace(test_forecasts.reference(past, fan.reference_N, fan.reference))
    figure.add_trace(test_forecasts.line(past))
    if fan.cutoff is not None:
        figure.add_traces(_bars(fan) if len(fan.live_H) == 1 else _areas(fan))
        figure.add_trace(_live(fan))
    style.layout(figure, past.unit, height)
    style.dates(figure, np.concatenate([fan.time_M, fan.live_time_H]))
    if fan.cutoff is not None:
        _mark(figure, text.iso(np.array([fan.cutoff]))[0])
    if past.binary:
        test_forecasts.even_odds(figure)
    return figure


def _since(made: Track, first: pd.Timestamp) -> Track:
    kept = made.time_N >= np.datetime64(first) if len(made.time_N) else np.zeros(0, dtype=bool)
    return replace(
        made,
        cutoff_N=made.cutoff_N[kept],
        time_N=made.time_N[kept],
        y_N=made.y_N[kept],
        yhat_N=made.yhat_N[kept],
        lo_N=made.lo_N[kept],
        hi_N=made.hi_N[kept],
    )


def _bands(live: pd.DataFrame) -> tuple[Band, ...]:
    """The nested bands that the table has; that of a run saved without the widest begins with the next."""
    found = []
    for q in range(len(LEVELS) // 2):
        names = QUANTILE_COLUMNS[q], QUANTILE_COLUMNS[-1 - q]
        if names[0] in live and np.isfinite(live[names[0]]).any():
            lo_H, hi_H = (live[name].to_numpy() for name in names)
            found.append(Band(coverage=round(LEVELS[-1 - q] - LEVELS[q], 6), lo_H=lo_H, hi_H=hi_H))
    return tuple(found)


def _areas(fan: Fan) -> list[go.Scatter]:
    return [
        test_forecasts.area(fan.live_time_H, band.lo_H, band.hi_H, _nested(fan), colour).update(_ENTRY[i])
        for i, (band, colour) in enumerate(zip(fan.bands, style.TINTS, strict=False))
    ]


def _bars(fan: Fan) -> list[go.Scatter]:
    """A single live forecast has no width to shade: each band is a bar, the narrower the thicker."""
    return [
        go.Scatter(
            x=np.repeat(fan.live_time_H, 2),
            y=np.array([band.lo_H[0], band.hi_H[0]]),
            mode="lines",
            name=_nested(fan),
            hoverinfo="skip",
            line={"color": colour, "width": width},
        ).update(_ENTRY[i])
        for i, (band, colour, width) in enumerate(zip(fan.bands, style.TINTS, WIDTH, strict=False))
    ]


def _nested(fan: Fan) -> str:
    how = "" if len(fan.live_H) == 1 else ", joint" if fan.joint else ", pointwise"
    return f"live {', '.join(text.level(band.coverage)[:-1] for band in fan.bands)}%{how}"


def _live(fan: Fan) -> go.Scatter:
    said = [
        ", ".join(f"{text.level(b.coverage)}: {text.number(b.lo_H[h])} to {text.number(b.hi_H[h])}" for b in fan.bands)
        for h in range(len(fan.live_H))
    ]
    return go.Scatter(
        x=fan.live_time_H,
        y=fan.live_H,
        name="live forecast",
        mode="lines+markers",
        customdata=text.iso(np.repeat(np.asarray(fan.cutoff), len(fan.live_H))),
        text=[f" ({s})" if s else "" for s in said],
        hovertemplate="%{y:.4~g}%{text}",
        line={"color": style.MODEL, "width": 2.2},
        unselected={"marker": {"opacity": 1}},
        marker={"color": "#ffffff", "size": 7, "line": {"color": style.MODEL, "width": 2}},
    )


def _mark(figure: go.Figure, cutoff: str) -> None:
    figure.add_shape(
        type="line",
        x0=cutoff,
        x1=cutoff,
        yref="paper",
        y0=0,
        y1=1,
        name="last observed",
        showlegend=True,
        line={"color": style.NEUTRAL, "width": 1.5, "dash": "dot"},
    )
