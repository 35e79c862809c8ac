"""MSTL: seasonal patterns by LOESS, each repeated, and exponential smoothing of what they leave.

Axis letters: T rows of one symbol, G regular steps, H steps, K steps ahead.
"""

import numpy as np

from core.baselines import ets
from core.baselines.baseline import Baseline, Forecaster, from_rule
from core.baselines.regular import Regular, regular
from core.baselines.seasonal_decomposition import check_season
from core.baselines.series import Series, by_symbol
from core.datasets.windows import Prepared
from core.errors import DataError
from core.language import message
from core.types import Floats

LEAST_CYCLES = 2  # that LOESS needs
SHORTEST = 24  # steps that a decomposition is kept at least
WORK = 5_000_000  # at most, of all symbols together (`_work`): about five seconds
TITLE = "MSTL"


def fit(prepared: Prepared) -> Forecaster:
    """The forecaster of `forecast` for every symbol. Raises DataError if the training rows of none have a season, or if
    the decompositions of all symbols together are more work than allowed."""
    check_season(prepared)
    work = sum(_work(regular(series, TITLE)) for _, series in by_symbol(prepared))
    if work > WORK:
        raise DataError(
            message(
                "Decomposing these rows by LOESS takes {work} times the work that MSTL is allowed. Load fewer rows or "
                "symbols.",
                work=f"{work / WORK:.1f}",
            )
        )
    return from_rule(forecast)(prepared)


def forecast(series: Series) -> Floats:
    """The forecast at every row from the last training row on, (T, H) in model units; NaN before.

    Of a symbol without a season it is exponential smoothing alone. Raises DataError if the history is short or does not
    vary, or if no model can be fitted.
    """
    history = regular(series, TITLE)
    return series.from_path(history.at_rows(paths(history.value_G, history.train, history.periods, history.ahead)))


def paths(value_G: Floats, train: int, periods: tuple[int, ...], ahead: int) -> Floats:
    """Forecasts of the next `ahead` values at every step from `train` − 1 on, (G, K): MSTL (Bandara, Hyndman & Bergmeir
    2021) as statsforecast has it; NaN before.

    The parameters of the smoothing (AutoETS without a season, by AICc) are those of the first `train` steps. The
    patterns are renewed once in the longest season, or in a tenth of the training split if that is longer;
    between, the latest cycle of each is repeated. Step g uses no later one. Raises DataError if no model can be fitted.
    """
    usable = _usable(periods, train)
    starts = _starts(len(value_G), train, usable)
    season_G = _seasonal(value_G[:train], usable, 0)
    model = ets.fit(value_G[:train] - season_G, 1, "N")
    path_GK = np.full((len(value_G), ahead), np.nan)
    for last in starts:
        end = min(last + starts.step, len(value_G))
        season_G = _seasonal(value_G[: last + 1], usable, starts.step + ahead)
        rest_GK = ets.paths(model, value_G[:end] - season_G[:end], ahead)
        next_GK = np.arange(last, end)[:, None] + np.arange(1, ahead + 1)
        path_GK[last:end] = rest_GK[last:] + season_G[next_GK]
    return path_GK


def _usable(periods: tuple[int, ...], train: int) -> tuple[int, ...]:
    """The seasons of which the training split has enough cycles."""
    return tuple(period for period in periods if LEAST_CYCLES * period <= train)


def _starts(steps: int, train: int, usable: tuple[int, ...]) -> range:
    """The last step of each decomposition."""
    return range(train - 1, steps, max(SHORTEST, train // 10, *usable))


def _work(history: Regular) -> int:
    """Decompositions × steps × steps of the seasons, to which the time of LOESS is about proportional."""
    steps, usable = len(history.value_G), _usable(history.periods, history.train)
    return len(_starts(steps, history.train, usable)) * steps * sum(usable)


def _seasonal(value_G: Floats, periods: tuple[int, ...], ahead: int) -> Floats:
    """The sum of the seasonal patterns of these steps and of the next `ahead` ones, (G + ahead,)."""
    from statsforecast.mstl import mstl

    if not periods:
        return np.zeros(len(value_G) + ahead)
    parts = mstl(value_G, list(periods)).filter(regex="seasonal").to_numpy()
    place = np.arange(ahead)
    later = [part_G[len(part_G) - period + place % period] for part_G, period in zip(parts.T, periods, strict=True)]
    return np.concatenate([parts.sum(axis=1), np.sum(later, axis=0)])


MSTL = Baseline(
    name="mstl", title=TITLE, phrase=TITLE, fit=fit, applies=lambda kind: kind.level, naive=False, slow=True
)
