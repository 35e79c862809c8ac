"""One symbol's history for baselines: row t holds what is known at cutoff t; model units.

Axis letters: T rows of the symbol, E these and the `horizon` future rows, H steps, K steps ahead.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets.cycles import cycles
from core.datasets.frequency import season, steps_per_year
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError
from core.language import message
from core.types import Floats, Ints, Times, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The observed rows of one symbol. Only `y_TH` reaches beyond its row: it is for fitting on training rows."""

    time_E: Times
    level_T: Floats
    seen_TH: Floats  # the label of each step that became known at t
    known_TH: Floats  # the latest known label of each step
    steps: Ints
    horizon: int
    per_year: float  # steps
    season: int  # steps
    cycles: tuple[int, ...]  # steps of the calendar's cycles
    kind: TargetKind
    train_T: Ints  # rows of training cutoffs
    val_T: Ints  # and of validation cutoffs
    y_TH: Floats  # labels by cutoff
    least_H: Floats  # the least label that counts, −∞ without a floor
    range_T: Floats  # variance of each step from its bar, NaN without one

    @property
    def history_T(self) -> Floats:
        """Levels, log levels (of returns and directions) or known labels: what is forecast from its own past, one per
        row; the nearest known one across holes and at the start."""
        change = self.kind.binary or self.kind.origin == "zero"
        if change and (self.level_T[np.isfinite(self.level_T)] > 0).all():
            history_T = np.log(self.level_T)
        else:
            history_T = self.level_T if self.kind.level or self.kind.binary else self.known_TH[:, 0]
        return pd.Series(history_T).ffill().bfill().to_numpy()

    def from_path(self, ahead_TK: Floats, spread_K: Floats | None = None) -> Floats:
        """The forecast (T, H) in model units from that of the next `horizon` values of `history_T`.

        `spread_K`, which only a direction needs, are the standard deviations of their errors: it is the probability
        that the forecast level plus a normal error lies above the last one.
        """
        if self.kind.averaged:
            return self.kind.from_level(self.kind.to_user(ahead_TK).mean(axis=1, keepdims=True))
        forecast_TH = ahead_TK[:, self.steps - 1]
        if self.kind.binary:
            assert spread_K is not None, "a direction needs the spread of the errors"
            return _normal_cdf((forecast_TH - self.history_T[:, None]) / spread_K[self.steps - 1])
        return forecast_TH - self.history_T[:, None] if self.kind.origin == "zero" else forecast_TH

    @property
    def square_T(self) -> Floats:
        """Squared log return of each step: the latest one across a hole, zeros before the first."""
        square_T = np.diff(np.log(self.level_T), prepend=np.nan) ** 2
        return pd.Series(square_T).ffill().fillna(0.0).to_numpy()


def check_varied(value_T: Floats, model: str, least: int = 30) -> None:
    """Raises DataError unless there are `least` training values for `model`, and they vary."""
    if len(value_T) < least or np.ptp(value_T) <= 1e-12 * max(1.0, float(np.abs(value_T).max())):
        raise DataError(
            message(
                "{model} needs a training split of at least {least} rows whose values vary; it has {rows} rows from "
                "{low} to {high}.",
                model=model,
                least=least,
                rows=len(value_T),
                low=f"{value_T.min(initial=np.inf):.4g}",
                high=f"{value_T.max(initial=-np.inf):.4g}",
            )
        )


def by_symbol(prepared: Prepared) -> Iterator[tuple[Ints, Series]]:
    """The observed rows of each symbol (positions in the rows of all) and its series."""
    rows = prepared.splits.train.rows
    for symbol in range(len(rows.symbols)):
        block = np.flatnonzero(rows.symbol_T == symbol)[: -prepared.horizon]
        yield block, _series(prepared, symbol, block)


def _series(prepared: Prepared, symbol: int, block: Ints) -> Series:
    rows, least_SH = prepared.splits.train.rows, prepared.y_scaler.low_SC
    y_TH, steps = rows.y_TH[block], np.asarray(rows.steps)
    index = pd.DatetimeIndex(rows.time_T[block])
    seen_TH = np.full_like(y_TH, np.nan)
    for h, step in enumerate(steps):
        seen_TH[step:, h] = y_TH[:-step, h]
    known_TH = pd.DataFrame(seen_TH).ffill().to_numpy()  # across a hole, the latest known one
    return Series(
        time_E=rows.time_T[block[0] : block[-1] + 1 + prepared.horizon],
        level_T=rows.level_T[block],
        seen_TH=seen_TH,
        known_TH=known_TH,
        steps=steps,
        horizon=prepared.horizon,
        kind=prepared.kind,
        per_year=steps_per_year(index),
        season=season(index),
        cycles=cycles(index),
        y_TH=y_TH,
        least_H=np.full(len(steps), -np.inf) if least_SH is None else least_SH[symbol],
        range_T=np.full(len(block), np.nan) if rows.range_T is None else rows.range_T[block],
        train_T=_own_cutoffs(prepared.splits.train, block),
        val_T=_own_cutoffs(prepared.splits.val, block),
    )


def _own_cutoffs(windows: Windows, block: Ints) -> Ints:
    """The cutoffs of these windows within the block of one symbol, from its first row."""
    inside_N = (windows.cutoff_row_N >= block[0]) & (windows.cutoff_row_N <= block[-1])
    return windows.cutoff_row_N[inside_N] - block[0]


def _normal_cdf(z_TH: Floats) -> Floats:
    from scipy.special import ndtr

    return ndtr(z_TH)
