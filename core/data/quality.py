"""What a person should know about the data before training on them: holes, gaps, flat stretches, impossible prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frame import PRICES, of_symbol, symbols
from core.data.sessions import DAY, round_the_clock, typical_step

GAP_STEPS = 5  # a gap is longer than this many typical steps
STALE_ROWS = 10  # a stale run has at least this many equal values
SHOWN = 20  # times named in an issue


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding: `kind` is rows, missing, constant, nonpositive, gap or stale; `rows` is the summary, no complaint.

    `column` is None where the whole symbol is meant, `count` counts rows or runs, `times` are the first 20 concerned.
    """

    symbol: str
    column: str | None
    kind: str
    count: int
    text: str
    times: tuple[pd.Timestamp, ...] = ()


def report(frame: pd.DataFrame) -> tuple[Issue, ...]:
    """The findings of a frame, symbol by symbol, each with one sentence; the first of a symbol is its summary."""
    found: list[Issue] = []
    for symbol in symbols(frame):
        table = of_symbol(frame, symbol)
        found.append(_summary(table, symbol))
        found += _gaps(table, symbol)
        for column in table.columns:
            found += _of_column(table[column], symbol)
    return tuple(found)


def _summary(table: pd.DataFrame, symbol: str) -> Issue:
    first, last = (f"{time:%Y-%m-%d}" for time in (table.index[0], table.index[-1]))
    text = f"{symbol} has {_many(len(table), 'session')} from {first} to {last} and {_many(table.shape[1], 'column')}."
    return Issue(symbol=symbol, column=None, kind="rows", count=len(table), text=text)


def _gaps(table: pd.DataFrame, symbol: str) -> list[Issue]:
    if len(table) < 2:
        return []
    index = pd.DatetimeIndex(table.index)
    if typical_step(index) < DAY and not round_the_clock(index):  # a night or a weekend is no gap: judge whole days
        index = index.normalize().unique()
    if len(index) < 2:
        return []
    steps, typical = index[1:] - index[:-1], typical_step(index)
    at = np.flatnonzero(steps > GAP_STEPS * typical)
    if not len(at):
        return []
    worst = at[np.argmax(steps[at])]
    text = (f"{symbol} has {_many(len(at), 'gap')} longer than {GAP_STEPS} typical steps; the longest, "
            f"{_span(steps[worst])}, begins after {_stamp(index[worst])}.")
    return [Issue(symbol=symbol, column=None, kind="gap", count=len(at), text=text, times=tuple(index[at[:SHOWN]]))]


def _of_column(column: pd.Series, symbol: str) -> list[Issue]:
    values, found = column.dropna(), []
    name = f"{symbol} {column.name}"
    missing = column.index[column.isna()]
    if len(missing):
        share = f"{len(missing) / len(column):.1%}"
        found.append(("missing", missing, f"{name} is missing in {_many(len(missing), 'row')} ({share})."))
    if column.name in PRICES and column.name != "volume":
        bad = values.index[values <= 0]
        if len(bad):
            found.append(("nonpositive", bad, f"{name} is zero or negative in {_many(len(bad), 'row')}."))
    if len(values) > 1 and values.nunique() == 1:
        found.append(("constant", values.index[:1], f"{name} is {values.iloc[0]:g} in every row: it says nothing."))
    else:
        found += _stale(values, name)
    return [Issue(symbol=symbol, column=str(column.name), kind=kind, count=len(times), text=text,
                  times=tuple(times[:SHOWN])) for kind, times, text in found]


def _stale(values: pd.Series, name: str) -> list[tuple[str, pd.Index, str]]:
    run_T = values.ne(values.shift()).cumsum()
    lengths = run_T.value_counts(sort=False)
    long = lengths[lengths >= STALE_ROWS]
    if long.empty:
        return []
    starts = values.index[(~run_T.duplicated()).to_numpy() & run_T.isin(long.index).to_numpy()]
    text = (f"{name} stands still for {STALE_ROWS} rows or more in {_many(len(long), 'stretch', 'stretches')}; "
            f"the longest has {long.max():,} rows.")
    return [("stale", starts, text)]


def _many(count: int, one: str, more: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _span(step: pd.Timedelta) -> str:
    return f"{step / DAY:.0f} days" if step >= 2 * DAY else f"{step / pd.Timedelta(hours=1):.1f} hours"


def _stamp(time: pd.Timestamp) -> str:
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"
