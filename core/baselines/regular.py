"""A symbol's history at the regular steps of its shortest season, as models that count rows need it.

Axis letters: T rows of one symbol, E these and the `horizon` future rows, G regular steps, P phases of a season,
K steps ahead.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.baselines.seasonal_decomposition import find
from core.baselines.series import Series, check_varied
from core.datasets.seasons import Season, to_days
from core.errors import DataError, words
from core.language import message
from core.types import Floats, Ints

# Training steps to which a model is fitted: this bounds its work. On the validation splits of the long public series
# 4,000 gain at most 1.2 % and lose up to 18 % (docs/decisions/0014).
NEWEST = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Regular:
    """Values at regular steps from the first one that a model is fitted to.

    A missing step has the value before. Phases of the season at which the series usually has no row (nights, weekends)
    are no steps, nor are cycles without any row. `periods` are the lengths of the seasons in steps, the shortest first.
    """

    value_G: Floats
    train: int  # steps of the training split
    step_E: Ints  # the step of each row, negative before the first one
    periods: tuple[int, ...]
    horizon: int  # rows

    @property
    def fitted_G(self) -> Floats:
        """The values to which a model is fitted."""
        return self.value_G[: self.train]

    @property
    def ahead(self) -> int:
        """Steps ahead that the farthest of all forecasts needs."""
        return int((self.step_E[self.horizon :] - self.step_E[: -self.horizon]).max())

    def at_rows(self, path_GK: Floats) -> Floats:
        """The forecast of the next `horizon` rows at every row, (T, K), from that of the next `ahead` steps at every
        step; NaN before the first step."""
        step_T = self.step_E[: -self.horizon]
        row_TK = np.arange(len(step_T))[:, None] + np.arange(1, self.horizon + 1)
        ahead_TK = np.maximum(self.step_E[row_TK] - step_T[:, None], 1)
        return np.where(step_T[:, None] < 0, np.nan, path_GK[np.maximum(step_T, 0)[:, None], ahead_TK - 1])


def regular(series: Series, model: str) -> Regular:
    """The history of one symbol at regular steps, for `model`; without a season the steps are the rows.

    Raises DataError if the training split is short or does not vary.
    """
    train_T = series.train_T
    check_varied(series.history_T[train_T], model)
    seasons = find(series)
    base = next((season for season in seasons if season.phases >= season.rows), None)  # fewer: a phase has several rows
    step_E: Ints = np.arange(len(series.time_E))
    periods = tuple(season.rows for season in seasons)
    if base:
        step_E, cycle, step_days = _steps(series, base)
        periods = tuple(cycle if season is base else round(season.days / step_days) for season in seasons)
    step_E = step_E - max(step_E[train_T[0]], step_E[train_T[-1]] + 1 - NEWEST)
    step_T = step_E[: len(series.history_T)]
    latest_G = np.searchsorted(step_T, np.arange(step_T[-1] + 1), side="right") - 1
    return Regular(
        value_G=series.history_T[latest_G],
        train=int(step_T[train_T[-1]]) + 1,
        step_E=step_E,
        periods=tuple(dict.fromkeys(periods)),
        horizon=series.horizon,
    )


def search(fit: Callable[[], Any], model: str) -> Any:
    """What `fit` returns. Raises DataError where statsforecast finds no model for these data."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about candidates that do not converge
            return fit()
    except Exception as error:
        if type(error) not in (Exception, ValueError, NotImplementedError, np.linalg.LinAlgError):
            raise  # a bug: the library raises bare exceptions for data without a suitable model
        raise DataError(
            message("{model} could not be fitted to these data ({error}).", model=model, error=words(error))
        ) from error


def _steps(series: Series, season: Season) -> tuple[Ints, int, float]:
    """The step of each row, (E,), never falling; the steps of one cycle; the mean days of a step on training rows."""
    day_E = to_days(series.time_E)
    place_E = np.rint((day_E - day_E[0]) / season.days * season.phases).astype(int)
    cycle_E, phase_E = np.divmod(place_E, season.phases)
    rows = slice(series.train_T[0], series.train_T[-1] + 1)
    count_P = np.bincount(phase_E[rows], minlength=season.phases)
    usual_P = 2 * count_P >= count_P.max()
    rank_P = np.maximum(np.cumsum(usual_P) - 1, 0)
    nth_E = np.unique(cycle_E, return_inverse=True)[1]
    first, last = rows.start, rows.stop - 1
    share = (nth_E[last] - nth_E[first]) / (cycle_E[last] - cycle_E[first])  # of cycles with rows
    cycle = int(usual_P.sum())
    return nth_E * cycle + rank_P[phase_E], cycle, season.days / float(cycle * share)
