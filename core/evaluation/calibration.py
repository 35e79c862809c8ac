"""Whether bands and probabilities keep their promise: shares held, when and where they fail, and calibrated odds.

Axis letters: N forecasts in time order, C coverages, Q quantiles, G groups.
"""

from dataclasses import dataclass

import numpy as np

from core.types import Flags, Floats, Ints

STRETCH = 60  # sessions of the worst stretch
TRAILING = 22  # sessions of the volatility that names a regime
REGIMES = ("calm", "middle", "stormy")


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """The share of outcomes that a band held in each group, and how many there were."""

    names_G: tuple[str, ...]
    share_G: Floats
    count_G: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The consecutive forecasts, `start` to `end` (exclusive), that a band held worst, and the share it held."""

    start: int
    end: int
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """log-odds = slope · log-odds announced + offset: what makes announced probabilities those that come true."""

    slope: float
    offset: float
    count: int  # of the outcomes behind it


def by_group(inside_N: Flags, name_N: list[str], order: tuple[str, ...] | None = None) -> Groups:
    """The share held in each group of forecasts; groups come in `order`, or sorted by name. Empty ones are left out."""
    names_N = np.asarray(name_N)
    kept = [name for name in order or sorted(set(name_N)) if (names_N == name).any()]
    return Groups(
        names_G=tuple(kept),
        share_G=np.array([inside_N[names_N == name].mean() for name in kept]),
        count_G=np.array([int((names_N == name).sum()) for name in kept], dtype=np.int64),
    )


def worst(inside_N: Flags, length: int = STRETCH) -> Stretch | None:
    """The `length` consecutive forecasts of which the band held the fewest, the first of them where several tie.

    A shorter record is one stretch; None where there is nothing.
    """
    if not len(inside_N):
        return None
    length = min(length, len(inside_N))
    held_N = np.convolve(inside_N.astype(int), np.ones(length, dtype=int), mode="valid")
    start = int(np.argmin(held_N))
    return Stretch(start=start, end=start + length, share=float(held_N[start] / length))


def trailing_volatility(level_T: Floats, sessions: int = TRAILING) -> Floats:
    """Root mean square of the latest relative changes at each row, known at that row; NaN before there are enough.

    Changes in the level itself where a level is zero or below. Missing levels keep the last one seen.
    """
    level_T = np.asarray(level_T, dtype=float)
    seen_T = np.where(np.isfinite(level_T), np.arange(len(level_T)), -1)
    last_T = np.maximum.accumulate(seen_T)
    filled_T = np.where(last_T >= 0, level_T[np.maximum(last_T, 0)], np.nan)
    # A comparison with NaN is false: rows before the first level do not count.
    change_T = np.diff(filled_T if (filled_T <= 0).any() else np.log(filled_T), prepend=np.nan)
    total_T = np.cumsum(np.concatenate([[0.0], np.nan_to_num(change_T) ** 2]))
    result_T = np.full(len(level_T), np.nan)
    first = int(np.argmax(np.isfinite(change_T))) if np.isfinite(change_T).any() else len(change_T)
    at = np.arange(first + sessions - 1, len(level_T))
    result_T[at] = np.sqrt(np.maximum(total_T[at + 1] - total_T[at + 1 - sessions], 0.0) / sessions)
    return result_T


def regimes(volatility_N: Floats) -> list[str]:
    """Calm, middle or stormy: the third of these forecasts in which the volatility at each cutoff lies.

    Without a spread, or where it is unknown, a forecast is in the middle.
    """
    known_N = np.isfinite(volatility_N)
    if not known_N.any() or np.ptp(volatility_N[known_N]) == 0:
        return [REGIMES[1]] * len(volatility_N)
    low, high = np.quantile(volatility_N[known_N], [1 / 3, 2 / 3])
    return [
        REGIMES[1] if not np.isfinite(v) else REGIMES[0] if v <= low else REGIMES[2] if v > high else REGIMES[1]
        for v in volatility_N
    ]


def pit(y_N: Floats, quantile_NQ: Floats, levels: tuple[float, ...]) -> Floats:
    """Where each outcome lies in its forecast distribution, 0 to 1 (Dawid 1984): even for a calibrated forecast. (N,)

    Linear between the quantiles; outside them, half-way to the end; on equal quantiles, half-way between their levels.
    """
    level_Q = np.asarray(levels)
    below_N = (quantile_NQ < y_N[:, None]).sum(axis=1)
    upto_N = (quantile_NQ <= y_N[:, None]).sum(axis=1)
    count, at = len(level_Q), np.arange(len(y_N))
    left_N, right_N = np.clip(below_N - 1, 0, count - 1), np.clip(upto_N, 0, count - 1)
    start_N, end_N = quantile_NQ[at, left_N], quantile_NQ[at, right_N]
    share_N = np.divide(y_N - start_N, end_N - start_N, out=np.full(len(y_N), 0.5), where=end_N > start_N)
    inner_N = level_Q[left_N] + share_N * (level_Q[right_N] - level_Q[left_N])
    on_N = upto_N > below_N
    tied_N = (level_Q[np.clip(below_N, 0, count - 1)] + level_Q[np.clip(upto_N - 1, 0, count - 1)]) / 2
    result_N = np.where(on_N, tied_N, inner_N)
    result_N = np.where((below_N == 0) & ~on_N, level_Q[0] / 2, result_N)
    return np.where((below_N == count), (1 + level_Q[-1]) / 2, result_N)


def crps(y_N: Floats, quantile_NQ: Floats, levels: tuple[float, ...]) -> float:
    """Continuous ranked probability score from quantiles: twice the pinball loss, averaged over levels 0 to 1.

    The integral of Gneiting & Raftery (2007, section 4.2) by the trapezoid rule; beyond the outermost levels the loss
    is that at them. The more quantiles, the nearer.
    """
    level_Q = np.asarray(levels)
    error_NQ = y_N[:, None] - quantile_NQ
    loss_Q = (error_NQ * (level_Q - (error_NQ < 0))).mean(axis=0)
    inner = np.sum((loss_Q[1:] + loss_Q[:-1]) / 2 * np.diff(level_Q))
    return float(2 * (inner + level_Q[0] * loss_Q[0] + (1 - level_Q[-1]) * loss_Q[-1]))


def brier(y_N: Floats, probability_N: Floats) -> float:
    """Mean squared distance of announced probabilities from what came, 0 or 1 (Brier 1950)."""
    return float(np.mean((probability_N - y_N) ** 2))


def platt(y_N: Floats, probability_N: Floats, rounds: int = 50) -> Odds:
    """Logistic calibration of announced probabilities, by Newton's method, with Platt's (1999) softened outcomes.

    Softening keeps the odds finite where all outcomes are the same. Probabilities that do not vary get an offset alone.
    """
    if not len(y_N):
        return Odds(slope=1.0, offset=0.0, count=0)
    x_N = _odds(probability_N)
    ups = float(y_N.sum())
    target_N = np.where(y_N > 0.5, (ups + 1) / (ups + 2), 1 / (len(y_N) - ups + 2))
    columns = [np.ones(len(y_N))] + ([x_N] if np.ptp(x_N) > 1e-9 else [])
    design_NK, weight_K = np.stack(columns, axis=1), np.zeros(len(columns))
    for _ in range(rounds):
        made_N = _share(design_NK @ weight_K)
        gradient_K = design_NK.T @ (made_N - target_N)
        hessian_KK = (design_NK * (made_N * (1 - made_N))[:, None]).T @ design_NK + 1e-9 * np.eye(len(columns))
        step_K = np.linalg.solve(hessian_KK, gradient_K)
        weight_K = weight_K - np.clip(step_K, -5, 5)
        if np.abs(step_K).max() < 1e-10:
            break
    return Odds(offset=float(weight_K[0]), slope=float(weight_K[1]) if len(columns) > 1 else 0.0, count=len(y_N))


def calibrated(odds: Odds, probability_N: Floats) -> Floats:
    """The probabilities that `odds` makes of announced ones: (N,)."""
    return _share(odds.slope * _odds(probability_N) + odds.offset)


def _odds(probability_N: Floats) -> Floats:
    p_N = np.clip(np.asarray(probability_N, dtype=float), 1e-6, 1 - 1e-6)
    return np.log(p_N / (1 - p_N))


def _share(odds_N: Floats) -> Floats:
    return 1 / (1 + np.exp(-np.clip(odds_N, -700, 700)))
