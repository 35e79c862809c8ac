"""The least label of a target that is learned as a log: a share of what is usual in the training windows.

The log of a step that hardly moved is far below all others: without a floor, 1.4 % of the days of a share carry half of
the variance of its log volatility, and every error measure is about them. Axis letters: T rows, S symbols, C columns.
"""

from dataclasses import replace

import numpy as np

from core.datasets.scaling import Scaler
from core.datasets.targets import TargetKind
from core.types import Floats, Ints, Rows


def fit(kind: TargetKind, rows: Rows, train_N: Ints) -> Floats | None:
    """(S, C) the least label of each symbol in model units: `kind.floor` times the root mean square of the labels at
    its training cutoffs `train_N`, in the user's units. None for a kind without a floor."""
    if not kind.floor:
        return None
    least_SC = np.empty((len(rows.symbols), rows.y_TH.shape[1]))
    for s in range(len(rows.symbols)):
        user_NC = kind.to_user(rows.y_TH[train_N[rows.symbol_T[train_N] == s]])
        least_SC[s] = kind.to_score(kind.floor * np.sqrt(np.mean(user_NC**2, axis=0)))
    return least_SC


def apply(rows: Rows, least_SC: Floats | None) -> Rows:
    """The rows with no label below the least one of its symbol; missing labels stay missing."""
    return rows if least_SC is None else replace(rows, y_TH=np.maximum(rows.y_TH, least_SC[rows.symbol_T]))


def add(y_scaler: Scaler, least_SC: Floats | None) -> Scaler:
    """The scaler of labels that clips at the least label, so that a saved run keeps it."""
    if least_SC is None:
        return y_scaler
    return replace(y_scaler, low_SC=least_SC, high_SC=np.full_like(least_SC, np.inf))
