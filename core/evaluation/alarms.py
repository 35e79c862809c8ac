"""The alarms that a test part raises: a forecast that copies yesterday, and one that is too good to be true."""

import math

import numpy as np

from core.datasets.targets import TargetKind
from core.evaluation import metrics
from core.evaluation.verdict import SIGNIFICANT
from core.forecasting.table import Matrix
from core.types import Alarm, Floats, Verdict

LAGS = 5
CLOSE = 0.9  # correlation of levels from which a forecast "looks good"
COPY = 0.5  # correlation of a forecast's moves with yesterday's from which they are the same moves
# The most that targets made of prices give over simple rules, one session ahead; docs/method.md has the reasons.
MOST_SKILL = {
    "log_return": 0.05,
    "direction": 0.05,
    "close": 0.05,
    "mean_close": 0.05,
    "volatility": 0.35,
    "max_drawdown": 0.35,
}
MOST_HITS = 0.06  # hit rate above the share of the more frequent direction, one session ahead
AHEAD = 3.0  # the bounds of prices grow with √horizon, at most so many times


def copies_yesterday(model: str, test: Matrix) -> Alarm | None:
    """An alarm when the forecast of a level at the first step follows the last value instead of its own target: it
    correlates more with it, or its moves are those of yesterday (cross-correlation of moves peaks at lag −1).

    For a model without proven skill: a good forecast of a slow series follows its last value too.
    """
    y_N, yhat_N, last_N = test.y_NH[:, 0], test.yhat_NH[model][:, 0], test.yhat_NH["last_value"][:, 0]
    if min(np.ptp(y_N), np.ptp(yhat_N), np.ptp(last_N)) == 0:
        return None
    with_last, with_target = np.corrcoef(yhat_N, last_N)[0, 1], np.corrcoef(yhat_N, y_N)[0, 1]
    found = _mean_lags(test, model) if test.steps[0] == 1 else {}
    peak = max(found, key=lambda lag: found[lag], default=0)
    moves = peak == -1 and found[-1] > COPY and found[-1] > 2 * abs(found[0])
    if not moves and (with_target < CLOSE or with_last <= with_target):
        return None
    level = (
        f"The forecast follows the last value (correlation {with_last:.4f}) more closely than the value that it "
        f"is meant to forecast ({with_target:.4f}). "
        if with_last > with_target
        else ""
    )
    said = (
        f"Its moves are those of the session before: their correlation is {found[-1]:.2f} at lag −1 and "
        f"{found[0]:.2f} at lag 0. "
        if moves
        else ""
    )
    return Alarm(
        name="copies yesterday",
        text=f"{level}{said}Its R² of {metrics.r2(y_N, yhat_N):.3f} only says that tomorrow's level is near today's.",
    )


def lags(yhat_N: Floats, y_N: Floats) -> dict[int, float]:
    """Correlation of the moves of a forecast with those of its target `lag` sessions away, −5 … 5; empty where either
    does not move or there are too few. At lag 0 a forecast knows something; at −1 it repeats what has been."""
    moved_N, target_N = np.diff(yhat_N), np.diff(y_N)
    size = len(moved_N)
    if size < 4 * LAGS or min(np.ptp(moved_N), np.ptp(target_N)) == 0:
        return {}
    found = {}
    for lag in range(-LAGS, LAGS + 1):
        own_n, other_n = moved_N[max(0, -lag) : size - max(0, lag)], target_N[max(0, lag) : size + min(0, lag)]
        if min(np.ptp(own_n), np.ptp(other_n)) > 0:
            found[lag] = float(np.corrcoef(own_n, other_n)[0, 1])
    return found


def _mean_lags(test: Matrix, model: str) -> dict[int, float]:
    """`lags` at the first step, averaged over symbols."""
    each = [
        lags(test.yhat_NH[model][test.symbol_N == s, 0], test.y_NH[test.symbol_N == s, 0])
        for s in np.unique(test.symbol_N)
    ]
    whole = [found for found in each if len(found) == 2 * LAGS + 1]
    return {lag: float(np.mean([found[lag] for found in whole])) for lag in whole[0]} if whole else {}


def excess(said: Verdict, kind: TargetKind, horizon: int) -> str | None:
    """In words: by how much a result that luck does not explain is better than targets of this kind allow; or None."""
    if kind.name not in MOST_SKILL:
        return None
    grows = 1.0 if kind.name in ("volatility", "max_drawdown") else min(math.sqrt(horizon), AHEAD)
    most = MOST_SKILL[kind.name] * grows
    if said.skill > most and said.p_value < SIGNIFICANT:
        return (
            f"A skill of {said.skill:.1%} is more than {_words(kind, horizon)} allow: about {most:.0%} at the "
            "very most."
        )
    hits, share = said.tests.get("hit_rate", 0.0), said.tests.get("majority_share", 1.0)
    if hits > share + MOST_HITS * grows and said.tests["hit_low"] > share:
        return (
            f"A hit rate of {hits:.1%} is more than can be hoped for: about {share + MOST_HITS * grows:.0%} "
            f"where {share:.1%} of the outcomes have the same direction."
        )
    return None


def _words(kind: TargetKind, horizon: int) -> str:
    sessions = "one session" if horizon == 1 else f"{horizon} sessions"
    return f"forecasts of {kind.name.replace('_', ' ')} {sessions} ahead"
