"""Small files of the shapes that people bring, each with what it holds and what is said about it, in cases.json.

There, `values` are those of the target of the last symbol, its first, middle and last one; `notes` are all but those on
where the times are and in which order the rows were.
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.data.sources.files import read_path
from core.errors import DataError

ORDINARY = ("The times are in", "The rows began")
FOLDER = Path(__file__).parent / "cases"
CASES: dict[str, dict[str, Any]] = json.loads(FOLDER.with_suffix(".json").read_text(encoding="utf-8"))


def test_every_file_is_in_the_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == CASES.keys()


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_right_or_refused(name: str) -> None:
    expected = CASES[name]
    if "error" in expected:
        with pytest.raises(DataError) as caught:
            read_path(FOLDER / name)
        assert str(caught.value) == expected["error"]
        return
    tables, schema = read_path(FOLDER / name)
    assert list(tables) == expected["symbols"]
    table = tables[expected["symbols"][-1]]
    assert list(table.columns) == expected["columns"] and len(table) == expected["rows"]
    assert [table.index[0], table.index[-1]] == [*map(pd.Timestamp, expected["span"])]
    assert schema.target == expected["target"]
    values = [table[schema.target][pd.Timestamp(time)] for time, _ in expected["values"]]
    assert values == pytest.approx([value for _, value in expected["values"]], rel=1e-9)
    assert [note for note in schema.notes if not note.startswith(ORDINARY)] == expected["notes"]


@pytest.mark.parametrize("name", [name for name in CASES if "error" not in CASES[name]])
def test_a_schema_that_is_handed_back_reads_the_file_the_same_way(name: str) -> None:
    tables, schema = read_path(FOLDER / name)
    again, same = read_path(FOLDER / name, schema)
    assert same == schema and list(again) == list(tables)
    for symbol, table in tables.items():
        pd.testing.assert_frame_equal(again[symbol], table)
