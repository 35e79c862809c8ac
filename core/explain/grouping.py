"""What many explained windows say group by group: by the year of their cutoff, by regime, and of the band's width.

Axis letters: N windows, H steps, F features, G groups, P parts.
"""

from dataclasses import dataclass

import numpy as np

from core.explain.importance import spearman
from core.types import Floats, Ints, Times

PARTS = ("train", "val", "calib", "test", "live")
FEWEST_YEARS = 4  # below, a series is cut into stretches of time instead
STRETCHES = 8
MOST_YEARS = 30  # columns that can still be read: beyond, several years are one group
SPANS = (1, 2, 5, 10, 20, 50, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Mean |contribution| of each feature in each group, over its windows and all steps, target units.

    `part_GP` counts the windows of a group that lie in each of PARTS.
    """

    by: str  # year, years, stretch or regime
    names: tuple[str, ...]  # G
    mean_GF: Floats
    part_GP: Ints

    @property
    def count_G(self) -> Ints:
        return self.part_GP.sum(axis=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One way to divide the columns into players, features or families, and what is found of them, target units.

    `width_F` is the mean |contribution| to the width of the band, None where the network gives none; `lean_F` the rank
    correlation of a feature's own value with its contribution there, NaN where it has no value or none varies.
    """

    features: tuple[str, ...]
    time: Groups
    regime: Groups
    width_F: Floats | None
    lean_F: Floats


def periods(cutoff_N: Times) -> tuple[str, Ints, tuple[str, ...]]:
    """What the groups are, the group of each window, and the groups' names in time order.

    Calendar years, or equal spans of them where there are more than 30; of series that touch fewer than 4 years, 8
    equal stretches of time, each named by its first moment. Empty groups are left out.
    """
    year_N = cutoff_N.astype("M8[Y]").astype(int) + 1970
    first, last = int(year_N.min()), int(year_N.max())
    count = last - first + 1
    if count < FEWEST_YEARS:
        return _stretches(cutoff_N)
    span = next(s for s in SPANS if count <= MOST_YEARS * s or s == SPANS[-1])
    start_N = year_N // span * span
    starts = np.unique(start_N)
    ends = [(max(y, first), min(y + span - 1, last)) for y in starts.tolist()]
    names = tuple(str(a) if a == b else f"{a}–{b}" for a, b in ends)
    return "year" if span == 1 else "years", np.searchsorted(starts, start_N), names


def _stretches(cutoff_N: Times) -> tuple[str, Ints, tuple[str, ...]]:
    second_N = cutoff_N.astype("M8[s]").astype(np.int64)
    start, length = int(second_N.min()), int(np.ptp(second_N))
    place_N = np.minimum((second_N - start) * STRETCHES // max(length, 1), STRETCHES - 1)
    kept = np.unique(place_N)
    unit = "D" if length >= STRETCHES * 86400 else "m"
    names = [np.datetime64(start + length * int(k) // STRETCHES, "s").astype(f"M8[{unit}]") for k in kept]
    return "stretch", np.searchsorted(kept, place_N), tuple(str(name).replace("T", " ") for name in names)


def grouped(by: str, names: tuple[str, ...], code_N: Ints, part_N: Ints, values_NHF: Floats) -> Groups:
    """The means of each group; windows of a code below zero belong to none, and groups without a window are left out.

    `code_N` are positions in `names`, `part_N` positions in PARTS.
    """
    kept = [g for g in range(len(names)) if (code_N == g).any()]
    size_NF = np.abs(values_NHF).mean(axis=1)
    means = [size_NF[code_N == g].mean(axis=0) for g in kept]
    parts = [np.bincount(part_N[code_N == g], minlength=len(PARTS)) for g in kept]
    return Groups(
        by=by,
        names=tuple(names[g] for g in kept),
        mean_GF=np.array(means).reshape(len(kept), values_NHF.shape[2]),
        part_GP=np.array(parts, dtype=np.int64).reshape(len(kept), len(PARTS)),
    )


def lean(value_NF: Floats, contribution_NF: Floats) -> Floats:
    """Rank correlation of each feature's value with its contribution, (F,): Spearman 1904. NaN for fewer than three
    windows with a value, or where one of the two does not vary."""
    return np.array([_spearman(v, c) for v, c in zip(value_NF.T, contribution_NF.T, strict=True)])


def _spearman(value_N: Floats, contribution_N: Floats) -> float:
    known = np.isfinite(value_N)
    if known.sum() < 3:
        return float("nan")
    return float(spearman(np.stack([value_N[known], contribution_N[known]]))[0, 1])
