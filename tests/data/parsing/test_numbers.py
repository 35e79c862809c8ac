"""Numbers with thousands points, minus signs behind, percent signs, units and truth values are read right or noted."""

import sys
import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.parsing import numbers
from core.data.sources.files import read

COLUMNS = {  # cells → their values, and a part of the note on them
    "minus behind": (["102.06-", "1,000.5", "3-"], [-102.06, 1000.5, -3], "minus sign after"),
    "won": (["102,060원", "99,490원", "7원"], [102060, 99490, 7], "unit '원' was removed from 'v'"),
    "kilowatt hours": (["5 kWh", "6.5 kWh", "1,234.5 kWh"], [5, 6.5, 1234.5], "unit 'kWh'"),
    "a unit in a part": (["5 kWh", "6.5", "7 kWh"], [5, 6.5, 7], "unit 'kWh'"),
    "codes of currencies": (["EUR 1,000", "EUR 2,500.5", "EUR 3"], [1000, 2500.5, 3], "unit 'EUR'"),
    "Korean sizes": (["1.2억", "3만", "5"], [1.2e8, 3e4, 5], "'v'|date"),
    "truths": (["TRUE", "FALSE", "true"], [1, 0, 1], "TRUE and FALSE in 'v'"),
    "percent in a part": (["1.5%", "2", "2.5%"], [1.5, 2, 2.5], "Check 'v': 67% of its cells have a percent sign"),
    "forced texts": (['=""70,000""', '=""70,315""', '=""8""'], [70000, 70315, 8], "thousands|date"),
}


@pytest.mark.parametrize("kind", COLUMNS)
def test_numbers_are_read_right_and_the_notes_say_what_was_assumed(kind: str) -> None:
    cells, values, note = COLUMNS[kind]
    body = "".join(f'2024-01-3{day},"{cell}"\n' for day, cell in zip("019"[:2], cells, strict=False))
    body += f'2024-02-01,"{cells[2]}"\n'
    tables, schema = read(f"date,v\n{body}".encode(), "x.csv")
    np.testing.assert_allclose(tables["X"]["v"].to_numpy(), values)
    assert any(note.split("|")[0] in said or note.split("|")[-1] in said for said in schema.notes), schema.notes


def test_several_units_are_not_taken_for_one() -> None:
    text = b"date,v,w\n2024-01-30,5 kWh,1\n2024-01-31,6 MWh,2\n2024-02-01,7 kWh,3\n"
    tables, schema = read(text, "x.csv")
    assert list(tables["X"].columns) == ["w"] and any(
        "'v' (numbers in several units: 'MWh', 'kWh')" in note for note in schema.notes
    )


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("datum;v\n30.01.2024;1.100\n31.01.2024;1.101\n", [1100, 1101]),  # a point of thousands, as the dates say
        ("datum;v\n30.01.2024;1.100\n31.01.2024;1.10\n", [1.1, 1.1]),  # another cell decides
        ("date;v\n2024-01-30;1.100\n2024-01-31;1.101\n", [1.1, 1.101]),
        ("date,v\n30.01.2024,1.100\n31.01.2024,1.101\n", [1.1, 1.101]),
        ("datum;v\n30.01.2024;0.100\n31.01.2024;0.101\n", [0.1, 0.101]),  # no number begins with a group of 0
    ],
)
def test_a_point_separates_thousands_where_dates_and_cells_are_written_the_european_way(
    text: str, values: list[float]
) -> None:
    tables, schema = read(text.encode(), "x.csv")
    np.testing.assert_allclose(tables["X"]["v"].to_numpy(), values)
    assert any("1.234 are ambiguous" in note for note in schema.notes) == (values[0] > 1000)


SPELLINGS = {  # cells → their values, and a part of the note on them
    "compound sizes": (["1조 2,345억", "3,500만", "5천만", "1.2억원"], [1.2345e12, 3.5e7, 5e7, 1.2e8], "만, 억, 조"),
    "Chinese sizes": (["1.2万手", "3亿", "500", "2萬"], [1.2e4, 3e8, 500, 2e4], "만, 억, 조"),
    "German words": (["ja", "nein", "Ja", "nein"], [1, 0, 1, 0], "ja and nein in 'v'"),
    "French words": (["oui", "non", "non", "oui"], [1, 0, 0, 1], "oui and non in 'v'"),
    "English words": (["yes", "no", "NO", "Yes"], [1, 0, 0, 1], "yes and no in 'v'"),
    "Korean words": (["예", "아니오", "예", "예"], [1, 0, 1, 1], "예 and 아니오 in 'v'"),
    "no-break spaces": (
        ["1\u00a0234,5", "2\u202f234,5", "12,5", "3\u2009000,1"],
        [1234.5, 2234.5, 12.5, 3000.1],
        "comma",
    ),
    "Swiss": (["1'234.5", "1’234.6", "1", "2'000'000"], [1234.5, 1234.6, 1, 2e6], "date"),
    "minus signs": (["−5", "(5)", "5-", "–1.5"], [-5, -5, -5, -1.5], "Brackets around a number"),
    "signs and currencies": (["-$5", "($1.5)", "$-2", "€3"], [-5, -1.5, -2, 3], "Currency signs"),
    "won": (["₩1,200", "₩1,300", "₩300", "₩-5"], [1200, 1300, 300, -5], "Currency signs"),
    "sizes of all kinds": (["1.2k", "900", "1.5 mio", "2 Mrd."], [1200, 900, 1.5e6, 2e9], "K, M, B and T"),
    "powers": (["1.5e-3", "2E4", "+3", "-4e0"], [0.0015, 2e4, 3, -4], "date"),
    "limits": (["<5", ">1000", "~12", "≥3"], [5, 1000, 12, 3], "Signs and footnotes"),
    "footnotes": (["12*", "12 (p)", "13 [1]", "7†"], [12, 12, 13, 7], "Signs and footnotes"),
    "flags": (["5 p", "6 e", "7", "8 b"], [5, 6, 7, 8], "Letters behind numbers in 'v'"),
    "degrees": (["5 °C", "-5.5°C", "6 °C", "0 °C"], [5, -5.5, 6, 0], "unit '°C'"),
    "tonnes, no trillions": (["5 t", "6 t", "7.5 t", "8 t"], [5, 6, 7.5, 8], "unit 't'"),
    "reals": (["R$ 1.000,50", "R$ 2.000,00", "R$ 3,10", "R$ 4"], [1000.5, 2000, 3.1, 4], "unit 'R$'"),
    "a decimal comma and a unit": (["5,5 kWh", "6,25 kWh", "7 kWh", "0,5 kWh"], [5.5, 6.25, 7, 0.5], "unit 'kWh'"),
    "fractions among percents": (["5%", "0.05", "6.5%", "0.07"], [5, 5, 6.5, 7], "were multiplied by 100"),
    "a currency and sizes": (["USD 1.2M", "USD 900K", "USD 5", "USD 1,000"], [1.2e6, 9e5, 5, 1000], "unit 'USD'"),
    "arrows": (["▲1.5", "▼ 0.5", "▲ 1,000", "0"], [1.5, -0.5, 1000, 0], "▼5 is -5"),
    "all in percent": (["5 %", "(6 %)", "7 %", "-8%"], [5, -6, 7, -8], "Percent signs were removed"),
}


@pytest.mark.parametrize("kind", SPELLINGS)
def test_a_number_is_read_as_a_person_reads_it(kind: str) -> None:
    cells, values, note = SPELLINGS[kind]
    body = "".join(f"2024-01-{day:02d}\t{cell}\t1\n" for day, cell in enumerate(cells, start=1))
    tables, schema = read(f"date\tv\tw\n{body}".encode(), "x.csv")
    np.testing.assert_allclose(tables["X"]["v"].to_numpy(), values)
    assert any(note in said for said in schema.notes), schema.notes


@pytest.mark.parametrize(
    ("text", "values", "note"),
    [
        ("datum\tv\n30.01.2024\t1.100\n31.01.2024\t1.101\n", [1100, 1101], "point was taken for a thousands mark"),
        ('date,v\n30.01.2024,"1,100"\n31.01.2024,"1,101"\n', [1100, 1101], "comma was taken for a thousands mark"),
        ("datum;v;w\n30.01.2024;1.100;2,5\n31.01.2024;1.101;2,7\n", [1100, 1101], "decimal mark is a comma"),
        ("date,v\n30.01.2024,1.100\n31.01.2024,1.101\n", [1.1, 1.101], "though dates have points, too"),
    ],
)
def test_every_guess_about_a_point_or_comma_has_a_note(text: str, values: list[float], note: str) -> None:
    tables, schema = read(text.encode(), "x.csv")
    np.testing.assert_allclose(tables["X"]["v"].to_numpy(), values)
    assert any(note in said for said in schema.notes), schema.notes


def test_a_forced_or_padded_code_is_no_number_to_learn_from() -> None:
    for code in ('="00123"', "00123"):
        text = f"date,code,v\n2024-01-30,{code},5\n2024-01-31,{code},6\n2024-02-01,{code},7\n"
        tables, schema = read(text.encode(), "x.csv")
        assert list(tables["X"].columns) == ["v"]
        assert "Columns left out: 'code' (codes with zeros before them)." in schema.notes


def test_of_several_columns_of_dates_the_first_counts_and_a_note_says_so() -> None:
    text = "start_date,end_date,value\n2019-12-30,2020-01-05,1\n2020-01-06,2020-01-12,2\n"
    tables, schema = read(text.encode(), "x.csv")
    assert list(tables["X"].index) == [pd.Timestamp("2019-12-30"), pd.Timestamp("2020-01-06")]
    assert "Of several columns of dates, 'start_date' gives the times." in schema.notes


STYLES = {  # how a number with two decimals is written
    "plain": lambda v: f"{v:.2f}",
    "German": lambda v: f"{v:,.2f}".translate(str.maketrans(",.", ".,")),
    "French": lambda v: f"{v:,.2f}".replace(",", "\u202f").replace(".", ","),
    "English": lambda v: f"{v:,.2f}",
    "Swiss": lambda v: f"{v:,.2f}".replace(",", "’"),
    "in brackets": lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    "minus behind": lambda v: f"{-v:.2f}-" if v < 0 else f"{v:.2f}",
    "dollars": lambda v: f"-${-v:,.2f}" if v < 0 else f"${v:,.2f}",
    "euros": lambda v: f"{v:,.2f} €".translate(str.maketrans(",.", ".,")),
    "percent": lambda v: f"{v:.2f} %",
    "a unit": lambda v: f"{v:.2f} MWh",
    "powers": lambda v: f"{v:.12e}",
}


@settings(max_examples=100, deadline=None)
@given(
    style=st.sampled_from(list(STYLES)),
    cents=st.lists(st.integers(-(10**9), 10**9), min_size=3, max_size=30),
    empty=st.sampled_from(["", "n/a", "-", "k.A.", ":"]),
)
def test_numbers_in_any_style_are_read_back(style: str, cents: list[int], empty: str) -> None:
    values = [cent / 100 for cent in cents]
    cells = pd.DataFrame({"v": [*map(STYLES[style], values), empty]}, dtype=object)
    decimal = numbers.decimal_mark(cells, ";")
    parsed = numbers.parse(cells["v"], decimal)
    assert parsed is not None and np.isnan(parsed.iloc[-1])
    np.testing.assert_allclose(parsed.iloc[:-1], values, rtol=1e-12)


def test_a_column_of_percentages_alone_and_an_empty_cell_needs_no_comparison() -> None:
    parsed = numbers.parse(pd.Series(["0.00 %", "0.00 %", ""], dtype=object), ".")
    assert parsed is not None and parsed.tolist()[:2] == [0.0, 0.0] and np.isnan(parsed.iloc[2])


def test_600000_numbers_with_thousands_are_read_in_seconds() -> None:
    values = np.random.default_rng(0).integers(-(10**8), 10**8, 600_000) / 100
    slower = 5 if sys.gettrace() else 1  # while the lines that are reached are counted
    for style, decimal, limit in (("plain", ".", 1.5), ("German", ",", 5.0)):  # 0.2 and 1.2 where nothing else runs
        column = pd.Series([STYLES[style](value) for value in values], dtype=object)
        began = time.process_time()
        parsed = numbers.parse(column, decimal)
        assert time.process_time() - began < limit * slower
        np.testing.assert_allclose(parsed, values)
