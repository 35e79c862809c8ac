"""The records of the kinds: complete, in agreement with the rules of the recipe, and readable without torch."""

import dataclasses
import json
import re
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import SpecError
from core.models.kinds import MODELS
from core.spec import Model, Spec, Train, Window
from tests.models.conftest import VARIANTS

Recipe = Callable[..., Spec]


def test_every_record_is_complete() -> None:
    fields = {field.name for field in dataclasses.fields(Model)}
    for kind in MODELS.values():
        assert kind.title and kind.text.endswith(".")
        assert set(kind.fields) <= fields - {"kind"}


def test_a_record_is_listed_as_four_plain_values() -> None:
    for kind in MODELS.values():
        assert set(json.loads(json.dumps(dataclasses.asdict(kind)))) == {"name", "title", "text", "fields"}


def test_records_are_read_without_torch() -> None:
    code = "import sys; from core.models import registry, timing; print('torch' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.split() == ["False"]


def test_which_kinds_take_short_windows_and_learn_at_every_step() -> None:
    recurrent = {"lstm", "gru", "rnn", "slstm"}
    assert {name for name, kind in MODELS.items() if kind.takes_short_windows} == recurrent | {"transformer"}
    assert {name for name, kind in MODELS.items() if kind.supports_every_step} == recurrent | {"tft"}
    assert {name for name, kind in MODELS.items() if kind.selects_inputs} == {"tft"}


@pytest.mark.parametrize("min_length", [None, 4])
def test_the_recipe_refuses_supervision_that_the_record_rules_out(
    recipe: Recipe, variant: dict[str, Any], min_length: int | None
) -> None:
    values = {"model__kind" if name == "kind" else name: value for name, value in variant.items()}
    kind = MODELS[values["model__kind"]]
    if min_length and not kind.takes_short_windows:
        return
    column = {"target__kind": "column", "target__column": "y", "features": ["column:y"], "model__segment": 3}
    values = column | values | {"window__min_length": min_length}
    obstacle = kind.every_step_obstacle(recipe(**values, train__supervision="auto"))
    if obstacle is None:
        recipe(**values, train__supervision="every_step")
        return
    with pytest.raises(SpecError, match="cannot be supervised at every step"):
        recipe(**values, train__supervision="every_step")


CONFLICTS = [
    ("transformer", {"hidden": 10, "heads": 4}, r"hidden \(10\) is not a multiple of model.heads \(4\).* to 8, or"),
    ("segment", {"segment": 99}, r"segment \(99\) is longer than the window \(60 rows\)"),
    ("gru", {"norm_layer": "batch"}, "train.batch_size is 1"),
]


@pytest.mark.parametrize(("name", "values", "message"), CONFLICTS)
def test_settings_that_do_not_fit_a_kind_are_refused(name: str, values: dict[str, Any], message: str) -> None:
    model = dataclasses.replace(Model(kind=name), **values)
    unchecked: Any = SimpleNamespace(model=model, window=Window(lookback=60), train=Train(batch_size=1))
    conflict = MODELS[name].conflict(unchecked)
    assert conflict is not None and re.search(message, conflict.message)


@pytest.mark.parametrize("name", MODELS)
def test_settings_that_fit_are_accepted(recipe: Recipe, name: str) -> None:
    assert MODELS[name].conflict(recipe(model__kind=name, model__segment=3, train__supervision="auto")) is None


def test_the_variants_cover_every_kind() -> None:
    assert {values["kind"] for values in VARIANTS.values()} == set(MODELS)
