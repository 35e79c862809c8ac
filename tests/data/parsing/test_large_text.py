"""A large text is read as a small one is, whichever reader does it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.parsing import large_text
from core.data.sources.files import read
from core.errors import DataError

CELLS = (
    "1",
    "1.5",
    "-2",
    "+3",
    "0.001",
    ".5",
    "1e5",
    "007",
    "",
    "NA",
    "x",
    "1,234",
    "1.234",
    "2,5",
    "5%",
    " 4 ",
    "inf",
)
PREAMBLES = ("", "A title\n\n", "# a comment\n", "Region,North\n")
BREAKS = ("\n", "\r\n")


def outcome(content: bytes) -> object:
    try:
        tables, schema = read(content, "x")
    except DataError as error:
        return str(error)
    return {name: table.to_csv() for name, table in tables.items()}, schema


@given(
    cells=st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=2), min_size=12, max_size=40),
    separator=st.sampled_from(",;\t"),
    above=st.sampled_from(PREAMBLES),
    line_break=st.sampled_from(BREAKS),
    blank=st.integers(0, 60),
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1252")),
)
@settings(max_examples=80, deadline=None)
def test_both_readers_agree(
    cells: list[list[str]], separator: str, above: str, line_break: str, blank: int, encoding: str
) -> None:
    days = pd.date_range("2024-01-30", periods=len(cells))
    quoted = [[f'"{cell}"' if separator in cell else cell for cell in row] for row in cells]
    lines = [separator.join([f"{day:%Y-%m-%d}", *row]) for day, row in zip(days, quoted, strict=True)]
    lines.insert(min(blank, len(lines)), "")
    text = above + line_break.join([separator.join(("date", "größe", "b")), *lines]) + line_break
    content = text.encode(encoding)
    small = outcome(content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_text, "MIN_LENGTH", 1)
        assert outcome(content) == small


def test_a_regular_text_is_read_by_arrow_and_an_irregular_one_is_not() -> None:
    names = ["date", "v"]
    body = large_text.read(b"date,v\n\n2024-01-30,1\n2024-01-31,2\n", 3, names, ",", "")
    assert body is not None and body[0]["v"].tolist() == [1, 2] and body[1].tolist() == [3, 4] and body[2] == "."
    for irregular in ("2024-01-30,1\n2024-01-31\n", '2024-01-30,"1\n2"\n', '2024-01-30, "1"\n2024-01-31,2\n', "a,b"):
        assert large_text.read(irregular.encode(), 1, names, ",", "") is None


def test_codes_and_long_numbers_stay_texts() -> None:
    text = "c,n,v\n" + "005930,1234567890123456789,1\n" * 3
    body = large_text.read(text.encode(), 2, ["c", "n", "v"], ",", "")
    assert body is not None
    assert body[0]["c"].tolist() == ["005930"] * 3 and body[0]["n"].tolist() == ["1234567890123456789"] * 3
    assert body[0]["v"].dtype == np.float64
