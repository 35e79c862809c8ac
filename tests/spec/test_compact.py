"""A recipe in an address: short, exact, and refused in words whatever somebody writes into it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import SpecError
from core.spec import Spec, compact, paths, with_values

HOSTILE = (
    "{",
    "null",
    "[1]",
    '"target.horizon"',
    "[" * 3000,
    '{"target.horizon":NaN}',
    '{"target.horizon":1e999}',
    '{"train.learning_rate":Infinity}',
    '{"target.horizon":' + "9" * 3900 + "}",
    '{"target.horizon":0}',
    '{"target.horizon":true}',
    '{"target":{"horizon":10}}',
    '{"target.horizon":{"a":1}}',
    '{"__class__.__init__":1}',
    '{"model.kind":"../../etc/passwd"}',
    '{"features":[1]}',
    '{"features":"rsi:14"}',
    '{"data.symbols":[]}',
    '{"train.loss":"mae","model.head":"quantile"}',
    "\x00",
    "a" * (compact.LONGEST + 1),
)


def test_only_what_differs_from_the_defaults_is_written():
    assert compact.to_text(Spec()) == "" and compact.from_text("") == Spec()
    spec = with_values(Spec(), {"target.horizon": 10, "features": ["rsi:14|zscore:60", "column:Ö, l"]})
    assert compact.to_text(spec) == '{"target.horizon":10,"features":["rsi:14|zscore:60","column:Ö, l"]}'
    assert compact.from_text(compact.to_text(spec)) == spec


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "target.column": st.none() | st.text(max_size=8),
            "features": st.lists(st.text(max_size=8), max_size=4),
            "split.train": st.sampled_from([0.6, 300, "2015-01-01"]),
            "window.log": st.sampled_from([None, True, False]),
            "window.lookback": st.sampled_from([0, 2, 77]),
            "model.dropout": st.floats(0, 0.9),
            "seed": st.integers(0, 2**31 - 1),
        },
    )
)
@example({"target.column": "none"})
def test_what_is_written_is_read_back_exactly(values):
    spec = with_values(Spec(), values)
    assert compact.from_text(compact.to_text(spec)) == spec


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_bad_or_hostile_text_is_refused_in_words(text):
    with pytest.raises(SpecError, match=r"\."):
        compact.from_text(text)


@given(st.text(max_size=60) | st.dictionaries(st.sampled_from(paths()), st.text(max_size=5), max_size=3).map(str))
def test_any_other_text_is_read_or_refused_as_a_recipe(text):
    try:
        spec = compact.from_text(text)
    except SpecError:
        return
    assert isinstance(spec, Spec)


def test_an_old_name_of_a_field_is_read():
    assert compact.from_text('{"data.known":["plan"]}').data.known_future == ("plan",)


def test_differences_have_the_field_and_both_values():
    (one,) = compact.differences(Spec(), with_values(Spec(), {"target.horizon": 10}))
    assert (one.path, one.field.label, one.before, one.after) == ("target.horizon", "Horizon", 5, 10)
    assert compact.differences(Spec(), Spec()) == ()
