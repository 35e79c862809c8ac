"""Tests that allow for many experiments: superior predictive ability, model confidence set, deflated Sharpe ratio.

Axis letters: T cutoffs that all compared experiments share, K experiments, U cells (a cutoff and a symbol each),
R resamples.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.evaluation import long_run
from core.evaluation.experiments import wording
from core.evaluation.experiments.independence import count_independent
from core.evaluation.experiments.record import Experiment
from core.evaluation.trading import sharpe
from core.evaluation.verdict import SIGNIFICANT
from core.language import join, message
from core.threads import one_thread
from core.types import Floats, Ints

REPS = 500  # bootstrap resamples
SIZE = 0.10  # of the confidence set: it contains the best experiment in at least 90 % of cases
LEAST = 30  # shared cutoffs: with fewer, nothing is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The experiments of one task, each compared with its own reference on the cutoffs that they share.

    `compared` are positions among the experiments, and so are `best`, `superior` (better than their references even
    among so many experiments, at 5 %) and `confidence_set`; `skill_K` belongs to `compared`. `p_value` is that of the
    best among all, NaN if nothing could be compared; `deflated` is the largest Sharpe ratio, deflated by `independent`
    experiments (core.evaluation.experiments.independence), NaN if the target has no return. `caption` says all this in
    a sentence.
    """

    experiments: int
    compared: tuple[int, ...] = ()
    cutoffs: int = 0
    skill_K: tuple[float, ...] = ()
    best: int | None = None
    p_value: float = math.nan
    superior: tuple[int, ...] = ()
    confidence_set: tuple[int, ...] = ()
    deflated: float = math.nan
    independent: float = 0.0
    caption: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traded:
    """The experiments of a task that can be traded on: their number, how many independent ones they are worth, and the
    variance of the Sharpe ratios per session of as many independent ones, 0 for fewer than two."""

    count: int
    independent: float
    variance: float


@one_thread()
def compare(experiments: Sequence[Experiment], seed: int = 0) -> Comparison:
    """Compare the experiments of one task, which differ in recipe or data; the same ones give the same numbers."""
    count, luck = len(experiments), count_traded(experiments)
    result = Comparison(experiments=count, deflated=_deflate_best(experiments, luck), independent=luck.independent)
    if count < 2:
        caption = message("This is the first experiment of this task, so no other one adds to its chance of luck.")
        return replace(result, caption=caption)
    compared, loss_TK, reference_TK, overlap = _aligned(experiments)
    cutoffs, needed = len(loss_TK), max(LEAST, 4 * overlap)
    if len(compared) < 2 or cutoffs < needed:
        caption = message(
            "{count} experiments of this task share too few cutoffs of their test periods to be compared: {cutoffs}, "
            "and at least {needed} are needed.",
            count=count,
            cutoffs=cutoffs,
            needed=needed,
        )
        return replace(result, caption=caption)
    block = max(2 * overlap, math.ceil(cutoffs ** (1 / 3)))
    skill_K = 1 - np.sqrt(_ratio(loss_TK.mean(axis=0), reference_TK.mean(axis=0)))
    p_value, superior_K = find_superior(loss_TK, reference_TK, block, seed)
    best = compared[int(np.argmax(skill_K))]
    return replace(
        result,
        compared=compared,
        cutoffs=cutoffs,
        skill_K=tuple(map(float, skill_K)),
        best=best,
        p_value=p_value,
        superior=tuple(compared[k] for k in superior_K),
        confidence_set=tuple(compared[k] for k in find_confidence_set(loss_TK, block, seed)),
        caption=join(
            [
                *wording.describe_best(experiments[best], count, len(compared), p_value),
                wording.describe_deflated(result.deflated, luck.count, luck.independent),
            ]
        ),
    )


def find_superior(loss_TK: Floats, reference_TK: Floats, block: int, seed: int = 0) -> tuple[float, Ints]:
    """p-value that no experiment beats its reference, and those (columns) that do at 5 % even among all of them.

    The test for superior predictive ability (Hansen 2005, consistent p-value, studentised) with the stationary
    bootstrap of mean block length `block`; unlike the reality check of White (2000), poor experiments do not weaken it.
    The second compares each experiment with the distribution of the largest (Romano & Wolf 2005, their first step).
    Each experiment has a reference of its own: the one that its training and validation splits gave.
    """
    from arch.bootstrap import SPA

    gain_TK = reference_TK - loss_TK
    gain_TK = gain_TK / _long_run_deviation(gain_TK, block)
    if gain_TK.mean(axis=0).max() <= 0:
        return 1.0, np.zeros(0, dtype=int)
    test = SPA(np.zeros(len(gain_TK)), -gain_TK, block_size=block, reps=REPS, seed=seed)
    test.compute()
    return float(test.pvalues["consistent"]), np.asarray(test.better_models(SIGNIFICANT, "consistent"), dtype=int)


def find_confidence_set(loss_TK: Floats, block: int, seed: int = 0) -> tuple[int, ...]:
    """The experiments (columns) that the data cannot tell from the best at 10 %: the model confidence set of Hansen,
    Lunde & Nason (2011) with the range statistic T_R.

    The same set as arch.bootstrap.MCS, which however keeps the wrong model of losses that differ by a constant, raises
    IndexError on equal losses, and takes twenty times as long for a hundred experiments.
    """
    mean_K, mean_RK = loss_TK.mean(axis=0), _resampled_means(loss_TK, block, seed)
    product_KK = mean_RK.T @ mean_RK / REPS
    variance_K = np.diag(product_KK)
    square_KK = variance_K[:, None] + variance_K[None, :] - 2 * product_KK
    varies_KK = square_KK > 1e-12 * (variance_K[:, None] + variance_K[None, :])
    spread_KK = np.sqrt(np.where(varies_KK, square_KK, 1.0))
    difference_KK = mean_K[:, None] - mean_K[None, :]
    difference_KK[np.abs(difference_KK) <= 1e-12 * np.abs(mean_K).max()] = 0.0
    # Losses that differ by a constant leave nothing to resample: the larger ones are certainly worse.
    constant_KK = np.where(difference_KK == 0, 0.0, np.copysign(np.inf, difference_KK))
    t_KK = np.where(varies_KK, difference_KK / spread_KK, constant_KK)
    order, statistics = _eliminate(t_KK)
    left, range_R, p_values = [order[-1]], np.zeros(REPS), []
    for k, value in zip(order[-2::-1], statistics[::-1], strict=True):  # the last to leave first: each joins those left
        distance_R = np.abs(mean_RK[:, [k]] - mean_RK[:, left]) * varies_KK[k, left] / spread_KK[k, left]
        range_R = np.maximum(range_R, distance_R.max(axis=1))
        left.append(k)
        p_values.append(1.0 if value <= 0 else float((value < range_R).mean()))
    stay = np.maximum.accumulate(p_values[::-1]) > SIZE if p_values else np.zeros(0, dtype=bool)
    return tuple(sorted([order[-1], *(k for k, stays in zip(order[:-1], stay, strict=True) if stays)]))


def count_traded(experiments: Sequence[Experiment]) -> Traded:
    """How many experiments could be traded on, and how much luck that is."""
    ratio_K = np.array([sharpe.sharpe_ratio(one.return_T) for one in experiments])
    known_K, independent = ratio_K[np.isfinite(ratio_K)], count_independent(experiments)
    variance = float(np.var(known_K)) * independent / (independent - 1) if independent > 1 else 0.0
    return Traded(count=len(known_K), independent=independent, variance=variance)


def _resampled_means(loss_TK: Floats, block: int, seed: int) -> Floats:
    """Mean losses of stationary bootstrap resamples, less the mean losses: (R, K); drawn as arch's MCS draws."""
    from arch.bootstrap import StationaryBootstrap

    draws = StationaryBootstrap(block, np.arange(len(loss_TK)), seed=seed).bootstrap(REPS)
    return np.stack([loss_TK[at_T].mean(axis=0) for (at_T,), _ in draws]) - loss_TK.mean(axis=0)


def _eliminate(t_KK: Floats) -> tuple[list[int], list[float]]:
    """The experiments in the order in which they leave, the worst against another first, and the statistic of each but
    the last."""
    left, order, statistics = list(range(len(t_KK))), [], []
    while len(left) > 1:
        among = t_KK[np.ix_(left, left)]
        statistics.append(float(among.max()))
        order.append(left.pop(int(np.argmax(among.max(axis=1)))))
    return order + left, statistics


def _long_run_deviation(gain_TK: Floats, block: int) -> Floats:
    """Long-run standard deviation of each experiment's gain by the kernel of the stationary bootstrap (Hansen 2005,
    p. 372); 1 if it does not vary."""
    total = len(gain_TK)
    centred_TK = gain_TK - gain_TK.mean(axis=0)
    variance_K = (centred_TK**2).mean(axis=0)
    for lag in range(1, min(total, 12 * block)):  # beyond, the kernel is all but zero
        covariance_K = (centred_TK * np.roll(centred_TK, -lag, axis=0)).mean(axis=0)  # blocks wrap round the end
        variance_K = variance_K + 2 * (1 - lag / total) * (1 - 1 / block) ** lag * covariance_K
    small = variance_K <= 1e-24 * np.maximum(gain_TK.mean(axis=0) ** 2, 1e-300)
    return np.sqrt(np.where(small, 1.0, variance_K))


def _ratio(loss_K: Floats, reference_K: Floats) -> Floats:
    """Loss in units of the reference's; 1 if neither makes an error, infinite if the reference alone makes none."""
    none_K = reference_K <= 0
    return np.where(none_K, np.where(loss_K <= 0, 1.0, np.inf), loss_K / np.where(none_K, 1.0, reference_K))


def _aligned(experiments: Sequence[Experiment]) -> tuple[tuple[int, ...], Floats, Floats, int]:
    """Positions of the experiments that share most of the usual test period, their losses and those of their references
    on what all of these share, mean over symbols: (T, K) each, and how many cutoffs in a row share outcomes. Symbols
    are made comparable by the loss of the last value."""
    horizon = int(experiments[0].task["horizon"])
    cell, loss_KU, reference_KU, last_KU = _dense(experiments)
    present_KU = np.isfinite(loss_KU) & np.isfinite(reference_KU)
    count_U = present_KU.sum(axis=0)
    usual_U = (2 * count_U >= count_U.max(initial=0)) & (count_U > 0)
    shared_U = usual_U
    compared: list[int] = []
    for k in np.argsort(-(present_KU & usual_U).sum(axis=1), kind="stable"):
        both_U = shared_U & present_KU[k]
        if both_U.any() and 2 * both_U.sum() >= usual_U.sum():
            shared_U, compared = both_U, [*compared, int(k)]
    if not compared:
        return (), np.zeros((0, 0)), np.zeros((0, 0)), horizon
    compared.sort()
    cutoff_U, symbol_U = cell[:, 0][shared_U], cell[:, 1][shared_U]
    scale_U = pd.Series(last_KU[compared[0], shared_U]).groupby(symbol_U).transform("mean").to_numpy()
    scale_U = np.where(np.isfinite(scale_U) & (scale_U > 0), scale_U, 1.0)

    def by_cutoff(value_KU: Floats) -> Floats:
        return pd.DataFrame((value_KU[compared][:, shared_U] / scale_U).T).groupby(cutoff_U).mean().to_numpy()

    overlap = long_run.count_overlap(cutoff_U, symbol_U, horizon)
    return tuple(compared), by_cutoff(loss_KU), by_cutoff(reference_KU), overlap


def _dense(experiments: Sequence[Experiment]) -> tuple[Ints, Floats, Floats, Floats]:
    """Every (cutoff, symbol) that some experiment forecast, in order: (U, 2); and the three losses of each experiment
    there, NaN if it has none: (K, U) each."""
    names = sorted({name for one in experiments for name in one.symbols})
    code = [np.array([names.index(name) for name in one.symbols])[one.symbol_N] for one in experiments]
    at = np.unique(np.concatenate([one.cutoff_N for one in experiments]), return_inverse=True)[1]
    cells, position = np.unique(at * len(names) + np.concatenate(code), return_inverse=True)
    row = np.repeat(np.arange(len(experiments)), [len(one.loss_N) for one in experiments])

    def dense(values: list[Floats]) -> Floats:
        value_KU = np.full((len(experiments), len(cells)), np.nan)
        value_KU[row, position] = np.concatenate(values)
        return value_KU

    return (
        np.stack([cells // len(names), cells % len(names)], axis=1),
        dense([one.loss_N for one in experiments]),
        dense([one.reference_N for one in experiments]),
        dense([one.last_N for one in experiments]),
    )


def _deflate_best(experiments: Sequence[Experiment], luck: Traded) -> float:
    """The deflated Sharpe ratio (Bailey & López de Prado 2014) of the experiment with the largest one; NaN if there is
    none."""
    ratio_K = np.array([sharpe.sharpe_ratio(one.return_T) for one in experiments])
    if not luck.count:
        return math.nan
    return sharpe.deflated(experiments[int(np.nanargmax(ratio_K))].return_T, luck.independent, luck.variance)
