"""Forecast dates of intraday files against exchange_calendars: python -m benchmarks.calendars

For each exchange, kind of bars and number of rows, the bars of the next ten sessions: with the calendar named, and as
recognised from the rows alone.
"""

import warnings
from collections import Counter
from functools import cache
from typing import Any

import pandas as pd

from core.data.future_times import choose_reading, next_times

CODES = (
    *("XNYS", "XTSE", "BVMF", "XMEX", "XBUE", "XSGO", "XLIM", "XLON", "XDUB", "XETR", "XPAR", "XAMS", "XBRU", "XLIS"),
    *("XMAD", "XMIL", "XSWX", "XWBO", "XSTO", "XCSE", "XHEL", "XOSL", "XICE", "XWAR", "XPRA", "XBUD", "ASEX", "XIST"),
    *("XTAE", "XJSE", "XTKS", "XKRX", "XHKG", "XTAI", "XKLS", "XBKK", "XIDX", "XPHS", "XASX", "XNZE"),
)
KINDS = {  # minutes of a bar, whether its times are in UTC
    "hourly": (60, False),
    "hourly, UTC": (60, True),
    "30 minutes, UTC": (30, True),
    "15 minutes": (15, False),
    "5 minutes": (5, False),
}
ROWS = (30, 250, 2500)
LAST = "2026-03-06"  # of the past; summer time begins within the next ten sessions in America and soon after in Europe


def main() -> None:
    """Count and print."""
    print(f"{'':18}{'rows':>6}{'named: right':>14}{'recognised: right':>19}{'not claimed':>13}{'wrong':>7}")
    for title, (minutes, utc) in KINDS.items():
        for rows in ROWS:
            named = sum(_is_right(code, minutes, utc, rows, code) for code in CODES)
            found = Counter(_recognise(code, minutes, utc, rows) for code in CODES)
            total = f"/{len(CODES)}"
            print(
                f"{title:18}{rows:6}{named:11}{total}{found['right']:16}{total}{found['not claimed']:13}"
                f"{found['wrong']:7}",
                flush=True,
            )


def _recognise(code: str, minutes: int, utc: bool, rows: int) -> str:
    """Whether the calendar recognised from the rows gives the right bars, or none was recognised."""
    past, ahead = _split(code, minutes, utc, rows)
    reading, _ = choose_reading(past, len(ahead))
    right = list(next_times(past, len(ahead))) == list(ahead)
    return "right" if right else "not claimed" if reading is None else "wrong"


def _is_right(code: str, minutes: int, utc: bool, rows: int, calendar: str) -> bool:
    past, ahead = _split(code, minutes, utc, rows)
    return list(next_times(past, len(ahead), calendar=calendar)) == list(ahead)


def _split(code: str, minutes: int, utc: bool, rows: int) -> tuple[pd.DatetimeIndex, pd.DatetimeIndex]:
    """The last bars of the past, and all bars of the next ten sessions."""
    schedule = _schedule(code)
    past = _bars(schedule[:LAST].tail(rows), minutes)
    ahead = _bars(schedule[schedule.index > pd.Timestamp(LAST)].head(10), minutes)
    zone = "UTC" if utc else _zone(code)
    return past[-rows:].tz_convert(zone).tz_localize(None), ahead.tz_convert(zone).tz_localize(None)


def _bars(schedule: pd.DataFrame, minutes: int) -> pd.DatetimeIndex:
    """The begins of bars from each open to each close, without those in a break of trade."""
    days = []
    for _, row in schedule.iterrows():
        times = pd.date_range(row["open"], row["close"], freq=f"{minutes}min", inclusive="left")
        if pd.notna(row["break_start"]):
            times = times[(times < row["break_start"]) | (times >= row["break_end"])]
        days.append(times)
    return pd.DatetimeIndex(days[0].append(days[1:]))


@cache
def _calendar(code: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import exchange_calendars  # type: ignore[import-untyped]

        return exchange_calendars.get_calendar(code, start="2015-01-01", end="2026-12-31")


def _schedule(code: str) -> pd.DataFrame:
    return pd.DataFrame(_calendar(code).schedule)


def _zone(code: str) -> str:
    return str(_calendar(code).tz)


if __name__ == "__main__":
    main()
