"""Shapley values of groups of features: by antithetic permutations for many windows, by all coalitions for a few.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C chains or coalitions, W windows of one block, M columns of one player.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass

import numpy as np

from core.errors import DataError, SpecError
from core.events import Progress
from core.types import Floats, Ints

# x (n, L, F) and known (n, H, K), both float32, to the median forecast (n, H) in target units, for any n. The inputs
# are lent for the call alone: they change in place after it.
Predict = Callable[[Floats, Floats], Floats]

EXACT_PLAYERS = 12
BLOCK_ROWS = 2048  # about 0.2 s of a 2×64 LSTM on one thread: a job hears "cancel" that often
BLOCK_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Player:
    """Columns that are masked together: `past` of the F features, `known` of the K known ones."""

    name: str
    past: tuple[int, ...]
    known: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Contributions in target units, float64: base_H + Σ_P values_NPH = forecast_NH.

    `spread_NPH` is the standard deviation of what sampled orders gave each player; None where nothing was sampled.
    """

    values_NPH: Floats
    base_H: Floats
    forecast_NH: Floats
    spread_NPH: Floats | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Game:
    """The windows, the backgrounds and the forecasts of both, which every way through the coalitions shares."""

    predict: Predict
    x_NLF: Floats
    known_NHK: Floats
    background_x_KLF: Floats
    background_known_KHK: Floats
    players: tuple[Player, ...]
    forecast_NH: Floats
    base_KH: Floats


def permutation(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
    seed: int,
    visits: int = 2,
    union_P: Ints | None = None,
) -> Generator[Progress, None, Attribution]:
    """Shapley values over random orders of the players; yields Progress and returns the Attribution.

    Every window visits every background `visits` times, each time along a random order or, every second time, along the
    reverse of the one before, so the values of a window add up to f(x) − mean f(background) but for rounding. The price
    is visits · (P − 1) forecasts for each window and background. Štrumbelj & Kononenko 2014; reverse orders: Mitchell
    et al. 2022, "Sampling Permutations for Shapley Value Estimation".

    With `union_P`, the number of each player's union, the members of a union stand together in every order: then these
    are Owen values (Owen 1977, "Values of Games with a Priori Unions").

    Raises DataError without windows or backgrounds, ValueError when the players do not share out the columns.
    """
    game = _game(predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players)
    if visits < 1:
        raise ValueError(f"visits must be at least 1; got {visits}")
    count, backgrounds, width = len(x_NLF), len(background_x_KLF), len(players)
    chains = visits * backgrounds
    block = max(1, _block_rows(game) // chains)
    total = math.ceil(count / block) * width
    rng = np.random.default_rng(seed)
    parts: list[Floats] = []
    spreads: list[Floats] = []
    for start in range(0, count, block):
        window_W = np.arange(start, min(start + block, count))
        window_C = np.repeat(window_W, chains)
        background_C = np.tile(np.repeat(np.arange(backgrounds), visits), len(window_W))
        order_CP = _antithetic(rng, len(window_C), np.arange(width) if union_P is None else union_P)
        gain_CPH = yield from _walk(game, window_C, background_C, order_CP, len(parts) * width, total)
        gain_WCPH = gain_CPH.reshape(len(window_W), chains, width, -1)
        parts.append(gain_WCPH.mean(axis=1))
        spreads.append(gain_WCPH.std(axis=1))
    return Attribution(
        values_NPH=np.concatenate(parts),
        base_H=game.base_KH.mean(axis=0),
        forecast_NH=game.forecast_NH,
        spread_NPH=np.concatenate(spreads),
    )


def exact(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
) -> Generator[Progress, None, Attribution]:
    """Shapley values over all 2^P coalitions, without sampling error; yields Progress, returns the Attribution.

    A coalition is worth the mean forecast over the backgrounds with the other players masked (Shapley 1953; Lundberg &
    Lee 2017, eq. 8). The price is 2^P − 2 forecasts for each window and background.

    Raises SpecError for more than 12 players, DataError without windows or backgrounds, ValueError when the players do
    not share out the columns.
    """
    width = len(players)
    check_players(width)
    game = _game(predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players)
    base_H = game.base_KH.mean(axis=0)
    member_CP, weight_CP = coalitions(width)
    backgrounds, rows = len(background_x_KLF), _block_rows(game)
    block = max(1, min(rows // backgrounds, len(x_NLF)))
    at_once = max(1, rows // (block * backgrounds))
    total = math.ceil(len(x_NLF) / block) * math.ceil(len(member_CP) / at_once)
    # the empty and the full coalition weigh −1/P and 1/P for every player
    values_NPH = np.repeat((game.forecast_NH - base_H)[:, None, :] / width, width, axis=1)
    done = 0
    for start in range(0, len(x_NLF), block):
        part = slice(start, start + block)
        for first in range(0, len(member_CP), at_once):
            worth_CWH = _worth(game, part, member_CP[first : first + at_once])
            values_NPH[part] += np.einsum("cp,cwh->wph", weight_CP[first : first + at_once], worth_CWH)
            done += 1
            yield Progress(done=done, total=total)
    return Attribution(values_NPH=values_NPH, base_H=base_H, forecast_NH=game.forecast_NH)


def check(x_NLF: Floats, background_x_KLF: Floats) -> None:
    """Raise DataError when there is no window to explain or no background to compare with."""
    if len(x_NLF) == 0 or len(background_x_KLF) == 0:
        raise DataError(
            f"An explanation compares windows with training windows; got {len(x_NLF)} to explain and "
            f"{len(background_x_KLF)} to compare with. Load more history or shorten the window length."
        )


def check_players(count: int) -> None:
    """Raise SpecError when there are more than 12 players, the most of which all coalitions are asked."""
    if count > EXACT_PLAYERS:
        raise SpecError(
            f"Exact Shapley values of {count} features need {2**count:,} forecasts for each window and "
            f"background; at most {EXACT_PLAYERS} features are allowed. Take the permutation method, "
            "or fewer features."
        )


def ask(predict: Predict, x_nLF: Floats, known_nHK: Floats) -> Floats:
    """The forecast (n, H) in float64, in which differences are added up."""
    return np.asarray(predict(x_nLF, known_nHK), dtype=np.float64)


def _game(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
) -> _Game:
    check(x_NLF, background_x_KLF)
    _check_shared_out([c for p in players for c in p.past], x_NLF.shape[2], "past")
    _check_shared_out([c for p in players for c in p.known], known_NHK.shape[2], "known")
    return _Game(
        predict=predict,
        x_NLF=x_NLF,
        known_NHK=known_NHK,
        background_x_KLF=background_x_KLF,
        background_known_KHK=background_known_KHK,
        players=players,
        forecast_NH=ask(predict, x_NLF, known_NHK),
        base_KH=ask(predict, background_x_KLF, background_known_KHK),
    )


def _check_shared_out(columns: list[int], count: int, kind: str) -> None:
    if sorted(columns) != list(range(count)):
        raise ValueError(f"every one of the {count} {kind} columns belongs to exactly one player; got {columns}")


def _block_rows(game: _Game) -> int:
    """Rows that are masked and forecast together, within the limits of time and memory of one block."""
    inputs = 4 * (game.x_NLF[0].size + game.known_NHK[0].size)
    gains = 8 * len(game.players) * game.forecast_NH.shape[1]
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // (inputs + gains)))


# --- permutations ----------------------------------------------------------------------------------------------------


def _antithetic(rng: np.random.Generator, count: int, union_P: Ints) -> Ints:
    """`count` random orders of the players, unions kept together, every second one the reverse of that before: (C,
    P)."""
    width, drawn = len(union_P), (count + 1) // 2
    order_CP = rng.permuted(np.tile(np.arange(width), (drawn, 1)), axis=1)
    if union_P.max() < width - 1:  # some have company
        place_CU = rng.permuted(np.tile(np.arange(union_P.max() + 1), (drawn, 1)), axis=1)
        place_CP = np.take_along_axis(place_CU, union_P[order_CP], axis=1)
        order_CP = np.take_along_axis(order_CP, place_CP.argsort(axis=1, kind="stable"), axis=1)
    return np.stack([order_CP, order_CP[:, ::-1]], axis=1).reshape(-1, width)[:count]


def _walk(
    game: _Game, window_C: Ints, background_C: Ints, order_CP: Ints, done: int, total: int
) -> Generator[Progress, None, Floats]:
    """What each player adds when the chains go from background to window, all one player a step: (C, P, H)."""
    past_PM, known_PM = _columns([p.past for p in game.players]), _columns([p.known for p in game.players])
    x_CLF, known_CHK = game.background_x_KLF[background_C], game.background_known_KHK[background_C]
    before_CH = game.base_KH[background_C]
    chain_C = np.arange(len(window_C))
    gain_CPH = np.empty((*order_CP.shape, before_CH.shape[1]))
    for step, player_C in enumerate(order_CP.T, start=1):
        if step < order_CP.shape[1]:
            _switch(x_CLF, game.x_NLF, window_C, past_PM[player_C])
            _switch(known_CHK, game.known_NHK, window_C, known_PM[player_C])
            after_CH = ask(game.predict, x_CLF, known_CHK)
        else:  # the last player completes the window, whose forecast is there already
            after_CH = game.forecast_NH[window_C]
        gain_CPH[chain_C, player_C] = after_CH - before_CH
        before_CH = after_CH
        yield Progress(done=done + step, total=total)
    return gain_CPH


def _columns(groups: list[tuple[int, ...]]) -> Ints:
    """The columns of each player, filled up with −1 to one length: (P, M)."""
    longest = max(len(group) for group in groups)
    return np.array([[*group, *[-1] * (longest - len(group))] for group in groups], dtype=np.int64)


def _switch(batch_CTF: Floats, source_NTF: Floats, window_C: Ints, column_CM: Ints) -> None:
    """Overwrite in each row of the batch the columns named for it with those of its window, in place."""
    row, at = np.nonzero(column_CM >= 0)
    column = column_CM[row, at]
    batch_CTF[row, :, column] = source_NTF[window_C[row], :, column]


# --- coalitions ------------------------------------------------------------------------------------------------------


def coalitions(width: int) -> tuple[Ints, Floats]:
    """Members (0 or 1) of every coalition but the empty and the full one, and their Shapley weights: (C, P) each.

    Row c is coalition c + 1, whose member p is bit p of that number.
    """
    member_CP = (np.arange(1, 2**width - 1)[:, None] >> np.arange(width)) & 1
    size_C1 = member_CP.sum(axis=1, keepdims=True)
    share = np.array([math.factorial(s) * math.factorial(width - s - 1) / math.factorial(width) for s in range(width)])
    return member_CP, np.where(member_CP == 1, share[size_C1 - 1], -share[size_C1])


def _worth(game: _Game, part: slice, member_CP: Ints) -> Floats:
    """The mean forecast over the backgrounds for these windows and coalitions: (C, W, H)."""
    x_CLF = _mask(game.x_NLF[part], game.background_x_KLF, member_CP, [p.past for p in game.players])
    known_CHK = _mask(game.known_NHK[part], game.background_known_KHK, member_CP, [p.known for p in game.players])
    forecast_CH = ask(game.predict, x_CLF, known_CHK)
    windows, backgrounds = len(game.x_NLF[part]), len(game.background_x_KLF)
    return forecast_CH.reshape(len(member_CP), windows, backgrounds, -1).mean(axis=2)


def _mask(x_WTF: Floats, background_KTF: Floats, member_CP: Ints, groups: list[tuple[int, ...]]) -> Floats:
    """Every coalition × window × background as one batch: members keep the window's columns."""
    keep_CF = np.zeros((len(member_CP), x_WTF.shape[2]), dtype=bool)
    for player, group in enumerate(groups):
        keep_CF[:, list(group)] = member_CP[:, [player]] == 1
    mixed = np.where(keep_CF[:, None, None, None, :], x_WTF[:, None], background_KTF)
    return mixed.reshape(math.prod(mixed.shape[:3]), *x_WTF.shape[1:])
