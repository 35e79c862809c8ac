"""Finds features that look ahead, whoever wrote them: the past is computed again without its future and compared."""

from collections.abc import Callable, Iterator

import numpy as np
import pandas as pd

from core.errors import FeatureError

Compute = Callable[[pd.DataFrame], pd.DataFrame]

FEWEST = 10  # rows


def check(compute: Compute, table: pd.DataFrame, cuts: int = 6) -> dict[str, int]:
    """The features of `compute` that look ahead, each with the number of rows by which it was seen to do so.

    `compute` maps a table to a table of features on the same times. It is run on the whole table, on `cuts` of its
    beginnings (from half the table up; every other one ends on a row with a hole, where there are holes, since that
    is where a backward fill shows) and once with all rows but the first replaced by others, which shows what the first
    rows took from later ones. A value up to the cut that differs, beyond rounding, came from after the cut. The number
    is the distance from the cut to the earliest such row: 3 for shift(−3), the whole cut for a mean over the sample.

    A beginning that is too short for the features (`compute` raises FeatureError) is passed over.
    Raises FeatureError when all are, or for a table of fewer than 10 rows.
    """
    if len(table) < FEWEST:
        raise FeatureError(f"Looking for look-ahead takes at least {FEWEST} rows; got {len(table)}. Load more history.")
    full = compute(table)
    found: dict[str, int] = {}
    refused: FeatureError | None = None
    compared = 0
    for changed, rows in _changed(table, cuts):
        try:
            again = compute(changed)
        except FeatureError as error:
            refused = error
            continue
        compared += 1
        for name, ahead in _differences(full, again, table.index[:rows]):
            found[name] = max(ahead, found.get(name, 0))
    if refused is not None and not compared:
        raise refused
    return {str(name): found[str(name)] for name in full.columns if str(name) in found}


def guard(compute: Compute, table: pd.DataFrame, cuts: int = 6) -> None:
    """Raise FeatureError naming the features of `compute` that look ahead, and by how much; see `check`."""
    found = check(compute, table, cuts)
    if found:
        raise refusal(found)


def refusal(found: dict[str, int]) -> FeatureError:
    """The error that names the features of `check` and by how much they look ahead."""
    named = ", ".join(f"{name} ({by(rows)})" for name, rows in found.items())
    return FeatureError(
        f"{len(found)} feature{'s look' if len(found) > 1 else ' looks'} ahead: {named}. A value at "
        "time t may use rows up to t alone: take the feature out, or compute it from the past."
    )


def by(rows: int) -> str:
    return f"by {rows} row{'s' * (rows > 1)} or more"


def _changed(table: pd.DataFrame, cuts: int) -> Iterator[tuple[pd.DataFrame, int]]:
    """Tables with another future, and how many of their first rows are as they were."""
    for rows in _cut_rows(table, cuts):
        yield table.iloc[:rows], rows
    yield _replaced(table), 1


def _cut_rows(table: pd.DataFrame, cuts: int) -> list[int]:
    total = len(table)
    even = np.linspace(total // 2, total, cuts + 1)[:-1].astype(int)
    missing_TC = table.isna().to_numpy()
    holes = np.flatnonzero((missing_TC[:-1] & ~missing_TC[1:]).any(axis=1)) + 1  # just after the last row of each
    chosen = set()
    for i, rows in enumerate(even):
        later = holes[holes >= rows] if i % 2 else holes[:0]
        chosen.add(int(later[0]) if len(later) else int(rows))
    return sorted(chosen)


def _replaced(table: pd.DataFrame) -> pd.DataFrame:
    """The first row and, at the times of the others, rows drawn from a tenth of the table: whole rows stay possible
    ones (high above low), and the extremes of the sample are hardly ever among them."""
    rng = np.random.default_rng(0)
    total = len(table)
    pool = rng.choice(np.arange(1, total), size=max(2, total // 10), replace=False)
    rows = np.concatenate([[0], rng.choice(pool, size=total - 1)])
    return table.iloc[rows].set_axis(table.index)


def _differences(full: pd.DataFrame, again: pd.DataFrame, index: pd.Index) -> Iterator[tuple[str, int]]:
    before_TF = full.reindex(index).to_numpy(dtype=np.float64)
    after_TF = again.reindex(index=index, columns=full.columns).to_numpy(dtype=np.float64)
    size_F = np.nan_to_num(np.abs(before_TF), nan=0.0, posinf=0.0).max(axis=0, initial=0.0)
    differs_TF = ~np.isclose(before_TF, after_TF, rtol=1e-9, atol=1e-12 * size_F, equal_nan=True)
    for name, differs_T in zip(full.columns, differs_TF.T, strict=True):
        if differs_T.any():
            yield str(name), len(index) - int(differs_T.argmax())
