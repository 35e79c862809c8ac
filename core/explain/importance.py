"""One number per feature or family from each importance method: the methods, their results, ranks and agreement."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.types import Explanation, Floats

TARGET_UNITS = "target units"
ERROR_SHARE = "share of the mean squared error"
WEIGHT = "weight, all of which add up to 1"
GAIN_SHARE = "share of the gain of all splits"


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceMethod:
    """One way to measure how much each feature matters; `id` is the `method` of its Importance.

    `number` says in a phrase what its number is, and `unit` its unit. `by_error`: it measures the error on the test
    split, not the forecast. `of_trees`: it explains a LightGBM on the same windows, not the network. `by_weights`: it
    reads weights inside the network, and only some kinds of model have them.
    """

    id: str
    title: str
    number: str
    unit: str
    by_error: bool = False
    of_trees: bool = False
    by_weights: bool = False


IMPORTANCE_METHODS: dict[str, ImportanceMethod] = {
    method.id: method
    for method in (
        ImportanceMethod(
            id="shapley",
            title="Shapley values",
            number="mean absolute contribution to the network's forecast",
            unit=TARGET_UNITS,
        ),
        ImportanceMethod(
            id="gradients",
            title="Expected gradients",
            number="mean absolute contribution to the network's forecast, by integrated gradients",
            unit=TARGET_UNITS,
        ),
        ImportanceMethod(
            id="selection",
            title="Selection weights",
            number="mean weight that the network's own selection gives the feature in a row of a window",
            unit=WEIGHT,
            by_weights=True,
        ),
        ImportanceMethod(
            id="retrained",
            title="Leave-one-covariate-out",
            number="rise of the mean squared error on the test split when the network is retrained without the feature",
            unit=ERROR_SHARE,
            by_error=True,
        ),
        ImportanceMethod(
            id="replaced",
            title="Mean ablation",
            number="rise of the mean squared error on the test split when the feature is replaced by its training mean",
            unit=ERROR_SHARE,
            by_error=True,
        ),
        ImportanceMethod(
            id="loss_permutation",
            title="Permutation importance",
            number="rise of the mean squared error on the test split when the feature comes from another window",
            unit=ERROR_SHARE,
            by_error=True,
        ),
        ImportanceMethod(
            id="gain",
            title="LightGBM gain",
            number="the feature's share of what all splits of a LightGBM on the same windows took off its loss",
            unit=GAIN_SHARE,
            of_trees=True,
        ),
        ImportanceMethod(
            id="treeshap",
            title="LightGBM TreeSHAP",
            number="mean absolute contribution to the forecast of a LightGBM on the same windows",
            unit=TARGET_UNITS,
            of_trees=True,
        ),
    )
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Importance:
    """One number per feature (or family) by one of IMPORTANCE_METHODS, in its unit; they need not add up to anything.

    A rise of the error of 0.2 means one fifth more. `by_lag` is empty if the method has no lags; lag 1 comes first.
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


def record_name(name: str, by_family: bool) -> str:
    """The name under which a run keeps its "agreement" (method comparison) or "ablation" record."""
    return f"{name}-{'families' if by_family else 'features'}"


def from_explanation(explanation: Explanation, method: str, features: tuple[str, ...]) -> Importance:
    """Mean |contribution| of these features of an explanation, in this order; other features are left out."""
    importance = explanation.importance
    return Importance(
        method=method,
        features=features,
        values=tuple(importance[name] for name in features),
        windows=len(explanation.symbol_N),
        by_lag=tuple(explanation.by_lag_L.tolist()),
        additivity_error=explanation.additivity_error,
        seconds=explanation.seconds,
    )


def rank(value_MF: Floats) -> Floats:
    """The rank of each feature within each method, (M, F): 1 for the largest, ties share their mean rank."""
    return pd.DataFrame(-np.asarray(value_MF, dtype=float)).rank(axis=1).to_numpy()


def spearman(value_MF: Floats) -> Floats:
    """Rank correlations between methods, (M, M), after Spearman 1904; NaN for a method that ranks no feature above
    another."""
    rank_MF = rank(value_MF)
    rank_MF = rank_MF - rank_MF.mean(axis=1, keepdims=True)
    length_M = np.sqrt(np.square(rank_MF).sum(axis=1))
    scaled_MF = rank_MF / np.where(length_M > 0, length_M, np.nan)[:, None]
    return np.clip(scaled_MF @ scaled_MF.T, -1.0, 1.0)
