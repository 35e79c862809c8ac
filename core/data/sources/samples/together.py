"""Whether series can be forecast together: they share a column, a stretch of time and the times of their rows."""

import pandas as pd

from core.data.wording import format_time
from core.errors import DataError

MIN_SHARED = 0.9  # of the rows in the common stretch; exchanges of one country differ by a few holidays


def check_together(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError, in one sentence, if one of these plain tables does not fit the first."""
    (first, table), *others = tables.items()
    for name, other in others:
        problem = _mismatch(first, table, name, other)
        if problem:
            raise DataError(f"{first} and {name} cannot be chosen together: {problem}.")


def _mismatch(first: str, a: pd.DataFrame, second: str, b: pd.DataFrame) -> str:
    """Return what keeps two series apart, in words; empty if nothing does."""
    if not set(a.columns) & set(b.columns):
        return f"the columns of {first} are {', '.join(a.columns)} and those of {second} {', '.join(b.columns)}"
    start, end = max(a.index[0], b.index[0]), min(a.index[-1], b.index[-1])
    if start > end:
        earlier, later = sorted(((first, a), (second, b)), key=lambda pair: pair[1].index[0])
        return (
            f"{earlier[0]} ends on {format_time(earlier[1].index[-1])} and {later[0]} begins on "
            f"{format_time(later[1].index[0])}"
        )
    a_times, b_times = a.loc[start:end].index, b.loc[start:end].index
    shared = len(a_times.intersection(b_times))
    if shared < MIN_SHARED * max(len(a_times), len(b_times)):
        return (
            f"from {format_time(start)} to {format_time(end)} {first} has {len(a_times):,} rows and {second} "
            f"{len(b_times):,}, and only {shared:,} of them at the same times"
        )
    return ""
