"""Knobs check values, read them from text and from JSON, and say what they take."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import SpecError
from core.spec import fields
from core.spec.fields import spec_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    count: int = spec_field(3, label="Count", low=1, high=10)
    rate: float = spec_field(0.5, label="Rate", low=0.0)
    word: str = spec_field("red", label="Colour", choices=("red", "blue"), help="Any you like")
    maybe: int | None = spec_field(None, label="Maybe", high=5)
    names: tuple[str, ...] = spec_field((), label="Names")
    flag: bool = spec_field(False, label="Flag")
    plain: Any = field(default=None)


def refused(**values: Any) -> str:
    with pytest.raises(SpecError) as told:
        fields.check(Part(**values), "part")
    return str(told.value)


def test_a_field_carries_its_knob_in_the_order_of_writing() -> None:
    found = dict(fields.fields_of(Part))
    assert list(found) == ["count", "rate", "word", "maybe", "names", "flag"]
    assert (found["count"].label, found["count"].low, found["count"].high, found["count"].scale) == (
        "Count",
        1,
        10,
        "linear",
    )
    assert found["word"].choices == ("red", "blue")
    assert found["word"].help == "Any you like"
    assert dict(fields.fields_of(Part())) == found


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"count": 1},
        {"count": 10},
        {"rate": 0.0},
        {"rate": 1e9},
        {"maybe": 5},
        {"maybe": -100},
        {"names": ("a", "b")},
        {"flag": True},
        {"plain": object()},
    ],
)
def test_values_in_range_pass_and_bounds_belong_to_it(values: dict[str, Any]) -> None:
    fields.check(Part(**values), "part")


def test_what_is_refused_is_told_with_its_range() -> None:
    assert refused(count=0) == "part.count (count) must lie between 1 and 10; got 0."
    assert refused(count=11) == "part.count (count) must lie between 1 and 10; got 11."
    assert refused(rate=-0.1) == "part.rate (rate) must lie at or above 0; got -0.1."
    assert refused(maybe=6) == "part.maybe (maybe) must lie at or below 5; got 6."
    assert refused(word="green") == "part.word is one of red, blue; got 'green'."
    assert refused(rate=float("nan")) == "part.rate must be a finite number; got nan."
    assert refused(rate=float("inf")) == "part.rate must be a finite number; got inf."


@pytest.mark.parametrize(
    ("values", "takes"),
    [
        ({"count": 2.0}, "a whole number"),
        ({"count": True}, "a whole number"),
        ({"count": "2"}, "a whole number"),
        ({"rate": 1}, "a number"),
        ({"flag": 1}, "true or false"),
        ({"word": None}, "a word"),
        ({"maybe": "x"}, "a whole number or nothing"),
        ({"names": ["a"]}, "a list of words"),
        ({"names": (1,)}, "a list of words"),
    ],
)
def test_a_wrong_type_is_refused(values: dict[str, Any], takes: str) -> None:
    assert refused(**values).startswith(f"part.{next(iter(values))} takes {takes}; got ")


@pytest.mark.parametrize(
    ("text", "hint", "value"),
    [
        ("3", int, 3),
        ("-3", int, -3),
        ("3", float, 3.0),
        ("1e-3", float, 1e-3),
        ("x", str, "x"),
        ("true", bool, True),
        ("No", bool, False),
        ("", int | None, None),
        ("null", str | None, None),
        ("7", int | None, 7),
        ("a, b,,c ", tuple[str, ...], ("a", "b", "c")),
        ("", tuple[str, ...], ()),
        ("0.5", float | int | str, 0.5),
        ("5", float | int | str, 5),
        ("2015-01-01", float | int | str, "2015-01-01"),
    ],
)
def test_text_is_read_as_the_field_means_it(text: str, hint: Any, value: Any) -> None:
    made = fields.parse(text, hint, "path")
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(("text", "hint"), [("x", int), ("1.5", int), ("", float), ("maybe", bool), ("x", int | None)])
def test_text_that_says_no_value_is_refused(text: str, hint: Any) -> None:
    with pytest.raises(SpecError, match="path takes "):
        fields.parse(text, hint, "path")


def test_json_values_become_what_the_field_holds() -> None:
    assert fields.coerce(["a", "b"], tuple[str, ...]) == ("a", "b")
    assert isinstance(fields.coerce(1, float), float)
    assert isinstance(fields.coerce(1, float | int | str), int)
    assert fields.coerce(True, float) is True  # left for check to refuse
