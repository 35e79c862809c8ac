"""What a person should know about the data before training: missing values, gaps, constant periods, odd prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.calendars import DAY, typical_step, weekdays
from core.data.frame import PRICES, select_symbol, symbols
from core.data.missing_rows import GAP_STEPS, find_gaps, find_missing_days
from core.data.wording import format_time, plural
from core.types import Floats

STALE_ROWS = 10  # at least this many equal values in a row are stale
MAX_TIMES = 2000  # times that an issue lists: as many as a chart can show
SPLITS = (2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 25, 30, 50)  # shares made out of one; a reverse split is the inverse
SPLIT_TOLERANCE = 0.04  # relative distance from the ratio of a split: the price also moves on that day
CLOSE_COMPANIONS = {*PRICES} - {"close"}  # jumps in these columns show in the close, too
OUTLIER_DEVIATIONS = 8.0  # robust standard deviations beyond which a change is an outlier


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One finding about one symbol. `kind`: rows (the summary, not a complaint), missing, constant, nonpositive, gap,
    absent (days that the exchange or the weekday pattern expects), stale, outlier or split.

    `column` is None if the whole symbol is meant; `count` counts rows, days or periods. `times` are the first 2,000 of
    them; for gaps and stale periods they are the beginnings and `ends` the ends.
    """

    symbol: str
    column: str | None
    kind: str
    count: int
    text: str
    times: tuple[pd.Timestamp, ...] = ()
    ends: tuple[pd.Timestamp, ...] = ()


def find_issues(frame: pd.DataFrame) -> tuple[Issue, ...]:
    """Return the findings of a frame, symbol by symbol, each in one sentence; a symbol's first is its summary."""
    issues: list[Issue] = []
    for symbol in symbols(frame):
        table = select_symbol(frame, symbol)
        issues.append(_summary(table, symbol))
        issues += _gaps(table, symbol) + _missing_days(table, symbol) + _splits(table, symbol)
        for column in table.columns:
            outliers = "close" not in table or column not in CLOSE_COMPANIONS
            issues += _column_issues(table[column], symbol, outliers)
    return tuple(issues)


def _issue(
    symbol: str, column: str | None, kind: str, text: str, times: pd.Index, ends: pd.Index | tuple[()] = ()
) -> Issue:
    return Issue(
        symbol=symbol,
        column=column,
        kind=kind,
        count=len(times),
        text=text,
        times=tuple(times[:MAX_TIMES]),
        ends=tuple(ends[:MAX_TIMES]),
    )


def _summary(table: pd.DataFrame, symbol: str) -> Issue:
    first, last = (f"{time:%Y-%m-%d}" for time in (table.index[0], table.index[-1]))
    frequency = f": {describe_frequency(pd.DatetimeIndex(table.index))}" if len(table) > 2 else ","
    text = (
        f"{symbol} has {plural(len(table), 'row')} and {plural(table.shape[1], 'column')}{frequency} from {first} to "
        f"{last}."
    )
    return Issue(symbol=symbol, column=None, kind="rows", count=len(table), text=text)


_UNIT_DAYS = {"year": 365.25, "quarter": 91.3, "month": 30.4, "week": 7, "day": 1}
_DAILY = {
    tuple(range(5)): "every weekday",
    (0, 1, 2, 3, 6): "Sunday to Thursday",
    tuple(range(6)): "Monday to Saturday",
}


def describe_frequency(index: pd.DatetimeIndex) -> str:
    """How often there is a row, in words: every weekday, monthly, every 5 minutes."""
    step = typical_step(index)
    for longest, word in (
        (0.9, ""),
        (1.5, "every day"),
        (8, "weekly"),
        (32, "monthly"),
        (95, "quarterly"),
        (370, "yearly"),
    ):
        if word and 0.9 <= step / DAY <= longest:
            return _DAILY.get(weekdays(index), word) if word == "every day" else word
    return f"every {_span(step).removeprefix('1 ')}"


def describe_steps(index: pd.DatetimeIndex, count: int) -> str:
    """The time that `count` steps of a series take, in words: 5 days, 12 months, 8 hours, 5 steps of 15 minutes."""
    noun = step_noun(index)
    return plural(count, noun) if noun != "step" else f"{plural(count, noun)} of {_span(typical_step(index))}"


def step_noun(index: pd.DatetimeIndex) -> str:
    """What one step of a series is called: year, quarter, month, week, day, hour, minute; step if it is none of them.

    Its plural takes an s.
    """
    step = typical_step(index) / DAY if len(index) > 1 else 1.0
    for shortest, unit in ((360, "year"), (85, "quarter"), (27, "month"), (6.5, "week"), (0.9, "day")):
        if step >= shortest and round(step / _UNIT_DAYS[unit]) == 1:
            return unit
    minutes = round(step * 24 * 60, 6)
    return "hour" if minutes == 60 else "minute" if minutes == 1 else "step"


def describe_span(index: pd.DatetimeIndex, count: int) -> str:
    """How long so many steps of a series last: 1 hour, 3 days."""
    return _span(count * typical_step(index))


def _gaps(table: pd.DataFrame, symbol: str) -> list[Issue]:
    before, after = find_gaps(pd.DatetimeIndex(table.index))
    if not len(before):
        return []
    worst = int(np.argmax(after - before))
    text = (
        f"{symbol} has {plural(len(before), 'gap')} longer than {GAP_STEPS} typical steps; the longest, "
        f"{_span(after[worst] - before[worst])}, begins after {format_time(before[worst])}."
    )
    return [_issue(symbol, None, "gap", text, before, after)]


def _missing_days(table: pd.DataFrame, symbol: str) -> list[Issue]:
    missing, expected, code = find_missing_days(pd.DatetimeIndex(table.index))
    if not len(missing):
        return []
    days = f"{plural(len(missing), 'day')} ({len(missing) / expected:.1%})"
    first = f"the first is {format_time(missing[0])}"
    text = (
        f"{symbol} has no row on {days} on which its exchange, {code}, was open; {first}."
        if code
        else f"{symbol} has no row on {days} on which its weekly pattern expects one; {first}. They are holidays, or "
        "rows are missing."
    )
    return [_issue(symbol, None, "absent", text, missing)]


def _splits(table: pd.DataFrame, symbol: str) -> list[Issue]:
    """Find overnight jumps of the close by nearly the ratio of a split, far beyond its usual moves."""
    if "close" not in table or (table["close"].dropna() <= 0).any() or table["close"].count() < 20:
        return []
    close = table["close"].dropna()
    jump_T = np.log(close).diff().to_numpy()[1:]
    ratio_K = np.log(np.concatenate([SPLITS, 1 / np.array(SPLITS)]))
    near_TK = np.abs(-jump_T[:, None] - ratio_K) < SPLIT_TOLERANCE
    at = np.flatnonzero(near_TK.any(axis=1) & (np.abs(_deviations(jump_T)) > OUTLIER_DEVIATIONS))
    if not len(at):
        return []
    ratio = float(np.exp(ratio_K[near_TK[at[0]].argmax()]))
    shares = f"{ratio:.0f} to 1" if ratio > 1 else f"1 to {1 / ratio:.0f}"
    volume = _volume_hint(table, close.index[at[0] + 1], ratio)
    text = (
        f"{symbol} close jumps like an unadjusted split on {plural(len(at), 'day')}, first about {shares} on "
        f"{format_time(close.index[at[0] + 1])}{volume}."
    )
    return [_issue(symbol, "close", "split", text, close.index[at + 1])]


def _volume_hint(table: pd.DataFrame, day: pd.Timestamp, ratio: float) -> str:
    """Say whether the volume changes by the ratio of the split too and stays there, as it would at a real split."""
    if "volume" not in table:
        return ""
    before, after = table["volume"][:day].iloc[:-1].tail(10).median(), table["volume"][day:].head(10).median()
    if not before > 0 or not after > 0:
        return ""
    alike = abs(np.log(after / before) - np.log(ratio)) < abs(np.log(ratio)) / 2
    return ", and the volume changes with it" if alike else ", though the volume does not change with it"


def _column_issues(column: pd.Series, symbol: str, outliers: bool) -> list[Issue]:
    values, name, title = column.dropna(), str(column.name), f"{symbol} {column.name}"
    issues = []
    missing = column.index[column.isna()]
    if len(missing):
        share = f"{len(missing) / len(column):.1%}"
        text = f"{title} is missing in {plural(len(missing), 'row')} ({share})."
        issues.append(_issue(symbol, name, "missing", text, missing))
    if name in PRICES and name != "volume":
        bad = values.index[values <= 0]
        if len(bad):
            text = f"{title} is zero or negative in {plural(len(bad), 'row')}."
            issues.append(_issue(symbol, name, "nonpositive", text, bad))
    if len(values) > 1 and values.nunique() == 1:
        text = f"{title} is {values.iloc[0]:g} in every row: it carries no information."
        return [*issues, _issue(symbol, name, "constant", text, values.index[:1])]
    return issues + _stale(values, symbol, name) + (_outliers(values, symbol, name) if outliers else [])


def _stale(values: pd.Series, symbol: str, name: str) -> list[Issue]:
    same_T = values.eq(values.shift()).to_numpy()
    starts = np.flatnonzero(~same_T)
    lengths = np.diff(np.append(starts, len(values)))
    starts, lengths = starts[lengths >= STALE_ROWS], lengths[lengths >= STALE_ROWS]
    if not len(starts):
        return []
    text = (
        f"{symbol} {name} does not change for {STALE_ROWS} rows or more in {plural(len(starts), 'period')}; the "
        f"longest has {lengths.max():,} rows."
    )
    return [_issue(symbol, name, "stale", text, values.index[starts], values.index[starts + lengths - 1])]


def _outliers(values: pd.Series, symbol: str, name: str) -> list[Issue]:
    """Find changes of more than 8 robust standard deviations: of logs if all values are positive, else of the values.

    Changes across a gap do not count: a long time may have passed.
    """
    if len(values) < 20:
        return []
    index = pd.DatetimeIndex(values.index)
    logs = bool((values > 0).all())
    row_K = 1 + np.flatnonzero(index[1:] - index[:-1] <= GAP_STEPS * typical_step(index))
    change_K = (np.log(values) if logs else values).diff().to_numpy()[row_K]
    odd = np.flatnonzero(np.abs(_deviations(change_K)) > OUTLIER_DEVIATIONS)
    if not len(odd):
        return []
    at, worst = row_K[odd], row_K[odd[np.argmax(np.abs(change_K[odd]))]]
    text = (
        f"{symbol} {name} jumps by more than {OUTLIER_DEVIATIONS:g} robust standard deviations in "
        f"{plural(len(at), 'row')}; the largest jump is from {values.iloc[worst - 1]:.5g} to {values.iloc[worst]:.5g} "
        f"on {format_time(index[worst])}."
    )
    return [_issue(symbol, name, "outlier", text, index[at])]


def _deviations(change_T: Floats) -> Floats:
    """Return distances from the median in robust standard deviations (1.4826 · median absolute deviation)."""
    distance_T = change_T - np.median(change_T)
    spread = 1.4826 * float(np.median(np.abs(distance_T)))
    return distance_T / spread if spread > 0 else np.zeros_like(distance_T)  # most rows do not change: no scale


def _span(step: pd.Timedelta) -> str:
    hours = step / pd.Timedelta(hours=1)
    if hours < 1:
        return f"{60 * hours:.0f} minutes"
    if step >= 2 * DAY:
        return f"{step / DAY:.0f} days"
    amount = f"{hours:.1f}".removesuffix(".0")
    return f"{amount} hour{'' if amount == '1' else 's'}"
