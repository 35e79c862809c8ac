"""The close, open, high, low and volume are found under the names that files in other words and languages use."""

import numpy as np
import pandas as pd
import pytest

from core.data.parsing.schema import FileSchema
from core.data.sources.files import read

ROWS = [(10.0, 9.0, 11.0, 8.0, 500.0), (12.0, 10.5, 12.5, 10.0, 700.0), (11.0, 12.0, 13.0, 10.5, 600.0)]
HEADERS = {
    "NASDAQ": "Date|Close/Last|Open|High|Low|Volume",
    "Yahoo's page": "Date|Close*|Open|High|Low|Volume",
    "investing": "Date|Price|Open|High|Low|Vol.",
    "last": "Date|Last|Open|High|Low|Vol",
    "with units": "Date|Close Price (USD)|Open Price (USD)|High Price (USD)|Low Price (USD)|Volume [shares]",
    "German": "Datum|Zuletzt|Eröffn.|Hoch|Tief|Vol.",
    "German exchange": "Datum|Schluss|Erster|Hoch|Tief|Stücke",
    "Russian": "Дата|Цена|Откр.|Макс.|Мин.|Объём",
    "Korean": "날짜|종가|시가|고가|저가|거래량",
    "Chinese": "日期|收盘|开盘|最高|最低|成交量",
    "Japanese": "日付|終値|始値|高値|安値|出来高",
}


@pytest.mark.parametrize("kind", HEADERS)
def test_prices_are_found_under_other_names_and_the_notes_say_so(kind: str) -> None:
    body = "".join(
        f"2024-01-3{day}|{'|'.join(f'${x}' for x in row[:4])}|{row[4]}\n" for day, row in enumerate(ROWS[:2])
    )
    tables, schema = read(f"{HEADERS[kind]}\n{body}".encode(), "x.csv")
    table = tables["X"]
    assert list(table.columns) == ["close", "open", "high", "low", "volume"] and schema.target == "close"
    np.testing.assert_allclose(table.to_numpy(), ROWS[:2])
    renamed = {name for name in HEADERS[kind].split("|")[1:] if name.lower() not in table.columns}
    said = next(note for note in schema.notes if "other names" in note)
    assert all(repr(name) in said for name in renamed)


def test_a_word_in_a_heading_is_no_price_unless_the_file_is_about_prices() -> None:
    def columns(header: str) -> list[str]:
        width = header.count(",")
        rows = "".join(f"2024-01-3{day},{','.join([f'{day + 1}.5'] * width)}\n" for day in range(2))
        return list(read(f"{header}\n{rows}".encode(), "x.csv")[0]["X"].columns)

    assert columns("date,sales,promo,price") == ["sales", "promo", "price"]
    assert columns("date,closed shops,volume of rain") == ["closed shops", "volume of rain"]
    assert columns("date,price") == columns("date,Close Price") == ["close"]
    assert columns("date,Price,Vol.,Change %") == ["close", "volume", "Change %"]
    assert columns("date,Vol.,temperature") == ["Vol.", "temperature"]
    assert columns("date,Close,Last,High") == ["close", "Last", "high"]


def test_an_adjusted_close_is_preferred_and_scales_the_other_prices() -> None:
    split_T = np.array([0.5, 0.5, 1.0])
    body = "".join(
        f"2024-01-0{day + 1},{o},{h},{lo},{c},{c * factor},{v}\n"
        for day, ((c, o, h, lo, v), factor) in enumerate(zip(ROWS, split_T, strict=True))
    )
    text = f"Date,Open,High,Low,Close*,Adj Close**,Volume\n{body}".encode()
    tables, schema = read(text, "x.csv")
    prices = pd.DataFrame(ROWS, columns=["close", "open", "high", "low", "volume"])
    expected = prices[["open", "high", "low", "close"]].mul(split_T, axis=0)
    np.testing.assert_allclose(tables["X"][expected.columns].to_numpy(), expected.to_numpy())
    assert tables["X"]["volume"].tolist() == prices["volume"].tolist()
    assert schema.target == "close" and any("adjusted close was taken" in note for note in schema.notes)
    assert read(text, "x.csv", schema)[0]["X"].equals(tables["X"])  # the schema handed back reads the same
    as_written = read(text, "x.csv", FileSchema(roles=(("adj_close", "past"),)))[0]["X"]
    assert as_written["close"].tolist() == prices["close"].tolist() and "adj_close" in as_written
