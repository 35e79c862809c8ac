"""The alarms of a test split: a forecast that just repeats the last value, and a skill that is too good to be true."""

import math

import numpy as np

from core.datasets.targets import TargetKind
from core.evaluation import metrics
from core.evaluation.verdict import SIGNIFICANT
from core.forecasting.table import ForecastMatrix
from core.language import figures, join, message, message_n
from core.types import Alarm, Floats, Verdict

TITLES = {  # on the screen, by the names that are part of the JSON
    "look-ahead": message("Looks ahead"),
    "target copy": message("A feature copies the target"),
    "too good to be true": message("Too good to be true"),
    "copies yesterday": message("Just repeats the last value"),
}
MAX_LAG = 5
HIGH_LEVEL_CORRELATION = 0.9  # from which a forecast of a level looks good
HIGH_MOVE_CORRELATION = 0.5  # from which a forecast's moves are those of the step before
MAX_HIT_EXCESS = 0.06  # hit rate above the share of the more frequent direction, one session ahead
MAX_GROWTH = 3.0  # the bounds of prices grow with √horizon, at most so many times


def check_persistence(model: str, test: ForecastMatrix) -> Alarm | None:
    """An alarm when the forecast of a level at the first step follows the last value instead of its own target: it
    correlates more with it, or its moves are those of the step before (cross-correlation of moves peaks at lag −1).

    For a model without proven skill: a good forecast of a slow series follows its last value too.
    """
    y_N, yhat_N, last_N = test.y_NH[:, 0], test.yhat_NH[model][:, 0], test.yhat_NH["last_value"][:, 0]
    if min(np.ptp(y_N), np.ptp(yhat_N), np.ptp(last_N)) == 0:
        return None
    with_last, with_target = np.corrcoef(yhat_N, last_N)[0, 1], np.corrcoef(yhat_N, y_N)[0, 1]
    by_lag = _mean_cross_correlation(test, model) if test.steps[0] == 1 else {}
    peak = max(by_lag, key=lambda lag: by_lag[lag], default=0)
    late = peak == -1 and by_lag[-1] > HIGH_MOVE_CORRELATION and by_lag[-1] > 2 * abs(by_lag[0])
    if not late and (with_target < HIGH_LEVEL_CORRELATION or with_last <= with_target):
        return None
    level = message(
        "The forecast follows the last value (correlation {with_last}) more closely than the value that it should "
        "forecast ({with_target}).",
        with_last=f"{with_last:.4f}",
        with_target=f"{with_target:.4f}",
    )
    moves = message(
        "Its moves are those of the step before: their correlation is {before} at lag −1 and {same} at lag 0.",
        before=f"{by_lag.get(-1, math.nan):.2f}",
        same=f"{by_lag.get(0, math.nan):.2f}",
    )
    r2 = message(
        "Its R² of {r2} only says that the next level is near the last one.", r2=f"{metrics.r2(y_N, yhat_N):.3f}"
    )
    sentences = [level if with_last > with_target else "", moves if late else "", r2]
    return Alarm(name="copies yesterday", text=join(sentences))


def cross_correlation(yhat_N: Floats, y_N: Floats) -> dict[int, float]:
    """Correlation of the moves of a forecast with those of its target `lag` steps away, −5 … 5; empty if either does
    not move or there are too few. A peak at lag 0 is skill, one at −1 repeats the past."""
    forecast_N, target_N = np.diff(yhat_N), np.diff(y_N)
    size = len(forecast_N)
    if size < 4 * MAX_LAG or min(np.ptp(forecast_N), np.ptp(target_N)) == 0:
        return {}
    by_lag = {}
    for lag in range(-MAX_LAG, MAX_LAG + 1):
        forecast_n = forecast_N[max(0, -lag) : size - max(0, lag)]
        target_n = target_N[max(0, lag) : size + min(0, lag)]
        if min(np.ptp(forecast_n), np.ptp(target_n)) > 0:
            by_lag[lag] = float(np.corrcoef(forecast_n, target_n)[0, 1])
    return by_lag


def describe_excess_skill(verdict: Verdict, kind: TargetKind, horizon: int) -> str | None:
    """One sentence on how far a significant result exceeds what targets of this kind allow; None if it does not."""
    if kind.max_skill is None:
        return None
    growth = min(math.sqrt(horizon), MAX_GROWTH) if kind.skill_grows else 1.0
    bound = kind.max_skill * growth
    if verdict.skill > bound and verdict.p_value < SIGNIFICANT:
        return message(
            "A skill of {skill} is more than forecasts of {target} {ahead} ahead allow: about {bound} at the very "
            "most.",
            skill=figures.percent(verdict.skill),
            target=message(kind.title.lower()),
            ahead=message_n("one step", "{count} steps", horizon),
            bound=figures.percent(bound, 0),
        )
    hits, share = verdict.tests.get("hit_rate", 0.0), verdict.tests.get("majority_share", 1.0)
    if hits > share + MAX_HIT_EXCESS * growth and verdict.tests["hit_low"] > share:
        return message(
            "A hit rate of {hits} is more than can be expected: about {bound} if {share} of the outcomes have the same "
            "direction.",
            hits=figures.percent(hits),
            bound=figures.percent(share + MAX_HIT_EXCESS * growth, 0),
            share=figures.percent(share),
        )
    return None


def _mean_cross_correlation(test: ForecastMatrix, model: str) -> dict[int, float]:
    """`cross_correlation` at the first step, averaged over symbols."""
    by_symbol = [
        cross_correlation(test.yhat_NH[model][test.symbol_N == s, 0], test.y_NH[test.symbol_N == s, 0])
        for s in np.unique(test.symbol_N)
    ]
    complete = [by_lag for by_lag in by_symbol if len(by_lag) == 2 * MAX_LAG + 1]
    return {lag: float(np.mean([by_lag[lag] for by_lag in complete])) for lag in complete[0]} if complete else {}
