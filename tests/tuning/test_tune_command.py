"""The command line of a search: JSON for programs, one line for mistakes, and going on with a study."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core import __main__ as cli
from core.cli import inputs
from core.spec import from_dict
from core.tuning import study

SMALL = ["window.lookback=8", "model.hidden=4", "train.epochs=1", "data.start=2016-06-01", "train.device=cpu"]
Call = Callable[..., dict[str, Any]]


@pytest.fixture
def tune(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run the command and return its JSON."""
    monkeypatch.setattr(inputs, "CACHE", tmp_path / "cache")

    def call(*arguments: object) -> dict[str, Any]:
        code = cli.main(["tune", *map(str, arguments), "--runs", str(tmp_path), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def test_a_search_prints_its_trials_and_the_best_recipe_and_goes_on(tune: Call, tmp_path: Path) -> None:
    over = "train.learning_rate=1e-3..1e-2,model.hidden=2..6"
    first = tune("--trials", 2, "--over", over, "--set", *SMALL)
    assert [one["state"] for one in first["trials"]] == ["complete"] * 2 and first["objective"] == "validation"
    assert first["best"]["value"] == min(one["value"] for one in first["trials"])
    recipe = from_dict(first["recipe"])
    assert recipe.model.hidden == first["best"]["params"]["model.hidden"] and recipe.window.lookback == 8
    assert recipe.split == study.load(first["study"], tmp_path).spec.split  # with its calibration and test splits
    more = tune("--resume", first["study"], "--trials", 3)
    assert more["trials"][:2] == first["trials"] and len(more["trials"]) == 3
    assert {one["path"] for one in more["space"]} == {"train.learning_rate", "model.hidden"}


def test_without_a_limit_and_a_space_it_takes_the_usual_ones(tune: Call, tmp_path: Path) -> None:
    found = tune("--minutes", 1e-9, "--set", *SMALL)
    assert found["trials"] == [] and found["best"] is None and found["recipe"] is None
    assert [one["path"] for one in found["space"]] == ["train.learning_rate", "model.hidden", "model.dropout"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--over", "seed"], "cannot be searched"),
        (["--over", "model.segment"], "not used by lstm"),
        (["--trials", "0"], "whole number above zero"),
        (["--resume", "../x"], "There is no search"),
        (["--minutes", "-1"], "needs a limit"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str], problem: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert cli.main(["tune", *arguments, "--runs", str(tmp_path), "--set", *SMALL]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert line.startswith("error: ") and problem in line


def test_the_text_says_how_to_judge_the_best_recipe(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    over = "model.hidden=2..6"
    assert cli.main(["tune", "--trials", "1", "--over", over, "--runs", str(tmp_path), "--set", *SMALL]) == 0
    out = capsys.readouterr().out
    assert "1 complete" in out and "python -m core run … --set model.hidden=4" in out
