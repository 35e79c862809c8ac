"""What a person should know about the data before training on them: holes, gaps, flat stretches, impossible prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import missing_sessions
from core.data.frame import PRICES, of_symbol, symbols
from core.data.missing_sessions import GAP_STEPS
from core.data.sessions import DAY, typical_step
from core.types import Floats

STALE_ROWS = 10  # a stale run has at least this many equal values
KEPT = 2000  # times kept of an issue: as many as a chart can show
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)  # shares made of one; the other way round in a reverse split
NEAR = 0.04  # a split shows as its ratio within this relative distance, the day's own move
OTHERS = {*PRICES} - {"close"}  # what these jump by, the close tells
ODD = 8.0  # robust deviations beyond which a change is an outlier

Found = tuple[str, pd.Index, pd.Index, str]  # kind, times, ends, text


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding. `kind`: rows (the summary, no complaint), missing, constant, nonpositive, gap, absent (sessions
    that the exchange or the weekday pattern expects), stale, outlier or split.

    `column` is None where the whole symbol is meant, `count` counts rows, days or runs. `times` are the first 2,000
    concerned; for a gap and a stale run they are where it begins, and `ends` the time at which each ends.
    """

    symbol: str
    column: str | None
    kind: str
    count: int
    text: str
    times: tuple[pd.Timestamp, ...] = ()
    ends: tuple[pd.Timestamp, ...] = ()


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
    text = (
        f"{symbol} has {many(len(table), 'session')}{often} from {first} to {last} and "
        f"{many(table.shape[1], 'column')}."
    )
    return Issue(symbol=symbol, column=None, kind="rows", count=len(table), text=text)


def _frequency(index: pd.DatetimeIndex) -> str:
    step = typical_step(index)
    for most, word in (
        (0.9, ""),
        (1.5, "every day"),
        (8, "weekly"),
        (32, "monthly"),
        (95, "quarterly"),
        (370, "yearly"),
    ):
        if word and 0.9 <= step / DAY <= most:
            weekdays_only = word == "every day" and not (index.dayofweek >= 5).any()
            return "every weekday" if weekdays_only else word
    return f"every {_span(step)}"


def _gaps(table: pd.DataFrame, symbol: str) -> list[Issue]:
    before, after = missing_sessions.gaps(pd.DatetimeIndex(table.index))
    if not len(before):
        return []
    worst = int(np.argmax(after - before))
    text = (
        f"{symbol} has {many(len(before), 'gap')} longer than {GAP_STEPS} typical steps; the longest, "
        f"{_span(after[worst] - before[worst])}, begins after {stamp(before[worst])}."
    )
    return [_issue(symbol, None, ("gap", before, after, text))]


def _absent(table: pd.DataFrame, symbol: str) -> list[Issue]:
    lost, expected, code = missing_sessions.absent(pd.DatetimeIndex(table.index))
    if not len(lost):
        return []
    share = f"({len(lost) / expected:.1%})"
    text = (
        f"{symbol} has no row on {many(len(lost), 'day')} {share} on which the exchange with its sessions, {code}, "
        f"was open, first on {stamp(lost[0])}."
        if code
        else f"{symbol} has no row on {many(len(lost), 'day')} {share} on which its pattern expects one, first on "
        f"{stamp(lost[0])}: holidays, or missing sessions."
    )
    return [_issue(symbol, None, ("absent", lost, lost[:0], text))]


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
    text = (
        f"{symbol} close jumps as in a split that is not adjusted for on {many(len(at), 'day')}, first about "
        f"{said} on {stamp(close.index[at[0] + 1])}{volume}."
    )
    return [_issue(symbol, "close", ("split", close.index[at + 1], close.index[:0], text))]


def _volume_hint(table: pd.DataFrame, day: pd.Timestamp, ratio: float) -> str:
    """Shares traded change by the ratio of a split too, and stay there."""
    if "volume" not in table:
        return ""
    before, after = table["volume"][:day].iloc[:-1].tail(10).median(), table["volume"][day:].head(10).median()
    if not before > 0 or not after > 0:
        return ""
    alike = abs(np.log(after / before) - np.log(ratio)) < abs(np.log(ratio)) / 2
    return ", and the volume changes with it" if alike else ", though the volume does not change with it"


def _of_column(column: pd.Series, symbol: str, jumps: bool) -> list[Issue]:
    values, found = column.dropna(), []
    name, none = f"{symbol} {column.name}", column.index[:0]
    missing = column.index[column.isna()]
    if len(missing):
        share = f"{len(missing) / len(column):.1%}"
        found.append(("missing", missing, none, f"{name} is missing in {many(len(missing), 'row')} ({share})."))
    if column.name in PRICES and column.name != "volume":
        bad = values.index[values <= 0]
        if len(bad):
            found.append(("nonpositive", bad, none, f"{name} is zero or negative in {many(len(bad), 'row')}."))
    if len(values) > 1 and values.nunique() == 1:
        text = f"{name} is {values.iloc[0]:g} in every row: it says nothing."
        found.append(("constant", values.index[:1], none, text))
    else:
        found += _stale(values, name) + (_outliers(values, name) if jumps else [])
    return [_issue(symbol, str(column.name), one) for one in found]


def _stale(values: pd.Series, name: str) -> list[Found]:
    same_T = values.eq(values.shift()).to_numpy()
    starts = np.flatnonzero(~same_T)
    lengths = np.diff(np.append(starts, len(values)))
    starts, lengths = starts[lengths >= STALE_ROWS], lengths[lengths >= STALE_ROWS]
    if not len(starts):
        return []
    text = (
        f"{name} stands still for {STALE_ROWS} rows or more in {many(len(starts), 'stretch', 'stretches')}; "
        f"the longest has {lengths.max():,} rows."
    )
    return [("stale", values.index[starts], values.index[starts + lengths - 1], text)]


def _outliers(values: pd.Series, name: str) -> list[Found]:
    """Changes more than 8 robust deviations away: of logs where all values are above zero, else of the values.

    What changes across a gap is left out: a long time may have passed.
    """
    if len(values) < 20:
        return []
    index = pd.DatetimeIndex(values.index)
    logs = bool((values > 0).all())
    row_K = 1 + np.flatnonzero(index[1:] - index[:-1] <= GAP_STEPS * typical_step(index))
    change_K = (np.log(values) if logs else values).diff().to_numpy()[row_K]
    odd = np.flatnonzero(np.abs(_deviations(change_K)) > ODD)
    if not len(odd):
        return []
    at, worst = row_K[odd], row_K[odd[np.argmax(np.abs(change_K[odd]))]]
    text = (
        f"{name} jumps by more than {ODD:g} robust deviations in {many(len(at), 'row')}; the largest is from "
        f"{values.iloc[worst - 1]:.5g} to {values.iloc[worst]:.5g} on {stamp(index[worst])}."
    )
    return [("outlier", index[at], index[:0], text)]


def _deviations(change_T: Floats) -> Floats:
    """Distance from the median in robust standard deviations (1.4826 · median absolute deviation)."""
    away_T = change_T - np.median(change_T)
    spread = 1.4826 * float(np.median(np.abs(away_T)))
    return away_T / spread if spread > 0 else np.zeros_like(away_T)  # most rows do not change: no scale to judge by


def _issue(symbol: str, column: str | None, found: Found) -> Issue:
    kind, times, ends, text = found
    return Issue(
        symbol=symbol,
        column=column,
        kind=kind,
        count=len(times),
        text=text,
        times=tuple(times[:KEPT]),
        ends=tuple(ends[:KEPT]),
    )


def many(count: int, one: str, more: str | None = None) -> str:
    """1 row, 1,200 rows; `more` where the plural has no plain s."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def stamp(time: pd.Timestamp) -> str:
    """A time as a person reads it, no finer than it is: 2018-12-31, or 2018-12-31 10:30."""
    return f"{time:%Y-%m-%d}" if time == time.normalize() else f"{time:%Y-%m-%d %H:%M}"


def _span(step: pd.Timedelta) -> str:
    hours = step / pd.Timedelta(hours=1)
    if hours < 1:
        return f"{60 * hours:.0f} minutes"
    return f"{step / DAY:.0f} days" if step >= 2 * DAY else f"{hours:.1f} hours"
