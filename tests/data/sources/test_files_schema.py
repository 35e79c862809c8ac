"""Well-known files, long and wide layouts, corrections, and the notes on what was inferred."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frame import build
from core.data.parsing.schema import ROLES, FileSchema
from core.data.sources.files import infer_schema, read, read_single
from core.errors import DataError

BITCOIN = """Date,Open,High,Low,Close,Volume,Market Cap
"Jul 31, 2017",2763.24,2889.62,2720.61,2875.34,"860,575,000","45,535,800,000"
"Jul 30, 2017",2724.39,2758.53,2644.85,2757.18,"705,943,000","44,890,700,000"
"Jul 29, 2017",2807.02,2808.76,2692.80,2726.45,-,"46,246,700,000"
"""
ETT = """date,HUFL,HULL,OT
2016-07-01 00:00:00,5.827000141143799,2.009000062942505,30.5310001373291
2016-07-01 01:00:00,5.692999839782715,2.075999975204468,27.78700065612793
2016-07-01 02:00:00,5.1570000648498535,1.741000056266785,27.78700065612793
"""
LONG = "when,ticker,price\n" + "".join(
    f"2024-01-{day:02d},{name},{day}{at}\n" for day in range(1, 7) for at, name in enumerate(("AAPL", "BTC-USD"))
)
ODD_FILES = {  # text, times of the first and last row, values of the first column, part of a note or of the error
    "sizes and percents": (
        "Date,Vol.,Change %\n2024-01-30,1.2M,1%\n2024-01-31,3.4K,-2%\n2024-02-01,-,0.5%\n",
        "2024-01-30",
        "2024-02-01",
        [1.2e6, 3400, None],
        "K, M, B and T",
    ),
    "year M month": (
        "TIME;Value\n2017M07;1,5\n2017M08;2,5\n2017M09;3,5\n",
        "2017-07-01",
        "2017-09-01",
        [1.5, 2.5, 3.5],
        "decimal mark is a comma",
    ),
    "year and month": ("month,v\n2017-07,1\n2017-08,2\n", "2017-07-01", "2017-08-01", [1, 2], "'month'"),
    "quarters": ("period,v\n2017Q3,1\n2017Q4,2\n2018-Q1,3\n", "2017-07-01", "2018-01-01", [1, 2, 3], "2017Q3"),
    "days with points": ("Datum;v\n31.07.2017;1\n01.08.2017;2\n", "2017-07-31", "2017-08-01", [1, 2], "day first"),
    "seconds": (
        "Timestamp,v\n1325317920.0,4.39\n1325317980.0,4.4\n",
        "2011-12-31 07:52",
        "2011-12-31 07:53",
        [4.39, 4.4],
        "seconds since 1970",
    ),
    "milliseconds under any name": (
        "opened,v\n1706572800000,1\n1706659200000,2\n",
        "2024-01-30",
        "2024-01-31",
        [1, 2],
        "milliseconds",
    ),
    "named milliseconds": (
        "time,v\n1706572800000,1\n1706659200000,2\n",
        "2024-01-30",
        "2024-01-31",
        [1, 2],
        "milliseconds",
    ),
    "day numbers of Excel": ("date,v\n42947,1\n42948,2\n", "2017-07-31", "2017-08-01", [1, 2], "Excel"),
    "digits and a clock": (
        "date,v\n20170731 09:30,1\n20170731 10:30,2\n",
        "2017-07-31 09:30",
        "2017-07-31 10:30",
        [1, 2],
        "year first",
    ),
    "days of the week": (
        'date,v\n"Mon, Jul 31, 2017",1\n"Tuesday, Aug 1, 2017",2\n',
        "2017-07-31",
        "2017-08-01",
        [1, 2],
        "month first",
    ),
    "full stops": ('date,v\n"Sept. 1, 2017",1\n"Oct. 2, 2017",2\n', "2017-09-01", "2017-10-02", [1, 2], "Sep|Jul"),
    "brackets and minus signs": (
        'date,v\n2024-01-30,"(1,234)"\n2024-01-31,−5\n',
        "2024-01-30",
        "2024-01-31",
        [-1234, -5],
        "'date'",
    ),
    "lakhs": (
        'date,v\n2024-01-30,"₹ 12,34,567.50"\n2024-01-31,"₹ 1,000.00"\n',
        "2024-01-30",
        "2024-01-31",
        [1234567.5, 1000],
        "Currency signs",
    ),
    "ambiguous, nothing decides": (
        "date,v\n01/02/2024,1\n02/03/2024,2\n",
        "2024-01-02",
        "2024-02-03",
        [1, 2],
        "nothing in the file decides between them; month first",
    ),
    "ambiguous, the step decides": (
        "date,v\n01/11/2023,1\n01/12/2023,2\n01/01/2024,3\n",
        "2023-11-01",
        "2024-01-01",
        [1, 2, 3],
        "day first or month first; day first was chosen",
    ),
    "zones": (
        "date,v\n2024-01-30 09:30:00-05:00,1\n2024-07-31 09:30:00-04:00,2\n",
        "2024-01-30 09:30",
        "2024-07-31 09:30",
        [1, 2],
        r"time zones \(-04:00, -05:00\)",
    ),
    "twice": (
        "date,v\n2024-01-30,1\n2024-01-30,2\n2024-01-31,3\n",
        "2024-01-30",
        "2024-01-31",
        [2, 3],
        "first at 2024-01-30 00:00:00",
    ),
    "mixed up": (
        "date,v\n2024-01-30,1\n2024-02-01,3\n2024-01-31,2\n2024-02-02,4\n",
        "2024-01-30",
        "2024-02-02",
        [1, 2, 3, 4],
        "they were sorted",
    ),
    "a word among numbers": (
        "date,v\n2024-01-30,1\n2024-01-31,oops\n2024-02-01,3\n2024-02-02,3\n",
        "2024-01-30",
        "2024-02-02",
        None,
        "'v' .*: 1, first 'oops' in row 3",
    ),
    "the separator named above": (
        "sep=;\ndate;v\n2024-01-30;1,5\n2024-01-31;2,5\n",
        "2024-01-30",
        "2024-01-31",
        [1.5, 2.5],
        "'date'",
    ),
    "comma or thousands": (
        'date,v\n2024-01-30,"1,234"\n2024-01-31,"2,345"\n',
        "2024-01-30",
        "2024-01-31",
        [1234, 2345],
        "1,234 are ambiguous",
    ),
    "two digits of year": ("date,v\n31/07/17,1\n01/08/17,2\n", "2017-07-31", "2017-08-01", [1, 2], "day first"),
    "a note at the end": (
        "date,v\n2024-01-30,1\n2024-01-31,2\nSource: me,\n",
        "2024-01-30",
        "2024-01-31",
        [1, 2],
        "without a date .*: 1",
    ),
    "a wrong day": (
        "date,v\n2024-01-30,1\n2024-01-32,2\n2024-02-01,3\n",
        None,
        None,
        None,
        "Row 3 says '2024-01-32' where a date belongs",
    ),
    "a row too wide": ("date,v\n2024-01-30,1\n2024-01-31,2,345\n", None, None, None, "Row 3 of .* has 3 cells"),
}


@pytest.mark.parametrize("kind", ODD_FILES)
def test_odd_files_are_read_with_notes_or_refused(kind: str) -> None:
    text, first, last, values, sentence = ODD_FILES[kind]
    if first is None:
        with pytest.raises(DataError, match=sentence):
            read(text.encode(), "odd.csv")
        return
    tables, schema = read(text.encode(), "odd.csv")
    table = tables["ODD"]
    assert [str(table.index[at]) for at in (0, -1)] == [str(pd.Timestamp(first)), str(pd.Timestamp(last))]
    if values:
        np.testing.assert_allclose(table.iloc[:, 0], np.array(values, dtype=float))
    assert pd.Series(schema.notes).str.contains(sentence).any(), schema.notes
    assert all(note.endswith(".") and "\n" not in note for note in schema.notes)
    build(tables)


def test_the_bitcoin_file_is_read_without_corrections() -> None:
    tables, schema = read(BITCOIN.encode(), "bitcoin_price.csv")
    table = tables["BITCOIN_PRICE"]
    assert list(table.columns) == ["open", "high", "low", "close", "volume", "Market Cap"]
    assert [str(day.date()) for day in table.index] == ["2017-07-29", "2017-07-30", "2017-07-31"]
    assert table["close"].tolist() == [2726.45, 2757.18, 2875.34]
    assert table["volume"].tolist()[1:] == [705943000, 860575000] and np.isnan(table["volume"].iloc[0])
    assert table["Market Cap"].iloc[-1] == 45535800000
    assert (schema.decimal, schema.thousands, schema.separator, schema.target) == (".", ",", ",", "close")
    assert schema.date_format == "month first, like Jul 31, 2017" and schema.layout == "wide"
    assert any("reversed" in note for note in schema.notes)


def test_the_ett_file_is_read_without_corrections() -> None:
    tables, schema = read(ETT.encode(), "ETTh1.csv")
    assert tables["ETTH1"]["OT"].tolist() == [30.5310001373291, 27.78700065612793, 27.78700065612793]
    assert str(tables["ETTH1"].index[1]) == "2016-07-01 01:00:00"
    assert schema.roles == (("date", "time"), ("HUFL", "past"), ("HULL", "past"), ("OT", "target"))
    assert len(schema.notes) == 1


def test_a_long_file_becomes_one_table_per_symbol() -> None:
    tables, schema = read(LONG.encode(), "x.csv")
    assert list(tables) == ["AAPL", "BTC-USD"] and (schema.layout, schema.symbol_column) == ("long", "ticker")
    assert tables["BTC-USD"]["close"].tolist() == [11, 21, 31, 41, 51, 61]
    assert schema.role("ticker") == "symbol" and any("'ticker' names the series" in note for note in schema.notes)
    with pytest.raises(DataError, match=r"12 rows of 'x.csv' have 6 different times: it holds 2 series"):
        read_single(LONG.encode(), "x.csv")


def test_corrections_are_followed() -> None:
    text = b'd,id,a,b\n01/02/2024,1,"1,234",5\n02/03/2024,2,"2,345",6\n'
    schema = infer_schema(text, "x.csv")
    assert schema.date_formats[:2] == ("month first, like 07/31/2017", "day first, like 31/07/2017")
    corrected = replace(
        schema,
        decimal=",",
        date_format=schema.date_formats[1],
        roles=(("d", "time"), ("id", "ignore"), ("a", "past"), ("b", "target")),
    )
    tables, final = read(text, "x.csv", corrected)
    assert tables["X"].columns.tolist() == ["a", "b"] and tables["X"]["a"].tolist() == [1.234, 2.345]
    assert str(tables["X"].index[0].date()) == "2024-02-01"
    assert final.roles == corrected.roles and any("'id' (as asked)" in note for note in final.notes)


def test_a_symbol_column_can_be_chosen_or_rejected() -> None:
    schema = infer_schema(LONG.encode(), "x.csv")
    with pytest.raises(DataError, match=r"12 rows of the file 'x.csv' have 6 different times"):
        read(
            LONG.encode(), "x.csv", replace(schema, symbol_column=None, roles=(("when", "time"), ("ticker", "ignore")))
        )
    numbered = LONG.replace("ticker", "shelf").replace("AAPL", "7").replace("BTC-USD", "8").encode()
    with pytest.raises(DataError, match="6 different times"):
        read(numbered, "x.csv")
    assert list(read(numbered, "x.csv", FileSchema(symbol_column="shelf"))[0]) == ["7", "8"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date_column": "nope"}, "no column 'nope' in the file"),
        ({"roles": (("d", "boss"),)}, "'boss' is not a role"),
        ({"date_format": "backwards"}, "'backwards' is not a date format"),
        ({"date_column": "d", "symbol_column": "d"}, "cannot both hold the times and name the series"),
        ({"roles": (("t", "target"),)}, "to be forecast and holds no numbers"),
        ({"date_column": "t"}, "where a date belongs"),
    ],
)
def test_invalid_corrections_are_refused(change: dict, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read(b"d,t,v\n2024-01-30,a,1.5\n2024-01-31,b,2.5\n", "x.csv", FileSchema(**change))


def test_a_schema_is_hashable_and_converts_to_json() -> None:
    schema = read(BITCOIN.encode(), "x.csv")[1]
    assert {role for _, role in schema.roles} <= set(ROLES) and hash(schema)
    assert json.loads(json.dumps(schema.roles)) == [list(pair) for pair in schema.roles]


@settings(max_examples=40)
@given(
    days=st.lists(st.dates(), min_size=1, max_size=8),
    values=st.lists(st.floats(), min_size=8, max_size=8),
    date_format=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%b %d, %Y", "%Y%m%d"]),
    comma=st.booleans(),
    symbols=st.lists(st.sampled_from(["A", "B", "", "ü,"]), min_size=8, max_size=8),
    corrected=st.builds(
        FileSchema,
        decimal=st.sampled_from(["", ".", ","]),
        date_column=st.sampled_from(["", "s", "v", "when"]),
        symbol_column=st.sampled_from([None, "s", "v"]),
        separator=st.sampled_from(["", ";", "|"]),
    ),
)
def test_any_table_is_read_or_raises_a_data_error(
    days: list, values: list, date_format: str, comma: bool, symbols: list, corrected: FileSchema
) -> None:
    numbers = [f"{value:,.6g}" for value in values]
    cells = [
        (day.strftime(date_format), symbols[at], numbers[at].replace(".", ",") if comma else numbers[at], at)
        for at, day in enumerate(days)
    ]
    text = "when;s;v;w\n" + "\n".join(";".join(map(str, row)) for row in cells)
    for corrections in (None, corrected):
        try:
            build(read(text.encode(), "any.csv", corrections)[0])
        except DataError as error:
            assert str(error)
