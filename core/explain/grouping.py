"""Importance of many explained windows by group: by the period of their cutoff, by regime, and for the interval width.

Axis letters: N windows, H steps, F features, G groups, P splits.
"""

from dataclasses import dataclass

import numpy as np

from core.datasets.split import ALL_SPLITS
from core.evaluation import years
from core.explain.importance import spearman
from core.types import Floats, Ints, Times

MIN_YEARS = 4  # a series of fewer years is cut into equal segments of time instead
SEGMENTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Mean |contribution| of each feature in each group, over its windows and all steps, target units.

    `part_GP` counts the windows of a group in each of ALL_SPLITS.
    """

    by: str  # year, years, stretch (an equal segment of time) or regime
    names: tuple[str, ...]  # G
    mean_GF: Floats
    part_GP: Ints

    @property
    def count_G(self) -> Ints:
        return self.part_GP.sum(axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportanceSummary:
    """The importance of features, or of families of them, by period and by regime, target units.

    `width_F` is the mean |contribution| to the width of the prediction interval, None if the network has no interval of
    its own; `lean_F` is the rank correlation of a feature's value with its contribution to the width, NaN if it has no
    value or one of the two is constant.
    """

    features: tuple[str, ...]
    time: Groups
    regime: Groups
    width_F: Floats | None
    lean_F: Floats


def periods(cutoff_N: Times) -> tuple[str, Ints, tuple[str, ...]]:
    """The kind of groups (`Groups.by`), the group of each window, and the names of the groups in time order.

    Calendar years, or equal spans of years if there are more than 30; for series that touch fewer than 4 years, 8 equal
    segments of time, each named by its start. Empty groups are left out.
    """
    year_N = cutoff_N.astype("M8[Y]").astype(int) + 1970
    if np.ptp(year_N) + 1 < MIN_YEARS:
        return _segments(cutoff_N)
    span, start_N, names = years.group(cutoff_N, least=1)
    return "year" if span == 1 else "years", np.searchsorted(list(names), start_N), tuple(names.values())


def _segments(cutoff_N: Times) -> tuple[str, Ints, tuple[str, ...]]:
    second_N = cutoff_N.astype("M8[s]").astype(np.int64)
    start, length = int(second_N.min()), int(np.ptp(second_N))
    segment_N = np.minimum((second_N - start) * SEGMENTS // max(length, 1), SEGMENTS - 1)
    present = np.unique(segment_N)
    unit = "D" if length >= SEGMENTS * 86400 else "m"
    names = [np.datetime64(start + length * int(k) // SEGMENTS, "s").astype(f"M8[{unit}]") for k in present]
    return "stretch", np.searchsorted(present, segment_N), tuple(str(name).replace("T", " ") for name in names)


def build_groups(by: str, names: tuple[str, ...], code_N: Ints, split_N: Ints, values_NHF: Floats) -> Groups:
    """The mean |contribution| of each group that has a window.

    `code_N` are positions in `names`, negative for a window of no group; `split_N` are positions in ALL_SPLITS.
    """
    present = [g for g in range(len(names)) if (code_N == g).any()]
    size_NF = np.abs(values_NHF).mean(axis=1)
    means = [size_NF[code_N == g].mean(axis=0) for g in present]
    counts = [np.bincount(split_N[code_N == g], minlength=len(ALL_SPLITS)) for g in present]
    return Groups(
        by=by,
        names=tuple(names[g] for g in present),
        mean_GF=np.array(means).reshape(len(present), values_NHF.shape[2]),
        part_GP=np.array(counts, dtype=np.int64).reshape(len(present), len(ALL_SPLITS)),
    )


def rank_correlation(value_NF: Floats, contribution_NF: Floats) -> Floats:
    """Rank correlation of each feature's value with its contribution, (F,), after Spearman 1904. NaN for fewer than
    three windows with a value, or if one of the two is constant."""
    return np.array([_spearman(v, c) for v, c in zip(value_NF.T, contribution_NF.T, strict=True)])


def _spearman(value_N: Floats, contribution_N: Floats) -> float:
    known = np.isfinite(value_N)
    if known.sum() < 3:
        return float("nan")
    return float(spearman(np.stack([value_N[known], contribution_N[known]]))[0, 1])
