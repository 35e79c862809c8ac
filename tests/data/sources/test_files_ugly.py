"""The well-known shapes, long and wide layouts, corrections, and what is said of each thing guessed."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.frame import build
from core.data.parsing.schema import ROLES, Guess
from core.data.sources.files import guess, read, read_csv
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
UGLY = {  # text, times of the first and last row, the first column's values, a sentence that is said
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
    "milliseconds": ("open_time,v\n1706572800000,1\n1706659200000,2\n", None, None, None, "no date column"),
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
        "currencies",
    ),
    "ambiguous, nothing decides": (
        "date,v\n01/02/2024,1\n02/03/2024,2\n",
        "2024-01-02",
        "2024-02-03",
        [1, 2],
        "nothing in the file decides; month first was taken. Check it",
    ),
    "ambiguous, the step decides": (
        "date,v\n01/11/2023,1\n01/12/2023,2\n01/01/2024,3\n",
        "2023-11-01",
        "2024-01-01",
        [1, 2, 3],
        "can be day first or month first; day first was taken, since",
    ),
    "zones": (
        "date,v\n2024-01-30 09:30:00-05:00,1\n2024-07-31 09:30:00-04:00,2\n",
        "2024-01-30 09:30",
        "2024-07-31 09:30",
        [1, 2],
        r"several zones \(-04:00, -05:00\)",
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
        "1 cells of 'v' are no numbers .* in row 3: 'oops'",
    ),
    "the separator said above": (
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
        "two readings",
    ),
    "two digits of year": ("date,v\n31/07/17,1\n01/08/17,2\n", "2017-07-31", "2017-08-01", [1, 2], "day first"),
    "a note at the end": (
        "date,v\n2024-01-30,1\n2024-01-31,2\nSource: me,\n",
        "2024-01-30",
        "2024-01-31",
        [1, 2],
        "1 rows without a date",
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


@pytest.mark.parametrize("kind", UGLY)
def test_an_ugly_file_is_read_and_says_how_or_says_what_is_wrong(kind: str) -> None:
    text, first, last, values, sentence = UGLY[kind]
    if first is None:
        with pytest.raises(DataError, match=sentence):
            read(text.encode(), "ugly.csv")
        return
    tables, made = read(text.encode(), "ugly.csv")
    table = tables["UGLY"]
    assert [str(table.index[at]) for at in (0, -1)] == [str(pd.Timestamp(first)), str(pd.Timestamp(last))]
    if values:
        np.testing.assert_allclose(table.iloc[:, 0], np.array(values, dtype=float))
    assert pd.Series(made.notes).str.contains(sentence).any(), made.notes
    assert all(note.endswith(".") and "\n" not in note for note in made.notes)
    build(tables)


def test_the_bitcoin_file_loads_untouched() -> None:
    tables, made = read(BITCOIN.encode(), "bitcoin_price.csv")
    table = tables["BITCOIN_PRICE"]
    assert list(table.columns) == ["open", "high", "low", "close", "volume", "Market Cap"]
    assert [str(day.date()) for day in table.index] == ["2017-07-29", "2017-07-30", "2017-07-31"]
    assert table["close"].tolist() == [2726.45, 2757.18, 2875.34]
    assert table["volume"].tolist()[1:] == [705943000, 860575000] and np.isnan(table["volume"].iloc[0])
    assert table["Market Cap"].iloc[-1] == 45535800000
    assert (made.decimal, made.thousands, made.separator, made.target) == (".", ",", ",", "close")
    assert made.date_format == "month first, like Jul 31, 2017" and made.layout == "wide"
    assert any("turned round" in note for note in made.notes)


def test_the_ett_file_loads_untouched() -> None:
    tables, made = read(ETT.encode(), "ETTh1.csv")
    assert tables["ETTH1"]["OT"].tolist() == [30.5310001373291, 27.78700065612793, 27.78700065612793]
    assert str(tables["ETTH1"].index[1]) == "2016-07-01 01:00:00"
    assert made.roles == (("date", "time"), ("HUFL", "past"), ("HULL", "past"), ("OT", "target"))
    assert len(made.notes) == 1


def test_a_long_file_gives_one_table_a_symbol() -> None:
    tables, made = read(LONG.encode(), "x.csv")
    assert list(tables) == ["AAPL", "BTC-USD"] and (made.layout, made.symbol) == ("long", "ticker")
    assert tables["BTC-USD"]["price"].tolist() == [11, 21, 31, 41, 51, 61]
    assert made.role("ticker") == "symbol" and any("'ticker' names the series" in note for note in made.notes)
    with pytest.raises(DataError, match=r"12 rows of 'x.csv' have 6 different times: it holds 2 series"):
        read_csv(LONG.encode(), "x.csv")


def test_a_correction_is_obeyed() -> None:
    text = b'd,id,a,b\n01/02/2024,1,"1,234",5\n02/03/2024,2,"2,345",6\n'
    made = guess(text, "x.csv")
    assert made.date_formats[:2] == ("month first, like 07/31/2017", "day first, like 31/07/2017")
    corrected = replace(
        made,
        decimal=",",
        date_format=made.date_formats[1],
        roles=(("d", "time"), ("id", "ignore"), ("a", "past"), ("b", "target")),
    )
    tables, again = read(text, "x.csv", corrected)
    assert tables["X"].columns.tolist() == ["a", "b"] and tables["X"]["a"].tolist() == [1.234, 2.345]
    assert str(tables["X"].index[0].date()) == "2024-02-01"
    assert again.roles == corrected.roles and any("'id' (as asked)" in note for note in again.notes)


def test_a_symbol_column_can_be_chosen_or_refused() -> None:
    made = guess(LONG.encode(), "x.csv")
    with pytest.raises(DataError, match=r"12 rows of the file 'x.csv' have 6 different times"):
        read(LONG.encode(), "x.csv", replace(made, symbol=None, roles=(("when", "time"), ("ticker", "ignore"))))
    numbered = LONG.replace("ticker", "shelf").replace("AAPL", "7").replace("BTC-USD", "8").encode()
    with pytest.raises(DataError, match="6 different times"):
        read(numbered, "x.csv")
    assert list(read(numbered, "x.csv", Guess(symbol="shelf"))[0]) == ["7", "8"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": "nope"}, "no column 'nope' in the file"),
        ({"roles": (("d", "boss"),)}, "'boss' is no role"),
        ({"date_format": "backwards"}, "'backwards' is no way"),
        ({"date": "d", "symbol": "d"}, "cannot hold the times and name the series"),
        ({"roles": (("t", "target"),)}, "to be forecast and holds no numbers"),
        ({"date": "t"}, "where a date belongs"),
    ],
)
def test_a_correction_that_fits_nothing_is_refused_in_one_sentence(change: dict, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        read(b"d,t,v\n2024-01-30,a,1.5\n2024-01-31,b,2.5\n", "x.csv", Guess(**change))


def test_a_guess_is_plain() -> None:
    made = read(BITCOIN.encode(), "x.csv")[1]
    assert {role for _, role in made.roles} <= set(ROLES) and hash(made)
    assert json.loads(json.dumps(made.roles)) == [list(pair) for pair in made.roles]


@settings(max_examples=40)
@given(
    days=st.lists(st.dates(), min_size=1, max_size=8),
    values=st.lists(st.floats(), min_size=8, max_size=8),
    way=st.sampled_from(["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%y", "%b %d, %Y", "%Y%m%d"]),
    comma=st.booleans(),
    symbols=st.lists(st.sampled_from(["A", "B", "", "ü,"]), min_size=8, max_size=8),
    corrected=st.builds(
        Guess,
        decimal=st.sampled_from(["", ".", ","]),
        date=st.sampled_from(["", "s", "v", "when"]),
        symbol=st.sampled_from([None, "s", "v"]),
        separator=st.sampled_from(["", ";", "|"]),
    ),
)
def test_whatever_the_table_nothing_but_a_data_error_comes_out(
    days: list, values: list, way: str, comma: bool, symbols: list, corrected: Guess
) -> None:
    said = [f"{value:,.6g}" for value in values]
    cells = [
        (day.strftime(way), symbols[at], said[at].replace(".", ",") if comma else said[at], at)
        for at, day in enumerate(days)
    ]
    text = "when;s;v;w\n" + "\n".join(";".join(map(str, row)) for row in cells)
    for asked in (None, corrected):
        try:
            build(read(text.encode(), "any.csv", asked)[0])
        except DataError as error:
            assert str(error)
