"""Live forecasts joined with their outcomes: the coverage and the skill that they really had, and whether they drift.

Axis letters: N scored forecasts (a symbol's cutoff each), H steps, T sessions (cutoffs, all symbols together).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets.targets import TARGETS, TargetKind, kind_of
from core.evaluation import baseline_tests, significance
from core.evaluation.track import betting
from core.evaluation.track.record import ForecastRecord, ModelRecord, OutcomeRecord, Record, by_session
from core.spec import from_dict
from core.types import Floats, Ints, Times

STAKE_ON_LOSS = 0.75  # of the wealth that is bet on drift; the rest is bet on the coverage


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The bet that a model is no longer what its test split promised.

    `wealth_T` is what the gambler has after each session, who began with 1; `loss_T` and `coverage_T` are its two
    parts. The model has drifted if it ever reached `betting.ALARM`; `since` is the cutoff at which it first did.
    """

    wealth_T: Floats
    loss_T: Floats
    coverage_T: Floats  # 1 throughout for a model without intervals
    since: np.datetime64 | None

    @property
    def flag(self) -> bool:
        """Whether the model has drifted."""
        return self.since is not None

    @property
    def e_value(self) -> float:
        """The largest wealth so far."""
        return float(self.wealth_T.max(initial=1.0))

    @property
    def by_coverage(self) -> bool:
        """Whether the coverage rather than the loss raised the alarm, or would."""
        if not len(self.wealth_T):
            return False
        at = int(np.argmax(self.wealth_T))
        return bool((1 - STAKE_ON_LOSS) * self.coverage_T[at] > STAKE_ON_LOSS * self.loss_T[at])


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackRecord:
    """The forecasts of one run since it was trained; those that wait for their outcome have none in `y_NH` (NaN).

    `skill` and `coverage` are NaN before the first outcome; losses are squared standardised errors.
    """

    model: ModelRecord
    symbol_N: tuple[str, ...]
    cutoff_N: Times
    time_NH: Times
    y_NH: Floats
    yhat_NH: Floats
    lo_NH: Floats
    hi_NH: Floats
    reference_NH: Floats
    settled_N: "np.ndarray"  # whether there is nothing left to wait for
    ahead_N: "np.ndarray"  # whether the forecast was logged before the first time that it is about
    loss_NH: Floats  # NaN without an outcome
    reference_loss_NH: Floats
    drift: Drift

    @property
    def scored_N(self) -> "np.ndarray":
        """Which forecasts have an outcome that is scored."""
        return np.asarray(np.isfinite(self.y_NH).all(axis=1))

    @property
    def loss(self) -> float:
        """The mean squared standardised error of the scored forecasts."""
        return _mean(self.loss_NH[self.scored_N])

    @property
    def reference_loss(self) -> float:
        """The same of the reference."""
        return _mean(self.reference_loss_NH[self.scored_N])

    @property
    def skill(self) -> float:
        """1 − RMSE / RMSE of the reference over the scored forecasts, as in a verdict."""
        return _skill(self.loss, self.reference_loss)

    @property
    def covered_NH(self) -> "np.ndarray":
        """Whether each outcome lies inside its interval; only of scored forecasts."""
        return (self.y_NH >= self.lo_NH) & (self.y_NH <= self.hi_NH)

    @property
    def coverage(self) -> float:
        """The share of outcomes inside their interval, over all steps; NaN for a model without intervals."""
        return math.nan if math.isnan(self.model.nominal) else _mean(self.covered_NH[self.scored_N])

    @property
    def session_T(self) -> Times:
        """The cutoffs of the sessions that are scored, in time order."""
        return np.unique(self.cutoff_N[self.scored_N])

    @property
    def covered_T(self) -> Floats:
        """The share of outcomes of each session inside their interval, at the first step."""
        return by_session(self.covered_NH[self.scored_N, 0].astype(float), self.cutoff_N[self.scored_N])

    @property
    def overlap(self) -> int:
        """The sessions after which outcomes of the first step no longer overlap."""
        return self.model.steps[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """All runs together: each forecast counts alike."""

    runs: int
    forecasts: int
    scored: int
    ahead: int
    coverage: float
    nominal: float
    skill: float
    loss: float
    expected: float
    drifted: int


def compute(records: Iterable[Record]) -> tuple[TrackRecord, ...]:
    """The track record of every model in the log, the newest first; forecasts of a model that is not in it are left
    out."""
    models: dict[str, ModelRecord] = {}
    forecasts: dict[str, list[ForecastRecord]] = {}
    outcomes: dict[str, OutcomeRecord] = {}
    for record in records:
        if isinstance(record, ModelRecord):
            models.setdefault(record.run, record)
        elif isinstance(record, ForecastRecord):
            forecasts.setdefault(record.run, []).append(record)
        else:
            outcomes.setdefault(record.key, record)
    newest = sorted(models.values(), key=lambda model: (model.created, model.run), reverse=True)
    return tuple(of_model(model, forecasts.get(model.run, []), outcomes) for model in newest)


def of_model(
    model: ModelRecord, forecasts: Sequence[ForecastRecord], outcomes: dict[str, OutcomeRecord]
) -> TrackRecord:
    """The track record of one model, from its forecasts and the outcomes by their key."""
    forecasts = sorted(
        (one for one in forecasts if len(one.yhat_H) == len(model.steps) and one.symbol in model.symbols),
        key=lambda one: (one.cutoff, model.symbols.index(one.symbol)),
    )
    missing, shape = (math.nan,) * len(model.steps), (-1, len(model.steps))
    outcome_N = [outcomes.get(one.outcome_key) for one in forecasts]

    def matrix(rows: Iterable[Sequence[float]]) -> Floats:
        return np.array([*rows], dtype=float).reshape(shape)

    y_NH = matrix(missing if one is None or len(one.y_H) != len(missing) else one.y_H for one in outcome_N)
    yhat_NH, reference_NH = matrix(one.yhat_H for one in forecasts), matrix(one.reference_H for one in forecasts)
    kind, symbol_N = _kind(model), np.array([model.symbols.index(one.symbol) for one in forecasts], dtype=int)
    loss_NH = _losses(model, kind, symbol_N, y_NH, yhat_NH)
    lo_NH, hi_NH = matrix(one.lo_H for one in forecasts), matrix(one.hi_H for one in forecasts)
    cutoff_N = np.array([one.cutoff for one in forecasts], dtype="M8[ns]")
    return TrackRecord(
        model=model,
        symbol_N=tuple(one.symbol for one in forecasts),
        cutoff_N=cutoff_N,
        time_NH=np.array([one.time_H for one in forecasts], dtype="M8[ns]").reshape(shape),
        y_NH=y_NH,
        yhat_NH=yhat_NH,
        lo_NH=lo_NH,
        hi_NH=hi_NH,
        reference_NH=reference_NH,
        settled_N=np.array([one is not None for one in outcome_N], dtype=bool),
        ahead_N=np.array([one.ahead for one in forecasts], dtype=bool),
        loss_NH=loss_NH,
        reference_loss_NH=_losses(model, kind, symbol_N, y_NH, reference_NH),
        drift=_drift(model, cutoff_N, loss_NH, (y_NH >= lo_NH) & (y_NH <= hi_NH)),
    )


def total(tracks: Sequence[TrackRecord]) -> Total:
    """All runs together."""
    loss, reference = _pool(tracks, "loss_NH"), _pool(tracks, "reference_loss_NH")
    banded = [track for track in tracks if not math.isnan(track.model.nominal)]
    covered = np.concatenate([np.empty(0), *(track.covered_NH[track.scored_N].ravel() for track in banded)])
    counts = [int(track.scored_N.sum()) for track in tracks]
    sizes = [int(track.scored_N.sum()) * len(track.model.steps) for track in banded]
    return Total(
        runs=len(tracks),
        forecasts=sum(len(track.cutoff_N) for track in tracks),
        scored=sum(counts),
        ahead=sum(int(track.ahead_N.sum()) for track in tracks),
        coverage=_mean(covered),
        nominal=_weighted([track.model.nominal for track in banded], sizes),
        skill=_skill(_mean(loss), _mean(reference)),
        loss=_mean(loss),
        expected=_weighted([track.model.loss for track in tracks], counts),
        drifted=sum(track.drift.flag for track in tracks),
    )


def _kind(model: ModelRecord) -> TargetKind:
    spec = from_dict(model.recipe)
    return kind_of(spec.target, bool(spec.window.log)) if spec.target.kind in TARGETS else TARGETS["column"]


def _losses(model: ModelRecord, kind: TargetKind, symbol_N: Ints, y_NH: Floats, yhat_NH: Floats) -> Floats:
    """Squared errors on the scale of scores, in standard deviations of the training labels: (N, H)."""
    if not len(y_NH):
        return y_NH
    return ((kind.to_score(yhat_NH) - kind.to_score(y_NH)) / model.scale_SC[symbol_N]) ** 2


def _drift(model: ModelRecord, cutoff_N: Times, loss_NH: Floats, covered_NH: "np.ndarray") -> Drift:
    """The bets on the first step: its outcomes overlap least, and an error there is soon known."""
    known_N = np.isfinite(loss_NH).all(axis=1)
    session_T, overlap = np.unique(cutoff_N[known_N]), model.steps[0]
    loss_T = by_session(loss_NH[known_N, 0], cutoff_N[known_N])
    by_loss_T = wealth_T = betting.bet_on_losses(model.loss_M, loss_T, overlap)
    by_coverage_T: Floats = np.ones(len(session_T))
    if len(model.covered_M):
        promised = float(np.mean(model.covered_M))
        low, high = significance.wilson_interval(promised, len(model.covered_M) // overlap)
        covered_T = by_session(covered_NH[known_N, 0].astype(float), cutoff_N[known_N])
        by_coverage_T = betting.bet_on_coverage(covered_T, low, high, overlap)
        wealth_T = STAKE_ON_LOSS * by_loss_T + (1 - STAKE_ON_LOSS) * by_coverage_T
    alarm_T = wealth_T >= betting.ALARM
    since = session_T[int(np.argmax(alarm_T))] if alarm_T.any() else None
    return Drift(wealth_T=wealth_T, loss_T=by_loss_T, coverage_T=by_coverage_T, since=since)


def age(model: ModelRecord, now: str) -> int:
    """Whole days since the model was trained."""
    return max(0, (_naive(now) - _naive(model.created)).days)


def _naive(time: str) -> pd.Timestamp:
    return (
        pd.Timestamp(time).tz_localize(None) if pd.Timestamp(time).tz is None else pd.Timestamp(time).tz_convert(None)
    )


def _pool(tracks: Sequence[TrackRecord], name: str) -> Floats:
    return np.concatenate([np.empty(0), *(getattr(track, name)[track.scored_N].ravel() for track in tracks)])


def _mean(values: "np.ndarray") -> float:
    return float(np.mean(values)) if values.size else math.nan


def _weighted(values: Sequence[float], counts: Sequence[int]) -> float:
    return float(np.average(values, weights=counts)) if sum(counts) else math.nan


def _skill(loss: float, reference: float) -> float:
    return math.nan if math.isnan(loss) else baseline_tests.skill(loss, reference)
