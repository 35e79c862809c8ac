"""The registry of explanation methods: ids of the command line, and one shape of result for all of them."""

import dataclasses

import pytest

from core.errors import SpecError
from core.explain import methods
from core.explain.importance import IMPORTANCE_METHODS
from core.types import Explanation

IDS = ("permutation", "exact", "gradients", "blocks", "ablation", "lightgbm")


def test_the_ids_are_those_of_the_command_line():
    assert tuple(methods.METHODS) == IDS
    assert [name for name, method in methods.METHODS.items() if method.replaces] == [*IDS[:3]]
    assert methods.find("ablation").record_name == "ablation-features"


def test_an_unknown_method_raises_an_error_that_names_all():
    with pytest.raises(SpecError, match=f"no explanation method called 'magic'. Choose one of {', '.join(IDS)}"):
        methods.find("magic")


@pytest.mark.parametrize("name", IDS)
def test_every_method_explains_a_run(planted, finish, name):
    run = dataclasses.replace(planted, explanation=None)
    result, events = finish(methods.find(name).compute(run))
    importance = result.importance
    assert importance.method in IMPORTANCE_METHODS and len(importance.by_lag) == 10 and events
    assert set(result.gain) == (set(run.spec.features) if name == "lightgbm" else set())
    if name == "ablation":
        assert result.explanation is None
    else:
        assert isinstance(result.explanation, Explanation) and result.explanation.method == name
        assert importance.importance == result.explanation.importance
    if name != "blocks":
        assert next(iter(importance.importance)) == "column:signal"
