"""What a person should know about the data before training on them: holes, gaps, flat stretches, impossible prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.frame import PRICES, of_symbol, symbols
from core.data.sessions import DAY, days_off, round_the_clock, typical_step, weekdays
from core.records import Floats

GAP_STEPS = 5  # a gap is longer than this many typical steps
STALE_ROWS = 10  # a stale run has at least this many equal values
SHOWN = 20  # times named in an issue
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)  # shares made of one; the other way round in a reverse split
NEAR = 0.04  # a split shows as its ratio within this relative distance, the day's own move
OTHERS = {*PRICES} - {"close"}  # what these jump by, the close tells
ODD = 8.0  # robust deviations beyond which a change is an outlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding. `kind`: rows (the summary, no complaint), missing, constant, nonpositive, gap, absent (sessions
    that the weekday pattern expects), stale, outlier or split.

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
        found += _gaps(table, symbol) + _absent(table, symbol) + _splits(table, symbol)
        for column in table.columns:
            found += _of_column(table[column], symbol, jumps="close" not in table or column not in OTHERS)
    return tuple(found)


def _summary(table: pd.DataFrame, symbol: str) -> Issue:
    first, last = (f"{time:%Y-%m-%d}" for time in (table.index[0], table.index[-1]))
    often = f", {_frequency(pd.DatetimeIndex(table.index))}," if len(table) > 2 else ""
    text = (f"{symbol} has {_many(len(table), 'session')}{often} from {first} to {last} and "
            f"{_many(table.shape[1], 'column')}.")
    return Issue(symbol=symbol, column=None, kind="rows", count=len(table), text=text)


def _frequency(index: pd.DatetimeIndex) -> str:
    step = typical_step(index)
    for most, word in ((0.9, ""), (1.5, "every day"), (8, "weekly"), (32, "monthly"), (95, "quarterly"),
                       (370, "yearly")):
        if word and 0.9 <= step / DAY <= most:
            weekdays_only = word == "every day" and not (index.dayofweek >= 5).any()
            return "every weekday" if weekdays_only else word
    return f"every {_span(step)}"


def _absent(table: pd.DataFrame, symbol: str) -> list[Issue]:
    """Days that the weekday pattern and the holidays of the series expect, of a series that is seldom without them."""
    index = pd.DatetimeIndex(table.index)
    if len(index) < 20 or not 0.9 * DAY <= typical_step(index) <= 1.5 * DAY:
        return []
    expected = pd.date_range(index[0].normalize(), index[-1].normalize(), freq="D")
    expected = expected[expected.dayofweek.isin(weekdays(index))]
    lost = expected.difference(index.normalize())
    lost = lost[~days_off(index, lost)] if len(lost) else lost
    if not len(lost):
        return []
    text = (f"{symbol} has no row on {_many(len(lost), 'weekday')} ({len(lost) / len(expected):.1%}) on which its "
            f"pattern expects one, first on {_stamp(lost[0])}: holidays, or missing sessions.")
    return [Issue(symbol=symbol, column=None, kind="absent", count=len(lost), text=text, times=tuple(lost[:SHOWN]))]


def _splits(table: pd.DataFrame, symbol: str) -> list[Issue]:
    """Overnight jumps of the close by nearly a whole ratio, far beyond its usual moves."""
    if "close" not in table or (table["close"].dropna() <= 0).any() or table["close"].count() < 20:
        return []
    close = table["close"].dropna()
    jump_T = np.log(close).diff().to_numpy()[1:]
    ratio_K = np.log(np.concatenate([SPLITS, 1 / np.array(SPLITS)]))
    near_TK = np.abs(-jump_T[:, None] - ratio_K) < NEAR
    at = np.flatnonzero(near_TK.any(axis=1) & (np.abs(_deviations(jump_T)) > ODD))
    if not len(at):
        return []
    ratio = float(np.exp(ratio_K[near_TK[at[0]].argmax()]))
    said = f"{ratio:.0f} to 1" if ratio > 1 else f"1 to {1 / ratio:.0f}"
    volume = _volume_hint(table, close.index[at[0] + 1], ratio)
    text = (f"{symbol} close jumps as in a split that is not adjusted for on {_many(len(at), 'day')}, first about "
            f"{said} on {_stamp(close.index[at[0] + 1])}{volume}.")
    times = tuple(close.index[at[:SHOWN] + 1])
    return [Issue(symbol=symbol, column="close", kind="split", count=len(at), text=text, times=times)]


def _volume_hint(table: pd.DataFrame, day: pd.Timestamp, ratio: float) -> str:
    """Shares traded change by the ratio of a split too, and stay there."""
    if "volume" not in table:
        return ""
    before, after = table["volume"][:day].iloc[:-1].tail(10).median(), table["volume"][day:].head(10).median()
    if not before > 0 or not after > 0:
        return ""
    alike = abs(np.log(after / before) - np.log(ratio)) < abs(np.log(ratio)) / 2
    return ", and the volume changes with it" if alike else ", though the volume does not change with it"


def _outliers(values: pd.Series, name: str) -> list[tuple[str, pd.Index, str]]:
    """Changes more than 8 robust deviations away: of logs where all values are above zero, else of the values."""
    if len(values) < 20:
        return []
    logs = bool((values > 0).all())
    change_T = (np.log(values) if logs else values).diff().to_numpy()[1:]
    at = np.flatnonzero(np.abs(_deviations(change_T)) > ODD)
    if not len(at):
        return []
    worst = at[np.argmax(np.abs(change_T[at]))] + 1
    text = (f"{name} jumps by more than {ODD:g} robust deviations in {_many(len(at), 'row')}; the largest is from "
            f"{values.iloc[worst - 1]:.5g} to {values.iloc[worst]:.5g} on {_stamp(values.index[worst])}.")
    return [("outlier", values.index[at + 1], text)]


def _deviations(change_T: Floats) -> Floats:
    """Distance from the median in robust standard deviations (1.4826 · median absolute deviation)."""
    away_T = change_T - np.median(change_T)
    spread = 1.4826 * float(np.median(np.abs(away_T)))
    return away_T / spread if spread > 0 else np.zeros_like(away_T)  # most rows do not change: no scale to judge by


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


def _of_column(column: pd.Series, symbol: str, jumps: bool) -> list[Issue]:
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
        found += _stale(values, name) + (_outliers(values, name) if jumps else [])
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
