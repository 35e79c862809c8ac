"""What a baseline is: its names, the targets that it can forecast, and how it is fitted."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from core.baselines.series import Series, by_symbol
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.types import Floats, Windows

Forecaster = Callable[[Windows], Floats]  # windows → (N, H) in model units
Rule = Callable[[Series], Floats]  # one symbol's history → its forecast at every row, (T, H) in model units


def any_target(kind: TargetKind) -> bool:
    """True: the baseline can forecast every target."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """One baseline.

    `fit` learns from the training split (validation may choose a strength) and returns the forecaster. It raises
    DataError if the data do not allow it. `phrase` names the baseline within a sentence.
    """

    name: str
    title: str
    phrase: str
    fit: Callable[[Prepared], Forecaster]
    applies: Callable[[TargetKind], bool] = any_target
    naive: bool = True  # a rule without a fitted model; the verdict's reference is one of these
    rule: bool = False  # a rule for the value itself, mean and median alike; others forecast the mean
    slow: bool = False  # takes seconds
    pretrained: bool = False  # learned from other series, perhaps from these
    equation: str = ""  # its forecast as an equation, where that says more than its name


def from_rule(rule: Rule) -> Callable[[Prepared], Forecaster]:
    """The `fit` of a baseline that forecasts each symbol from its own history."""

    def fit(prepared: Prepared) -> Forecaster:
        forecast_TH = forecast_rows(rule, prepared)
        return lambda windows: forecast_TH[windows.cutoff_row_N]

    return fit


def forecast_rows(rule: Rule, prepared: Prepared) -> Floats:
    """The forecast of a rule at every row of every symbol, (T, H) in model units; NaN at future rows."""
    train = prepared.splits.train
    forecast_TH = np.full_like(train.rows.y_TH, np.nan)
    for row_T, series in by_symbol(prepared):
        forecast_TH[row_T] = rule(series)
    return forecast_TH
