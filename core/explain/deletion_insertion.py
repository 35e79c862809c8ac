"""Deletion and insertion curves: how fast forecasts change as features are removed or inserted by importance.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C counts of players, O orders.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from core.events import Progress
from core.explain.game import Player, Predict, check_not_empty, predict_float64
from core.types import Flags, Floats, Ints

MAX_POINTS = 12  # of a curve
RANDOM_ORDERS = 4
ROUNDING = 1e-9  # of the forecast: a smaller change is rounding error


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The change of the forecasts after so many players, as a share of the change with all of them.

    Deletion: the mean |change| when players are removed. Insertion: the share of the mean |distance| to the forecast
    that is recovered when players are inserted into the background; it may be negative. `ordered` goes by importance,
    `random` is a mean over random orders. All zeros if the forecasts do not move.
    """

    counts: tuple[int, ...]
    ordered: tuple[float, ...]
    random: tuple[float, ...]

    @property
    def areas(self) -> tuple[float, float]:
        """Area under both curves, by importance and at random, both axes from 0 to 1: the larger, the faster."""
        width = np.diff(np.array(self.counts) / max(self.counts[-1], 1))
        areas = [float(np.sum(width * (np.array(c[1:]) + np.array(c[:-1])) / 2)) for c in (self.ordered, self.random)]
        return areas[0], areas[1]


def compute_curves(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
    value_NP: Floats,
    seed: int,
    orders: int = RANDOM_ORDERS,
) -> Generator[Progress, None, tuple[Curve, Curve]]:
    """The deletion and the insertion curve: the players of each window are removed from it, and inserted into the
    background, by descending |value_NP| and in `orders` random orders.

    Removed players show the background, and forecasts are a mean over the K backgrounds (after Petsiuk, Das & Saenko
    2018). Raises DataError without windows or backgrounds.
    """
    check_not_empty(x_NLF, background_x_KLF)
    rng, count = np.random.default_rng(seed), len(players)
    count_C = np.unique(np.linspace(0, count, min(count, MAX_POINTS - 1) + 1).round().astype(int))
    order_ONP = [np.argsort(-np.abs(value_NP), axis=1, kind="stable")]
    order_ONP += [rng.permuted(np.tile(np.arange(count), (len(x_NLF), 1)), axis=1) for _ in range(orders)]
    forecast_NH = predict_float64(predict, x_NLF, known_NHK)

    def distance(removed_NP: Flags) -> float:
        masked_NH = _predict_masked(
            predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players, removed_NP
        )
        return float(np.abs(masked_NH - forecast_NH).mean())

    deletion, insertion = [], []
    for done, order_NP in enumerate(order_ONP, start=1):
        place_NP = np.argsort(order_NP, axis=1)
        deletion.append([distance(place_NP < removed) for removed in count_C])
        yield Progress(done=2 * done - 1, total=2 * len(order_ONP))
        insertion.append([distance(place_NP >= inserted) for inserted in count_C])
        yield Progress(done=2 * done, total=2 * len(order_ONP))
    full_change = deletion[0][-1]
    if not full_change > ROUNDING * np.abs(forecast_NH).mean():
        zero_OC = np.zeros((len(order_ONP), len(count_C)))
        return _curve(count_C, zero_OC), _curve(count_C, zero_OC)
    return _curve(count_C, np.array(deletion) / full_change), _curve(count_C, 1 - np.array(insertion) / full_change)


def _curve(count_C: Ints, share_OC: Floats) -> Curve:
    return Curve(
        counts=tuple(count_C.tolist()),
        ordered=tuple(share_OC[0].tolist()),
        random=tuple(share_OC[1:].mean(axis=0).tolist()),
    )


def _predict_masked(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
    removed_NP: Flags,
) -> Floats:
    """The mean forecast over the backgrounds when the players of `removed_NP` show the background: (N, H)."""
    removed_NF = _columns(removed_NP, [p.past for p in players], x_NLF.shape[2])[:, None]
    removed_NK = _columns(removed_NP, [p.known for p in players], known_NHK.shape[2])[:, None]
    forecast_KNH = [
        predict_float64(predict, np.where(removed_NF, x_LF, x_NLF), np.where(removed_NK, known_HK, known_NHK))
        for x_LF, known_HK in zip(background_x_KLF, background_known_KHK, strict=True)
    ]
    return np.mean(forecast_KNH, axis=0)


def _columns(removed_NP: Flags, columns: list[tuple[int, ...]], width: int) -> Flags:
    """Whether each column belongs to a removed player: (N, width)."""
    player_F: Ints = np.zeros(width, dtype=np.int64)
    for p, members in enumerate(columns):
        player_F[list(members)] = p
    return removed_NP[:, player_F]
