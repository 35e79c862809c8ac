"""Tables with a column for each date and a row for each series."""

import pandas as pd
import pytest

from core.data.parsing import wide_dates
from core.data.sources.files import read

YEARS = pd.to_datetime(["2019-01-01", "2020-01-01", "2021-01-01", "2022-01-01"])
WIDE = {  # file → symbol → column → values
    "years": ("Country,2019,2020,2021,2022\nA,1,2,3,4\nB,5,6,7,8\n", {"A": {"value": [1, 2, 3, 4]}}),
    "titles above": (
        '"Source","World"\n\n"Updated","2024-05-30"\n\n"Name","Code","Indicator","2019","2020","2021","2022",\n'
        '"A","AA","GDP","1","2","3","4",\n"B","BB","GDP","5","6","7","8",\n',
        {"A": {"GDP": [1, 2, 3, 4]}, "B": {"GDP": [5, 6, 7, 8]}},
    ),
    "several rows of a symbol": (
        "Name,Series,2019,2020,2021,2022\nA,GDP,1,2,3,4\nA,People,,20,30,40\nB,GDP,5,6,7,8\nB,People,50,60,70,80\n",
        {"A": {"GDP": [1, 2, 3, 4], "People": [None, 20, 30, 40]}, "B": {"People": [50, 60, 70, 80]}},
    ),
    "a missing row": (
        "Name,Series,2019,2020,2021,2022\nA,GDP,1,2,3,4\nA,People,10,20,30,40\nB,GDP,5,6,7,8\n",
        {"A": {"People": [10, 20, 30, 40]}, "B": {"GDP": [5, 6, 7, 8]}},
    ),
    "numbers before names": ("ID,Name,2022,2021,2020,2019\n1,A,4,3,2,1\n2,B,8,7,6,5\n", {"B": {"value": [5, 6, 7, 8]}}),
    "one row": (",2019,2020,2021,2022\nSales,1,2,3,4\n", {"X": {"Sales": [1, 2, 3, 4]}}),
}


@pytest.mark.parametrize("kind", WIDE)
def test_each_row_becomes_a_series(kind: str) -> None:
    text, expected = WIDE[kind]
    tables, schema = read(text.encode(), "x")
    for symbol, columns in expected.items():
        assert list(tables[symbol].index) == list(YEARS)
        for name, values in columns.items():
            assert tables[symbol][name].astype(object).where(tables[symbol][name].notna(), None).tolist() == values
    assert any("The dates stand in the header row" in note for note in schema.notes)


def test_months_in_the_header_are_dates_too() -> None:
    tables, _ = read(b"City,2000-01-31,2000-02-29,2000-03-31\nA,1,2,3\nB,4,5,6\n", "x")
    assert list(tables["B"].index) == list(pd.to_datetime(["2000-01-31", "2000-02-29", "2000-03-31"]))
    tables, _ = read(b"geo\t2019M01\t2019M02\t2019M03\nDE\t1\t2\t3\nFR\t4\t5\t6\n", "x")
    assert list(tables["FR"].index) == list(pd.date_range("2019-01-01", periods=3, freq="MS"))


def test_other_headers_are_not_dates() -> None:
    for header in (["date", "a", "b", "c"], ["2019", "2020", "2021", "2022"], ["x", "2019", "2020"], ["", ""]):
        assert wide_dates.first_date(header) is None
    assert wide_dates.first_date(["x", "2021", "2019", "2020"]) is None  # not in order
    table = pd.DataFrame({"date": ["2024-01-30", "2024-01-31"], "2019": [1, 2], "2020": [1, 2], "2021": [1, 2]})
    assert wide_dates.turn(table, pd.RangeIndex(2).to_numpy()) is None  # its rows have dates of their own
