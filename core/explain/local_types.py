"""What the close look at one forecast finds: its window by cell and by stretch, its difference from the one before.

Axis letters: L lookback, F features, H steps, P players, B stretches.
"""

from dataclasses import dataclass

import numpy as np

from core.types import Explanation, Floats, Ints, Times


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretches:
    """One forecast by stretches of its window (`blocks`) and by features in each (`cells`), both explanations with one
    window whose "features" are those players.

    Cell p is `features[feature_P[p]]` in stretch `block_P[p]`; the cells of a stretch add up to it. Stretch b is the
    rows from `edge_B[b]` to before `edge_B[b + 1]`, from `first_B` to `last_B`, the oldest first; what is known ahead
    comes behind them. `shared` says whether states were shared between coalitions.
    """

    blocks: Explanation
    cells: Explanation
    features: tuple[str, ...]
    block_P: Ints
    feature_P: Ints
    edge_B: Ints
    first_B: Times
    last_B: Times
    shared: bool

    def grid(self, step: int) -> Floats:
        """The cells at one position of `steps` as a table (stretches, features), zero where there is no such cell."""
        grid_BF = np.zeros((len(self.blocks.features), len(self.features)))
        grid_BF[self.block_P, self.feature_P] = self.cells.values_NHF[0, step]
        return grid_BF
