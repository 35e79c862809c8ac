"""What version 0.1 saved still opens and gives the numbers that it gave; those of the demo change only on purpose.

Processors round a training differently, so the demo's numbers are only near. A change that means to move them stores
the new ones in tests/golden/demo.
"""

import json
import shutil
from pathlib import Path

import pytest

from benchmarks.same_numbers import differences
from core import __main__ as cli

GOLDEN = Path(__file__).parent / "golden"
RUN = "20261129-010818-e7a7b5a6"
UNSTEADY = {"p_value", "tests", "interval", "winkler", "history"}  # they amplify the rounding of a training


@pytest.fixture
def answer(capsys, tmp_path):
    """Runs a command on a copy of the old folder of runs and returns its JSON."""
    runs = tmp_path / "runs"
    shutil.copytree(GOLDEN / "store_0_1", runs)

    def call(*arguments: str) -> dict:
        capsys.readouterr()
        code = cli.main([*arguments, "--runs", str(runs), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def golden(name: str) -> dict:
    return json.loads((GOLDEN / name).read_text())


def steady(values: object) -> object:
    """`values` without the entries that a rounding changes a lot."""
    if isinstance(values, dict):
        return {key: steady(value) for key, value in values.items() if key not in UNSTEADY}
    return [steady(value) for value in values] if isinstance(values, list) else values


@pytest.mark.parametrize("command", ["predict", "explain"])
def test_a_run_of_the_version_before_predicts_and_explains_as_then(answer, command):
    assert [*differences(golden(f"{command}.json"), answer(command, RUN), rel=1e-4)] == []


def test_an_experiment_of_the_version_before_still_counts(answer):
    (question,) = golden("tries.json")["questions"]
    (now,) = answer("tries")["questions"]
    assert [*differences(question, now, rel=1e-6)] == []


def test_the_demo_gives_the_numbers_that_it_gave(answer):
    assert [*differences(golden("demo/spec.json"), answer("spec"))] == []
    run = answer("run")
    assert [*differences(steady(golden("demo/run.json")), steady(run), rel=0.1)] == []
    assert run["verdict"]["tone"] == golden("demo/run.json")["verdict"]["tone"]
    forecast = answer("predict", run["run_id"])["forecast"]
    assert [*differences(golden("demo/predict.json")["forecast"], forecast, rel=0.1)] == []


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-12}, 1),
        ({"a": 1.0}, {"a": 1.0, "b": 2}, 0),
        ({"a": 1.0}, {}, 1),
        ({"tied": False}, {"scale_learning_rate": False}, 0),
        ({"text": "p = .2 of 3"}, {"text": "It has p = .3 of 3"}, 1),
        ({"text": "p = .2 of 3"}, {"text": "Of 3 it has .2"}, 1),
        ({"text": "has .2 and 3"}, {"text": "gives .2 or 3"}, 0),
        ([1, 2], [1], 1),
        ({"name": "har"}, {"name": "garch"}, 1),
        ({"seconds": 1.0}, {"seconds": 2.0}, 0),
    ],
)
def test_a_difference_is_seen(old, new, found):
    assert len([*differences(old, new)]) == found
