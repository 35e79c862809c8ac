"""What the close look at one forecast finds: its window cell by cell, and its difference from the forecast before.

Axis letters: L lookback, F features, H steps, P players.
"""

from dataclasses import dataclass

import numpy as np

from core.records import Floats, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """The difference of two forecasts of a symbol, split: before_H + Σ_P values_PH = forecast_H, user's units.

    `names` are the features and, of a level learned as its distance from the last one, that last value. `old_P` and
    `new_P` are their own values at the two cutoffs, unscaled.
    """

    symbol: str
    before: np.datetime64
    cutoff: np.datetime64
    steps: tuple[int, ...]
    names: tuple[str, ...]
    old_P: Floats
    new_P: Floats
    before_H: Floats
    forecast_H: Floats
    values_PH: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What each feature contributed at each row of the window (target units, summed over the steps), beside its own
    values there, unscaled (`raw_LF`) and in training standard deviations from the training mean (`odd_LF`).

    `since` is None where no forecast came before, and `why` says so.
    """

    symbol: str
    features: tuple[str, ...]
    time_L: Times
    raw_LF: Floats
    odd_LF: Floats
    cells_LF: Floats
    additivity_error: float
    since: Since | None
    why: str = ""
