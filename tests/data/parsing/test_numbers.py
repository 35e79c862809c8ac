"""Numbers with thousands points, minus signs behind, percent signs, units and truth values are read right or noted."""

import numpy as np
import pytest

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
    assert list(tables["X"].columns) == ["w"] and any("'v' (text)" in note for note in schema.notes)


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
