"""What a person should know about the data before training: missing values, gaps, constant periods, odd prices."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data import jumps
from core.data.calendars import DAY, typical_step, weekdays
from core.data.frame import PRICES, select_symbol, symbols
from core.data.missing_rows import GAP_STEPS, find_gaps, find_missing_days
from core.data.wording import format_time, plural, reworded
from core.language import message

STALE_ROWS = 10  # at least this many equal values in a row are stale
MAX_TIMES = 2000  # times that an issue lists: as many as a chart can show
CLOSE_COMPANIONS = {*PRICES} - {"close"}  # jumps in these columns show in the close, too


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
    rows, columns = plural(len(table), "row"), plural(table.shape[1], "column")
    if len(table) > 2:
        often = describe_frequency(pd.DatetimeIndex(table.index))
        text = message(
            "{symbol} has {rows} and {columns}: {often} from {first} to {last}.",
            symbol=symbol,
            rows=rows,
            columns=columns,
            often=often,
            first=first,
            last=last,
        )
    else:
        text = message(
            "{symbol} has {rows} and {columns}, from {first} to {last}.",
            symbol=symbol,
            rows=rows,
            columns=columns,
            first=first,
            last=last,
        )
    return Issue(symbol=symbol, column=None, kind="rows", count=len(table), text=text)


EVERY_DAY = message("every day")
_UNIT_DAYS = {"year": 365.25, "quarter": 91.3, "month": 30.4, "week": 7, "day": 1}
_DAILY = {
    tuple(range(5)): message("every weekday"),
    (0, 1, 2, 3, 6): message("Sunday to Thursday"),
    tuple(range(6)): message("Monday to Saturday"),
}


def describe_frequency(index: pd.DatetimeIndex) -> str:
    """How often there is a row, in words: every weekday, monthly, every 5 minutes."""
    step = typical_step(index)
    for longest, word in (
        (0.9, ""),
        (1.5, EVERY_DAY),
        (8, message("weekly")),
        (32, message("monthly")),
        (95, message("quarterly")),
        (370, message("yearly")),
    ):
        if word and 0.9 <= step / DAY <= longest:
            return _DAILY.get(weekdays(index), word) if word == EVERY_DAY else word
    span = _span(step)
    return reworded(message("every {span}", span=span), f"every {span.removeprefix('1 ')}")


def describe_steps(index: pd.DatetimeIndex, count: int) -> str:
    """The time that `count` steps of a series take, in words: 5 days, 12 months, 8 hours, 5 steps of 15 minutes."""
    noun = step_noun(index)
    steps = plural(count, noun)
    return steps if noun != "step" else message("{steps} of {span}", steps=steps, span=_span(typical_step(index)))


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
    text = message(
        "{symbol} has {gaps} longer than {steps} typical steps; the longest, {span}, begins after {time}.",
        symbol=symbol,
        gaps=plural(len(before), "gap"),
        steps=GAP_STEPS,
        span=_span(after[worst] - before[worst]),
        time=format_time(before[worst]),
    )
    return [_issue(symbol, None, "gap", text, before, after)]


def _missing_days(table: pd.DataFrame, symbol: str) -> list[Issue]:
    missing, expected, code = find_missing_days(pd.DatetimeIndex(table.index))
    if not len(missing):
        return []
    days, share, first = plural(len(missing), "day"), f"{len(missing) / expected:.1%}", format_time(missing[0])
    text = (
        message(
            "{symbol} has no row on {days} ({share}) on which its exchange, {exchange}, was open; the first is "
            "{first}.",
            symbol=symbol,
            days=days,
            share=share,
            exchange=code,
            first=first,
        )
        if code
        else message(
            "{symbol} has no row on {days} ({share}) on which its weekly pattern expects one; the first is "
            "{first}. They are holidays, or rows are missing.",
            symbol=symbol,
            days=days,
            share=share,
            first=first,
        )
    )
    return [_issue(symbol, None, "absent", text, missing)]


def _splits(table: pd.DataFrame, symbol: str) -> list[Issue]:
    text, times = jumps.find_splits(table, symbol)
    return [_issue(symbol, "close", "split", text, times)] if text else []


def _column_issues(column: pd.Series, symbol: str, outliers: bool) -> list[Issue]:
    values, name, title = column.dropna(), str(column.name), f"{symbol} {column.name}"
    issues = []
    missing = column.index[column.isna()]
    if len(missing):
        share = f"{len(missing) / len(column):.1%}"
        text = message(
            "{title} is missing in {rows} ({share}).", title=title, rows=plural(len(missing), "row"), share=share
        )
        issues.append(_issue(symbol, name, "missing", text, missing))
    if name in PRICES and name != "volume":
        bad = values.index[values <= 0]
        if len(bad):
            text = message("{title} is zero or negative in {rows}.", title=title, rows=plural(len(bad), "row"))
            issues.append(_issue(symbol, name, "nonpositive", text, bad))
    if len(values) > 1 and values.nunique() == 1:
        text = message(
            "{title} is {value} in every row: it carries no information.", title=title, value=f"{values.iloc[0]:g}"
        )
        return [*issues, _issue(symbol, name, "constant", text, values.index[:1])]
    return issues + _stale(values, symbol, name) + (_outliers(values, symbol, name) if outliers else [])


def _stale(values: pd.Series, symbol: str, name: str) -> list[Issue]:
    same_T = values.eq(values.shift()).to_numpy()
    starts = np.flatnonzero(~same_T)
    lengths = np.diff(np.append(starts, len(values)))
    starts, lengths = starts[lengths >= STALE_ROWS], lengths[lengths >= STALE_ROWS]
    if not len(starts):
        return []
    text = message(
        "{symbol} {name} does not change for {least} rows or more in {periods}; the longest has {longest} rows.",
        symbol=symbol,
        name=name,
        least=STALE_ROWS,
        periods=plural(len(starts), "period"),
        longest=f"{lengths.max():,}",
    )
    return [_issue(symbol, name, "stale", text, values.index[starts], values.index[starts + lengths - 1])]


def _outliers(values: pd.Series, symbol: str, name: str) -> list[Issue]:
    text, times = jumps.find_outliers(values, f"{symbol} {name}")
    return [_issue(symbol, name, "outlier", text, times)] if text else []


def _span(step: pd.Timedelta) -> str:
    hours = step / pd.Timedelta(hours=1)
    if hours < 1:
        minutes = round(60 * hours)
        return reworded(plural(minutes, "minute"), f"{minutes} minutes")
    if step >= 2 * DAY:
        days = round(step / DAY)
        return reworded(plural(days, "day"), f"{days} days")
    amount = f"{hours:.1f}".removesuffix(".0")
    return reworded(message("{amount} hours", amount=amount), f"{amount} hour{'' if amount == '1' else 's'}")
