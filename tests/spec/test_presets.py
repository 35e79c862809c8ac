"""Effort presets: the settings that they change, and the order of their cost."""

import pytest

from core import spec
from core.errors import SpecError
from core.spec import Spec, presets


def test_quick_is_the_default() -> None:
    assert presets.apply(Spec(), "quick") == Spec()


def test_a_preset_changes_its_own_settings_only() -> None:
    custom = spec.with_values(Spec(), {"target.horizon": 9, "model.kind": "gru", "train.learning_rate": 0.01})
    for name, settings in presets.EFFORTS.items():
        changed = presets.apply(custom, name)
        assert spec.with_values(changed, presets.EFFORTS["quick"]) == custom
        assert spec.with_values(changed, settings) == changed
        assert presets.current(changed) == name


def test_more_effort_means_more_work_within_usual_ranges() -> None:
    specs = [presets.apply(Spec(), name) for name in ("quick", "standard", "thorough")]
    work = [((s.window.lookback or 60) * s.model.layers * s.model.hidden**2, s.train.steps) for s in specs]
    assert work == sorted(work) and len({*work}) == 3
    for s in specs[1:]:
        assert s.window.lookback in (0, 120) and s.model.layers == 2
        assert 128 <= s.model.hidden <= 256 and 0.2 <= s.model.dropout <= 0.3


def test_a_recipe_changed_by_hand_has_no_preset() -> None:
    assert presets.current(spec.with_values(Spec(), {"model.hidden": 65})) is None


def test_unknown_efforts_are_rejected_with_the_known_ones() -> None:
    with pytest.raises(SpecError, match=r"'heroic'.*quick, standard, thorough"):
        presets.apply(Spec(), "heroic")
