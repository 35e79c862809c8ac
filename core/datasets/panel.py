"""From a frame to unscaled rows: the features and labels of every symbol, one block after another.

Axis letters: T rows, N cutoffs, H steps, F features.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.exchanges import listing
from core.data.frame import select_symbol, symbols
from core.data.future_times import next_times
from core.data.wording import quote_all
from core.datasets import bars, frequency, levels, outcome_rows, targets
from core.datasets.split import SPLITS
from core.errors import DataError
from core.features import registry
from core.language import message
from core.spec import Spec
from core.types import Flags, Floats, Ints, Rows, Times

MIN_ROWS = 3  # fewer do not show how often a series is observed


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Unscaled rows in one block per symbol: `length` observed rows from row `start` on, then `horizon` future rows."""

    rows: Rows  # x_TF unscaled, float64; known_TK empty
    kind: targets.TargetKind
    start: tuple[int, ...]
    length: tuple[int, ...]
    usable_T: Flags  # every feature has a value
    dead_zone_T: Flags  # a label is missing, and only because the move lies in the dead zone of the target

    def index(self, symbol: int) -> pd.DatetimeIndex:
        """The times of the observed rows of a symbol."""
        start = self.start[symbol]
        return pd.DatetimeIndex(self.rows.time_T[start : start + self.length[symbol]])


def build_panel(spec: Spec, frame: pd.DataFrame) -> Panel:
    """The panel of a resolved recipe. Raises DataError (a constant, non-positive or short series) and FeatureError."""
    kind, names, horizon = targets.kind_of(spec.target, bool(spec.window.log)), symbols(frame), spec.target.horizon
    steps = targets.output_steps(kind, horizon)
    length = tuple(len(split_future_rows(spec, frame, name)[0]) for name in names)
    end_S = np.cumsum(np.asarray(length) + horizon)
    count = int(end_S[-1])
    # Filled in place: a list of blocks and their concatenation would need twice the memory.
    x_TF, y_TH, level_T = np.empty((count, len(spec.features))), np.empty((count, len(steps))), np.empty(count)
    time_T, dead_zone_T = np.empty(count, dtype="M8[ns]"), np.zeros(count, dtype=bool)
    range_T = np.full(count, np.nan) if kind.volatility else None
    for name, rows, end in zip(names, length, end_S, strict=True):
        block = slice(end - horizon - rows, end)
        table, future = split_future_rows(spec, frame, name)
        values = _symbol_block(spec, table, future, kind, listing(name))
        x_TF[block], y_TH[block], level_T[block], time_T[block], dead_zone_T[block] = values
        if range_T is not None and levels.level_column(spec.target, tuple(table.columns)) == "close":
            range_T[block][: len(table)] = bars.range_variance(table)
    return Panel(
        rows=Rows(
            x_TF=x_TF,
            known_TK=np.empty((count, 0), dtype=np.float32),
            y_TH=y_TH,
            level_T=level_T,
            time_T=time_T,
            symbol_T=np.repeat(np.arange(len(names)), np.asarray(length) + horizon),
            label_end_T=np.arange(count) + horizon,
            symbols=names,
            features=spec.features,
            known=tuple(name for name in spec.features if registry.parse(name)[0].kind == "known"),
            steps=steps,
            range_T=range_T,
        ),
        kind=kind,
        start=tuple((end_S - horizon - np.asarray(length)).tolist()),
        usable_T=_finite_rows(x_TF),
        length=length,
        dead_zone_T=dead_zone_T,
    )


def split_future_rows(spec: Spec, frame: pd.DataFrame, symbol: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows of a symbol up to the last with an outcome, and the later ones with values known in the future.

    Without known future covariates no later row counts. Rows between two outcomes that follow each other are left out
    (core.datasets.outcome_rows).
    Raises DataError if a known future covariate is missing from the frame or is the column to forecast.
    """
    table, known = select_symbol(frame, symbol), list(spec.data.known_future)
    missing = [name for name in known if name not in table.columns]
    if missing:
        raise DataError(
            message(
                "data.known_future names {name}, which is no column of {symbol}; its columns are {columns}. Correct "
                'data.known_future; names with commas are written as a JSON list: data.known_future=["a, b"].',
                name=repr(missing[0]),
                symbol=symbol,
                columns=quote_all(table.columns),
            )
        )
    if spec.target.column in known:
        raise DataError(
            message(
                "{column} is the column to forecast, so its future values cannot be known. Remove it from "
                "data.known_future.",
                column=repr(spec.target.column),
            )
        )
    level = levels.level_column(spec.target, tuple(table.columns))
    observed = outcome_rows.select(table, level)
    later = table.loc[table.index > observed.index[-1]]
    return observed, later.dropna(subset=known, how="all") if known else later.iloc[:0]


def observed_times(spec: Spec, frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The times up to the last one at which the outcome of any symbol was observed."""
    times = pd.DatetimeIndex(frame.index)
    return times[times <= max(split_future_rows(spec, frame, name)[0].index[-1] for name in symbols(frame))]


def times_to_split(spec: Spec, panel: Panel, frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The times that are divided into splits.

    All observed times, unless every split is a fraction: then those from the first to the last with a value of every
    feature, preceded by the warm-up of the features.
    """
    times = observed_times(spec, frame)
    sizes = [getattr(spec.split, split) for split in SPLITS]
    if any(isinstance(size, str) or size >= 1 for size in sizes):
        return times
    usable = [
        panel.index(s)[panel.usable_T[start : start + length]]
        for s, (start, length) in enumerate(zip(panel.start, panel.length, strict=True))
    ]
    usable = [index for index in usable if len(index)]
    if not usable:
        return times
    first = int(times.searchsorted(min(index[0] for index in usable)))
    warm_up = max(0, first - registry.rows_needed(spec.features))
    return times[warm_up : int(times.searchsorted(max(index[-1] for index in usable), side="right"))]


def has_complete_window(panel: Panel, lookback: int) -> Flags:
    """Whether a cutoff row has all that a forecast needs; (T,).

    That is a known level, `lookback` usable rows in the block of one symbol, and a value of every known feature at
    every step.
    """
    complete_T = np.zeros(len(panel.usable_T), dtype=bool)
    for start, length in zip(panel.start, panel.length, strict=True):
        gaps = np.concatenate([[0], np.cumsum(~panel.usable_T[start : start + length])])
        if length >= lookback:
            complete_T[start + lookback - 1 : start + length] = gaps[lookback:] == gaps[: len(gaps) - lookback]
    return complete_T & np.isfinite(panel.rows.level_T) & _known_at_every_step(panel)


def run_lengths(panel: Panel, row_N: Ints, limit: int) -> Ints:
    """The number of consecutive usable rows that end with each of these rows, at most `limit`; (N,).

    They begin at the start of a series, after the warm-up of its features, or after a gap.
    """
    row_T = np.arange(len(panel.usable_T))
    start_T = np.asarray(panel.start)[panel.rows.symbol_T]
    before_T = np.maximum(np.maximum.accumulate(np.where(panel.usable_T, -1, row_T)), start_T - 1)
    return np.minimum(row_T - before_T, limit)[row_N]


def emptiest_feature(panel: Panel) -> str:
    """The feature, or the outcome, without a value in most of the observed rows."""
    observed_T = np.zeros(len(panel.usable_T), dtype=bool)
    for start, length in zip(panel.start, panel.length, strict=True):
        observed_T[start : start + length] = True
    empty = {name: int(np.isnan(panel.rows.x_TF[observed_T, f]).sum()) for f, name in enumerate(panel.rows.features)}
    empty["the outcome"] = int(np.isnan(panel.rows.level_T[observed_T]).sum())
    return max(empty, key=lambda name: empty[name])


def log_scaled_features(spec: Spec) -> Flags:
    """Which features are scaled as logs: raw columns, if the recipe asks for it; (F,)."""
    return np.array([bool(spec.window.log) and registry.parse(name)[0].name == "column" for name in spec.features])


def _known_at_every_step(panel: Panel) -> Flags:
    rows, count = panel.rows, len(panel.usable_T)
    if not rows.known:
        return np.ones(count, dtype=bool)
    finite_T = _finite_rows(rows.x_TF[:, [rows.features.index(name) for name in rows.known]])
    known_T = np.ones(count, dtype=bool)
    for step in rows.steps:
        known_T[: count - step] &= finite_T[step:]
    return known_T


@lru_cache(maxsize=8)
def _next_times(times: bytes, horizon: int, calendar: str | None, listed: str | None) -> pd.DatetimeIndex:
    """The times that follow; symbols with the same times share one computation."""
    return next_times(pd.DatetimeIndex(np.frombuffer(times, dtype="M8[ns]")), horizon, calendar, listed)


def _finite_rows(x_TF: Floats) -> Flags:
    """Rows in which every feature has a value, column by column to save memory."""
    finite_T = np.ones(len(x_TF), dtype=bool)
    for f in range(x_TF.shape[1]):
        finite_T &= np.isfinite(x_TF[:, f])
    return finite_T


def _symbol_block(
    spec: Spec, table: pd.DataFrame, future: pd.DataFrame, kind: targets.TargetKind, listed: str | None
) -> tuple[Floats, Floats, Floats, Times, Flags]:
    """One symbol: features (T, F), labels (T, H), levels, times and dead-zone flags (T,); future rows last."""
    horizon, index = spec.target.horizon, pd.DatetimeIndex(table.index)
    level = levels.level_column(spec.target, tuple(table.columns))
    levels.check_level(table[level], kind)
    if len(index) < MIN_ROWS:
        raise DataError(
            message(
                "The series has {rows} rows; at least {least} are needed to see how often it is observed. Load more "
                "history.",
                rows=len(index),
                least=MIN_ROWS,
            )
        )
    planned = pd.DatetimeIndex(future.index[:horizon])
    future_index = _future_times(index, planned, horizon, spec.data.calendar, listed)
    x_TF = registry.compute(table, spec.features, level, future_index, future).to_numpy(dtype=float)
    for f in np.flatnonzero(log_scaled_features(spec)):
        _check_positive(spec.features[f], x_TF[: len(index), f], index)
    level_T, per_year = table[level].to_numpy(dtype=float), frequency.steps_per_year(index)
    y_TH = kind.label(level_T, horizon, per_year)
    unfiltered_TH = targets.TARGETS[kind.name].label(level_T, horizon, per_year) if kind.binary else y_TH
    dead_zone_T = np.isfinite(unfiltered_TH).all(axis=1) & np.isnan(y_TH).any(axis=1)

    def pad(values: Floats) -> Floats:
        return np.concatenate([values, np.full((horizon, *values.shape[1:]), np.nan)])

    return (
        x_TF,
        pad(y_TH),
        pad(kind.from_level(level_T)),
        index.append(future_index).to_numpy(),
        np.concatenate([dead_zone_T, np.zeros(horizon, dtype=bool)]),
    )


def _future_times(
    index: pd.DatetimeIndex, planned: pd.DatetimeIndex, horizon: int, calendar: str | None, listed: str | None
) -> pd.DatetimeIndex:
    """The `horizon` times after `index`: first those that the data contain, then those that its pattern suggests."""
    known = pd.DatetimeIndex(index.append(planned)).as_unit("ns")
    after = _next_times(known.asi8.tobytes(), horizon - len(planned), calendar, listed)
    return pd.DatetimeIndex(planned.append(after))


def _check_positive(name: str, value_T: Floats, index: pd.DatetimeIndex) -> None:
    low_T = value_T <= 0
    if low_T.any():
        raise DataError(
            message(
                "window.log takes the log of {name}, and {count} of its values are zero or below (the first on "
                "{first}). Set window.log to false, or leave {name} out.",
                name=name,
                count=low_T.sum(),
                first=f"{index[low_T][0]:%Y-%m-%d}",
            )
        )
