"""Settings of single networks of an ensemble: written and read, refused where networks could not answer together."""

import re
from typing import Any

import pytest

from core.errors import SpecError
from core.spec import Spec, compact, members, with_values


def several(*texts: str, **values: Any) -> Spec:
    return with_values(Spec(), {"train.ensemble": 3, "train.member_settings": list(texts)} | values)


def test_what_is_written_is_read_back() -> None:
    values = {"model.hidden": 48, "train.learning_rate": 3e-4, "train.batch_size": None, "model.residual": True}
    values |= {"model.pooling": "mean", "train.optimizer": "sgd"}
    assert members.read(members.write(values), Spec()) == values


def test_each_network_has_the_recipe_with_its_own_settings() -> None:
    spec = several("model.hidden=48 train.learning_rate=0.001", "", **{"model.layers": 2})
    first, second, third = members.recipes(spec)
    assert (first.model.hidden, first.model.layers, first.train.learning_rate) == (48, 2, 0.001)
    assert first.train.ensemble == 1 and first.train.member_settings == ()
    assert (second.model, third) == (spec.model, spec)
    assert members.recipes(Spec()) == [Spec()]
    assert compact.from_text(compact.to_text(spec)) == spec


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("window.lookback=20", "'window.lookback=20' is no setting of a single network. Write path=value with one of"),
        ("model.kind=gru", "no setting of a single network"),
        ("hidden", "no setting of a single network"),
        ("model.hidden=0", "must lie"),
        ("model.hidden=many", "model.hidden takes"),
        ("train.optimizer=magic", "train.optimizer is one of"),
        ("train.learning_rate=nan", "finite"),
        ("model.pooling=mean", "cannot be supervised at every step"),
    ],
)
def test_settings_that_do_not_fit_are_refused_with_their_text(text: str, problem: str) -> None:
    with pytest.raises(SpecError, match=re.escape(problem)) as caught:
        several("", text, **{"train.supervision": "every_step"})
    assert repr(text) in str(caught.value)
