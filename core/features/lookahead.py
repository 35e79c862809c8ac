"""Finds features that look ahead, whoever wrote them: the past is computed again without its future and compared."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.language import message, message_n

Compute = Callable[[pd.DataFrame], pd.DataFrame]

MIN_ROWS = 10


def check(compute: Compute, table: pd.DataFrame, cuts: int = 6) -> dict[str, int]:
    """Return the features of `compute` that look ahead, each with the number of rows by which it was found to do so.

    `compute` maps a table to a table of features on the same times. It is run on the whole table; on `cuts` of its
    beginnings, from half the table up, every other one of which ends on a row with a missing value if there is any,
    since that is where a backward fill shows; and once with all rows but the first replaced by others, which shows what
    the first rows took from later ones. A value before the cut that differs, beyond rounding, came from after the cut.
    The number is the distance from the cut to the earliest such row: 3 for shift(−3), the whole cut for a mean over the
    sample.

    A beginning that is too short for the features (`compute` raises FeatureError) is skipped. Raises FeatureError if
    all are, and for a table of fewer than 10 rows.
    """
    if len(table) < MIN_ROWS:
        raise FeatureError(
            message(
                "The look-ahead check needs at least {least} rows; got {rows}. Load more history.",
                least=MIN_ROWS,
                rows=len(table),
            )
        )
    full = compute(table)
    rows_ahead: dict[str, int] = {}
    too_short: FeatureError | None = None
    compared = 0
    for changed, rows in _changed_tables(table, cuts):
        try:
            recomputed = compute(changed)
        except FeatureError as error:
            too_short = error
            continue
        compared += 1
        for name, ahead in _differences(full, recomputed, table.index[:rows]):
            rows_ahead[name] = max(ahead, rows_ahead.get(name, 0))
    if too_short is not None and not compared:
        raise too_short
    return {str(name): rows_ahead[str(name)] for name in full.columns if str(name) in rows_ahead}


def guard(compute: Compute, table: pd.DataFrame, cuts: int = 6) -> None:
    """Raise FeatureError naming the features of `compute` that look ahead, and by how much; see `check`."""
    rows_ahead = check(compute, table, cuts)
    if rows_ahead:
        raise lookahead_error(rows_ahead)


def lookahead_error(rows_ahead: dict[str, int]) -> FeatureError:
    """Return the error that names the features found by `check` and by how much they look ahead."""
    named = {
        f"part_{number}": message("{name} ({rows})", name=name, rows=format_rows(rows))
        for number, (name, rows) in enumerate(rows_ahead.items())
    }
    return FeatureError(
        message_n(
            "{count} feature looks ahead: {names}. A value at time t may only use rows up to t: take the feature out, "
            "or compute it from the past.",
            "{count} features look ahead: {names}. A value at time t may only use rows up to t: take the feature out, "
            "or compute it from the past.",
            len(rows_ahead),
            names=message(", ".join(f"{{{part}}}" for part in named), **named),
        )
    )


def format_rows(rows: int) -> str:
    """Return a distance found by `check` in words: by 3 rows or more."""
    return message_n("by {count} row or more", "by {count} rows or more", rows, count=str(rows))


def _changed_tables(table: pd.DataFrame, cuts: int) -> Iterator[tuple[pd.DataFrame, int]]:
    """Yield tables with another future, and how many of their first rows are unchanged."""
    for rows in _cut_rows(table, cuts):
        yield table.iloc[:rows], rows
    yield _replace_rows(table), 1


def _cut_rows(table: pd.DataFrame, cuts: int) -> list[int]:
    total = len(table)
    even = np.linspace(total // 2, total, cuts + 1)[:-1].astype(int)
    missing_TC = table.isna().to_numpy()
    ends = np.flatnonzero((missing_TC[:-1] & ~missing_TC[1:]).any(axis=1)) + 1  # just after runs of missing values
    chosen = set()
    for i, rows in enumerate(even):
        later = ends[ends >= rows] if i % 2 else ends[:0]
        chosen.add(int(later[0]) if len(later) else int(rows))
    return sorted(chosen)


def _replace_rows(table: pd.DataFrame) -> pd.DataFrame:
    """Return the first row and, at the times of the others, rows drawn from a tenth of the table.

    Whole rows stay valid (high above low), and the extremes of the sample are hardly ever among them.
    """
    rng = np.random.default_rng(0)
    total = len(table)
    pool = rng.choice(np.arange(1, total), size=max(2, total // 10), replace=False)
    rows = np.concatenate([[0], rng.choice(pool, size=total - 1)])
    return table.iloc[rows].set_axis(table.index)


def _differences(full: pd.DataFrame, recomputed: pd.DataFrame, index: pd.Index) -> Iterator[tuple[str, int]]:
    """Yield the features that differ on these times, and the distance from the first difference to the last time."""
    before_TF = full.reindex(index).to_numpy(dtype=np.float64)
    after_TF = recomputed.reindex(index=index, columns=full.columns).to_numpy(dtype=np.float64)
    size_F = np.nan_to_num(np.abs(before_TF), nan=0.0, posinf=0.0).max(axis=0, initial=0.0)
    differs_TF = ~np.isclose(before_TF, after_TF, rtol=1e-9, atol=1e-12 * size_F, equal_nan=True)
    for name, differs_T in zip(full.columns, differs_TF.T, strict=True):
        if differs_T.any():
            yield str(name), len(index) - int(differs_T.argmax())
