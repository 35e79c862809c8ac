"""What the checks of an explanation found, how it spreads over the networks of an ensemble, and where noise ranks.

Axis letters: H steps, F features, M members of an ensemble, C columns.
"""

import math
from dataclasses import dataclass

import numpy as np

from core.explain import importance
from core.explain.deletion_insertion import Curve
from core.types import Explanation, Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Standard deviation of importances over the networks of an ensemble, target units: a feature or family → one
    number a step of `steps`, and that of the mean over steps last. Empty for one network."""

    steps: tuple[int, ...]
    features: dict[str, tuple[float, ...]]
    families: dict[str, tuple[float, ...]]

    def at(self, step: int | None, by_family: bool = False) -> dict[str, float]:
        """The spread at a step (sessions ahead), or of the mean over all; NaN for a step that was not explained."""
        found = self.families if by_family else self.features
        place = -1 if step is None else self.steps.index(step) if step in self.steps else None
        return {name: math.nan if place is None else each[place] for name, each in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Checks of one explanation; `additivity_error` in standard deviations of the forecast.

    `stability` is the mean rank correlation between the importances of the networks of an ensemble, NaN for one alone;
    `same_first` of `members` networks put the same feature first.
    """

    additivity_error: float
    deletion: Curve
    insertion: Curve
    members: int
    stability: float
    same_first: int
    spread: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """The importance of each feature, largest first, beside that of a feature of pure noise which the recipe was
    trained with once more; target units."""

    features: tuple[str, ...]
    values: tuple[float, ...]
    noise: float

    @property
    def below(self) -> tuple[str, ...]:
        """The features that move the forecast no more than the noise does."""
        return tuple(name for name, value in zip(self.features, self.values, strict=True) if value <= self.noise)

    @property
    def rank(self) -> int:
        """The place of the noise, from 1; all features and itself are ranked."""
        return 1 + len(self.features) - len(self.below)


def stable(value_MF: Floats) -> tuple[float, int]:
    """Mean rank correlation between the members, NaN where they rank nothing, and how many share the commonest first
    feature."""
    pairs = importance.spearman(value_MF)[np.triu_indices(len(value_MF), 1)]
    known = pairs[np.isfinite(pairs)]
    firsts = np.bincount(np.argmax(value_MF, axis=1))
    return float(known.mean()) if len(known) else math.nan, int(firsts.max())


def spread(alone: list[Explanation]) -> dict[str, tuple[float, ...]]:
    """What `Spread` holds, of the explanations of each network alone: feature → standard deviations of its
    importance."""
    if not alone:
        return {}
    value_MHF = np.array([np.abs(each.values_NHF).mean(axis=0) for each in alone])
    value_MCF = np.concatenate([value_MHF, value_MHF.mean(axis=1, keepdims=True)], axis=1)
    return dict(zip(alone[0].features, map(tuple, value_MCF.std(axis=0, ddof=1).T.tolist()), strict=True))
