"""One forecast of a run looked at closely: where in its window it comes from, and why it differs from the one before.

Axis letters: L lookback, F features, H steps, K known features, P players.
"""

from collections.abc import Generator
from dataclasses import replace

import numpy as np

from core.datasets.windows import Prepared
from core.events import Event, Stage
from core.explain import explainer, recurrent_cell, shapley
from core.explain.local_types import Day, Since
from core.explain.shapley import Player, Predict
from core.forecasting.forecast import Net, network
from core.spec import MEDIAN
from core.types import Floats, Ints, Run, Windows

ANCHOR = "last value"  # the player behind levels that are learned as a distance from it
EXACT = 8  # players up to which all coalitions are asked
PAIRS = 16  # of permutations, above
BACK = 10  # sessions in which the forecast before is looked for


def look(saved: Run, symbol: str, cutoff: str) -> Generator[Event, None, Day]:
    """The day of one forecast of the test part, or of the live one, by its ISO cutoff; yields Stage and Progress.

    Raises SpecError for a symbol or a cutoff that there is not.
    """
    yield Stage(name="explain", text="Looking into the window of this forecast")
    from core.training.trainer import restore

    prepared = recurrent_cell.prepare(saved)
    rows, lookback = prepared.splits.test.rows, prepared.splits.test.lookback
    net = restore(saved.spec, saved.weights, len(rows.symbols))
    cells = yield from explainer.cells(saved.spec, prepared, net, symbol, cutoff)
    s = rows.symbols.index(symbol)
    row = int(np.flatnonzero((rows.symbol_T == s) & (rows.time_T == np.datetime64(cutoff)))[0])
    seen, before = slice(row - lookback + 1, row + 1), _before(prepared, row)
    since = None
    if before is not None:
        since = yield from difference(network(net, prepared.kind.binary), prepared, before, row, saved.spec.seed)
    return Day(
        symbol=symbol,
        features=rows.features,
        time_L=rows.time_T[seen],
        raw_LF=prepared.raw_TF[seen],
        odd_LF=_odd(prepared, s, seen),
        cells_LF=cells.cells_NLF[0],
        additivity_error=cells.additivity_error,
        since=since,
        why="" if since else f"There is no forecast in the {BACK} sessions before to compare with.",
    )


def _odd(prepared: Prepared, symbol: int, seen: slice) -> Floats:
    """The features of some rows in training standard deviations from the training mean, scaled as they are: (L, F)."""
    rows, train = prepared.splits.test.rows, prepared.splits.train
    train_TF = rows.x_TF[train.cutoff_row_N[train.symbol_N == symbol]].astype(np.float64)
    spread_F = train_TF.std(axis=0)
    return (rows.x_TF[seen] - train_TF.mean(axis=0)) / np.where(spread_F > 0, spread_F, 1.0)


def difference(answer: Net, prepared: Prepared, before: int, row: int, seed: int = 0) -> Generator[Event, None, Since]:
    """The forecast from one cutoff row less that from another of the same symbol, split over what changed.

    A Shapley game whose single background is the window before: exact for at most 8 players, else 16 pairs of
    antithetic permutations, which add up as exactly (Lundberg & Lee 2017; Mitchell et al. 2022).
    """
    rows = prepared.splits.test.rows
    pair = Windows(rows=rows, lookback=prepared.splits.test.lookback, cutoff_row_N=np.array([before, row]))
    players = [
        Player(name=name, past=(f,), known=(rows.known.index(name),) if name in rows.known else ())
        for f, name in enumerate(rows.features)
    ]
    x_NLF, known_NHK, raw_NF = pair.x_NLF, pair.known_NHK.astype(np.float64), prepared.raw_TF[pair.cutoff_row_N]
    if prepared.anchored:  # one more known column carries the last value to the game
        anchor_NH1 = np.repeat(pair.anchor_N[:, None, None], len(rows.steps), axis=1)
        known_NHK = np.concatenate([known_NHK, anchor_NH1], axis=2)
        players.append(Player(name=ANCHOR, past=(), known=(len(rows.known),)))
        raw_NF = np.column_stack([raw_NF, prepared.kind.to_user(pair.anchor_N)])
    predict = _predictor(answer, prepared, int(pair.symbol_N[0]))
    given = (predict, x_NLF[1:], known_NHK[1:], x_NLF[:1], known_NHK[:1], tuple(players))
    made = yield from (shapley.exact(*given) if len(players) <= EXACT else shapley.permutation(*given, seed, 2 * PAIRS))
    return Since(
        symbol=rows.symbols[int(pair.symbol_N[0])],
        before=pair.cutoff_N[0],
        cutoff=pair.cutoff_N[1],
        steps=rows.steps,
        names=tuple(player.name for player in players),
        old_P=raw_NF[0],
        new_P=raw_NF[1],
        before_H=made.base_H,
        forecast_H=made.forecast_NH[0],
        values_PH=made.values_NPH[0],
    )


def _predictor(answer: Net, prepared: Prepared, symbol: int) -> Predict:
    """The whole median forecast in the user's units; of anchored levels the last known column is the last value."""
    kind, scaler = prepared.kind, prepared.y_scaler

    def predict(x_NLF: Floats, known_NHK: Floats) -> Floats:
        known = known_NHK[:, :, :-1] if prepared.anchored else known_NHK
        made_NHO = answer(x_NLF, known.astype(np.float32), np.full(len(x_NLF), symbol))
        if kind.binary:
            return made_NHO[:, :, 0]
        learned_NH = made_NHO[:, :, MEDIAN] * scaler.scale_SC[symbol] + scaler.center_SC[symbol]
        return kind.to_user(learned_NH + known_NHK[:, :, -1] if prepared.anchored else learned_NH)

    return predict


def _before(prepared: Prepared, row: int) -> int | None:
    """The latest cutoff row of a whole window in the sessions before `row`; None where there is none."""
    return next((r for r in range(row - 1, row - 1 - BACK, -1) if _whole(prepared, r, row)), None)


def _whole(prepared: Prepared, row: int, of: int) -> bool:
    rows, first = prepared.splits.test.rows, row - prepared.splits.test.lookback + 1
    ahead: Ints = row + np.asarray(rows.steps)
    return bool(
        first >= 0
        and rows.symbol_T[first] == rows.symbol_T[of]
        and np.isfinite(rows.level_T[row])
        and np.isfinite(rows.x_TF[first : row + 1]).all()
        and np.isfinite(rows.known_TK[ahead]).all()
    )


def light(saved: Run) -> Run:
    """The run without what a look at one forecast does not need, for the way to a worker."""
    return replace(saved, forecast=saved.forecast.iloc[:0], explanation=None)
