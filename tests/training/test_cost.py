from pathlib import Path

import pytest

from core import pipeline
from core.data import load
from core.data.sources import samples
from core.spec import with_values
from core.training import cost


@pytest.fixture(scope="module")
def data():
    spec = samples.recipe("SP500")
    frame = load.load(spec.data, Path())
    return spec, frame, pipeline.prepare(spec, frame)


def test_costs_have_the_names_and_order_of_the_stages_and_grow_with_the_work(data):
    _, _, inputs = data
    seconds = cost.estimate(inputs.spec, inputs.prepared, ("train", "evaluate", "explain"))
    assert list(seconds) == ["train", "evaluate", "explain"] and all(value > 0 for value in seconds.values())
    more = with_values(inputs.spec, {"train.ensemble": 3})
    three = cost.estimate(more, inputs.prepared, ("train", "evaluate"))
    assert three == {"train": pytest.approx(3 * seconds["train"]), "evaluate": seconds["evaluate"]}
    other = with_values(more, {"train.member_settings": [f"train.steps={2 * inputs.spec.train.steps}"]})
    assert cost.estimate(other, inputs.prepared, ("train",))["train"] == pytest.approx(4 * seconds["train"], rel=0.05)
    shorter = with_values(inputs.spec, {"train.steps": inputs.spec.train.steps // 3})
    assert cost.estimate(shorter, inputs.prepared, ("train",))["train"] < 0.5 * seconds["train"]


def test_a_run_says_what_it_costs_before_it_trains(data):
    spec, frame, inputs = data
    steps = pipeline.run(spec, frame)
    first, second = next(steps), next(steps)
    steps.close()
    assert first.name == "features"
    assert second.seconds == cost.estimate(inputs.spec, inputs.prepared, ("train", "evaluate", "explain"))
