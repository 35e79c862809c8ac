"""Fields check values, read them from text and from JSON, and name what they accept."""

import re
from dataclasses import dataclass, field
from typing import Any

import pytest

from core.errors import SpecError
from core.spec import fields
from core.spec.fields import spec_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    count: int = spec_field(3, label="Count", low=1, high=10)
    rate: float = spec_field(0.5, label="Rate", low=0.0)
    word: str = spec_field("red", label="Colour", choices=("red", "blue"), help="Any you like")
    maybe: int | None = spec_field(None, label="Maybe", high=5)
    names: tuple[str, ...] = spec_field((), label="Names")
    flag: bool = spec_field(False, label="Flag")
    plain: Any = field(default=None)


def error_of(**values: Any) -> str:
    with pytest.raises(SpecError) as error:
        fields.check(Section(**values), "section")
    return str(error.value)


def test_fields_are_listed_in_order_with_their_properties() -> None:
    by_name = dict(fields.fields_of(Section))
    assert list(by_name) == ["count", "rate", "word", "maybe", "names", "flag"]
    count = by_name["count"]
    assert (count.label, count.low, count.high, count.scale) == ("Count", 1, 10, "linear")
    assert by_name["word"].choices == ("red", "blue")
    assert by_name["word"].help == "Any you like"
    assert dict(fields.fields_of(Section())) == by_name


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
def test_values_within_and_at_the_bounds_pass(values: dict[str, Any]) -> None:
    fields.check(Section(**values), "section")


@pytest.mark.parametrize(
    ("values", "facts"),
    [
        ({"count": 0}, "section.count .* between 1 and 10; got 0"),
        ({"count": 11}, "section.count .* between 1 and 10; got 11"),
        ({"rate": -0.1}, r"section.rate .* at or above 0; got -0\.1"),
        ({"maybe": 6}, "section.maybe .* at or below 5; got 6"),
        ({"word": "green"}, "section.word .* red, blue; got 'green'"),
        ({"rate": float("nan")}, "section.rate .* finite number; got nan"),
        ({"rate": float("inf")}, "section.rate .* finite number; got inf"),
    ],
)
def test_values_out_of_range_are_rejected_with_the_range(values: dict[str, Any], facts: str) -> None:
    assert re.search(facts, error_of(**values))


@pytest.mark.parametrize(
    ("values", "accepted"),
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
def test_values_of_the_wrong_type_are_rejected(values: dict[str, Any], accepted: str) -> None:
    assert error_of(**values).startswith(f"section.{next(iter(values))} takes {accepted}; got ")


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
        ('["column:Load, MW", "rsi:14"]', tuple[str, ...], ("column:Load, MW", "rsi:14")),
        (" []", tuple[str, ...], ()),
        ("0.5", float | int | str, 0.5),
        ("5", float | int | str, 5),
        ("2015-01-01", float | int | str, "2015-01-01"),
    ],
)
def test_text_is_parsed_to_the_type_of_the_field(text: str, hint: Any, value: Any) -> None:
    parsed = fields.parse(text, hint, "path")
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize("text", ["[a, b]", "[1]", '["a"', '["a", null]'])
def test_a_list_that_is_not_json_is_rejected_with_an_example(text: str) -> None:
    with pytest.raises(SpecError, match=r'path takes words .*JSON, \'path=\["a, b", "c"\]\'; got'):
        fields.parse(text, tuple[str, ...], "path")


@pytest.mark.parametrize(("text", "hint"), [("x", int), ("1.5", int), ("", float), ("maybe", bool), ("x", int | None)])
def test_text_of_another_type_is_rejected(text: str, hint: Any) -> None:
    with pytest.raises(SpecError, match="path takes "):
        fields.parse(text, hint, "path")


def test_json_values_are_converted_to_the_type_of_the_field() -> None:
    assert fields.coerce(["a", "b"], tuple[str, ...]) == ("a", "b")
    assert isinstance(fields.coerce(1, float), float)
    assert isinstance(fields.coerce(1, float | int | str), int)
    assert fields.coerce(True, float) is True  # rejected by check
