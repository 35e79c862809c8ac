"""Which windows belong to which split: chronological, and purged so that no label reaches into the next split."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.wording import both, listing
from core.errors import DataError, SpecError
from core.language import message
from core.spec import Split
from core.types import Ints

SPLITS = ("train", "val", "calib", "test")  # in time order
ALL_SPLITS = (*SPLITS, "live")  # and the newest window of each symbol
TITLES = {"train": "training", "val": "validation", "calib": "calibration", "test": "test"}
ROOM = 18  # rows beyond those of the fewest windows, for a short lookback and what inputs need before it
MIN_WINDOWS = {"train": 10, "val": 5, "calib": 10, "test": 5}


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitBounds:
    """The first row (inclusive) and the end row (exclusive) of each split, as positions in the times of all symbols."""

    start: dict[str, int]
    end: dict[str, int]
    index: pd.DatetimeIndex

    def positions(self, split: str, index: pd.DatetimeIndex) -> tuple[int, int]:
        """The [start, end) of a split as positions in the times `index` of one symbol."""

        def locate(position: int) -> int:
            if position >= len(self.index):
                return int(index.searchsorted(self.index[-1], side="right"))
            return int(index.searchsorted(self.index[position], side="left"))

        return locate(self.start[split]), locate(self.end[split])


def compute_bounds(sizes: Split, index: pd.DatetimeIndex) -> SplitBounds:
    """Divide `index` (the times of all symbols, in order) into splits. Raises SpecError if they do not fit."""
    start, end, position = {}, {}, 0.0
    for split in SPLITS:
        start[split] = round(position)
        # The unrounded position is carried over, so that fractions with a sum of one use every row and no more.
        position = _end_position(split, getattr(sizes, split), position, index)
        end[split] = round(position)
    if round(position) > len(index):
        raise SpecError(
            message(
                "The splits need {rows} rows and the series has {rows_2}. Make split.train, split.val, split.calib or "
                "split.test smaller, or load more history.",
                rows=round(position),
                rows_2=len(index),
            )
        )
    return SplitBounds(start=start, end=end, index=index)


def _end_position(split: str, size: float | int | str, start: float, index: pd.DatetimeIndex) -> float:
    if isinstance(size, str):
        position = int(index.searchsorted(_end_time(split, size), side="left"))
        if position <= start:
            raise SpecError(
                message(
                    "split.{split} ends on {size}, which is not after the end of the split before it. Choose a later "
                    "date.",
                    split=split,
                    size=size,
                )
            )
        return position
    if isinstance(size, float) and size < 1:
        return start + size * len(index)
    if size != int(size):
        raise SpecError(
            message(
                "split.{split} is {size}, which is neither a fraction below 1 nor a whole number of rows. Choose one "
                "of them.",
                split=split,
                size=size,
            )
        )
    return round(start) + int(size)


def _end_time(split: str, text: str) -> pd.Timestamp:
    """The first moment after a split that ends on this date or time; a date includes the whole day."""
    try:
        last: pd.Timestamp | None = pd.Timestamp(text).as_unit("ns")
    except ValueError:
        last = None
    if last is None or pd.isna(last) or last.tz is not None:
        raise SpecError(
            message(
                "split.{split} is {text}, which is not a date. Set it to a date such as 2015-12-31, to a fraction "
                "below 1 or to a number of rows.",
                split=split,
                text=repr(text),
            )
        )
    return last + pd.Timedelta(days=1) if last == last.normalize() else last


def cutoffs(
    split: str, bounds: SplitBounds, index: pd.DatetimeIndex, *, lookback: int, reach: int, gap: int | None
) -> Ints:
    """The cutoffs of a split as positions in the times `index` of one symbol: (N,).

    The first and the last label of a window lie in the split; its inputs may begin in the split before. If another
    split follows, the last label is known before the first cutoff of that split, and at least `gap` cutoffs (never
    fewer than `reach`, the rows that a label covers) are left out between the two: purging and embargo (López de Prado
    2018, ch. 7).
    """
    start, end = bounds.positions(split, index)
    first = max(start - 1, lookback - 1)
    if bounds.start[split] > 0:
        # A symbol without rows around the bound has its last row long before it, where labels of others still reach.
        first = max(first, int(index.searchsorted(bounds.index[bounds.start[split] - 1], side="left")))
    last = end - 1 - reach
    if any(bounds.end[later] > bounds.start[later] for later in SPLITS[SPLITS.index(split) + 1 :]):
        last -= 1 + max(0, (gap if gap is not None else reach) - reach)
    return np.arange(first, last + 1, dtype=np.int64)


def check_counts(
    counts: dict[str, int],
    sizes: dict[str, int],
    *,
    lookback: int,
    shortest: int,
    reach: int,
    dropped: int,
    train_rows: int,
    apart: int = 0,
    emptiest: str = "",
) -> None:
    """Raise DataError, with the numbers behind it and settings that would do, if a split of `counts` has fewer windows
    than MIN_WINDOWS.

    `counts` are the windows and `sizes` the usable rows of each split, `train_rows` all rows of the training split, and
    `apart` the rows that a gap leaves out beyond the horizon. Training windows may be as short as `shortest`.
    `emptiest` names the feature that lacks most values.
    """
    for split in counts:
        if split == "calib" and sizes["calib"] == 0:
            continue
        if counts[split] >= MIN_WINDOWS[split]:
            continue
        least = message(" (at least {shortest})", shortest=shortest) if split == "train" and shortest < lookback else ""
        most = message("; {emptiest} lacks most of them", emptiest=emptiest) if emptiest else ""
        gaps = (
            message(" ({dropped} windows with missing values were left out{most})", dropped=dropped, most=most)
            if dropped
            else ""
        )
        advice = _advise(sizes, shortest=shortest, reach=reach, apart=apart, train_rows=train_rows)
        raise DataError(
            message(
                "The {split} split has {rows} usable rows, which give {windows} windows of lookback {lookback}{least} "
                "+ horizon {reach}{gaps}; at least {needed} windows are needed. {advice}",
                split=message(TITLES[split]),
                rows=sizes[split],
                windows=counts[split],
                lookback=lookback,
                least=least,
                reach=reach,
                gaps=gaps,
                needed=MIN_WINDOWS[split],
                advice=advice,
            )
        )


def _advise(
    sizes: dict[str, int], *, shortest: int, reach: int, apart: int, train_rows: int, merged: bool = False
) -> str:
    """Settings with which every split has enough windows: rows move from training to the short splits, and the window
    becomes as short as that asks for. Where that is impossible, how many rows would do."""
    needed = {split: MIN_WINDOWS[split] + reach + apart for split in SPLITS if split != "calib" or sizes["calib"]}
    if "calib" in needed and sum(sizes.values()) < sum(needed.values()) + 2:  # validation can calibrate the interval
        rest = {split: rows + (sizes["calib"] if split == "train" else 0) for split, rows in sizes.items()}
        train_rows, sizes = train_rows + sizes["calib"], rest | {"calib": 0}
        return _advise(sizes, shortest=shortest, reach=reach, apart=apart, train_rows=train_rows, merged=True)
    short = {split: rows for split, rows in needed.items() if split != "train" and sizes[split] < rows}
    moved = sum(rows - sizes[split] for split, rows in short.items())
    longest = sizes["train"] - moved - needed["train"]
    if longest < 2:
        total = sum(needed.values()) + ROOM
        return message(
            "Choose a shorter target.horizon, or load more history: about {total} complete rows would do.", total=total
        )
    rows_of = short | ({"train": train_rows - moved} if short else {})
    settings: list[str] = [
        message("{setting} to {value}", setting=f"split.{name}", value=n) for name, n in rows_of.items()
    ]
    settings += [message("window.lookback to at most {longest}", longest=longest)] if longest < shortest else []
    if not settings:
        return message("Fill the gaps in the data, or load more history.")
    listed = both([listing(settings[:-1]), settings[-1]] if len(settings) > 1 else settings)
    if merged:
        return message("Set split.calib to 0, {listed}, or load more history.", listed=listed)
    return message("Set {listed}, or load more history.", listed=listed)
