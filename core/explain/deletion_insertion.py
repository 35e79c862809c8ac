"""Deletion and insertion curves: how fast forecasts change when features are taken away or put in by their importance.

Axis letters: N windows, L lookback, H steps, F features, K known features (as a last axis) or backgrounds (as a first
one), P players, C counts of players, O orders.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from core.events import Progress
from core.explain.shapley import Player, Predict, ask, check
from core.types import Flags, Floats, Ints

COUNTS = 12  # points of a curve at most
ORDERS = 4  # at random
STILL = 1e-9  # of the forecast: a change that is rounding alone


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """How far the forecasts have come after so many players, as a share of the way with all of them.

    Deletion: the mean |change| when they are taken away. Insertion: the part of the mean |distance| to the forecast
    that is made good when they are put into the background; it may fall below zero. `random` is a mean over random
    orders. All zeros where the forecasts do not move.
    """

    counts: tuple[int, ...]
    ordered: tuple[float, ...]
    random: tuple[float, ...]

    @property
    def areas(self) -> tuple[float, float]:
        """Area under both curves, in order and at random, both axes from 0 to 1: the larger, the faster."""
        width = np.diff(np.array(self.counts) / max(self.counts[-1], 1))
        areas = [float(np.sum(width * (np.array(c[1:]) + np.array(c[:-1])) / 2)) for c in (self.ordered, self.random)]
        return areas[0], areas[1]


def curves(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
    value_NP: Floats,
    seed: int,
    orders: int = ORDERS,
) -> Generator[Progress, None, tuple[Curve, Curve]]:
    """Deletion and insertion: the players of each window taken away, and put into the background, those of the largest
    |value_NP| first, and in `orders` random orders.

    What is away is replaced by the background, and forecasts are a mean over the K backgrounds (after Petsiuk, Das &
    Saenko 2018). Raises DataError without windows or backgrounds.
    """
    check(x_NLF, background_x_KLF)
    rng, count = np.random.default_rng(seed), len(players)
    at_C = np.unique(np.linspace(0, count, min(count, COUNTS - 1) + 1).round().astype(int))
    each = [np.argsort(-np.abs(value_NP), axis=1, kind="stable")]
    each += [rng.permuted(np.tile(np.arange(count), (len(x_NLF), 1)), axis=1) for _ in range(orders)]
    whole_NH = ask(predict, x_NLF, known_NHK)

    def distance(gone_NP: Flags) -> float:
        made_NH = _masked(predict, x_NLF, known_NHK, background_x_KLF, background_known_KHK, players, gone_NP)
        return float(np.abs(made_NH - whole_NH).mean())

    away, left = [], []
    for done, order_NP in enumerate(each, start=1):
        place_NP = np.argsort(order_NP, axis=1)
        away.append([distance(place_NP < taken) for taken in at_C])
        yield Progress(done=2 * done - 1, total=2 * len(each))
        left.append([distance(place_NP >= taken) for taken in at_C])
        yield Progress(done=2 * done, total=2 * len(each))
    way = away[0][-1]
    moves = way > STILL * np.abs(whole_NH).mean()
    away_OC, made_good_OC = (
        (np.array(away) / way, 1 - np.array(left) / way) if moves else (np.zeros((len(each), len(at_C))),) * 2
    )
    return _curve(at_C, away_OC), _curve(at_C, made_good_OC)


def _curve(at_C: Ints, share_OC: Floats) -> Curve:
    return Curve(
        counts=tuple(at_C.tolist()),
        ordered=tuple(share_OC[0].tolist()),
        random=tuple(share_OC[1:].mean(axis=0).tolist()),
    )


def _masked(
    predict: Predict,
    x_NLF: Floats,
    known_NHK: Floats,
    background_x_KLF: Floats,
    background_known_KHK: Floats,
    players: tuple[Player, ...],
    gone_NP: Flags,
) -> Floats:
    """The mean forecast over the backgrounds with the players of `gone_NP` taken from each: (N, H)."""
    gone_NF = _columns(gone_NP, [p.past for p in players], x_NLF.shape[2])[:, None]
    gone_NK = _columns(gone_NP, [p.known for p in players], known_NHK.shape[2])[:, None]
    made = [
        ask(predict, np.where(gone_NF, x_LF, x_NLF), np.where(gone_NK, known_HK, known_NHK))
        for x_LF, known_HK in zip(background_x_KLF, background_known_KHK, strict=True)
    ]
    return np.mean(made, axis=0)


def _columns(gone_NP: Flags, columns: list[tuple[int, ...]], width: int) -> Flags:
    owner_F: Ints = np.zeros(width, dtype=np.int64)
    for p, own in enumerate(columns):
        owner_F[list(own)] = p
    return gone_NP[:, owner_F]
