"""One symbol's history for baselines: row t holds what is known at cutoff t; model units.

Axis letters: T rows of the symbol, H steps.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets.frequency import season, steps_per_year
from core.datasets.targets import TargetKind
from core.types import Floats, Ints, Rows, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The observed rows of one symbol. Only `y_TH` reaches beyond its row: it is for fitting on training rows."""

    level_T: Floats
    seen_TH: Floats  # the label of each step that became known at t
    known_TH: Floats  # the latest known label of each step
    steps: Ints
    horizon: int
    per_year: float  # steps
    season: int  # steps
    kind: TargetKind
    train_T: Ints  # rows of training cutoffs
    y_TH: Floats  # labels by cutoff

    @property
    def square_T(self) -> Floats:
        """Squared log return of each step: the latest one across a hole, zeros before the first."""
        square_T = np.diff(np.log(self.level_T), prepend=np.nan) ** 2
        return pd.Series(square_T).ffill().fillna(0.0).to_numpy()


def by_symbol(rows: Rows, kind: TargetKind, horizon: int, train: Windows) -> Iterator[tuple[Ints, Series]]:
    """The observed rows of each symbol (positions in `rows`) and its series."""
    for symbol in range(len(rows.symbols)):
        block = np.flatnonzero(rows.symbol_T == symbol)[:-horizon]
        yield block, _series(rows, kind, horizon, train, block)


def _series(rows: Rows, kind: TargetKind, horizon: int, train: Windows, block: Ints) -> Series:
    y_TH, steps = rows.y_TH[block], np.asarray(rows.steps)
    index = pd.DatetimeIndex(rows.time_T[block])
    seen_TH = np.full_like(y_TH, np.nan)
    for h, step in enumerate(steps):
        seen_TH[step:, h] = y_TH[:-step, h]
    known_TH = pd.DataFrame(seen_TH).ffill().to_numpy()  # across a hole, the latest known one
    inside = (train.cutoff_row_N >= block[0]) & (train.cutoff_row_N <= block[-1])
    return Series(
        level_T=rows.level_T[block],
        seen_TH=seen_TH,
        known_TH=known_TH,
        steps=steps,
        horizon=horizon,
        kind=kind,
        per_year=steps_per_year(index),
        season=season(index),
        y_TH=y_TH,
        train_T=train.cutoff_row_N[inside] - block[0],
    )
