"""Explains one forecast of a run: the contributions within its window, and what changed since the previous forecast.

Axis letters: L lookback, F features, H steps, K known features, P players.
"""

from collections.abc import Generator
from dataclasses import dataclass, field, replace

import numpy as np

from core.datasets.windows import Prepared
from core.events import Event, Stage
from core.explain import explainer, shapley
from core.explain.game import Player, build_players
from core.explain.inputs import symbol_position
from core.explain.predictor import Predictor, build_predictor
from core.explain.time_segments import TimeSegments  # noqa: F401  still imported from here by pages and charts
from core.language import message
from core.types import Floats, Ints, Run, Times, Windows

LAST_VALUE = "last value"  # the player for levels that are learned as their distance from it
MAX_EXACT_PLAYERS = 8
PAIRS = 16  # of antithetic permutations, for more players
MAX_STEPS_BACK = 10  # within which the previous forecast is searched


@dataclass(frozen=True, slots=True, kw_only=True)
class ForecastRevision:
    """The difference between two forecasts of a symbol by player: previous_H + Σ_P values_PH = forecast_H, user's
    units.

    `names` are the features and, for a level learned as its distance from the last value, that last value. `old_P` and
    `new_P` are their own values at the two cutoffs, unscaled.
    """

    symbol: str
    previous: np.datetime64 = field(metadata={"stored": "before"})  # cutoff
    cutoff: np.datetime64
    steps: tuple[int, ...]
    names: tuple[str, ...]
    old_P: Floats
    new_P: Floats
    previous_H: Floats = field(metadata={"stored": "before_H"})
    forecast_H: Floats
    values_PH: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalExplanation:
    """The contribution of each feature at each row of the window to one forecast (`attribution_LF`, target units,
    summed over its steps), with the features' values, unscaled (`raw_LF`) and in training standard deviations from the
    training mean (`standardized_LF`).

    `revision` is None if there is no previous forecast, and `reason` says so.
    """

    symbol: str
    features: tuple[str, ...]
    time_L: Times
    raw_LF: Floats
    standardized_LF: Floats = field(metadata={"stored": "odd_LF"})
    attribution_LF: Floats = field(metadata={"stored": "cells_LF"})
    additivity_error: float
    revision: ForecastRevision | None = field(metadata={"stored": "since"})
    reason: str = field(default="", metadata={"stored": "why"})


def compute(run: Run, symbol: str, cutoff: str) -> Generator[Event, None, LocalExplanation]:
    """Explain one forecast of the test split, or the live one, by its ISO cutoff; yields Stage and Progress.

    Raises SpecError for an unknown symbol or cutoff.
    """
    yield Stage(name="explain", text=message("Attributing this forecast to the rows of its window"))
    from core.training.trainer import reopen

    prepared, net = reopen(run)
    rows, lookback = prepared.splits.test.rows, prepared.splits.test.lookback
    attribution = yield from explainer.attribute_window(run.spec, prepared, net, symbol, cutoff)
    s = symbol_position(prepared, symbol)
    row = int(np.flatnonzero((rows.symbol_T == s) & (rows.time_T == np.datetime64(cutoff)))[0])
    row_L, previous_row = slice(row - lookback + 1, row + 1), previous_cutoff_row(prepared, row)
    revision = None
    if previous_row is not None:
        predictor = build_predictor(net, prepared, s)
        revision = yield from compute_revision(predictor, prepared, previous_row, row, run.spec.seed)
    return LocalExplanation(
        symbol=symbol,
        features=rows.features,
        time_L=rows.time_T[row_L],
        raw_LF=prepared.raw_TF[row_L],
        standardized_LF=_standardize(prepared, s, row_L),
        attribution_LF=attribution.values_NLF[0],
        additivity_error=attribution.additivity_error,
        revision=revision,
        reason=""
        if revision
        else message(
            "There is no forecast within the {max_steps_back} steps before to compare with.",
            max_steps_back=MAX_STEPS_BACK,
        ),
    )


def compute_revision(
    predictor: Predictor, prepared: Prepared, previous_row: int, row: int, seed: int = 0
) -> Generator[Event, None, ForecastRevision]:
    """The forecast from one cutoff row minus that from an earlier one of the same symbol, split by what changed.

    A Shapley game whose single background is the earlier window: exact for at most 8 players, otherwise 16 pairs of
    antithetic permutations, which add up just as exactly (Lundberg & Lee 2017; Mitchell et al. 2022).
    """
    rows = prepared.splits.test.rows
    pair = Windows(rows=rows, lookback=prepared.splits.test.lookback, cutoff_row_N=np.array([previous_row, row]))
    players, predict = build_players(rows.features, rows.known), predictor.predict
    x_NLF, known_NHK, raw_NF = pair.x_NLF, pair.known_NHK, prepared.raw_TF[pair.cutoff_row_N]
    if prepared.anchored:  # one more known column carries the last value into the game
        anchor_NH1 = np.repeat(pair.anchor_N[:, None, None], len(rows.steps), axis=1)
        known_NHK = np.concatenate([known_NHK.astype(np.float64), anchor_NH1], axis=2)
        players = (*players, Player(name=LAST_VALUE, past=(), known=(len(rows.known),)))
        raw_NF = np.column_stack([raw_NF, prepared.kind.to_user(pair.anchor_N)])
        predict = predictor.predict_anchored
    game = (predict, x_NLF[1:], known_NHK[1:], x_NLF[:1], known_NHK[:1], players)
    attribution = yield from (
        shapley.exact(*game)
        if len(players) <= MAX_EXACT_PLAYERS
        else shapley.permutation(*game, seed=seed, visits=2 * PAIRS)
    )
    return ForecastRevision(
        symbol=rows.symbols[predictor.symbol],
        previous=pair.cutoff_N[0],
        cutoff=pair.cutoff_N[1],
        steps=rows.steps,
        names=tuple(player.name for player in players),
        old_P=raw_NF[0],
        new_P=raw_NF[1],
        previous_H=attribution.base_H,
        forecast_H=attribution.forecast_NH[0],
        values_PH=attribution.values_NPH[0],
    )


def slim(run: Run) -> Run:
    """The run without the parts that these explanations do not need, to send to a worker."""
    return replace(run, forecast=run.forecast.iloc[:0], explanation=None)


def _standardize(prepared: Prepared, symbol: int, row_L: slice) -> Floats:
    """The scaled features of these rows in training standard deviations from the training mean: (L, F)."""
    rows, train = prepared.splits.test.rows, prepared.splits.train
    train_TF = rows.x_TF[train.cutoff_row_N[train.symbol_N == symbol]].astype(np.float64)
    std_F = train_TF.std(axis=0)
    return (rows.x_TF[row_L] - train_TF.mean(axis=0)) / np.where(std_F > 0, std_F, 1.0)


def previous_cutoff_row(prepared: Prepared, row: int) -> int | None:
    """The latest earlier cutoff row of a complete window of the same symbol; None if there is none nearby."""
    return next((r for r in range(row - 1, row - 1 - MAX_STEPS_BACK, -1) if _is_complete(prepared, r, row)), None)


def _is_complete(prepared: Prepared, row: int, later_row: int) -> bool:
    rows, first = prepared.splits.test.rows, row - prepared.splits.test.lookback + 1
    ahead: Ints = row + np.asarray(rows.steps)
    return bool(
        first >= 0
        and rows.symbol_T[first] == rows.symbol_T[later_row]
        and np.isfinite(rows.level_T[row])
        and np.isfinite(rows.x_TF[first : row + 1]).all()
        and np.isfinite(rows.known_TK[ahead]).all()
    )
