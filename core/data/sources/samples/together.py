"""Whether series can be forecast together: they share a column, a stretch of time and the times of their rows."""

import pandas as pd

from core.data.wording import format_time
from core.errors import DataError
from core.language import message

MIN_SHARED = 0.9  # of the rows in the common stretch; exchanges of one country differ by a few holidays


def check_together(tables: dict[str, pd.DataFrame]) -> None:
    """Raise DataError, in one sentence, if one of these plain tables does not fit the first."""
    (first, table), *others = tables.items()
    for name, other in others:
        problem = _mismatch(first, table, name, other)
        if problem:
            raise DataError(
                message(
                    "{first} and {name} cannot be chosen together: {problem}.", first=first, name=name, problem=problem
                )
            )


def _mismatch(first: str, a: pd.DataFrame, second: str, b: pd.DataFrame) -> str:
    """Return what keeps two series apart, in words; empty if nothing does."""
    if not set(a.columns) & set(b.columns):
        return message(
            "the columns of {first} are {columns} and those of {second} {other_columns}",
            first=first,
            columns=", ".join(a.columns),
            second=second,
            other_columns=", ".join(b.columns),
        )
    start, end = max(a.index[0], b.index[0]), min(a.index[-1], b.index[-1])
    if start > end:
        earlier, later = sorted(((first, a), (second, b)), key=lambda pair: pair[1].index[0])
        ends, begins = format_time(earlier[1].index[-1]), format_time(later[1].index[0])
        return message(
            "{earlier} ends on {ends} and {later} begins on {begins}",
            earlier=earlier[0],
            ends=ends,
            later=later[0],
            begins=begins,
        )
    a_times, b_times = a.loc[start:end].index, b.loc[start:end].index
    shared = len(a_times.intersection(b_times))
    if shared < MIN_SHARED * max(len(a_times), len(b_times)):
        return message(
            "from {start} to {end} {first} has {rows} rows and {second} {other_rows}, and only {shared} of them "
            "at the same times",
            start=format_time(start),
            end=format_time(end),
            first=first,
            rows=f"{len(a_times):,}",
            second=second,
            other_rows=f"{len(b_times):,}",
            shared=f"{shared:,}",
        )
    return ""
