"""Dates and clocks in columns of their own, times since 1970 under any name, and dates of several countries."""

import pandas as pd
import pytest

from core.data.sources.files import read
from core.errors import DataError

HOURS = pd.date_range("2024-03-01", periods=72, freq="h")
WAYS = {  # header → how a time is written in its cells
    "Date,Hour": lambda t: f"{t:%Y-%m-%d},{t.hour}",
    "day,HR": lambda t: f"{t:%d.%m.%Y},{t.hour}",
    "Date,Hour Ending": lambda t: f"{t - pd.Timedelta(hours=1):%Y-%m-%d},{(t.hour - 1) % 24 + 1}",
    "Hour Ending": lambda t: f"{t - pd.Timedelta(hours=1):%m/%d/%Y} {(t.hour - 1) % 24 + 1:02d}:00",
    "Date,HHMM": lambda t: f"{t:%Y-%m-%d},{t.hour * 100}",
    "Date,Time": lambda t: f"{t:%Y%m%d},{t:%H%M%S}",
    "Date,Timestamp": lambda t: f"{t:%Y%m%d},{t:%H:%M:%S}",
    "Datum,Uhrzeit": lambda t: f"{t:%d.%m.%Y},{t:%H.%M.%S}",
    "Date,from": lambda t: f"{t:%m/%d/%Y},{t:%I:%M %p}",
    "Date,Time ": lambda t: f"{t:%m/%d/%Y},{t:%I:%M%p}",
    "날짜,시간": lambda t: f"{t:%Y-%m-%d},{t:%H:%M}",
    "year,month,day,hour": lambda t: f"{t.year},{t.month},{t.day},{t.hour}",
    "YEAR,MO,DY,HR": lambda t: f"{t.year},{t.month},{t.day},{t.hour}",
    "YEAR,DOY,HR": lambda t: f"{t.year},{t.dayofyear},{t.hour}",
    "ts": lambda t: f"{t.timestamp():.0f}",
    "open_time": lambda t: f"{t.timestamp() * 1e3:.1f}",
    "a": lambda t: f"{int(t.timestamp()) * 10**6}",
    "when it was": lambda t: f"{int(t.timestamp()) * 10**9}",
    "mixed": lambda t: f"{int(t.timestamp()) * (1000 if t.day > 1 else 1)}",
    "at": lambda t: f"{t:%Y-%m-%d %H:%M:%S} EST",
    "Local time": lambda t: f"{t:%d.%m.%Y %H:%M:%S}.000 GMT+0900",
    "일시": lambda t: f"{t.year}년 {t.month}월 {t.day}일 {'오후' if t.hour > 11 else '오전'} {t:%I:%M}",
}


@pytest.mark.parametrize("header", WAYS)
def test_dates_and_clocks_are_read_however_they_are_laid_out(header: str) -> None:
    body = "".join(f"{WAYS[header](time)},{at}.5\n" for at, time in enumerate(HOURS))
    tables, _ = read(f"{header},load\n{body}".encode(), "x.csv")
    assert list(tables) == ["X"] and list(tables["X"].columns) == ["load"]
    assert list(tables["X"].index) == list(HOURS)
    assert tables["X"]["load"].tolist() == [at + 0.5 for at in range(len(HOURS))]


def test_a_clock_beside_a_symbol_stays_a_clock() -> None:
    body = "".join(f"{t:%Y-%m-%d},{t:%H.%M.%S},{name},{t.hour}\n" for t in HOURS for name in "AB")
    tables, schema = read(f"Date,Time,station,v\n{body}".encode(), "x.csv")
    assert list(tables) == ["A", "B"] and schema.symbol_column == "station"
    assert all(list(table.index) == list(HOURS) for table in tables.values())


def test_ordinary_whole_numbers_are_no_clock_and_no_time() -> None:
    days = pd.date_range("2024-03-01", periods=9)
    body = "".join(f"{day:%Y-%m-%d},{at % 3 + 1},{10 + at}\n" for at, day in enumerate(days))
    table = read(f"date,shops,staff\n{body}".encode(), "x.csv")[0]["X"]
    assert list(table.columns) == ["shops", "staff"] and list(table.index) == list(days)
    with pytest.raises(DataError, match="no date column"):
        read(b"a,b\n1706572800,5\n1600000000,6\n1806572800,7\n1706572801,8\n", "x.csv")


def test_bars_of_an_exchange_without_a_header_are_named() -> None:
    rows = [(t, 10 + at, 12 + at, 9 + at, 11 + at, 5.5 + at) for at, t in enumerate(HOURS[:6])]
    body = "".join(
        f"{t.timestamp() * 1000:.0f},{','.join(map(str, row))},{t.timestamp() * 1000 + 3599999:.0f},7,3\n"
        for t, *row in rows
    )
    tables, schema = read(body.encode(), "x.csv")
    assert list(tables["X"].columns[:5]) == ["open", "high", "low", "close", "volume"] and schema.target == "close"
    assert list(tables["X"].index) == list(HOURS[:6]) and "close_time" not in tables["X"]
    assert tables["X"].iloc[:, :5].to_numpy().tolist() == [list(row[1:]) for row in rows]


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["Q1 1988", "Q2 1988", "Q3 1988"], "1988-01-01"),
        (["1988 JAN", "1988 FEB", "1988 MAR"], "1988-01-01"),
        (["2018-W01", "2018-W02", "2018-W03"], "2018-01-01"),
        (["2022. 1. 3", "2022. 1. 4", "2022. 1. 5"], "2022-01-03"),
        (["2023- 08- 11", "2023- 08- 12", "2023- 08- 13"], "2023-08-11"),
    ],
)
def test_other_ways_to_write_dates(cells: list[str], first: str) -> None:
    body = "".join(f"{cell},{at}\n" for at, cell in enumerate(cells))
    table = read(f"when,v\n{body}".encode(), "x.csv")[0]["X"]
    assert len(table) == 3 and table.index[0] == pd.Timestamp(first) and table["v"].tolist() == [0, 1, 2]
