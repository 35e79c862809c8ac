"""Past forecasts of one model for one symbol at one step, with their outcomes and intervals, and how they are drawn.

Axis letter: N forecasts in time order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.charts import style, text, thinning
from core.datasets.targets import TARGETS
from core.errors import SpecError
from core.language import message, tr
from core.types import Flags, Floats, Run, Times

SPLITS = ("val", "calib", "test")  # those with forecasts


@dataclass(frozen=True, slots=True, kw_only=True)
class PastForecasts:
    """Forecasts made `step` steps before their outcome, in the target's `unit`; intervals of nominal `coverage`."""

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
    def has_interval(self) -> bool:
        """Whether there are prediction intervals; probabilities and baselines have none."""
        return bool(np.isfinite(self.lo_N).any())

    @property
    def inside_N(self) -> Flags:
        """Whether each outcome lies inside its prediction interval."""
        return (self.lo_N <= self.y_N) & (self.y_N <= self.hi_N)

    @property
    def hit_N(self) -> Floats:
        """1 if the probability was on the side of 50% that came true, else 0; exactly 50% counts as a half."""
        return np.where(self.yhat_N == 0.5, 0.5, (self.yhat_N > 0.5) == (self.y_N > 0.5))


def select_rows(forecast: pd.DataFrame, model: str, symbol: str, step: int, splits: tuple[str, ...]) -> pd.DataFrame:
    """The rows with an outcome of one model, symbol and step in these splits of the long table, in time order; possibly
    none.

    Raises SpecError for a model, symbol or step that is not in the table.
    """
    for column, value in (("model", model), ("symbol", symbol), ("step", step)):
        known = list(forecast[column].unique())
        if value not in known:
            raise SpecError(
                message(
                    "The run has no forecast of the {column} {value}. It has: {known}.",
                    column=column,
                    value=repr(value),
                    known=", ".join(str(k) for k in known),
                )
            )
    table = _with_outcome(forecast, model, symbol, splits)
    return table[table["step"] == step].sort_values("cutoff", kind="stable")


def select_outcomes(forecast: pd.DataFrame, model: str, symbol: str, step: int, level: bool) -> pd.DataFrame:
    """The rows of every split whose outcomes make a line, in time order: those of `step`, and with `level`, where the
    outcomes of all steps are values of one series, those of other steps at other times, without a cutoff.

    Where a split begins after another is a row without an outcome, at which the line breaks: windows between splits are
    left out. Raises SpecError like `select_rows`.
    """
    table = select_rows(forecast, model, symbol, step, SPLITS)
    if level:
        others = _with_outcome(forecast, model, symbol, SPLITS)
        table = pd.concat([table, _without_cutoff(others)]).drop_duplicates("time").sort_values("time")
    starts = table[(table["part"] != table["part"].shift(1)).to_numpy()][1:]
    breaks = _without_cutoff(starts).assign(y=np.nan)
    return pd.concat((breaks, table)).sort_values("time", kind="stable")


def _with_outcome(forecast: pd.DataFrame, model: str, symbol: str, splits: tuple[str, ...]) -> pd.DataFrame:
    """The rows with an outcome of all steps, in the order of the table."""
    matches = (forecast["model"] == model) & (forecast["symbol"] == symbol) & forecast["part"].isin(splits)
    return forecast[matches & forecast["y"].notna()]


def _without_cutoff(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(cutoff=np.datetime64("NaT", "ns"))


def compute(
    forecast: pd.DataFrame,
    model: str,
    symbol: str,
    step: int,
    *,
    unit: str,
    coverage: float = 0.9,
    binary: bool = False,
    split: str = "test",
) -> PastForecasts:
    """The forecasts of `model` in one `split` of the run's long table. Raises SpecError like `select_rows`."""
    table = select_rows(forecast, model, symbol, step, (split,))
    return PastForecasts(
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


def of_run(run: Run, symbol: str, step: int, unit: str) -> PastForecasts:
    """The test forecasts of the model of a run, with its interval. Raises SpecError like `select_rows`."""
    spec = run.spec
    binary, coverage = TARGETS[spec.target.kind].binary, spec.bands.coverage
    return compute(run.forecast, spec.model.kind, symbol, step, unit=unit, coverage=coverage, binary=binary)


def compute_reference(forecast: pd.DataFrame, past: PastForecasts, reference: str | None) -> Floats:
    """The test forecasts of the baseline `reference` at the cutoffs of `past` (N,), NaN where it has none.

    Empty if `reference` is None. Raises SpecError like `select_rows`.
    """
    if reference is None:
        return np.array([])
    table = select_rows(forecast, reference, past.symbol, past.step, ("test",)).set_index("cutoff")["yhat"]
    return table.reindex(past.cutoff_N).to_numpy()


def interval_trace(past: PastForecasts) -> go.Scatter:
    """The prediction intervals as one shaded area."""
    at = thinning.thin(past.hi_N)
    colour = style.translucent(style.MODEL, 0.18)
    name = tr("{coverage} band", coverage=text.short_percent(past.coverage))
    return area_trace(past.time_N[at], past.lo_N[at], past.hi_N[at], name, colour)


def forecast_trace(past: PastForecasts) -> go.Scatter:
    """The forecasts as a line; each point can be clicked and carries its ISO cutoff as customdata."""
    at = thinning.thin(past.yhat_N)
    intervals = [
        tr(" ({lo} to {hi})", lo=text.number(lo), hi=text.number(hi)) if np.isfinite(lo) else ""
        for lo, hi in zip(past.lo_N[at], past.hi_N[at], strict=True)
    ]
    name = f"{text.model_name(past.model)}, {text.lead_time(past.step, past.unit)}"
    return go.Scatter(
        x=past.time_N[at],
        y=past.yhat_N[at],
        name=text.escape(name),
        mode="lines+markers",
        text=intervals,
        line={"color": style.MODEL, "width": 1.8},
        hovertemplate=tr("{y}{text}, from {customdata}", y="%{y:,.5~r}", text="%{text}", customdata="%{customdata}"),
        **_clickable(text.iso(past.cutoff_N[at])),
    )


def outcome_trace(time_N: Times, y_N: Floats, cutoff_N: tuple[str | None, ...], binary: bool) -> go.Scatter:
    """The outcomes as a line, or as dots if they are binary; `cutoff_N` is None for an outcome without a forecast."""
    at = thinning.thin(y_N)
    appearance = (
        {"mode": "markers"} if binary else {"mode": "lines+markers", "line": {"color": style.OUTCOME, "width": 1.4}}
    )
    marker = {"color": style.OUTCOME, "size": 4, "opacity": 0.55} if binary else None
    return go.Scatter(
        x=time_N[at],
        y=y_N[at],
        name=tr("outcome"),
        hovertemplate="%{y:,.5~r}",
        **appearance,
        **_clickable([cutoff_N[i] for i in at], marker),
    )


def reference_trace(past: PastForecasts, yhat_N: Floats, model: str) -> go.Scatter:
    """The forecasts `yhat_N` of another model at the times of `past` as a dotted line."""
    at = thinning.thin(yhat_N)
    return go.Scatter(
        x=past.time_N[at],
        y=yhat_N[at],
        name=text.escape(text.model_name(model)),
        mode="lines+markers",
        line={"color": style.REFERENCE, "width": 1.4, "dash": "dot"},
        hovertemplate="%{y:,.5~r}",
        **_clickable(text.iso(past.cutoff_N[at])),
    )


def area_trace(time_N: Times, lo_N: Floats, hi_N: Floats, name: str, colour: str) -> go.Scatter:
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


def bar_trace(time_N: Times, lo_N: Floats, hi_N: Floats, name: str, colour: str, width: int) -> go.Scatter:
    """The interval of a single step (N = 1), where an area would have no width, as a bar of `width` pixels."""
    return go.Scatter(
        x=np.repeat(time_N, 2),
        y=np.array([lo_N[0], hi_N[0]]),
        mode="lines",
        name=name,
        hoverinfo="skip",
        line={"color": colour, "width": width},
    )


def add_even_odds_line(figure: go.Figure) -> None:
    """Add a line at 50% and a percentage axis, for probabilities."""
    figure.add_shape(
        type="line", xref="paper", x0=0, x1=1, y0=0.5, y1=0.5, line={"color": style.NEUTRAL, "width": 1, "dash": "dash"}
    )
    figure.update_yaxes(range=[-0.04, 1.04], tickformat=".0%")


def _clickable(cutoffs: Sequence[str | None], marker: dict[str, Any] | None = None) -> dict[str, Any]:
    """Markers that carry ISO cutoffs, invisible unless `marker` is given.

    Every line that shares a hover needs them: plotly selects nothing if one of the lines under the pointer has none.
    """
    marker = marker or {"size": 9, "opacity": 0}
    return {
        "customdata": cutoffs,
        "marker": marker,
        "unselected": {"marker": {"opacity": marker["opacity"]}},
        "selected": {"marker": {"opacity": 1, "color": style.REFERENCE, "size": 9}},
    }
