"""One saved run on newer data: what became of its live forecasts, the next one, and why it changed.

Axis letters: T rows, H steps.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.data.sources.registry import SOURCES
from core.datasets import windows
from core.datasets.panel import build_panel
from core.datasets.windows import Prepared
from core.evaluation.track import record
from core.evaluation.track.record import ForecastRecord, ModelRecord, OutcomeRecord, Record
from core.explain import local
from core.explain.local import ForecastRevision
from core.explain.predictor import build_predictor
from core.jobs.local import run as exhaust
from core.spec import Spec, Split
from core.types import Run

if TYPE_CHECKING:
    from core.models.ensemble import Ensemble
    from core.models.network import Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """Why the newest forecast of each symbol differs from the one a step before; kept with the run."""

    symbols: tuple[ForecastRevision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """What newer data add to the record of a run; `revisions` is None if there is no new forecast."""

    records: tuple[Record, ...]
    revisions: Revisions | None


def advance(
    run: Run,
    model: ModelRecord,
    frame: pd.DataFrame,
    pending: Sequence[ForecastRecord],
    known: Collection[str],
    now: str,
) -> Advance:
    """The outcomes of `pending` forecasts and the next live forecasts of a run, from a frame that reaches further.

    `known` are the keys of records that exist; `now` is when they are logged. Every forecast is of a cutoff behind
    which the frame has no outcome: one from an earlier cutoff would be a forecast after the fact. Raises DataError.
    """
    from core.forecasting import forecast
    from core.training import trainer

    panel = build_panel(run.spec, frame)
    scalers = windows.restore_scalers(run.state)
    prepared = windows.prepare(freeze(run.spec, model, frame), frame, scalers, panel=panel)
    digest = frames.digest(frame)
    records: list[Record] = [*_outcomes(run.spec, prepared, pending, digest, now)]
    after = np.datetime64(int(run.state["calibrate_from"][0]), "ns")
    recent = windows.prepare_recent(run.spec, frame, *scalers, after, panel)
    if not len(recent.live):
        return Advance(records=tuple(records), revisions=None)
    network = trainer.restore(run.spec, run.weights, len(model.symbols))
    live = forecast.live(run.spec, recent, forecast.network(network, prepared.kind.binary))
    fresh = [one for one in record.of_live(run, live, prepared, digest, now) if one.key not in known]
    if not fresh:
        return Advance(records=tuple(records), revisions=None)
    revisions = [_revise(run.spec, prepared, network, s) for s in range(len(model.symbols))]
    changes = tuple(revision for revision in revisions if revision is not None)
    return Advance(records=(*records, *fresh), revisions=Revisions(symbols=changes))


def freeze(spec: Spec, model: ModelRecord, frame: pd.DataFrame) -> Spec:
    """The recipe with its splits where they were in the training; the test split reaches to the end of the frame."""
    last = (pd.Timestamp(frame.index[-1]) + pd.Timedelta(1, "ns")).isoformat()
    train, val, calib = model.ends
    return replace(
        spec, split=Split(train=train, val=val, calib=calib if calib != val else 0, test=last, gap=spec.split.gap)
    )


def _outcomes(
    spec: Spec, prepared: Prepared, pending: Sequence[ForecastRecord], digest: str, now: str
) -> tuple[OutcomeRecord, ...]:
    """The outcomes that are in the data, as a backtest takes them; of a hole or a dead zone that there is none."""
    rows, kind, horizon = prepared.splits.test.rows, prepared.kind, prepared.horizon
    priced = (spec.target.column or "close") in frames.PRICES and SOURCES[spec.data.source].exchange_from_symbol
    outcomes = []
    for one in pending:
        row_T = np.flatnonzero(rows.symbol_T == rows.symbols.index(one.symbol))
        at = int(np.searchsorted(rows.time_T[row_T], np.datetime64(one.cutoff)))
        complete = at + horizon < len(row_T) - horizon  # the block ends with the future rows
        if not complete or rows.time_T[row_T[at]] != np.datetime64(one.cutoff):
            continue
        y_H = kind.to_user(rows.y_TH[row_T[at]])
        level = float(kind.to_user(rows.level_T[row_T[at]])) if kind.level else one.level
        if priced and kind.level and level > 0 and one.level > 0:
            y_H = y_H * (one.level / level)  # prices of before a split or dividend, as on the day of the forecast
        scored = np.isfinite(y_H).all()
        outcomes.append(
            OutcomeRecord(
                run=one.run,
                symbol=one.symbol,
                cutoff=one.cutoff,
                logged=now,
                data=digest,
                y_H=tuple(float(y) if scored else float("nan") for y in y_H),
            )
        )
    return tuple(outcomes)


def _revise(spec: Spec, prepared: Prepared, network: "Network | Ensemble", symbol: int) -> ForecastRevision | None:
    """Why the forecast from the newest cutoff of a symbol differs from the one a step before; None without one."""
    live = prepared.splits.live
    row_N = live.cutoff_row_N[live.symbol_N == symbol]
    previous = local.previous_cutoff_row(prepared, int(row_N[0])) if len(row_N) else None
    if previous is None:
        return None
    predictor = build_predictor(network, prepared, symbol)
    return exhaust(local.compute_revision(predictor, prepared, previous, int(row_N[0]), spec.seed), lambda event: None)
