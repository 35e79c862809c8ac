"""The space of a search: ranges, choices, presets, and what is refused."""

import math

import pytest

from core.errors import SpecError
from core.models.kinds import MODELS
from core.spec import Spec, paths, with_values
from core.spec.convert import field_at
from core.tuning import space


def test_the_usual_range_of_every_field_lies_within_what_the_recipe_takes() -> None:
    assert set(space.RANGES) <= set(paths())
    for path, usual in space.RANGES.items():
        one = space.dimension(path)
        for value in one.choices or (one.low, one.high):
            typed = round(value) if one.whole else value
            assert one.holds(typed)
            if path not in ("model.norm", "train.loss", "model.kind"):  # which depend on the rest of the recipe
                with_values(Spec(), {path: typed})
        assert (usual is None) == bool(one.choices)


def test_a_space_is_read_from_text_with_its_ranges_and_scales() -> None:
    text = "train.learning_rate=1e-4..1e-2, model.hidden=8..32:linear,model.kind=lstm|gru,model.residual"
    rate, hidden, kind, residual = space.parse_space(text)
    assert (rate.low, rate.high, rate.log, rate.whole) == (1e-4, 1e-2, True, False)
    assert (hidden.low, hidden.high, hidden.log, hidden.whole) == (8, 32, False, True)
    assert kind.choices == ("lstm", "gru") and residual.choices == (False, True)
    assert space.parse_space("train.weight_decay")[0].log  # although the recipe takes 0 as well
    assert [one.path for one in space.parse_space("quick")] == list(space.PRESETS["quick"][1])


@pytest.mark.parametrize(
    "text",
    ["", "seed", "split.test", "model.hidden=9", "model.hidden=9..x", "model.hidden=64..16", "model.dropout=0..0.95",
     "model.kind=lstm|rnn9", "train.learning_rate=0..1", "model.hidden=8..16:square"],
)  # fmt: skip
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(SpecError):
        space.parse_space(text)


def test_a_field_that_the_model_does_not_use_is_refused_or_drops_out_of_a_preset() -> None:
    assert "segment" not in MODELS["lstm"].fields
    with pytest.raises(SpecError, match=r"model\.segment is not used by lstm"):
        space.check(space.parse_space("model.segment"), Spec())
    left = space.check(space.parse_space("network"), Spec(), presets=True)
    assert "model.segment" not in [one.path for one in left]
    both = space.parse_space("model.segment,model.kind=lstm|segment")
    assert space.check(both, Spec()) == both


def test_a_recipe_stands_at_a_point_of_the_space_or_outside() -> None:
    dimensions = space.parse_space("train.learning_rate,model.hidden=8..32")
    assert space.params_of(dimensions, Spec()) is None  # 64 units
    spec = with_values(Spec(), {"model.hidden": 16})
    params = space.params_of(dimensions, spec)
    assert params == {"train.learning_rate": spec.train.learning_rate, "model.hidden": 16}
    assert space.at(Spec(), params) == spec


def test_the_size_of_a_space_counts_its_points() -> None:
    assert space.size(space.parse_space("model.layers=1..3,model.residual")) == 6
    assert math.isinf(space.size(space.parse_space("model.dropout")))


def test_presets_name_fields_that_exist() -> None:
    for _, listed in space.PRESETS.values():
        assert set(listed) <= set(space.RANGES)
        assert all(field_at(path).label for path in listed)
