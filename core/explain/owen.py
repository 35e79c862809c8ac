"""When in its window a forecast comes from: stretches of the window's rows as players, and features within each.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C coalitions, W windows of one round, B stretches (blocks), S numbers of a state, R branches.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.events import Progress
from core.explain import shapley
from core.explain.shapley import BLOCK_ROWS, Attribution, Player, Predict, ask, coalitions
from core.types import Floats, Ints

LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # lags at which stretches end
MOST = 8
AHEAD = "known ahead"
VISITS = 4  # of orders that meet each background, for the cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A forecast that can be made piece by piece, for windows which begin alike to share what they begin with.

    `read` gives the states (n, S) after further rows x (n, T, F) from those before them (None: at the first row);
    `answer` gives the forecast (n, H) in target units from the states at the end and known (n, H, K).
    """

    read: Callable[[Floats, Floats | None], Floats]
    answer: Callable[[Floats, Floats], Floats]


def edges(lookback: int) -> Ints:
    """The rows at which stretches begin, and the lookback behind them: (B + 1,), the oldest stretch first.

    Forecasts come mostly from the latest rows, so stretches grow with their age: they end at lags 1, 2, 5, 10, 20, 50,
    …, and the oldest takes the rest. Where there are more than eight, the newest are joined.
    """
    ends = [*(end for end in LADDER if 1.5 * end <= lookback), lookback]
    return lookback - np.array([*ends[-MOST:][::-1], 0])


def names(edge_B: Ints, known: int = 0) -> tuple[str, ...]:
    """The players of `blocks` by name, the oldest stretch first: lags 21-60, …, lag 1, and what is known ahead."""
    lookback = int(edge_B[-1])
    spans = [(lookback - int(end) + 1, lookback - int(begin)) for begin, end in pairwise(edge_B)]
    said = [f"lag {near}" if near == far else f"lags {near}-{far}" for near, far in spans]
    return (*said, AHEAD) if known else tuple(said)


def blocks(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
    reader: Reader | None = None,
) -> Generator[Progress, None, Attribution]:
    """Shapley values of the stretches over all their coalitions; yields Progress, returns the Attribution.

    The game is that of core.explain.shapley.exact, with rows masked in place of columns: those of a stretch that is
    left out come from the background window. Known values belong to no stretch and are a last player of their own.
    With a reader the branches of the tree "this stretch of the window, or of the background" carry their states on, so
    that each stretch is read once a branch, 2^(b+1) times for stretch b, and not once for each of the 2^B coalitions;
    the values are the same. Raises SpecError for more than 12 players, DataError without windows or backgrounds.
    """
    inputs = (x_NLF, known_NHK, background_x_KLF, background_known_KHK)
    if reader is not None:
        return (yield from _shared(predict, reader, *inputs, edge_B))
    shape, known = x_NLF.shape[1:], known_NHK.shape[2]
    players = [
        Player(name=name, past=_cells(begin, end, range(shape[1]), shape[1]))
        for name, (begin, end) in zip(names(edge_B), pairwise(edge_B), strict=True)
    ]
    if known:
        players.append(Player(name=AHEAD, past=(), known=tuple(range(known))))
    return (yield from shapley.exact(_flat(predict, shape), *_flattened(*inputs), tuple(players)))


def cells(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
    features: tuple[Player, ...],
    whole: Attribution,
    seed: int,
    visits: int = VISITS,
) -> Generator[Progress, None, Attribution]:
    """What each feature (or family) did in each stretch, by `cell_players`; yields Progress, returns the Attribution.

    Owen values with the stretches as unions (Owen 1977): the cells of a stretch add up to its own Shapley value. They
    are sampled by antithetic orders that meet each background `visits` times; what a stretch then misses of its exact
    value, from `whole`, goes to its cells in proportion to the variance of what they were given, as least squares
    would have it, so that one that the model ignores keeps its zero. Raises as core.explain.shapley.permutation.
    """
    shape = x_NLF.shape[1:]
    players, block_P, _ = cell_players(edge_B, features, shape[1])
    inputs = _flattened(x_NLF, known_NHK, background_x_KLF, background_known_KHK)
    made = yield from shapley.permutation(_flat(predict, shape), *inputs, players, seed, visits, block_P)
    assert made.spread_NPH is not None
    values_NPH = made.values_NPH.copy()
    for block in range(whole.values_NPH.shape[1]):
        own = block_P == block
        gap_NH = whole.values_NPH[:, block] - values_NPH[:, own].sum(axis=1)
        weight_NpH = made.spread_NPH[:, own] ** 2
        total_N1H = weight_NpH.sum(axis=1, keepdims=True)
        share_NpH = np.where(total_N1H > 0, weight_NpH / np.where(total_N1H > 0, total_N1H, 1.0), 1 / own.sum())
        values_NPH[:, own] += gap_NH[:, None] * share_NpH
    return replace(made, values_NPH=values_NPH)


def cell_players(edge_B: Ints, features: tuple[Player, ...], width: int) -> tuple[tuple[Player, ...], Ints, Ints]:
    """The players of `cells` over rows of `width` features, with the number of each one's stretch and feature.

    Every feature in every stretch, the oldest first, then those that are known ahead as a stretch of their own.
    """
    titles, spans = names(edge_B, known=1), list(pairwise(edge_B))
    made = [
        (Player(name=f"{feature.name}, {titles[b]}", past=_cells(begin, end, feature.past, width)), b, f)
        for b, (begin, end) in enumerate(spans)
        for f, feature in enumerate(features)
    ]
    made += [
        (Player(name=f"{feature.name}, {AHEAD}", past=(), known=feature.known), len(spans), f)
        for f, feature in enumerate(features)
        if feature.known
    ]
    return tuple(player for player, _, _ in made), np.array([b for _, b, _ in made]), np.array([f for _, _, f in made])


def by_lag(values_NPH: Floats, edge_B: Ints) -> Floats:
    """Mean absolute contribution of each lag, a stretch's shared evenly among its rows: (L,); entry 0 is lag 1."""
    mean_B = np.abs(values_NPH).mean(axis=(0, 2))[: len(edge_B) - 1]
    rows_B = np.diff(edge_B)
    return np.repeat(mean_B / rows_B, rows_B)[::-1].copy()


# --- plainly: a window as one row of L · F columns -------------------------------------------------------------------


def _cells(begin: int, end: int, columns: tuple[int, ...] | range, width: int) -> tuple[int, ...]:
    return tuple(int(row) * width + column for row in range(begin, end) for column in columns)


def _flat(predict: Predict, shape: tuple[int, ...]) -> Predict:
    return lambda x_n1C, known_nHK: predict(x_n1C.reshape(len(x_n1C), *shape), known_nHK)


def _flattened(
    x_NLF: Floats, known_NHK: Floats, background_x_KLF: Floats, background_known_KHK: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    shape = (1, x_NLF.shape[1] * x_NLF.shape[2])
    return (
        x_NLF.reshape(len(x_NLF), *shape),
        known_NHK,
        background_x_KLF.reshape(len(background_x_KLF), *shape),
        background_known_KHK,
    )


# --- with shared states ----------------------------------------------------------------------------------------------


def _shared(
    predict: Predict,
    reader: Reader,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
) -> Generator[Progress, None, Attribution]:
    shapley.check(x_NLF, background_x_KLF)
    width, backgrounds = len(edge_B) - 1 + (known_NHK.shape[2] > 0), len(background_x_KLF)
    shapley.check_players(width)
    forecast_NH = ask(predict, x_NLF, known_NHK)
    base_H = ask(predict, background_x_KLF, background_known_KHK).mean(axis=0)
    _, weight_CP = coalitions(width)
    # the empty and the full coalition weigh −1/P and 1/P for every player
    values_NPH = np.repeat((forecast_NH - base_H)[:, None] / width, width, axis=1)
    begun_KS = reader.read(background_x_KLF[:, : edge_B[1]], None)
    pairs = max(1, BLOCK_ROWS // 2**width)
    windows, at_once = max(1, pairs // backgrounds), min(pairs, backgrounds)
    rounds = [
        (slice(n, n + windows), slice(k, k + at_once))
        for n in range(0, len(x_NLF), windows)
        for k in range(0, backgrounds, at_once)
    ]
    for done, (of, against) in enumerate(rounds, start=1):
        state_RS = _branches(reader, x_NLF[of], background_x_KLF[against], begun_KS[against], edge_B)
        sum_CWH = _answers(reader, state_RS, known_NHK[of], background_known_KHK[against])
        values_NPH[of] += np.einsum("cp,cwh->wph", weight_CP, sum_CWH[1:-1]) / backgrounds
        yield Progress(done=done, total=len(rounds))
    return Attribution(values_NPH=values_NPH, base_H=base_H, forecast_NH=forecast_NH)


def _branches(reader: Reader, x_WLF: Floats, background_KLF: Floats, begun_KS: Floats, edge_B: Ints) -> Floats:
    """The states at the end of every branch: (2^B · W · K, S). Branch c reads stretch b from the window where bit b of
    c is set, else from the background."""
    windows, backgrounds = len(x_WLF), len(background_KLF)
    began_WS = reader.read(x_WLF[:, : edge_B[1]], None)
    state_RS = np.concatenate([np.tile(begun_KS, (windows, 1)), np.repeat(began_WS, backgrounds, axis=0)])
    for begin, end in pairwise(edge_B[1:]):
        before = len(state_RS) // (windows * backgrounds)
        pieces = (
            np.tile(background_KLF[:, begin:end], (before * windows, 1, 1)),
            np.tile(np.repeat(x_WLF[:, begin:end], backgrounds, axis=0), (before, 1, 1)),
        )
        state_RS = reader.read(np.concatenate(pieces), np.tile(state_RS, (2, 1)))
    return state_RS


def _answers(reader: Reader, state_RS: Floats, known_WHK: Floats, background_KHK: Floats) -> Floats:
    """The forecasts of every coalition, summed over the backgrounds: (2^P, W, H), known values as the last player."""
    windows, backgrounds = len(known_WHK), len(background_KHK)
    branches = len(state_RS) // (windows * backgrounds)
    sides = [np.tile(background_KHK, (windows, 1, 1)), np.repeat(known_WHK, backgrounds, axis=0)]
    if not known_WHK.shape[2]:
        sides.pop()
    made_CWH = [
        np.asarray(reader.answer(state_RS, np.tile(side, (branches, 1, 1))), dtype=np.float64)
        .reshape(branches, windows, backgrounds, -1)
        .sum(axis=2)
        for side in sides
    ]
    return np.concatenate(made_CWH)
