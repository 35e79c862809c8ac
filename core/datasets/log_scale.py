"""Whether a level is learned as its log: where all values are positive and the spread grows with the level.

Axis letters: T rows of one symbol, B blocks of rows.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.data.frame import select_symbol, symbols
from core.datasets import frequency, panel
from core.features import registry
from core.spec import Spec
from core.types import Floats

LEAST_ROWS = 8  # of a block: of fewer, the spread is mostly chance
LEAST_BLOCKS = 6
LEAST_RANGE = 2.0  # largest by smallest value: the log of a narrower range is almost a straight line
SIGNIFICANT = 0.05  # of the test that the spread grows with the level


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How the spread of a series grows with its level: spread ∝ level ** `power`.

    `p_value` is that of a power of zero against a positive one, `largest` the largest value by the smallest; `evened`
    says whether the log makes spreads more even than they are.
    """

    power: float
    p_value: float
    largest: float
    evened: bool

    @property
    def asks_for_log(self) -> bool:
        """Whether the level varies, its spread clearly grows with it, and the log makes the spread more even."""
        return self.evened and self.p_value < SIGNIFICANT and self.largest >= LEAST_RANGE


def choose(spec: Spec, frame: pd.DataFrame, level: str, times: pd.DatetimeIndex) -> bool:
    """Whether the `level` of a recipe with features is learned as its log, from the rows at `times`, those of training.

    The spread of more than half of the symbols must grow with their level, and no value of the target, or of a column
    that is an input as it is, may be zero or below: it has no log.
    """
    raw = panel.log_scaled_features(replace(spec, window=replace(spec.window, log=True)))
    inputs = {str(registry.parse(name)[1]) for name, logged in zip(spec.features, raw, strict=True) if logged}
    used = frame.columns.get_level_values("column").isin([level, *inputs])
    if (frame.loc[:, used] <= 0).to_numpy().any():
        return False
    growths = [growth_of(frame, name, level, times) for name in symbols(frame)]
    return sum(each is not None and each.asks_for_log for each in growths) > len(growths) / 2


def growth_of(frame: pd.DataFrame, symbol: str, level: str, times: pd.DatetimeIndex) -> Growth | None:
    """How the spread of a column of one symbol grows with its level in the rows at `times`."""
    value = select_symbol(frame, symbol)[level].dropna()
    return growth(value[value.index <= times[-1]]) if len(times) else None


def growth(value: pd.Series) -> Growth | None:
    """How the spread of values grows with their level; None if one is not positive, or of fewer than six blocks that
    vary.

    Blocks are whole seasons of at least eight rows. The power is the slope of the log of their standard deviation on
    the log of their mean; one less it is the power that stabilises the variance (Bartlett 1947). Of such a power λ the
    ratios sd / mean^(1 − λ) vary little (Guerrero 1993): those of the log, λ = 0, are compared with those of λ = 1.
    """
    from scipy.stats import linregress

    value_T, season = value.to_numpy(dtype=float), frequency.season(pd.DatetimeIndex(value.index))
    if len(value_T) < LEAST_ROWS * LEAST_BLOCKS or value_T.min() <= 0:
        return None
    rows = season * -(-LEAST_ROWS // season)
    count = len(value_T) // rows
    block_BT = value_T[len(value_T) - count * rows :].reshape(count, rows)
    mean_B, spread_B = block_BT.mean(axis=1), block_BT.std(axis=1)
    varies_B = spread_B > 1e-9 * mean_B
    mean_B, spread_B = mean_B[varies_B], spread_B[varies_B]
    if len(mean_B) < LEAST_BLOCKS or not np.ptp(mean_B) > 0:
        return None
    line = linregress(np.log(mean_B), np.log(spread_B), alternative="greater")
    return Growth(
        power=float(line.slope),
        p_value=float(line.pvalue),
        largest=float(value_T.max() / value_T.min()),
        evened=_variation(spread_B / mean_B) < _variation(spread_B),
    )


def _variation(value_B: Floats) -> float:
    return float(value_B.std() / value_B.mean())
