"""Time segments of a window as players (Shapley values), and features within each segment (Owen values).

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C coalitions, W windows of one round, B segments, S numbers of a state, R branches.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from core.events import Progress
from core.explain import shapley
from core.explain.game import Player, Predict, check_not_empty, predict_float64
from core.explain.shapley import BLOCK_ROWS, Attribution, coalitions
from core.language import mark
from core.types import Floats, Ints

LADDER = (1, 2, 5, 10, 20, 50, 100, 200, 500)  # lags at which segments end
MAX_SEGMENTS = 8
KNOWN_FUTURE = mark("known ahead")  # the player of all known future values, as saved runs and JSON name it
VISITS = 4  # of each background, for the features within segments


@dataclass(frozen=True, slots=True, kw_only=True)
class IncrementalPredictor:
    """A forecast computed segment by segment, so that windows with the same beginning share its states.

    `read` returns the states (n, S) after further rows x (n, T, F) from the states before them (None: at the first
    row); `answer` returns the forecast (n, H), target units, from the final states and known (n, H, K).
    """

    read: Callable[[Floats, Floats | None], Floats]
    answer: Callable[[Floats, Floats], Floats]


def segment_edges(lookback: int) -> Ints:
    """The rows at which segments begin, followed by the lookback: (B + 1,), the oldest segment first.

    The latest rows usually matter most, so segments grow with age: they end at lags 1, 2, 5, 10, 20, 50, …, and the
    oldest takes the rest. If there are more than eight, the newest are merged.
    """
    ends = [*(end for end in LADDER if 1.5 * end <= lookback), lookback]
    return lookback - np.array([*ends[-MAX_SEGMENTS:][::-1], 0])


def segment_names(edge_B: Ints, known: int = 0) -> tuple[str, ...]:
    """The players of `segment_values` by name, the oldest segment first: lags 21-60, …, lag 1, known future values."""
    lookback = int(edge_B[-1])
    spans = [(lookback - int(end) + 1, lookback - int(begin)) for begin, end in pairwise(edge_B)]
    names = [f"lag {near}" if near == far else f"lags {near}-{far}" for near, far in spans]
    return (*names, KNOWN_FUTURE) if known else tuple(names)


def segment_values(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
    incremental: IncrementalPredictor | None = None,
) -> Generator[Progress, None, Attribution]:
    """Shapley values of the segments over all their coalitions; yields Progress and returns the Attribution.

    The game is that of core.explain.shapley.exact with rows masked instead of columns: a segment outside the coalition
    shows the background window. Known future values belong to no segment and are one last player of their own.

    With `incremental`, each branch of the tree "this segment from the window, or from the background" carries its
    states on, so segment b is read 2^(b+1) times instead of once for each of the 2^B coalitions; the values are equal
    up to rounding. Raises SpecError for more than 12 players, DataError without windows or backgrounds.
    """
    inputs = (x_NLF, known_NHK, background_x_KLF, background_known_KHK)
    if incremental is not None:
        return (yield from _segment_values_shared(predict, incremental, *inputs, edge_B))
    shape, known = x_NLF.shape[1:], known_NHK.shape[2]
    players = [
        Player(name=name, past=_flat_columns(begin, end, range(shape[1]), shape[1]))
        for name, (begin, end) in zip(segment_names(edge_B), pairwise(edge_B), strict=True)
    ]
    if known:
        players.append(Player(name=KNOWN_FUTURE, past=(), known=tuple(range(known))))
    return (yield from shapley.exact(_predict_flat(predict, shape), *_flatten(*inputs), tuple(players)))


def segment_feature_values(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
    features: tuple[Player, ...],
    by_segment: Attribution,
    seed: int,
    visits: int = VISITS,
) -> Generator[Progress, None, Attribution]:
    """Owen values of each feature (or family) in each segment, by `segment_feature_players`; yields Progress.

    The segments are the unions (Owen 1977), so the features of a segment add up to its Shapley value in `by_segment`.
    They are sampled by antithetic orders that visit each background `visits` times. The sampling error of a segment is
    distributed over its features in proportion to the sampling variance of each, the least-squares correction, so that
    a feature which the model ignores stays at zero. Raises as core.explain.shapley.permutation does.
    """
    shape = x_NLF.shape[1:]
    players, segment_P, _ = segment_feature_players(edge_B, features, shape[1])
    inputs = _flatten(x_NLF, known_NHK, background_x_KLF, background_known_KHK)
    sampled = yield from shapley.permutation(_predict_flat(predict, shape), *inputs, players, seed, visits, segment_P)
    assert sampled.spread_NPH is not None
    values_NPH = sampled.values_NPH.copy()
    for segment in range(by_segment.values_NPH.shape[1]):
        members = segment_P == segment
        error_NH = by_segment.values_NPH[:, segment] - values_NPH[:, members].sum(axis=1)
        variance_NpH = sampled.spread_NPH[:, members] ** 2
        total_N1H = variance_NpH.sum(axis=1, keepdims=True)
        share_NpH = np.where(total_N1H > 0, variance_NpH / np.where(total_N1H > 0, total_N1H, 1.0), 1 / members.sum())
        values_NPH[:, members] += error_NH[:, None] * share_NpH
    return replace(sampled, values_NPH=values_NPH)


def segment_feature_players(
    edge_B: Ints, features: tuple[Player, ...], width: int
) -> tuple[tuple[Player, ...], Ints, Ints]:
    """The players of `segment_feature_values` over rows of `width` features, and each one's segment and feature.

    Every feature in every segment, the oldest first, then the features with known future values as a last segment.
    """
    titles, spans = segment_names(edge_B, known=1), list(pairwise(edge_B))
    placed = [
        (Player(name=f"{feature.name}, {titles[b]}", past=_flat_columns(begin, end, feature.past, width)), b, f)
        for b, (begin, end) in enumerate(spans)
        for f, feature in enumerate(features)
    ]
    placed += [
        (Player(name=f"{feature.name}, {KNOWN_FUTURE}", past=(), known=feature.known), len(spans), f)
        for f, feature in enumerate(features)
        if feature.known
    ]
    players, segments, positions = zip(*placed, strict=True)
    return players, np.array(segments), np.array(positions)


def by_lag(values_NPH: Floats, edge_B: Ints) -> Floats:
    """Mean absolute contribution of each lag, each segment's spread evenly over its rows: (L,); entry 0 is lag 1."""
    mean_B = np.abs(values_NPH).mean(axis=(0, 2))[: len(edge_B) - 1]
    rows_B = np.diff(edge_B)
    return np.repeat(mean_B / rows_B, rows_B)[::-1].copy()


# --- without shared states: a window as one row of L · F columns -----------------------------------------------------


def _flat_columns(begin: int, end: int, columns: tuple[int, ...] | range, width: int) -> tuple[int, ...]:
    return tuple(int(row) * width + column for row in range(begin, end) for column in columns)


def _predict_flat(predict: Predict, shape: tuple[int, ...]) -> Predict:
    return lambda x_n1C, known_nHK: predict(x_n1C.reshape(len(x_n1C), *shape), known_nHK)


def _flatten(
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


def _segment_values_shared(
    predict: Predict,
    incremental: IncrementalPredictor,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    edge_B: Ints,
) -> Generator[Progress, None, Attribution]:
    check_not_empty(x_NLF, background_x_KLF)
    width, backgrounds = len(edge_B) - 1 + (known_NHK.shape[2] > 0), len(background_x_KLF)
    shapley.check_player_count(width)
    forecast_NH = predict_float64(predict, x_NLF, known_NHK)
    base_H = predict_float64(predict, background_x_KLF, background_known_KHK).mean(axis=0)
    _, weight_CP = coalitions(width)
    # the empty and the full coalition weigh −1/P and 1/P for every player
    values_NPH = np.repeat((forecast_NH - base_H)[:, None] / width, width, axis=1)
    background_state_KS = incremental.read(background_x_KLF[:, : edge_B[1]], None)
    pairs = max(1, BLOCK_ROWS // 2**width)
    windows, at_once = max(1, pairs // backgrounds), min(pairs, backgrounds)
    rounds = [
        (slice(n, n + windows), slice(k, k + at_once))
        for n in range(0, len(x_NLF), windows)
        for k in range(0, backgrounds, at_once)
    ]
    for done, (w, k) in enumerate(rounds, start=1):
        state_RS = _branch_states(incremental, x_NLF[w], background_x_KLF[k], background_state_KS[k], edge_B)
        sum_CWH = _sum_forecasts(incremental, state_RS, known_NHK[w], background_known_KHK[k])
        values_NPH[w] += np.einsum("cp,cwh->wph", weight_CP, sum_CWH[1:-1]) / backgrounds
        yield Progress(done=done, total=len(rounds))
    return Attribution(values_NPH=values_NPH, base_H=base_H, forecast_NH=forecast_NH)


def _branch_states(
    incremental: IncrementalPredictor, x_WLF: Floats, background_KLF: Floats, background_state_KS: Floats, edge_B: Ints
) -> Floats:
    """The final states of every branch: (2^B · W · K, S). Branch c reads segment b from the window if bit b of c is
    set, otherwise from the background; `background_state_KS` are the states of the backgrounds after segment 0."""
    windows, backgrounds = len(x_WLF), len(background_KLF)
    state_WS = incremental.read(x_WLF[:, : edge_B[1]], None)
    state_RS = np.concatenate([np.tile(background_state_KS, (windows, 1)), np.repeat(state_WS, backgrounds, axis=0)])
    for begin, end in pairwise(edge_B[1:]):
        branches = len(state_RS) // (windows * backgrounds)
        segments = (
            np.tile(background_KLF[:, begin:end], (branches * windows, 1, 1)),
            np.tile(np.repeat(x_WLF[:, begin:end], backgrounds, axis=0), (branches, 1, 1)),
        )
        state_RS = incremental.read(np.concatenate(segments), np.tile(state_RS, (2, 1)))
    return state_RS


def _sum_forecasts(
    incremental: IncrementalPredictor, state_RS: Floats, known_WHK: Floats, background_KHK: Floats
) -> Floats:
    """The forecasts of every coalition, summed over the backgrounds: (2^P, W, H), known values as the last player."""
    windows, backgrounds = len(known_WHK), len(background_KHK)
    branches = len(state_RS) // (windows * backgrounds)
    known_values = [np.tile(background_KHK, (windows, 1, 1)), np.repeat(known_WHK, backgrounds, axis=0)]
    if not known_WHK.shape[2]:
        known_values.pop()
    forecast_CWH = [
        np.asarray(incremental.answer(state_RS, np.tile(known, (branches, 1, 1))), dtype=np.float64)
        .reshape(branches, windows, backgrounds, -1)
        .sum(axis=2)
        for known in known_values
    ]
    return np.concatenate(forecast_CWH)
