"""Tests that may be read after every session: wealth of a gambler who bets that a model is no longer what it was.

As long as the model keeps what its test split promised, the wealth has no tendency to grow, and by Ville's inequality
the chance that it ever reaches 1 / α is at most α, however often somebody looks (Ramdas et al. 2023).
Axis letters: T sessions, M test sessions, G values of a mean, B bets, R interleaved sequences.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable

import numpy as np

from core.types import Floats

ALPHA = 0.05
ALARM = 1 / ALPHA  # wealth at which a model counts as drifted
POWERS = (1.0, 0.4, 0.6)  # κ of the bets κ p^(κ − 1) on small ranks; 1 is no bet
STAKES = (0.1, 0.45, 0.45)  # of the wealth on each of them at first, and of what moves between them later
MOVES = 0.01  # share of the wealth that moves before each session
SHARES = (0.25, 0.5, 0.75)  # of the largest bet on a mean that cannot lose everything
RICH = 1e12  # wealth beyond which nothing is gained
MEANS = np.linspace(0, 1, 201)  # at which the band of a mean is looked for


def bet_on_losses(promised_M: Floats, loss_T: Floats, overlap: int = 1) -> Floats:
    """The wealth after each session of betting that losses are larger than those of the test split: (T,).

    A conformal test martingale (Vovk, Gammerman & Shafer 2022, ch. 8): the rank of each loss among those of the test
    split and the sessions before is uniform while all of them are exchangeable, whatever their distribution; the test
    split may be short. Part of the wealth moves between the bets, as in the Simple Jumper of Vovk et al. (2021), so
    that a change after many good sessions is seen too.

    Losses of forecasts whose outcomes overlap depend on each other: `overlap` sequences of every n-th session are
    tested apart, and their wealth is averaged.
    """
    factor = np.asarray(POWERS)

    def bet(r: int, own_T: Floats) -> Floats:
        wealth_B, result = np.asarray(STAKES), []
        for p in ranks(promised_M[::-1][r::overlap], own_T):
            moved_B = (1 - MOVES) * wealth_B + MOVES * wealth_B.sum() * np.asarray(STAKES)
            wealth_B = moved_B * factor * p ** (factor - 1)
            wealth_B *= min(1.0, RICH / wealth_B.sum())
            result.append(wealth_B.sum())
        return np.array(result)

    return _interleave(bet, loss_T, overlap)


def bet_on_coverage(covered_T: Floats, low: float, high: float, overlap: int = 1) -> Floats:
    """The wealth after each session of betting that the mean of `covered_T`, shares of outcomes inside their interval,
    lies below `low` or above `high`: (T,).

    Half is bet on either side, by the betting of Waudby-Smith & Ramdas (2024, sec. 4) with fixed bets.
    """

    def bet(r: int, own_T: Floats) -> Floats:
        return (_bet_on_mean(own_T, np.array([low]), up=False) + _bet_on_mean(own_T, np.array([high]), up=True))[0] / 2

    return _interleave(bet, covered_T, overlap)


def coverage_band(covered_T: Floats, overlap: int = 1, alpha: float = ALPHA) -> tuple[Floats, Floats]:
    """The lowest and the highest coverage that are consistent with the sessions so far, after each session: 2 × (T,).

    With probability 1 − α the band contains the true coverage after every session at once: it is made of the means
    whose test by `bet_on_coverage` has not reached 1 / α.
    """
    wealth_RGT = [
        _spread(
            (_bet_on_mean(covered_T[r::overlap], MEANS, up=False) + _bet_on_mean(covered_T[r::overlap], MEANS, up=True))
            / 2,
            len(covered_T),
            r,
            overlap,
        )
        for r in range(overlap)
    ]
    inside_GT = np.mean(wealth_RGT, axis=0) < 1 / alpha
    low_T = np.where(inside_GT.any(axis=0), MEANS[np.argmax(inside_GT, axis=0)], np.nan)
    high_T = np.where(inside_GT.any(axis=0), MEANS[len(MEANS) - 1 - np.argmax(inside_GT[::-1], axis=0)], np.nan)
    return low_T, high_T


def ranks(promised_M: Floats, loss_T: Floats) -> Floats:
    """The share of losses that are larger than each of `loss_T`, among the promised ones, those before it and itself:
    (T,). Ties count half, which only makes a bet on small ranks smaller."""
    known, share_T = sorted(promised_M.tolist()), np.empty(len(loss_T))
    for t, loss in enumerate(loss_T.tolist()):
        larger, ties = len(known) - bisect_right(known, loss), bisect_right(known, loss) - bisect_left(known, loss) + 1
        share_T[t] = (larger + ties / 2) / (len(known) + 1)
        insort(known, loss)
    return share_T


def _bet_on_mean(value_T: Floats, mean_G: Floats, up: bool) -> Floats:
    """The wealth of betting that values of [0, 1] have a larger (smaller) mean than each of `mean_G`: (G, T)."""
    away_GT = (value_T - mean_G[:, None]) * (1 if up else -1)
    worst_G1 = (mean_G if up else 1 - mean_G)[:, None]  # the most that a value can lie on the other side
    odds_GT = np.minimum(away_GT / np.maximum(worst_G1, 1e-9), RICH)
    with np.errstate(over="ignore"):  # a mean that is far off
        wealth_GT = np.mean([np.cumprod(1 + share * odds_GT, axis=1) for share in SHARES], axis=0)
    return np.minimum(wealth_GT, RICH)


def _interleave(bet: Callable[[int, Floats], Floats], value_T: Floats, overlap: int) -> Floats:
    """The mean wealth of `overlap` gamblers, each of whom sees every n-th session: (T,)."""
    wealth_RT = [_spread(bet(r, value_T[r::overlap])[None], len(value_T), r, overlap)[0] for r in range(overlap)]
    return np.mean(wealth_RT, axis=0)


def _spread(wealth_GN: Floats, count: int, first: int, overlap: int) -> Floats:
    """The wealth of a gambler at every session, of one who bets at `first` and every `overlap` sessions: (G, T)."""
    before_GN = np.concatenate([np.ones((len(wealth_GN), 1)), wealth_GN], axis=1)
    return before_GN[:, np.clip((np.arange(count) - first) // overlap + 1, 0, wealth_GN.shape[1])]
