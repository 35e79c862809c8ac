"""Tables written in any dialect are read back equal, or a note tells what could be meant."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.sources.files import read

DAYS: dict[str, Callable[[pd.Timestamp], str]] = {
    "ISO": lambda t: f"{t:%Y-%m-%d}",
    "ISO, midnight": lambda t: f"{t:%Y-%m-%dT00:00:00}",
    "points": lambda t: f"{t:%d.%m.%Y}",
    "day first": lambda t: f"{t:%d/%m/%Y}",
    "month first": lambda t: f"{t:%m/%d/%Y}",
    "short years": lambda t: f"{t:%d.%m.%y}",
    "year first": lambda t: f"{t:%Y/%m/%d}",
    "digits": lambda t: f"{t:%Y%m%d}",
    "month in letters": lambda t: f"{t:%d-%b-%Y}",
    "American": lambda t: f"{t:%b %d, %Y}",
    "weekday": lambda t: f"{t:%a %d %b %Y}",
    "Korean": lambda t: f"{t.year}년 {t.month}월 {t.day}일",
    "Korean points": lambda t: f"{t.year}. {t.month}. {t.day}.",
    "Chinese": lambda t: f"{t.year}年{t.month}月{t.day}日",
    "forced": lambda t: f'="{t:%Y-%m-%d}"',
    "seconds": lambda t: f"{t.timestamp():.0f}",
    "milliseconds": lambda t: f"{1000 * t.timestamp():.0f}",
    "zone": lambda t: f"{t:%Y-%m-%d} 00:00:00+09:00",
}
HOURS: dict[str, Callable[[pd.Timestamp], str]] = {
    "ISO": lambda t: f"{t:%Y-%m-%d %H:%M:%S}",
    "T": lambda t: f"{t:%Y-%m-%dT%H:%M}Z",
    "points": lambda t: f"{t:%d.%m.%Y %H:%M}",
    "American": lambda t: f"{t:%m/%d/%Y %I:%M %p}",
    "Korean": lambda t: f"{t:%Y. %m. %d.} {'오후' if t.hour > 11 else '오전'} {(t.hour + 11) % 12 + 1}:{t:%M}",
    "two columns": lambda t: f"{t:%Y-%m-%d}\0{t:%H:%M}",
    "seconds": lambda t: f"{t.timestamp():.0f}",
}
NAMES = {  # of the columns that are written in an encoding
    "utf-8": ("load", "größe", "온도"),
    "utf-8-sig": ("load", "größe", "온도"),
    "utf-16": ("load", "größe", "온도"),
    "cp1252": ("load", "größe", "température"),
    "cp949": ("판매량", "온도", "가격"),
    "gb18030": ("销量", "温度", "价格"),
    "shift_jis": ("売上", "気温", "価格"),
    "cp1251": ("продажи", "температура", "цена"),
}
ABOVE = ("", "My report\n\n", "# made by a tool\n# on a Monday\n", "Region{0}North\nCurrency{0}EUR\n", "\n\n")
BELOW = ("", "Total{1}\n", "\n\n")
MARKS = ((".", ""), (".", ","), (",", ""), (",", "."), (",", " "), (".", "'"), (".", " "))
TOLD = ("Check", "can be read", "ambiguous")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    hourly: bool
    dates: str
    encoding: str
    separator: str
    decimal: str
    thousands: str
    above: str
    below: str
    newest_first: bool
    quoted: bool
    whole: bool


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    hourly = draw(st.booleans())
    dates = draw(st.sampled_from(sorted(HOURS if hourly else DAYS)))
    fits = {"Korean": ("utf", "cp949"), "Korean points": ("",), "Chinese": ("utf", "gb18030", "shift_jis")}
    encodings = [name for name in NAMES if name.startswith(fits.get(dates, ("",)))]
    decimal, thousands = draw(st.sampled_from(MARKS))
    return Dialect(
        hourly=hourly,
        dates=dates,
        encoding=draw(st.sampled_from(encodings)),
        separator=draw(st.sampled_from(",;\t|")),
        decimal=decimal,
        thousands=thousands,
        above=draw(st.sampled_from(ABOVE)),
        below=draw(st.sampled_from(BELOW)),
        newest_first=draw(st.booleans()),
        quoted=draw(st.booleans()),
        whole=draw(st.booleans()),
    )


def write(table: pd.DataFrame, dialect: Dialect) -> bytes:
    """The table as bytes: its index as dates, its columns as numbers, in this dialect."""
    form = (HOURS if dialect.hourly else DAYS)[dialect.dates]

    def cell(text: str) -> str:
        needs_quotes = dialect.separator in text or '"' in text
        return '"' + text.replace('"', '""') + '"' if dialect.quoted or needs_quotes else text

    def number(value: float) -> str:
        text = f"{value:,.0f}" if dialect.whole else f"{value:,.2f}"
        return text.replace(",", "\0").replace(".", dialect.decimal).replace("\0", dialect.thousands)

    two = dialect.dates == "two columns"
    lines = [["date", *(["time"] if two else []), *table.columns]]
    lines += [
        [*form(time).split("\0"), *map(number, row)] for time, row in zip(table.index, table.to_numpy(), strict=True)
    ]
    if dialect.newest_first:
        lines[1:] = lines[:0:-1]
    body = "".join(dialect.separator.join(map(cell, line)) + "\n" for line in lines)
    totals = dialect.separator * two + f"{dialect.separator}99" * len(table.columns)
    above, below = (part.format(dialect.separator, totals) for part in (dialect.above, dialect.below))
    return (above + body + below).encode(dialect.encoding)


@given(
    dialect=dialects(),
    start=st.dates(pd.Timestamp("2001-12-01").date(), pd.Timestamp("2024-12-01").date()),
    rows=st.integers(40, 80),
    seed=st.integers(0, 10_000),
    scale=st.sampled_from((1.0, 30.0, 5000.0)),
)
@settings(max_examples=100, deadline=None)
def test_a_table_in_any_dialect_is_read_back_or_its_ambiguity_is_told(
    dialect: Dialect, start: pd.Timestamp, rows: int, seed: int, scale: float
) -> None:
    rng = np.random.default_rng(seed)
    index = pd.date_range(start, periods=rows, freq="h" if dialect.hourly else "D")
    names = NAMES[dialect.encoding][: rng.integers(1, 4)]
    values = (scale * rng.standard_normal((rows, len(names)))).round(0 if dialect.whole else 2) + 0.0
    table = pd.DataFrame(values, index=index, columns=list(names))
    tables, schema = read(write(table, dialect), "x")
    back = tables.get("X", next(iter(tables.values())))
    same = (
        len(tables) == 1
        and list(back.columns) == list(table.columns)
        and list(back.index) == list(table.index)
        and np.allclose(back.to_numpy(), values)
    )
    notes = [note for note in schema.notes if not note.startswith("The text is encoded")]
    assert same or any(word in note for note in notes for word in TOLD), (dialect, back, schema.notes)
