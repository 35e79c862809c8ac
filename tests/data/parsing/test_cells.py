"""Excel, Parquet and odd encodings are known by their content, and broken ones are refused."""

import io
from datetime import datetime, time

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.sources.files import read
from core.errors import DataError

DAYS = pd.date_range("2024-01-30", periods=3)


def parquet(table: pd.DataFrame) -> bytes:
    made = io.BytesIO()
    table.to_parquet(made)
    return made.getvalue()


def workbook(*sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{at}")
        for row in rows:
            sheet.append(row)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


TABLES = {
    "a time index": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS.rename("Date")),
    "a nameless index": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS),
    "a zone": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS.tz_localize("America/New_York").rename("Date")),
    "texts": pd.DataFrame({"when": ["30.01.2024", "31.01.2024", "01.02.2024"], "v": ["1,5", "2,5", "3,5"]}),
    "digits": pd.DataFrame({"date": [20240130, 20240131, 20240201], "v": [1.5, 2.5, 3.5]}),
    "dates": pd.DataFrame({"d": DAYS.date, "who": ["a", None, "b"], "v": [1.5, 2.5, 3.5]}),
    "lists beside": pd.DataFrame({"d": DAYS, "odd": [[1], [2], [3]], "v": [1.5, 2.5, 3.5]}),
}


@pytest.mark.parametrize("kind", TABLES)
def test_parquet_is_read_whatever_its_name(kind: str) -> None:
    tables, made = read(parquet(TABLES[kind]), "mine.csv")
    assert made.kind == "parquet" and tables["MINE"].columns.tolist() == ["v"]
    assert tables["MINE"]["v"].tolist() == [1.5, 2.5, 3.5] and list(tables["MINE"].index) == list(DAYS)


def test_long_parquet_gives_its_symbols() -> None:
    table = pd.DataFrame({"time": [*DAYS, *DAYS], "store": [1] * 3 + [2] * 3, "sold": range(6)})
    tables, made = read(parquet(table), "x")
    assert list(tables) == ["1", "2"] and made.symbol == "store" and tables["2"]["sold"].tolist() == [3, 4, 5]


def test_a_workbook_is_read_from_its_first_sheet_with_a_table() -> None:
    rows = [
        ["My sales"],
        ["Date", "Sold", "Note"],
        *[[day.to_pydatetime(), at + 1.5, "x"] for at, day in enumerate(DAYS)],
    ]
    tables, made = read(workbook([["About"]], rows), "sales.csv")
    assert made.kind == "excel" and tables["SALES"]["Sold"].tolist() == [1.5, 2.5, 3.5]
    assert list(tables["SALES"].index) == list(DAYS) and any("Of 2 sheets 'S1'" in note for note in made.notes)


def test_a_workbook_may_hold_its_clock_times_apart() -> None:
    day = datetime(2024, 1, 30)
    table = read(workbook([["date", "time", "v"], [day, time(9, 30), 1], [day, time(10, 30), 2]]), "x.xlsx")[0]["X"]
    assert [str(at) for at in table.index] == ["2024-01-30 09:30:00", "2024-01-30 10:30:00"]


def test_a_workbook_says_the_row_of_a_wrong_date() -> None:
    with pytest.raises(DataError, match="Row 4 says 'soon' where a date belongs"):
        read(workbook([["d", "v"], [datetime(2024, 1, 30), 1], [datetime(2024, 1, 31), 2], ["soon", 3]]), "x.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_are_told_apart(encoding: str) -> None:
    text = "date,Größe,Maß\n2024-01-30,1,2\n2024-01-31,2,3\n"
    tables, made = read(text.encode(encoding), "x.csv")
    assert tables["X"].columns.tolist() == ["Größe", "Maß"] and made.encoding == encoding.removesuffix("-sig")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (parquet(TABLES["digits"])[:-9], "begins like a Parquet file"),
        (b"PAR1", "begins like a Parquet file"),
        (workbook([["v"]])[:300], "cannot be read as a workbook"),
        (workbook([["v"]]), "no sheet with 2 filled rows"),
        (parquet(pd.DataFrame({"v": []})), "no rows"),
        (parquet(pd.DataFrame({"v": [1.0, 2.0]})), "no date column"),
        (b"\xd0\xcf\x11\xe0old", "an old Excel file"),
    ],
)
def test_broken_files_are_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read(content, "x.csv")


GOOD = (parquet(TABLES["texts"]), workbook([["date", "v"], ["2024-01-30", 1], ["2024-01-31", 2]]))


@settings(max_examples=40)
@given(good=st.sampled_from(GOOD), at=st.floats(0, 1), junk=st.binary(min_size=1, max_size=6))
def test_whatever_is_damaged_nothing_but_a_data_error_comes_out(good: bytes, at: float, junk: bytes) -> None:
    place = int(at * len(good))
    try:
        assert read(good[:place] + junk + good[place + len(junk) :], "x")[0]
    except DataError as error:
        assert str(error)
