"""What the log of live forecasts holds: a model and what its test split promised, its forecasts, and their outcomes.

The log has to be read without the run, which may be deleted: names, numbers and times only, in the user's units.
Axis letters: H steps, S symbols, M test sessions.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core import spec as specs
from core.baselines.registry import BASELINES, fit
from core.datasets import windows
from core.datasets.levels import level_floor
from core.datasets.targets import kind_of
from core.datasets.windows import Prepared
from core.evaluation.baseline_tests import standardised_errors
from core.forecasting.table import ForecastMatrix, to_matrix
from core.types import Floats, Run

MAX_SESSIONS = 2000  # of the test split, the latest ones, that a log remembers


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRecord:
    """A trained model: its recipe, how its errors are standardised, and what its test split promised.

    `scale_SC` is the standard deviation of each symbol's training labels, as in `core.evaluation.score`. Losses are
    squared standardised errors: `loss` over all steps of the test split, `loss_M` of each of its sessions at the first
    step, the mean over symbols; so is `covered_M`, the share of outcomes inside the interval.
    """

    run: str
    created: str
    logged: str  # when it was logged, ISO, UTC
    data: str  # digest of the data that it was trained on
    last: str  # their last time
    ends: tuple[str, ...]  # the first moment after the training, validation and calibration split
    spec_id: str
    recipe: dict[str, Any]
    symbols: tuple[str, ...]
    steps: tuple[int, ...]
    unit: str
    nominal: float  # coverage of the interval; NaN without one
    reference: str
    scale_SC: Floats
    loss: float
    skill: float
    coverage: float  # NaN without an interval
    loss_M: Floats
    covered_M: Floats  # empty without an interval
    parent: str = ""  # run that it continues on newer data

    @property
    def key(self) -> str:
        """What identifies the record in the log."""
        return f"model {self.run}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRecord:
    """A live forecast of one symbol, by step: what the model and its reference say about each time, and the interval.

    `level` is that at the cutoff, from which a level is forecast.
    """

    run: str
    symbol: str
    cutoff: str
    logged: str
    data: str  # digest of the data that it was made from
    spec_id: str
    nominal: float
    level: float
    time_H: tuple[str, ...]
    yhat_H: tuple[float, ...]
    median_H: tuple[float, ...]
    lo_H: tuple[float, ...]
    hi_H: tuple[float, ...]
    reference_H: tuple[float, ...]

    @property
    def key(self) -> str:
        """What identifies the record in the log: a forecast is logged once for a run, a symbol and a cutoff."""
        return f"forecast {self.run} {self.cutoff} {self.symbol}"

    @property
    def outcome_key(self) -> str:
        """The key of the record of its outcome."""
        return outcome_key(self.run, self.cutoff, self.symbol)

    @property
    def ahead(self) -> bool:
        """Whether it was logged before the first time that it is about; else its outcome was known to somebody."""
        return pd.Timestamp(self.logged).tz_convert(None) < pd.Timestamp(self.time_H[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRecord:
    """What became of a forecast, by step; NaN at every step if there is nothing to score: a hole in the series, or a
    move in the dead zone."""

    run: str
    symbol: str
    cutoff: str
    logged: str
    data: str  # digest of the data in which it was first seen
    y_H: tuple[float, ...]

    @property
    def key(self) -> str:
        """What identifies the record in the log: the first outcome that was seen counts, whatever is revised later."""
        return outcome_key(self.run, self.cutoff, self.symbol)


def outcome_key(run: str, cutoff: str, symbol: str) -> str:
    """The key of the record of the outcome of this forecast."""
    return f"outcome {run} {cutoff} {symbol}"


Record = ModelRecord | ForecastRecord | OutcomeRecord
KINDS: dict[str, type[Record]] = {"model": ModelRecord, "forecast": ForecastRecord, "outcome": OutcomeRecord}


def of_run(run: Run, logged: str, parent: str = "") -> tuple[Record, ...]:
    """The record of a finished run and of its live forecasts, which are about the time after its data.

    Raises DataError if the baseline that is its reference cannot be fitted.
    """
    prepared = windows.prepare_saved(run)
    live = run.forecast[run.forecast["part"] == "live"]
    return of_model(run, prepared, logged, parent), *of_live(run, live, prepared, run.data_digest, logged)


def of_model(run: Run, prepared: Prepared, logged: str, parent: str = "") -> ModelRecord:
    """The record of a finished run."""
    test, model, evaluation = to_matrix(run.forecast, "test"), run.spec.model.kind, run.evaluation
    loss_N = standardised_errors(test, model, kind_of(run.spec.target, bool(run.spec.window.log)), prepared.score_SC)
    covered_N = _covered(run.forecast, test, model)
    return ModelRecord(
        run=run.id,
        created=run.created,
        logged=logged,
        data=run.data_digest,
        last=pd.Timestamp(run.frame.index[-1]).isoformat(),
        ends=_ends(prepared),
        spec_id=run.spec.id,
        recipe=specs.to_dict(run.spec),
        symbols=prepared.splits.test.rows.symbols,
        steps=test.steps,
        unit=evaluation.unit,
        nominal=run.spec.bands.coverage if len(covered_N) else math.nan,
        reference=evaluation.verdict.reference,
        scale_SC=np.asarray(prepared.score_SC, dtype=float),
        loss=evaluation.scores[model]["mse_scaled"],
        skill=evaluation.verdict.skill,
        coverage=float(evaluation.bands.get("coverage", math.nan)),
        loss_M=by_session(loss_N[:, 0] ** 2, test.cutoff_N)[-MAX_SESSIONS:],
        covered_M=by_session(covered_N, test.cutoff_N)[-MAX_SESSIONS:] if len(covered_N) else np.empty(0),
        parent=parent,
    )


def of_live(run: Run, live: pd.DataFrame, prepared: Prepared, digest: str, logged: str) -> tuple[ForecastRecord, ...]:
    """The record of each live forecast in a long table, with what the reference of the run says at the same cutoff.

    `prepared` holds the windows of the data that it was made from, whose digest is `digest`.
    """
    if not len(live):
        return ()
    reference = _reference(prepared, run.evaluation.verdict.reference)
    level_S = _levels(prepared)
    records = []
    for key, rows in live.groupby(["symbol", "cutoff"], observed=True):
        symbol, cutoff = str(key[0]), pd.Timestamp(str(key[1]))
        rows = rows.sort_values("step")
        if (symbol, cutoff) not in reference:
            continue
        records.append(
            ForecastRecord(
                run=run.id,
                symbol=symbol,
                cutoff=cutoff.isoformat(),
                logged=logged,
                data=digest,
                spec_id=run.spec.id,
                nominal=run.spec.bands.coverage,
                level=level_S[symbol],
                time_H=tuple(pd.Timestamp(time).isoformat() for time in rows["time"]),
                yhat_H=_floats(rows["yhat"]),
                median_H=_floats(rows["q50"]),
                lo_H=_floats(rows["lo"]),
                hi_H=_floats(rows["hi"]),
                reference_H=tuple(float(value) for value in reference[(symbol, cutoff)]),
            )
        )
    return tuple(records)


def _ends(prepared: Prepared) -> tuple[str, ...]:
    """The first moment after each split but the last; one without rows ends where the split before it does."""
    bounds = prepared.bounds
    last = (pd.Timestamp(bounds.index[bounds.end[name] - 1]) for name in ("train", "val", "calib"))
    return tuple((time + pd.Timedelta(1, "ns")).isoformat() for time in last)


def by_session(value_N: Floats, cutoff_N: Any) -> Floats:
    """The mean over the symbols that share a cutoff, in time order."""
    return pd.Series(value_N).groupby(cutoff_N).mean().to_numpy()


def _covered(forecast: pd.DataFrame, test: ForecastMatrix, model: str) -> Floats:
    """Whether the outcome of each test window lies inside its interval at the first step; empty without intervals."""
    rows = forecast[(forecast["part"] == "test") & (forecast["model"] == model) & forecast["y"].notna()]
    first = rows[rows["step"] == test.steps[0]]
    if first["lo"].isna().all():
        return np.empty(0)
    return ((first["y"] >= first["lo"]) & (first["y"] <= first["hi"])).to_numpy().astype(float)


def _reference(prepared: Prepared, name: str) -> dict[tuple[str, pd.Timestamp], Floats]:
    """The forecast of a baseline from the newest window of each symbol, user's units, by symbol and cutoff."""
    live = prepared.splits.live
    yhat_NH = np.maximum(fit(BASELINES[name], prepared)(live), level_floor(live, prepared.kind)[:, None])
    user_NH, symbols = prepared.kind.to_user(yhat_NH), live.rows.symbols
    keys = zip(live.symbol_N.tolist(), live.cutoff_N, strict=True)
    return {(symbols[s], pd.Timestamp(cutoff)): user_NH[n] for n, (s, cutoff) in enumerate(keys)}


def _levels(prepared: Prepared) -> dict[str, float]:
    """The level at the newest cutoff of each symbol, user's units."""
    live = prepared.splits.live
    level_N = live.anchor_N if not prepared.kind.in_logs else np.exp(live.anchor_N)
    return {live.rows.symbols[s]: float(level) for s, level in zip(live.symbol_N, level_N, strict=True)}


def _floats(column: "pd.Series[Any]") -> tuple[float, ...]:
    return tuple(float(value) for value in column)
