"""What the best of many tries is worth: superior predictive ability, model confidence set, deflated Sharpe ratio.

Axis letters: T sessions that all compared tries share, K tries, N forecasts of one try.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.experiments.record import Experiment
from core.evaluation.trading import sharpe
from core.evaluation.verdict import SIGNIFICANT, TITLES, say_p
from core.types import Floats, Ints

REPS = 500  # bootstrap resamples
SIZE = 0.10  # of the confidence set: the best try is among those kept in at least 90 % of cases
LEAST = 30  # shared sessions: with fewer, nothing is compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The tries of one question beside each other, each held against its own reference on the sessions they share.

    `compared` are positions among the tries, and so are `best`, `superior` (better than their references even among so
    many tries, at 5 %) and `kept` (the confidence set); `skill_K` belongs to `compared`. `p_value` is that of the best
    among the tries, NaN where nothing could be compared; `deflated` the deflated Sharpe ratio of the try with the
    largest one, NaN where the target has no return. `says` is the sentence about it all.
    """

    tries: int
    compared: tuple[int, ...] = ()
    sessions: int = 0
    skill_K: tuple[float, ...] = ()
    best: int | None = None
    p_value: float = math.nan
    superior: tuple[int, ...] = ()
    kept: tuple[int, ...] = ()
    deflated: float = math.nan
    caption: str = ""


def compare(tries: Sequence[Experiment], seed: int = 0) -> Comparison:
    """The tries of one question, which differ in recipe or data, beside each other; the same tries give the same."""
    worth = _deflated(tries)
    if len(tries) < 2:
        return Comparison(
            tries=len(tries),
            deflated=worth,
            caption="This is the first try on this question: there is nothing yet that its luck has to be shared with.",
        )
    horizon = int(tries[0].asked["horizon"])
    compared, loss_TK, reference_TK = _aligned(tries)
    sessions = len(loss_TK)
    if len(compared) < 2 or sessions < max(LEAST, 4 * horizon):
        return Comparison(
            tries=len(tries),
            deflated=worth,
            caption=f"{len(tries)} tries on this question share too few "
            f"sessions of their test parts to be compared: {sessions}, and at least "
            f"{max(LEAST, 4 * horizon)} are needed.",
        )
    block = max(2 * horizon, math.ceil(sessions ** (1 / 3)))
    skill_K = 1 - np.sqrt(_ratio(loss_TK.mean(axis=0), reference_TK.mean(axis=0)))
    p_value, superior_K = superior(loss_TK, reference_TK, block, seed)
    best = compared[int(np.argmax(skill_K))]
    kept = confidence_set(loss_TK, block, seed)
    said = _says(tries[best], len(tries), len(compared), p_value) + _worth(worth, len(tries))
    return Comparison(
        tries=len(tries),
        compared=compared,
        sessions=sessions,
        skill_K=tuple(map(float, skill_K)),
        best=best,
        p_value=p_value,
        superior=tuple(compared[k] for k in superior_K),
        kept=tuple(compared[k] for k in kept),
        deflated=worth,
        caption=said,
    )


def superior(loss_TK: Floats, reference_TK: Floats, block: int, seed: int = 0) -> tuple[float, Ints]:
    """p-value that no try beats its reference, and the tries (columns) that do at 5 % even among all of them.

    The test for superior predictive ability (Hansen 2005, consistent p-value, studentised) with the stationary
    bootstrap of mean block length `block`; it mends the reality check of White (2000), which poor tries weaken. The
    second holds every try against the distribution of the largest (Romano & Wolf 2005, their first step). Each try has
    a reference of its own: the one that its training and validation parts gave.
    """
    from arch.bootstrap import SPA

    gain_TK = reference_TK - loss_TK
    gain_TK = gain_TK / _spread(gain_TK, block)
    if gain_TK.mean(axis=0).max() <= 0:
        return 1.0, np.zeros(0, dtype=int)
    test = SPA(np.zeros(len(gain_TK)), -gain_TK, block_size=block, reps=REPS, seed=seed)
    test.compute()
    return float(test.pvalues["consistent"]), np.asarray(test.better_models(SIGNIFICANT, "consistent"), dtype=int)


def confidence_set(loss_TK: Floats, block: int, seed: int = 0) -> tuple[int, ...]:
    """The tries (columns) that the data cannot tell from the best at 10 %: the model confidence set of Hansen, Lunde &
    Nason (2011) with the range statistic T_R, as in arch.bootstrap.MCS."""
    mean_K, mean_RK = loss_TK.mean(axis=0), _resampled(loss_TK, block, seed)
    common_KK = mean_RK.T @ mean_RK / REPS
    own_K = np.diag(common_KK)
    square_KK = own_K[:, None] + own_K[None, :] - 2 * common_KK
    varies_KK = square_KK > 1e-12 * (own_K[:, None] + own_K[None, :])
    spread_KK = np.sqrt(np.where(varies_KK, square_KK, 1.0))
    differ_KK = mean_K[:, None] - mean_K[None, :]
    differ_KK[np.abs(differ_KK) <= 1e-12 * np.abs(mean_K).max()] = 0.0
    # Losses that differ by a constant leave nothing to resample: the larger ones are worse beyond doubt.
    t_KK = np.where(varies_KK, differ_KK / spread_KK, np.where(differ_KK == 0, 0.0, np.copysign(np.inf, differ_KK)))
    order, largest = _eliminated(t_KK)
    left, range_R, p_values = [order[-1]], np.zeros(REPS), []
    for k, value in zip(order[-2::-1], largest[::-1], strict=True):  # the last to leave first: each joins those left
        apart_R = np.abs(mean_RK[:, [k]] - mean_RK[:, left]) * varies_KK[k, left] / spread_KK[k, left]
        range_R = np.maximum(range_R, apart_R.max(axis=1))
        left.append(k)
        p_values.append(1.0 if value <= 0 else float((value < range_R).mean()))
    kept = np.maximum.accumulate(p_values[::-1]) > SIZE if p_values else np.zeros(0, dtype=bool)
    return tuple(sorted([order[-1], *(k for k, stays in zip(order[:-1], kept, strict=True) if stays)]))


def _resampled(loss_TK: Floats, block: int, seed: int) -> Floats:
    """Mean losses of stationary bootstrap resamples, less the mean losses: (REPS, K)."""
    from arch.bootstrap import StationaryBootstrap

    drawn = StationaryBootstrap(block, np.arange(len(loss_TK)), seed=seed).bootstrap(REPS)
    return np.stack([loss_TK[at_T].mean(axis=0) for (at_T,), _ in drawn]) - loss_TK.mean(axis=0)


def _eliminated(t_KK: Floats) -> tuple[list[int], list[float]]:
    """The tries in the order in which they leave, the one worst against another first, and that distance of each but
    the last."""
    left, order, largest = list(range(len(t_KK))), [], []
    while len(left) > 1:
        among = t_KK[np.ix_(left, left)]
        largest.append(float(among.max()))
        order.append(left.pop(int(np.argmax(among.max(axis=1)))))
    return order + left, largest


def _spread(gain_TK: Floats, block: int) -> Floats:
    """Long-run standard deviation of each try's gain by the kernel of the stationary bootstrap (Hansen 2005, p. 372);
    1 where it does not vary."""
    total = len(gain_TK)
    from_mean_TK = gain_TK - gain_TK.mean(axis=0)
    variance_K = (from_mean_TK**2).mean(axis=0)
    for lag in range(1, min(total, 12 * block)):  # beyond, the kernel is all but zero
        round_K = (from_mean_TK * np.roll(from_mean_TK, -lag, axis=0)).mean(axis=0)  # blocks wrap round the end
        variance_K = variance_K + 2 * (1 - lag / total) * (1 - 1 / block) ** lag * round_K
    small = variance_K <= 1e-24 * np.maximum(gain_TK.mean(axis=0) ** 2, 1e-300)
    return np.sqrt(np.where(small, 1.0, variance_K))


def _ratio(loss_K: Floats, reference_K: Floats) -> Floats:
    """Loss in units of the reference's; 1 where neither makes an error, infinite where the reference alone does not."""
    none_K = reference_K <= 0
    return np.where(none_K, np.where(loss_K <= 0, 1.0, np.inf), loss_K / np.where(none_K, 1.0, reference_K))


def _aligned(tries: Sequence[Experiment]) -> tuple[tuple[int, ...], Floats, Floats]:
    """Positions of the tries that share most of the usual test part, and their losses and those of their references
    on what all of these share, mean over symbols: (T, K) each. Symbols are made comparable by the last value's loss."""
    cell, loss_KU, reference_KU, last_KU = _dense(tries)
    there_KU = np.isfinite(loss_KU) & np.isfinite(reference_KU)
    seen_U = there_KU.sum(axis=0)
    usual_U = (2 * seen_U >= seen_U.max(initial=0)) & (seen_U > 0)
    shared_U = usual_U
    compared: list[int] = []
    for k in np.argsort(-(there_KU & usual_U).sum(axis=1), kind="stable"):
        both_U = shared_U & there_KU[k]
        if both_U.any() and 2 * both_U.sum() >= usual_U.sum():
            shared_U, compared = both_U, [*compared, int(k)]
    if not compared:
        return (), np.zeros((0, 0)), np.zeros((0, 0))
    compared.sort()
    cutoff_U, symbol_U = cell[:, 0][shared_U], cell[:, 1][shared_U]
    scale_U = pd.Series(last_KU[compared[0], shared_U]).groupby(symbol_U).transform("mean").to_numpy()
    scale_U = np.where(np.isfinite(scale_U) & (scale_U > 0), scale_U, 1.0)

    def by_session(value_KU: Floats) -> Floats:
        return pd.DataFrame((value_KU[compared][:, shared_U] / scale_U).T).groupby(cutoff_U).mean().to_numpy()

    return tuple(compared), by_session(loss_KU), by_session(reference_KU)


def _dense(tries: Sequence[Experiment]) -> tuple[Ints, Floats, Floats, Floats]:
    """Every (cutoff, symbol) that some try forecast, in order: (U, 2); and the three losses of each try there, NaN
    where it has none: (K, U) each."""
    names = sorted({name for one in tries for name in one.symbols})
    code = [np.array([names.index(name) for name in one.symbols])[one.symbol_N] for one in tries]
    at = np.unique(np.concatenate([one.cutoff_N for one in tries]), return_inverse=True)[1]
    cells, position = np.unique(at * len(names) + np.concatenate(code), return_inverse=True)
    row = np.repeat(np.arange(len(tries)), [len(one.loss_N) for one in tries])

    def dense(values: list[Floats]) -> Floats:
        made_KU = np.full((len(tries), len(cells)), np.nan)
        made_KU[row, position] = np.concatenate(values)
        return made_KU

    return (
        np.stack([cells // len(names), cells % len(names)], axis=1),
        dense([one.loss_N for one in tries]),
        dense([one.reference_N for one in tries]),
        dense([one.last_N for one in tries]),
    )


def _deflated(tries: Sequence[Experiment]) -> float:
    """The deflated Sharpe ratio (Bailey & López de Prado 2014) of the try with the largest one, by the number of
    tries."""
    ratio_K = np.array([sharpe.sharpe(one.return_T) for one in tries])
    if not np.isfinite(ratio_K).any():
        return math.nan
    count, variance = traded(tries)
    return sharpe.deflated(tries[int(np.nanargmax(ratio_K))].return_T, count, variance)


def traded(tries: Sequence[Experiment]) -> tuple[int, float]:
    """How many tries could be traded on, and the variance of their Sharpe ratios per session; 0 of fewer than two."""
    ratio_K = np.array([sharpe.sharpe(one.return_T) for one in tries])
    known_K = ratio_K[np.isfinite(ratio_K)]
    return len(known_K), float(np.var(known_K, ddof=1)) if len(known_K) > 1 else 0.0


def _says(best: Experiment, tries: int, compared: int, p_value: float) -> str:
    """Whether the best try holds, alone and among all, in one sentence."""
    alone, among = f"The best of {tries} tries has {say_p(best.p_value)} alone", f"(SPA {say_p(p_value)})"
    stray = tries - compared
    left = f" {stray} of them {'was' if stray == 1 else 'were'} judged on other sessions and left out." if stray else ""
    luck = f"among {compared} tries luck gives as much in {_share(p_value)} of cases {among}"
    if best.p_value >= SIGNIFICANT or not best.skill > 0:
        return f"{alone}, which is no evidence; {luck}.{left}"
    if p_value >= SIGNIFICANT:
        return f"{alone}; {luck}: no evidence.{left}"
    return f"{alone}, and {luck}: the evidence over {TITLES.get(best.reference, best.reference)} holds.{left}"


def _share(p_value: float) -> str:
    return "less than 1 %" if p_value < 0.01 else _percent(p_value)


def _worth(deflated: float, tries: int) -> str:
    if math.isnan(deflated):
        return ""
    return (
        f" The largest Sharpe ratio of trading the forecasts' signs, deflated by {tries} tries, is above zero "
        f"with a probability of {_percent(deflated)}."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
