"""CSV files as people have them: odd ones are read, unreadable ones are refused in one sentence."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frame import build
from core.data.sources.files import read_path, read_single
from core.errors import DataError

FIRST = pd.Timestamp("2024-01-30")


def read(text: str, encoding: str = "utf-8") -> pd.DataFrame:
    return read_single(text.encode(encoding), "mine.csv")


ODD_FILES = {
    "plain": "Date,Close\n2024-01-30,1.5\n2024-01-31,2.5\n2024-02-01,3.5\n",
    "semicolons and decimal commas": "Datum;Close\n30.01.2024;1,5\n31.01.2024;2,5\n01.02.2024;3,5\n",
    "tabs": "date\tclose\n2024-01-30\t1.5\n2024-01-31\t2.5\n2024-02-01\t3.5\n",
    "newest first": "Date,Close\n02/01/2024,3.5\n01/31/2024,2.5\n01/30/2024,1.5\n",
    "byte order mark, carriage returns": "\ufeffDate,Close\r\n2024-01-30,1.5\r\n2024-01-31,2.5\r\n2024-02-01,3.5\r\n",
    "quotes and blanks": '"Date", "Close"\n"Jan 30, 2024", " 1.5 "\n"Jan 31, 2024", "2.5"\n"Feb 01, 2024", "$3.50"\n',
    "title above, note below": "My prices\n\ndate,close\n2024-01-30,1.5\n2024-01-31,2.5\n2024-02-01,3.5\nSource: me\n",
    "three header rows": "Price,Close\nTicker,AAPL\nDate,\n2024-01-30,1.5\n2024-01-31,2.5\n2024-02-01,3.5\n",
    "row numbers": ",when,close\n0,2024-01-30,1.5\n1,2024-01-31,2.5\n2,2024-02-01,3.5\n",
    "no header": "2024-01-30,1.5\n2024-01-31,2.5\n2024-02-01,3.5\n",
    "separators at the end": "date,close,\n2024-01-30,1.5,\n2024-01-31,2.5,\n2024-02-01,3.5,\n",
    "twice the same day": "date,close\n2024-01-30,9\n2024-01-30,1.5\n2024-01-31,2.5\n2024-02-01,3.5\n",
    "time zones": "Date,Close\n2024-01-30 00:00:00-05:00,1.5\n2024-01-31 00:00:00+01,2.5\n2024-02-01T00:00:00Z,3.5\n",
    "digits for dates": "date,close\n20240130,1.5\n20240131,2.5\n20240201,3.5\n",
    "seconds since 1970": "timestamp,close\n1706572800,1.5\n1706659200,2.5\n1706745600,3.5\n",
    "text and empty columns": "id,date,close,n,empty\nA,2024-01-30,1.5,x,\nA,2024-01-31,2.5,,\nA,2024-02-01,3.5,y,\n",
    "day first": "date|close\n30/01/2024|1.5\n31/01/2024|2.5\n01/02/2024|3.5\n",
    "words for months": "Date,Close\n30-Jan-24,1.5\n31-Jan-24,2.5\n01-Feb-24,3.5\n",
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_odd_files_are_read_like_a_plain_one(kind: str) -> None:
    table = read(ODD_FILES[kind])
    assert table.iloc[:, 0].tolist() == [1.5, 2.5, 3.5] and table.shape[1] == 1
    assert list(table.index) == list(pd.date_range(FIRST, periods=3)) and table.index.name == "time"
    assert list(table.columns) == ["column_2" if kind == "no header" else "close"]
    build({"MINE": table})


def test_thousands_marks_of_all_countries_are_read() -> None:
    rows = 'date,a,b,c\n2024-01-30,"1,234.5",1\'000,"12,345"\n2024-01-31,"2,234,567.25",2 000,"9,999"\n'
    assert read(rows).to_numpy().tolist() == [[1234.5, 1000, 12345], [2234567.25, 2000, 9999]]
    german = "date;a;b\n2024-01-30;1.234,5;1.000\n2024-01-31;2.234.567,25;-2.000\n"
    assert read(german).to_numpy().tolist() == [[1234.5, 1000], [2234567.25, -2000]]
    assert read("date;a\n2024-01-30;1,234\n2024-01-31;2,345\n")["a"].tolist() == [1.234, 2.345]


def test_missing_values_are_recognised_in_every_spelling() -> None:
    spellings = ("1", "", "NA", "n/a", "null", "-", ".", "NaN", "oops", "inf", "2", "3", "4", "5")
    rows = [f"2024-01-{day:02d},{cell},0" for day, cell in enumerate(spellings, start=1)]
    table = read("date,x,y\n" + "\n".join(rows))
    assert len(table) == 14 and table["x"].dropna().tolist() == [1, 2, 3, 4, 5]


def test_one_day_first_date_decides_for_the_whole_file() -> None:
    days = pd.date_range("2024-01-01", "2024-12-31")
    early = days[days.day <= 12]
    texts = [f"{day:%d/%m/%Y},{at}" for at, day in enumerate(early)] + ["13/12/2024,999"]
    assert list(read("date,v\n" + "\n".join(texts)).index) == [*early, pd.Timestamp("2024-12-13")]


def test_ambiguous_dates_are_read_in_the_order_of_the_rows() -> None:
    assert list(read("date,v\n01/11/2023,1\n01/12/2023,2\n01/01/2024,3\n").index.month) == [11, 12, 1]
    assert list(read("date,v\n01/11/2023,1\n01/12/2023,2\n02/01/2023,3\n").index.month) == [1, 1, 2]


def test_clock_times_are_read_from_one_column_or_two() -> None:
    two = read("<DATE>\t<TIME>\t<CLOSE>\n2024.01.30\t09:30:00\t1\n2024.01.30\t10:30:00\t2\n")
    one = read("date,close\n1/30/2024 9:30 AM,1\n1/30/2024 10:30 AM,2\n")
    assert list(two.index) == list(one.index) == [FIRST + pd.Timedelta(hours=9.5), FIRST + pd.Timedelta(hours=10.5)]
    assert list(two.columns) == ["close"]


def test_price_columns_are_lower_case_and_others_keep_their_names() -> None:
    table = read("date,Open,Adj Close,OT,My Load,OT\n2024-01-30,1,2,3,4,5\n2024-01-31,1,2,3,4,6\n")
    assert list(table.columns) == ["open", "adj_close", "OT", "My Load", "OT_2"]


def test_other_encodings_are_read() -> None:
    text = "Datum;Wert;Preis €\n2024-01-30;1;2 €\n2024-01-31;2;3 €\n"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        assert list(read(text, encoding).columns) == ["Wert", "Preis €"]
    assert list(read_single("date,Größe\n2024-01-30,1\n2024-01-31,2\n".encode("latin-1"), "x").columns) == ["Größe"]


UNREADABLE = {
    "is empty": "  \n\n",
    "a header and no rows": "date,close\n",
    r"no date column among 'a', 'b'.*2024-01-31": "a,b\n1,2\n3,4\n",
    "'date' holds no dates: its first entry is 'soon'": "date,close\nsoon,1\nlater,2\n",
    "no column of numbers.*'who'": "date,who\n2024-01-30,me\n2024-01-31,you\n",
    r"Row 4 says '31 Feb' where a date belongs\.": "date,v\n2024-01-30,1\n2024-01-31,2\n31 Feb,3\n2024-02-02,4\n",
    r"Row 2 says '2024-02-30' where a date belongs \(1 more": "date,v\n2024-02-30,1\n,2\n2024-02-01,3\n2024-02-02,4\n"
    "2024-02-03,4\n",
    "has 1 usable row;": "date,v\n2024-01-30,1\n2024-01-30,2\n2024-01-31,\n",
    "Row 3 of 'mine.csv' has 3 cells where the header has 2": "date,v\n2024-01-30,1\n2024-01-31,1,234\n",
    "10 rows of 'mine.csv' have 5 different times": "date,s,v\n"
    + "".join(f"2024-01-{day:02d},{name},1\n" for name in "AB" for day in range(1, 6)),
}


@pytest.mark.parametrize("sentence", UNREADABLE)
def test_unreadable_files_are_refused_in_one_sentence(sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as caught:
        read(UNREADABLE[sentence])
    assert "\n" not in str(caught.value) and str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),  # a mark of UTF-8 and nothing else
        (b"\xff\xfe", "is empty"),
        (b'"', "is empty"),
        (b",", "is empty"),
        (b"PK\x03\x04rest of a workbook", "an Excel or ZIP file"),
        (b"date,v\n2024-01-30,1\x00\n", "not text"),
        (bytes(range(1, 256)) * 4, "not text"),
        (b"\xff\xfea", "not text|no date column|is empty|no rows"),
        (b'date,v\n"2024-01-30,' + b"1" * 200_000, "not a valid CSV row"),
    ],
)
def test_bytes_that_are_not_a_csv_are_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read_single(content, "mine.csv")


def test_a_long_file_name_is_shortened() -> None:
    with pytest.raises(DataError) as caught:
        read_single(b"", "/etc/passwd" + "x" * 500)
    assert len(str(caught.value)) < 200


def test_a_path_is_read_and_a_missing_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "good.csv"
    path.write_text(ODD_FILES["plain"])
    tables, schema = read_path(path)
    assert len(tables["GOOD"]) == 3 and schema.layout == "wide"
    with pytest.raises(DataError, match="No such file"):
        read_path(tmp_path / "none.csv")


CELLS = st.one_of(
    st.text(max_size=8),
    st.floats().map(str),
    st.integers().map(str),
    st.dates().map(str),
    st.datetimes().map(lambda time: f"{time:%d/%m/%Y %H:%M}"),
    st.sampled_from(["", "date", "time", "1,5", "1.234,5", "2024-01-30", "09:30", '"', "0x1F", "1e999", "NaT", "-"]),
)


@settings(max_examples=80, deadline=None)
@given(
    rows=st.lists(st.lists(CELLS, max_size=4), max_size=6),
    separator=st.sampled_from(",;\t|"),
    header=st.sampled_from(["", "date,v\n", "date;v;w\n", "time\tdate\tv\n"]),
)
def test_any_text_is_read_or_raises_a_data_error(rows: list[list[str]], separator: str, header: str) -> None:
    content = (header + "\n".join(separator.join(row) for row in rows)).encode("utf-8", "surrogatepass")
    try:
        table = read_single(content, "any.csv")
    except DataError as error:
        assert str(error)
        return
    assert len(table) >= 2 and table.index.is_monotonic_increasing and table.index.is_unique
    assert np.isfinite(table.to_numpy()).any() and not np.isinf(table.to_numpy()).any()
    build({"ANY": table})


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_raise_a_data_error(content: bytes) -> None:
    try:
        assert len(read_single(content, "any.csv")) >= 2
    except DataError as error:
        assert str(error)
