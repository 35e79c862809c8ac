"""Shapley values of features or groups of them: sampled by antithetic permutations, or exact over all coalitions.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C chains or coalitions, W windows of one block, M columns of one player.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from core.errors import SpecError
from core.events import Progress
from core.explain.game import Game, Player, Predict, build_game, predict_float64
from core.language import message
from core.types import Floats, Ints

EXACT_PLAYERS = 12
BLOCK_ROWS = 2048  # about 0.2 s of a 2×64 LSTM on one thread, so a job can be cancelled that often
BLOCK_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Contributions in target units, float64: base_H + Σ_P values_NPH = forecast_NH.

    `spread_NPH` is the standard deviation of each player's contribution over the sampled orders and backgrounds.
    `error_NPH` is the standard error of a contribution that is due to the orders, `mean_error_NP` that of its absolute
    value averaged over the steps, whose errors go together. All are None if exact.
    """

    values_NPH: Floats
    base_H: Floats
    forecast_NH: Floats
    spread_NPH: Floats | None = None
    error_NPH: Floats | None = None
    mean_error_NP: Floats | None = None


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

    Every window is paired with every background `visits` times. Each pair follows a random order of the players, and
    every second order is the reverse of the previous one, so the values of a window add up to f(x) − mean f(background)
    up to rounding. The cost is visits · (P − 1) forecasts per window and background. Štrumbelj & Kononenko 2014;
    reverse orders: Mitchell et al. 2022, "Sampling Permutations for Shapley Value Estimation".

    With `union_P`, the number of each player's union, the members of a union stay adjacent in every order, which gives
    Owen values (Owen 1977, "Values of Games with a Priori Unions").

    Raises DataError without windows or backgrounds, ValueError unless every column belongs to exactly one player.
    """
    game = build_game(predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players)
    if visits < 1:
        raise ValueError(f"visits must be at least 1; got {visits}")
    count, backgrounds, width = len(x_NLF), len(background_x_KLF), len(players)
    chains = visits * backgrounds
    block = max(1, _block_rows(game) // chains)
    total = math.ceil(count / block) * width
    rng = np.random.default_rng(seed)
    means: list[Floats] = []
    spreads: list[Floats] = []
    errors: list[Floats] = []
    mean_errors: list[Floats] = []
    for start in range(0, count, block):
        window_W = np.arange(start, min(start + block, count))
        window_C = np.repeat(window_W, chains)
        background_C = np.tile(np.repeat(np.arange(backgrounds), visits), len(window_W))
        order_CP = _antithetic(rng, len(window_C), np.arange(width) if union_P is None else union_P)
        gain_CPH = yield from _follow_orders(game, window_C, background_C, order_CP, len(means) * width, total)
        gain_WCPH = gain_CPH.reshape(len(window_W), chains, width, -1)
        means.append(gain_WCPH.mean(axis=1))
        spreads.append(gain_WCPH.std(axis=1))
        draw_WJPH = _draws(gain_WCPH)
        errors.append(_standard_error(draw_WJPH))
        mean_errors.append(_standard_error((np.sign(means[-1])[:, None] * draw_WJPH).mean(axis=3)))
    return Attribution(
        values_NPH=np.concatenate(means),
        base_H=game.base_KH.mean(axis=0),
        forecast_NH=game.forecast_NH,
        spread_NPH=np.concatenate(spreads),
        error_NPH=np.concatenate(errors),
        mean_error_NP=np.concatenate(mean_errors),
    )


def exact(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
) -> Generator[Progress, None, Attribution]:
    """Shapley values over all 2^P coalitions, without sampling error; yields Progress and returns the Attribution.

    The value of a coalition is the mean forecast over the backgrounds with all other players masked (Shapley 1953;
    Lundberg & Lee 2017, eq. 8). The cost is 2^P − 2 forecasts per window and background.

    Raises SpecError for more than 12 players, DataError without windows or backgrounds, ValueError unless every column
    belongs to exactly one player.
    """
    width = len(players)
    check_player_count(width)
    game = build_game(predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players)
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
        block_N = slice(start, start + block)
        for first in range(0, len(member_CP), at_once):
            value_CWH = _coalition_values(game, block_N, member_CP[first : first + at_once])
            values_NPH[block_N] += np.einsum("cp,cwh->wph", weight_CP[first : first + at_once], value_CWH)
            done += 1
            yield Progress(done=done, total=total)
    return Attribution(values_NPH=values_NPH, base_H=base_H, forecast_NH=game.forecast_NH)


def check_player_count(count: int) -> None:
    """Raise SpecError for more than 12 players, the most whose coalitions are enumerated."""
    if count > EXACT_PLAYERS:
        raise SpecError(
            message(
                "Exact Shapley values of {count} features need {forecasts} forecasts per window and background; at "
                "most {most} features are allowed. Use the permutation method, or fewer features.",
                count=count,
                forecasts=f"{2**count:,}",
                most=EXACT_PLAYERS,
            )
        )


def _block_rows(game: Game) -> int:
    """Rows masked and forecast together, within the time and memory limits of one block."""
    inputs = 4 * (game.x_NLF[0].size + game.known_NHK[0].size)
    gains = 8 * len(game.players) * game.forecast_NH.shape[1]
    return max(1, min(BLOCK_ROWS, BLOCK_BYTES // (inputs + gains)))


# --- permutations ----------------------------------------------------------------------------------------------------


def _antithetic(rng: np.random.Generator, count: int, union_P: Ints) -> Ints:
    """`count` random orders of the players, (C, P): unions stay adjacent, every second order reverses the previous."""
    width, pairs = len(union_P), (count + 1) // 2
    order_CP = rng.permuted(np.tile(np.arange(width), (pairs, 1)), axis=1)
    if union_P.max() < width - 1:  # at least one union has several members
        place_CU = rng.permuted(np.tile(np.arange(union_P.max() + 1), (pairs, 1)), axis=1)
        place_CP = np.take_along_axis(place_CU, union_P[order_CP], axis=1)
        order_CP = np.take_along_axis(order_CP, place_CP.argsort(axis=1, kind="stable"), axis=1)
    return np.stack([order_CP, order_CP[:, ::-1]], axis=1).reshape(-1, width)[:count]


def _follow_orders(
    game: Game, window_C: Ints, background_C: Ints, order_CP: Ints, done: int, total: int
) -> Generator[Progress, None, Floats]:
    """What each player adds as every chain turns its background into its window, one player per step: (C, P, H)."""
    past_PM, known_PM = _columns([p.past for p in game.players]), _columns([p.known for p in game.players])
    x_CLF, known_CHK = game.background_x_KLF[background_C], game.background_known_KHK[background_C]
    before_CH = game.base_KH[background_C]
    chain_C = np.arange(len(window_C))
    gain_CPH = np.empty((*order_CP.shape, before_CH.shape[1]))
    for step, player_C in enumerate(order_CP.T, start=1):
        if step < order_CP.shape[1]:
            _overwrite(x_CLF, game.x_NLF, window_C, past_PM[player_C])
            _overwrite(known_CHK, game.known_NHK, window_C, known_PM[player_C])
            after_CH = predict_float64(game.predict, x_CLF, known_CHK)
        else:  # the last player completes the window, whose forecast is already known
            after_CH = game.forecast_NH[window_C]
        gain_CPH[chain_C, player_C] = after_CH - before_CH
        before_CH = after_CH
        yield Progress(done=done + step, total=total)
    return gain_CPH


def _draws(gain_WCPH: Floats) -> Floats:
    """What is random in the gains of each window's chains, around zero: (W, J, P, H) for J independent draws.

    Only the orders are drawn: every window meets the same fixed backgrounds. What a background adds to the gains of all
    windows alike is therefore no error and is taken out, as in a two-way analysis of variance; what it adds to one
    window whatever the order is stays in, so the error is rather too large. An order and its reverse are one draw.
    """
    windows, chains = gain_WCPH.shape[:2]
    rest_WCPH = gain_WCPH - gain_WCPH.mean(axis=1, keepdims=True)
    if windows > 1:
        rest_WCPH = (rest_WCPH - rest_WCPH.mean(axis=0)) * math.sqrt(windows / (windows - 1))
    if chains % 2:  # a pair may belong to two windows
        return rest_WCPH
    return (rest_WCPH[:, ::2] + rest_WCPH[:, 1::2]) / 2


def _standard_error(draw_WJ: Floats) -> Floats:
    """The standard error of the mean of the draws (second axis), which are around zero; NaN for fewer than two."""
    draws = draw_WJ.shape[1]
    if draws < 2:
        return np.full_like(draw_WJ[:, 0], np.nan)
    return np.sqrt((draw_WJ**2).sum(axis=1) / (draws * (draws - 1)))


def _columns(groups: list[tuple[int, ...]]) -> Ints:
    """The columns of each player, padded with −1 to equal length: (P, M)."""
    longest = max(len(group) for group in groups)
    return np.array([[*group, *[-1] * (longest - len(group))] for group in groups], dtype=np.int64)


def _overwrite(batch_CTF: Floats, source_NTF: Floats, window_C: Ints, column_CM: Ints) -> None:
    """Copy the given columns of each row's window into the batch, in place."""
    row, at = np.nonzero(column_CM >= 0)
    column = column_CM[row, at]
    batch_CTF[row, :, column] = source_NTF[window_C[row], :, column]


# --- coalitions ------------------------------------------------------------------------------------------------------


def coalitions(width: int) -> tuple[Ints, Floats]:
    """Members (0 or 1) of every coalition except the empty and the full one, and their Shapley weights: (C, P) each.

    Row c is coalition c + 1, whose member p is bit p of that number.
    """
    member_CP = (np.arange(1, 2**width - 1)[:, None] >> np.arange(width)) & 1
    size_C1 = member_CP.sum(axis=1, keepdims=True)
    share = np.array([math.factorial(s) * math.factorial(width - s - 1) / math.factorial(width) for s in range(width)])
    return member_CP, np.where(member_CP == 1, share[size_C1 - 1], -share[size_C1])


def _coalition_values(game: Game, block_N: slice, member_CP: Ints) -> Floats:
    """The mean forecast over the backgrounds for each coalition and window of a block: (C, W, H)."""
    x_CLF = _mask(game.x_NLF[block_N], game.background_x_KLF, member_CP, [p.past for p in game.players])
    known_CHK = _mask(game.known_NHK[block_N], game.background_known_KHK, member_CP, [p.known for p in game.players])
    forecast_CH = predict_float64(game.predict, x_CLF, known_CHK)
    windows, backgrounds = len(game.x_NLF[block_N]), len(game.background_x_KLF)
    return forecast_CH.reshape(len(member_CP), windows, backgrounds, -1).mean(axis=2)


def _mask(x_WTF: Floats, background_KTF: Floats, member_CP: Ints, groups: list[tuple[int, ...]]) -> Floats:
    """Every coalition × window × background as one batch: members show the window's columns."""
    keep_CF = np.zeros((len(member_CP), x_WTF.shape[2]), dtype=bool)
    for player, group in enumerate(groups):
        keep_CF[:, list(group)] = member_CP[:, [player]] == 1
    mixed = np.where(keep_CF[:, None, None, None, :], x_WTF[:, None], background_KTF)
    return mixed.reshape(math.prod(mixed.shape[:3]), *x_WTF.shape[1:])
