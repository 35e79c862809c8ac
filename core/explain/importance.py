"""What one method says of every feature or family, the ranks that it gives them, and how far methods agree."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.types import Explanation, Floats

METHODS = ("shapley", "gradients", "retrained", "replaced", "loss_permutation", "gain", "treeshap")
TREES = ("gain", "treeshap")  # of a LightGBM on the same windows, which is another model
ERRORS = ("retrained", "replaced", "loss_permutation")  # speak of the error, the others of the forecast


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """One number a feature (or family); they need not add up to anything.

    shapley, gradients, treeshap: mean |contribution| in target units. retrained, replaced, loss_permutation: rise of
    the mean squared error as a share of it (0.2: one fifth more). gain: what the splits of the trees took from their
    loss, as a share of all splits. `by_lag` is empty where the method does not know; lag 1 stands first.
    """

    method: str
    features: tuple[str, ...]
    values: tuple[float, ...]
    windows: int
    by_lag: tuple[float, ...] = ()
    additivity_error: float = math.nan
    seconds: float = 0.0

    @property
    def importance(self) -> dict[str, float]:
        """Feature → number, largest first."""
        return dict(sorted(zip(self.features, self.values, strict=True), key=lambda pair: -pair[1]))


def kept(name: str, by_family: bool) -> str:
    """The name under which a run keeps its "agreement" or "ablation"."""
    return f"{name}-{'families' if by_family else 'features'}"


def of_explanation(explanation: Explanation, method: str, features: tuple[str, ...]) -> Importance:
    """Mean |contribution| of an explanation for these features, in their order; others are left out."""
    found = explanation.importance
    return Importance(
        method=method,
        features=features,
        values=tuple(found[name] for name in features),
        windows=len(explanation.symbol_N),
        by_lag=tuple(explanation.by_lag_L.tolist()),
        additivity_error=explanation.additivity_error,
        seconds=explanation.seconds,
    )


def ranks(value_MF: Floats) -> Floats:
    """The rank of each feature within each method, (M, F): 1 for the largest, equal ones share their mean rank."""
    return pd.DataFrame(-np.asarray(value_MF, dtype=float)).rank(axis=1).to_numpy()


def spearman(value_MF: Floats) -> Floats:
    """Rank correlations between methods, (M, M); NaN where a method tells no two features apart (Spearman 1904)."""
    rank_MF = ranks(value_MF)
    rank_MF = rank_MF - rank_MF.mean(axis=1, keepdims=True)
    length_M = np.sqrt(np.square(rank_MF).sum(axis=1))
    scaled_MF = rank_MF / np.where(length_M > 0, length_M, np.nan)[:, None]
    return np.clip(scaled_MF @ scaled_MF.T, -1.0, 1.0)
