"""Records are read back number for number, under the keys that their files have always had."""

import json
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from core.storage.serialize import dumps, from_json, to_json
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    values_N: Floats
    time: np.datetime64
    score: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    renamed: str = field(metadata={"stored": "former"})
    inner: tuple[Inner, ...]
    interval: tuple[float, float]
    by_step: dict[str, list[dict[str, float]]]
    facts: dict[str, Any]
    flag: bool = True
    table: object = None


RECORD = Record(
    renamed="x",
    inner=(Inner(values_N=np.array([[0.1, np.nan]], dtype=np.float32), time=np.datetime64("2020-01-02", "ns")),),
    interval=(-math.inf, 1 / 3),
    by_step={"lstm": [{"step": 1, "mae": math.nan}]},
    facts={"column": None, "symbols": ["A"], "share": np.float64(0.25)},
)


def test_a_record_is_read_back_from_json_text() -> None:
    loaded = from_json(Record, json.loads(dumps(RECORD, omit=("table",))), table="given")
    assert (loaded.renamed, loaded.flag, loaded.table) == ("x", True, "given")
    assert loaded.facts == {"column": None, "symbols": ["A"], "share": 0.25}
    assert math.isnan(loaded.interval[0]) and loaded.interval[1] == 1 / 3
    (step,) = loaded.by_step["lstm"]
    assert step["step"] == 1 and isinstance(step["step"], int) and math.isnan(step["mae"])
    (inner,) = loaded.inner
    np.testing.assert_array_equal(inner.values_N, RECORD.inner[0].values_N)
    assert (inner.values_N.dtype, inner.time, inner.score) == (np.float32, RECORD.inner[0].time, None)


def test_a_renamed_field_keeps_its_key_and_a_new_one_takes_its_default() -> None:
    values = to_json(RECORD, omit=("table", "flag"))
    assert values["former"] == "x" and "renamed" not in values
    assert from_json(Record, values).flag is True
    with pytest.raises(KeyError, match="former"):
        from_json(Record, {name: value for name, value in values.items() if name != "former"})


def test_nested_lists_of_numbers_are_arrays_too() -> None:
    inner = from_json(Inner, to_json(RECORD.inner[0]) | {"values_N": [[0.5, None]]})
    np.testing.assert_array_equal(inner.values_N, [[0.5, np.nan]])


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("former", None),
        ("interval", [1.0]),
        ("interval", ["1", "2"]),
        ("flag", "yes"),
        ("inner", [[]]),
        ("inner", [{"values_N": {"type": "object", "shape": [1], "values": ["x"]}, "time": None}]),
    ],
)
def test_values_of_another_type_are_refused(key: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        from_json(Record, to_json(RECORD) | {key: value})
