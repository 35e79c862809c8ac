"""Titles, comments, units, groups and rows of tickers above a table, and totals below it."""

import io

import numpy as np
import openpyxl
import pandas as pd
import pytest

from core.data.sources.files import read

DAYS = pd.date_range("2024-01-29", periods=10)
BODY = "".join(f"{day:%Y-%m-%d},{at}.5,{at + 10}\n" for at, day in enumerate(DAYS))
ABOVE = {  # the lines above the rows → the columns
    "titles": ("Report of sales\n\ndate,online,shop\n", ["online", "shop"]),
    "pairs above": ("Region,North\nCurrency,EUR\ndate,online,shop\n", ["online", "shop"]),
    "a table of facts above": ("latitude,height,zone,short\n52.5,38.0,GMT,GMT\n\ntime,a,b\n", ["a", "b"]),
    "comments": ("# made by a tool\n# a, b, c, d\ndate,online,shop\n", ["online", "shop"]),
    "a commented header": ("# made by a tool\n# date,online,shop\n", ["online", "shop"]),
    "an index without a name": (",online,shop\n", ["online", "shop"]),
    "two rows": (",Sales,\ndate,online,shop\n", ["Sales online", "Sales shop"]),
    "units below": (",online,shop\nUnit,EUR,\nas of,2024-02-20 10:00,\n", ["online", "shop"]),
    "no header": ("", ["column_2", "column_3"]),
}


@pytest.mark.parametrize("kind", ABOVE)
def test_the_header_is_found_below_what_stands_above_it(kind: str) -> None:
    above, columns = ABOVE[kind]
    table = read((above + BODY).encode(), "x.csv")[0]["X"]
    assert list(table.columns) == columns and list(table.index) == list(DAYS)
    np.testing.assert_array_equal(table.to_numpy(), [[at + 0.5, at + 10] for at in range(len(DAYS))])


def test_an_unnamed_index_beside_one_column_keeps_its_name() -> None:
    table = read(b",Close\n2024-01-30,1.5\n2024-01-31,2.5\n", "x.csv")[0]["X"]
    assert list(table.columns) == ["close"] and table["close"].tolist() == [1.5, 2.5]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_file_of_several_tickers_is_several_symbols(order: tuple[int, int]) -> None:
    heads = ["Price,Close,Close,Volume,Volume", "Ticker,AAPL,MSFT,AAPL,MSFT"]
    body = "".join(f"{day:%Y-%m-%d},{at},{at + 100},{at * 2},{at * 3}\n" for at, day in enumerate(DAYS, start=1))
    tables, schema = read(f"{heads[order[0]]}\n{heads[order[1]]}\nDate,,,,\n{body}".encode(), "x.csv")
    assert list(tables) == ["AAPL", "MSFT"] and schema.target == "close"
    for symbol, first, factor in (("AAPL", 1, 2), ("MSFT", 101, 3)):
        assert tables[symbol]["close"].tolist() == list(range(first, first + 10))
        assert tables[symbol]["volume"].tolist() == [factor * at for at in range(1, 11)]
        assert list(tables[symbol].index) == list(DAYS)


def test_totals_below_are_left_out_and_the_notes_say_so() -> None:
    tables, schema = read(("date,a,b\n" + BODY + "Total,50,145\nAverage,5,14.5\n").encode(), "x.csv")
    assert list(tables["X"].index) == list(DAYS)
    assert "Rows of totals and averages were left out: 2." in schema.notes


def test_a_sheet_of_remarks_before_the_table_is_passed_over() -> None:
    book = openpyxl.Workbook()
    for row in (["FRED Economic Data"], ["Link", "https://example.org"], ["Units", "Percent"]):
        book.active.append(row)
    sheet = book.create_sheet("Daily")
    for row in (["observation_date", "DGS10"], *([day.to_pydatetime(), at / 2] for at, day in enumerate(DAYS))):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    table = read(buffer.getvalue(), "x.xlsx")[0]["X"]
    assert list(table.columns) == ["DGS10"] and table["DGS10"].tolist() == [at / 2 for at in range(10)]
    assert list(table.index) == list(DAYS)
