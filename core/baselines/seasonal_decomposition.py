"""A naive forecast for series with several seasons: the level without them, plus the latest pattern of each.

Axis letters: T rows of one symbol, K steps ahead.
"""

import numpy as np

from core.baselines.baseline import Baseline, Forecaster, from_rule
from core.baselines.naive import last_value, smooth
from core.baselines.series import Series, by_symbol
from core.datasets import seasons
from core.datasets.seasons import Pattern, Season
from core.datasets.windows import Prepared
from core.errors import DataError
from core.language import message
from core.types import Floats, Ints

# The choices of the training rows: the weight of the newest cycle in a pattern, and of the newest value in the level.
PATTERN_WEIGHTS = (0.3, 0.1, 0.03)
LEVEL_WEIGHTS = (1.0, 0.5, 0.25, 0.1, 0.05, 0.02)
COMPARED = 8  # steps ahead at most, evenly spaced, whose errors choose the weights


def fit(prepared: Prepared) -> Forecaster:
    """The forecaster of `forecast` for every symbol. Raises DataError if the training rows of none have a season."""
    check_season(prepared)
    return from_rule(forecast)(prepared)


def check_season(prepared: Prepared) -> None:
    """Raises DataError if the training rows of no symbol have a season."""
    if not any(find(series) for _, series in by_symbol(prepared)):
        raise DataError(message("The training rows show no season (a day, a week, a year)."))


def forecast(series: Series) -> Floats:
    """The level without its seasons plus the pattern of each season at the step: (T, H) in model units; row t uses no
    later row. A symbol without a season has its last value.

    MSTL (Bandara, Hyndman & Bergmeir 2021) with a simple exponentially smoothed level; each pattern is a weighted mean
    over past cycles. The two weights are those with the least squared error on the training rows.
    """
    own = find(series)
    if not own:
        return last_value(series)
    step_K = np.arange(1, series.horizon + 1)
    patterns, level_T = _choose(series, own)
    ahead_TK = level_T[:, None] + _seasonal(patterns, step_K)
    return series.from_path(ahead_TK, np.sqrt(_errors(series, ahead_TK, step_K)))


def find(series: Series) -> tuple[Season, ...]:
    """The seasons that the training rows show."""
    if not len(series.train_T):
        return ()
    rows = slice(series.train_T[0], series.train_T[-1] + 1)
    return seasons.find(series.history_T[rows], series.time_E[rows])


def _choose(series: Series, own: tuple[Season, ...]) -> tuple[list[Pattern], Floats]:
    """The patterns, and the level without them (T,), whose weights forecast the training rows best."""
    step_k = np.unique(np.linspace(1, series.horizon, min(series.horizon, COMPARED)).round().astype(int))
    choices = []
    for pattern_weight in PATTERN_WEIGHTS:
        patterns, rest_T = _decompose(series, own, pattern_weight)
        seasonal_Tk = _seasonal(patterns, step_k)
        for level_weight in LEVEL_WEIGHTS:
            level_T = smooth(rest_T, level_weight)
            error = float(_errors(series, level_T[:, None] + seasonal_Tk, step_k).mean())
            choices.append((error, patterns, level_T))
    _, patterns, level_T = min(choices, key=lambda choice: choice[0])
    return patterns, level_T


def _decompose(series: Series, own: tuple[Season, ...], weight: float) -> tuple[list[Pattern], Floats]:
    """The pattern of each season, the shortest first, and what they leave of each value: (T,)."""
    patterns, rest_T, day_E = [], series.history_T, seasons.to_days(series.time_E)
    for season in own:
        patterns.append(seasons.pattern(rest_T, day_E, season, weight))
        rest_T = rest_T - patterns[-1].at(0)
    return patterns, rest_T


def _seasonal(patterns: list[Pattern], step_K: Ints) -> Floats:
    """The sum of the patterns these steps ahead of every row, as known at the row: (T, K)."""
    return np.stack([np.sum([pattern.at(int(k)) for pattern in patterns], axis=0) for k in step_K], axis=1)


def _errors(series: Series, ahead_TK: Floats, step_K: Ints) -> Floats:
    """The mean squared error of each step over the training rows: (K,)."""
    history_T, row_N = series.history_T, series.train_T[series.train_T + series.horizon < len(series.level_T)]
    return np.mean((history_T[row_N[:, None] + step_K] - ahead_TK[row_N]) ** 2, axis=0)


SEASONAL_DECOMPOSITION = Baseline(
    name="seasonal_decomposition", title="Seasonal decomposition", phrase="the seasonal decomposition", fit=fit
)
