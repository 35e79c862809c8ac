"""Which windows belong to which part: chronological, and purged so that no label reaches into the next part."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import DataError, SpecError
from core.spec import Split
from core.types import Ints

PARTS = ("train", "val", "calib", "test")


@dataclass(frozen=True, slots=True, kw_only=True)
class Borders:
    """First row (inclusive) and end row (exclusive) of each part over all sessions, as positions and as times."""

    start: dict[str, int]
    end: dict[str, int]
    index: pd.DatetimeIndex

    def local(self, part: str, index: pd.DatetimeIndex) -> tuple[int, int]:
        """The part's [start, end) as positions in the sessions `index` of one symbol."""

        def at(position: int) -> int:
            if position >= len(self.index):
                return int(index.searchsorted(self.index[-1], side="right"))
            return int(index.searchsorted(self.index[position], side="left"))

        return at(self.start[part]), at(self.end[part])


def borders(split: Split, index: pd.DatetimeIndex) -> Borders:
    """Lay the parts over `index` (all sessions, in order). Raises SpecError where they do not fit."""
    start, end, at = {}, {}, 0.0
    for part in PARTS:
        size = getattr(split, part)
        start[part] = round(at)
        # The unrounded border is carried on, so that fractions adding up to one use every row and no more.
        at = _end(part, size, at, index)
        end[part] = round(at)
    if round(at) > len(index):
        raise SpecError(
            f"The parts take {round(at)} rows and the series has {len(index)}. Make train, val, calib or "
            "test smaller, or load more history."
        )
    return Borders(start=start, end=end, index=index)


def _end(part: str, size: float | int | str, at: float, index: pd.DatetimeIndex) -> float:
    if isinstance(size, str):
        position = int(index.searchsorted(_after(part, size), side="left"))
        if position <= at:
            raise SpecError(f"split.{part} ends on {size}, which is not after the part before it.")
        return position
    if isinstance(size, float) and size < 1:
        return at + size * len(index)
    if size != int(size):
        raise SpecError(f"split.{part} takes a fraction below 1 or a whole number of rows; got {size}.")
    return round(at) + int(size)


def _after(part: str, text: str) -> pd.Timestamp:
    """The first moment that no longer belongs to `part`; a bare date means the whole of that day."""
    try:
        last: pd.Timestamp | None = pd.Timestamp(text).as_unit("ns")
    except ValueError:
        last = None
    if last is None or pd.isna(last) or last.tz is not None:
        raise SpecError(f"split.{part} takes a fraction, a number of rows or a date like 2015-12-31; got {text!r}.")
    return last + pd.Timedelta(days=1) if last == last.normalize() else last


def cutoffs(part: str, bounds: Borders, index: pd.DatetimeIndex, *, lookback: int, reach: int, gap: int | None) -> Ints:
    """Cutoff positions of `part` in one symbol's sessions `index`.

    The first label of a window lies in the part and so does the last; inputs may reach back into the part before.
    Where another part follows, the last label is known before that part's first cutoff, and at least `gap` cutoffs
    (never fewer than `reach`, the sessions that a label takes) are left out between the two.
    """
    start, end = bounds.local(part, index)
    first = max(start - 1, lookback - 1)
    if bounds.start[part] > 0:
        # A symbol that rested at the border has its last session long before it, where others' labels still reach.
        first = max(first, int(index.searchsorted(bounds.index[bounds.start[part] - 1], side="left")))
    last = end - 1 - reach
    if any(bounds.end[later] > bounds.start[later] for later in PARTS[PARTS.index(part) + 1 :]):
        last -= 1 + max(0, (gap if gap is not None else reach) - reach)
    return np.arange(first, last + 1, dtype=np.int64)


LEAST = {"train": 10, "val": 5, "calib": 10, "test": 5}


def check_counts(
    counts: dict[str, int], sizes: dict[str, int], *, lookback: int, shortest: int, reach: int, dropped: int
) -> None:
    """Raise DataError when a part has too few windows to say anything, with the numbers behind it.

    Windows of the training part may be as short as `shortest`.
    """
    for part in PARTS:
        if part == "calib" and sizes["calib"] == 0:
            continue
        if counts[part] >= LEAST[part]:
            continue
        needed = LEAST[part] + reach + (shortest if part == "train" else 0)
        least = f" (at least {shortest})" if part == "train" and shortest < lookback else ""
        holes = f" ({dropped} windows with missing values were left out)" if dropped else ""
        raise DataError(
            f"The {part} part has {sizes[part]} usable rows, which give {counts[part]} windows of lookback "
            f"{lookback}{least} + horizon {reach}{holes}; at least {LEAST[part]} windows, about {needed} "
            "rows, are needed. Shorten the window or the horizon, make this part larger, or load more "
            "history."
        )
