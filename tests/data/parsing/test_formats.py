"""Excel, Parquet and all encodings are recognised by their content, and broken files are refused."""

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
    buffer = io.BytesIO()
    table.to_parquet(buffer)
    return buffer.getvalue()


def workbook(*sheets: list[list]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for at, rows in enumerate(sheets):
        sheet = book.create_sheet(f"S{at}")
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


TABLES = {
    "a time index": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS.rename("Date")),
    "a nameless index": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS),
    "a zone": pd.DataFrame({"v": [1.5, 2.5, 3.5]}, index=DAYS.tz_localize("America/New_York").rename("Date")),
    "texts": pd.DataFrame({"when": ["30.01.2024", "31.01.2024", "01.02.2024"], "v": ["1,5", "2,5", "3,5"]}),
    "digits": pd.DataFrame({"date": [20240130, 20240131, 20240201], "v": [1.5, 2.5, 3.5]}),
    "dates": pd.DataFrame({"d": DAYS.date, "who": ["a", None, "b"], "v": [1.5, 2.5, 3.5]}),
    "lists, too": pd.DataFrame({"d": DAYS, "odd": [[1], [2], [3]], "v": [1.5, 2.5, 3.5]}),
}


@pytest.mark.parametrize("kind", TABLES)
def test_parquet_is_recognised_whatever_its_name(kind: str) -> None:
    tables, schema = read(parquet(TABLES[kind]), "mine.csv")
    assert schema.kind == "parquet" and tables["MINE"].columns.tolist() == ["v"]
    assert tables["MINE"]["v"].tolist() == [1.5, 2.5, 3.5] and list(tables["MINE"].index) == list(DAYS)


def test_a_long_parquet_file_has_its_symbols() -> None:
    table = pd.DataFrame({"time": [*DAYS, *DAYS], "store": [1] * 3 + [2] * 3, "sold": range(6)})
    tables, schema = read(parquet(table), "x")
    assert list(tables) == ["1", "2"] and schema.symbol_column == "store" and tables["2"]["sold"].tolist() == [3, 4, 5]


def test_a_workbook_is_read_from_its_first_sheet_with_a_table() -> None:
    rows = [
        ["My sales"],
        ["Date", "Sold", "Note"],
        *[[day.to_pydatetime(), at + 1.5, "x"] for at, day in enumerate(DAYS)],
    ]
    tables, schema = read(workbook([["About"]], rows), "sales.csv")
    assert schema.kind == "excel" and tables["SALES"]["Sold"].tolist() == [1.5, 2.5, 3.5]
    assert list(tables["SALES"].index) == list(DAYS) and any(
        "2 sheets" in note and "'S1'" in note for note in schema.notes
    )


def test_a_workbook_may_have_clock_times_in_a_separate_column() -> None:
    day = datetime(2024, 1, 30)
    table = read(workbook([["date", "time", "v"], [day, time(9, 30), 1], [day, time(10, 30), 2]]), "x.xlsx")[0]["X"]
    assert [str(at) for at in table.index] == ["2024-01-30 09:30:00", "2024-01-30 10:30:00"]


def test_a_wrong_date_in_a_workbook_is_reported_with_its_row() -> None:
    with pytest.raises(DataError, match="Row 4 says 'soon' where a date belongs"):
        read(workbook([["d", "v"], [datetime(2024, 1, 30), 1], [datetime(2024, 1, 31), 2], ["soon", 3]]), "x.xlsx")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_encodings_are_recognised(encoding: str) -> None:
    text = "date,Größe,Maß\n2024-01-30,1,2\n2024-01-31,2,3\n"
    tables, schema = read(text.encode(encoding), "x.csv")
    assert tables["X"].columns.tolist() == ["Größe", "Maß"] and schema.encoding == encoding.removesuffix("-sig")


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
def test_a_damaged_file_is_read_or_raises_a_data_error(good: bytes, at: float, junk: bytes) -> None:
    place = int(at * len(good))
    try:
        assert read(good[:place] + junk + good[place + len(junk) :], "x")[0]
    except DataError as error:
        assert str(error)
