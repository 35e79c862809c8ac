"""From a frame to unscaled rows: the features and labels of every symbol, one block after another."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from core.data.calendars import next_times
from core.data.frame import select_symbol, symbols
from core.datasets import frequency, levels, split, targets
from core.errors import DataError
from core.features import registry
from core.spec import Spec
from core.types import Flags, Floats, Ints, Rows, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Unscaled rows and where each symbol's block lies in them: `observed` rows, then `horizon` future sessions."""

    rows: Rows  # x_TF unscaled, float64; known_TK empty
    kind: targets.TargetKind
    offset: tuple[int, ...]
    observed: tuple[int, ...]
    usable_T: Flags  # every feature is there
    quiet_T: Flags  # a label is missing for nothing but the dead zone of the target

    def index(self, symbol: int) -> pd.DatetimeIndex:
        """The observed sessions of a symbol."""
        start = self.offset[symbol]
        return pd.DatetimeIndex(self.rows.time_T[start : start + self.observed[symbol]])


def build(spec: Spec, frame: pd.DataFrame) -> Panel:
    """The panel of a resolved recipe. Raises DataError (constant, non-positive, too short) and FeatureError."""
    kind, names, horizon = targets.kind_of(spec.target, spec.window.log), symbols(frame), spec.target.horizon
    steps = targets.steps(kind, horizon)
    observed = tuple(len(parted(spec, frame, name)[0]) for name in names)
    ends = np.cumsum(np.asarray(observed) + horizon)
    count = int(ends[-1])
    # Filled in place: a list of blocks and their concatenation would take the memory twice.
    x_TF, y_TH, level_T = np.empty((count, len(spec.features))), np.empty((count, len(steps))), np.empty(count)
    time_T, quiet_T = np.empty(count, dtype="M8[ns]"), np.zeros(count, dtype=bool)
    for name, length, end in zip(names, observed, ends, strict=True):
        at = slice(end - horizon - length, end)
        block = _block(spec, *parted(spec, frame, name), kind)
        x_TF[at], y_TH[at], level_T[at], time_T[at], quiet_T[at] = block
    made = Rows(
        x_TF=x_TF,
        known_TK=np.empty((count, 0), dtype=np.float32),
        y_TH=y_TH,
        level_T=level_T,
        time_T=time_T,
        symbol_T=np.repeat(np.arange(len(names)), np.asarray(observed) + horizon),
        label_end_T=np.arange(count) + horizon,
        symbols=names,
        features=spec.features,
        known=tuple(name for name in spec.features if registry.parse(name)[0].kind == "known"),
        steps=steps,
    )
    return Panel(
        rows=made,
        kind=kind,
        offset=tuple((ends - horizon - np.asarray(observed)).tolist()),
        usable_T=_finite(x_TF),
        observed=observed,
        quiet_T=quiet_T,
    )


def parted(spec: Spec, frame: pd.DataFrame, symbol: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The observed sessions of a symbol, and the rows after them in which nothing but columns known ahead has a value.

    Raises DataError for a column known ahead that the frame does not have, or that is the one to forecast.
    """
    table, known = select_symbol(frame, symbol), list(spec.data.known_future)
    missing = [name for name in known if name not in table.columns]
    if missing:
        raise DataError(
            f"{missing[0]!r} is to be known ahead and is no column of {symbol}; there are "
            f"{', '.join(map(str, table.columns))}. Correct data.known_future."
        )
    if spec.target.column in known:
        raise DataError(
            f"{spec.target.column!r} is the target and cannot be known ahead. Remove it from data.known_future."
        )
    if not known:
        return table, table.iloc[:0]
    # A joined series is carried on into the rows of a plan; it is no observation of this one.
    own = [
        name
        for name in table.columns
        if name == spec.target.column or (name not in known and not registry.is_covariate(str(name)))
    ]
    seen_T = table[own].notna().any(axis=1).to_numpy()
    count = len(seen_T) - int(np.argmax(seen_T[::-1])) if seen_T.any() else len(seen_T)
    return table.iloc[:count], table.iloc[count:]


def observed_times(spec: Spec, frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The times at which any symbol was observed, without those of which only known columns tell."""
    times = pd.DatetimeIndex(frame.index)
    last = (
        max(parted(spec, frame, name)[0].index[-1] for name in symbols(frame)) if spec.data.known_future else times[-1]
    )
    return times[times <= last]


def span(spec: Spec, panel: Panel, frame: pd.DataFrame) -> pd.DatetimeIndex:
    """The times over which the parts are laid: all that were observed or, where every part is a share, those from the
    first to the last that has every feature, with the warm-up of the features before it."""
    times = observed_times(spec, frame)
    sizes = [getattr(spec.split, part) for part in split.PARTS]
    if any(isinstance(size, str) or size >= 1 for size in sizes):
        return times
    whole = [
        panel.index(s)[panel.usable_T[start : start + count]]
        for s, (start, count) in enumerate(zip(panel.offset, panel.observed, strict=True))
    ]
    seen = [index for index in whole if len(index)]
    if not seen:
        return times
    first = int(times.searchsorted(min(index[0] for index in seen)))
    warm = max(0, first - registry.rows_needed(spec.features))
    return times[warm : int(times.searchsorted(max(index[-1] for index in seen), side="right"))]


def ready(panel: Panel, lookback: int) -> Flags:
    """True at each cutoff row whose level is known and whose whole window is usable and lies in one symbol's block, and
    whose features known ahead have a value at every step."""
    whole_T = np.zeros(len(panel.usable_T), dtype=bool)
    for start, count in zip(panel.offset, panel.observed, strict=True):
        bad = np.concatenate([[0], np.cumsum(~panel.usable_T[start : start + count])])
        if count >= lookback:
            whole_T[start + lookback - 1 : start + count] = bad[lookback:] == bad[: len(bad) - lookback]
    return whole_T & np.isfinite(panel.rows.level_T) & _known_ahead(panel)


def lengths(panel: Panel, at_N: Ints, most: int) -> Ints:
    """Complete rows in a row up to and including each of the rows `at_N`, in one symbol's block, at most `most`; (N,).

    A run begins at the start of a series, after the warm-up of its features, or after a hole.
    """
    row_T = np.arange(len(panel.usable_T))
    start_T = np.asarray(panel.offset)[panel.rows.symbol_T]
    before_T = np.maximum(np.maximum.accumulate(np.where(panel.usable_T, -1, row_T)), start_T - 1)
    return np.minimum(row_T - before_T, most)[at_N]


def _known_ahead(panel: Panel) -> Flags:
    raw, count = panel.rows, len(panel.usable_T)
    if not raw.known:
        return np.ones(count, dtype=bool)
    there_T = _finite(raw.x_TF[:, [raw.features.index(name) for name in raw.known]])
    found_T = np.ones(count, dtype=bool)
    for step in raw.steps:
        found_T[: count - step] &= there_T[step:]
    return found_T


def logged(spec: Spec) -> Flags:
    """Which features are learned on a log scale: the raw columns, where the recipe asks for it; (F,)."""
    return np.array([spec.window.log and registry.parse(name)[0].name == "column" for name in spec.features])


@lru_cache(maxsize=8)
def _future(times: bytes, horizon: int) -> pd.DatetimeIndex:
    """The next sessions, worked out once for symbols that share theirs."""
    return next_times(pd.DatetimeIndex(np.frombuffer(times, dtype="M8[ns]")), horizon)


def _finite(x_TF: Floats) -> Flags:
    """Rows in which every feature is there, column by column to spare memory."""
    finite_T = np.ones(len(x_TF), dtype=bool)
    for f in range(x_TF.shape[1]):
        finite_T &= np.isfinite(x_TF[:, f])
    return finite_T


def _block(
    spec: Spec, table: pd.DataFrame, ahead: pd.DataFrame, kind: targets.TargetKind
) -> tuple[Floats, Floats, Floats, Times, Flags]:
    """One symbol: features (T, F), labels (T, H), levels, times and quiet rows (T,), future sessions last."""
    horizon, index = spec.target.horizon, pd.DatetimeIndex(table.index)
    level = levels.level_column(spec.target, tuple(table.columns))
    levels.check_level(table[level], kind)
    if len(index) < 3:
        raise DataError(
            f"The series has {len(index)} rows; at least 3 are needed to see its rhythm. Load more history."
        )
    told = pd.DatetimeIndex(ahead.index[:horizon])  # the sessions to come, where the data name them
    known_until = pd.DatetimeIndex(index.append(told)).as_unit("ns")
    future = pd.DatetimeIndex(told.append(_future(known_until.asi8.tobytes(), horizon - len(told))))
    x_TF = registry.compute(table, spec.features, level, future, ahead).to_numpy(dtype=float)
    for f in np.flatnonzero(logged(spec)):
        _refuse_no_log(spec.features[f], x_TF[: len(index), f], index)
    level_T, per_year = table[level].to_numpy(dtype=float), frequency.steps_per_year(index)
    y_TH = kind.label(level_T, horizon, per_year)
    whole_TH = targets.TARGETS[kind.name].label(level_T, horizon, per_year) if kind.binary else y_TH
    quiet_T = np.isfinite(whole_TH).all(axis=1) & np.isnan(y_TH).any(axis=1)

    def longer(values: Floats) -> Floats:
        return np.concatenate([values, np.full((horizon, *values.shape[1:]), np.nan)])

    return (
        x_TF,
        longer(y_TH),
        longer(kind.from_level(level_T)),
        index.append(future).to_numpy(),
        np.concatenate([quiet_T, np.zeros(horizon, dtype=bool)]),
    )


def _refuse_no_log(name: str, value_T: Floats, index: pd.DatetimeIndex) -> None:
    bad_T = value_T <= 0
    if bad_T.any():
        raise DataError(
            f"window.log takes the log of {name}, and {bad_T.sum()} of its values are zero or below (first "
            f"on {index[bad_T][0]:%Y-%m-%d}). Set window.log to false, or leave {name} out."
        )
