"""The effort dial: what it sets, what it leaves alone, and that more of it is more."""

import pytest

from core import spec
from core.errors import SpecError
from core.spec import Spec, presets


def test_quick_is_what_a_recipe_is_by_default() -> None:
    assert presets.apply(Spec(), "quick") == Spec()


def test_the_dial_sets_its_settings_and_leaves_the_rest_alone() -> None:
    mine = spec.with_values(Spec(), {"target.horizon": 9, "model.kind": "gru", "train.learning_rate": 0.01})
    for name, settings in presets.EFFORTS.items():
        made = presets.apply(mine, name)
        assert spec.with_values(made, presets.EFFORTS["quick"]) == mine
        assert spec.with_values(made, settings) == made
        assert presets.current(made) == name


def test_more_effort_is_more_work_within_what_practitioners_use() -> None:
    made = [presets.apply(Spec(), name) for name in ("quick", "standard", "thorough")]
    work = [(s.window.lookback * s.model.layers * s.model.hidden**2, s.train.epochs) for s in made]
    assert work == sorted(work) and len({*work}) == 3
    for s in made[1:]:
        assert 60 <= s.window.lookback <= 120 and s.model.layers == 2
        assert 128 <= s.model.hidden <= 256 and 0.2 <= s.model.dropout <= 0.3


def test_the_dial_shows_nothing_once_a_setting_is_changed_by_hand() -> None:
    assert presets.current(spec.with_values(Spec(), {"model.hidden": 65})) is None


def test_an_effort_that_is_not_known_is_refused() -> None:
    with pytest.raises(SpecError, match=r"no effort called 'heroic'. Known: quick, standard, thorough"):
        presets.apply(Spec(), "heroic")
