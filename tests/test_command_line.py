"""The command line does the whole work without a screen, and says mistakes in one line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core import __main__ as cli
from core.cli import commands, inputs
from core.data.sources import samples
from core.explain.importance import Importance
from core.storage import experiment_log, runs

SMALL = ["window.lookback=8", "model.hidden=4", "train.epochs=1", "target.horizon=2"]


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Caches of its own, so that nothing is left in the checkout."""
    monkeypatch.setattr(inputs, "CACHE", tmp_path / "cache")


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Runs a command and returns its JSON."""

    def call(*arguments: object) -> dict:
        code = cli.main([*map(str, arguments), "--runs", str(tmp_path / "runs"), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def long_file(path: Path, rows: int = 300) -> Path:
    days = pd.bdate_range("2015-01-01", periods=rows)
    parts = [
        pd.DataFrame(
            {
                "date": days,
                "symbol": name,
                "close": 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, rows))),
            }
        )
        for seed, name in enumerate(["AA", "BB", "CC"])
    ]
    pd.concat(parts).to_csv(path, index=False)
    return path


def test_run_explain_predict_and_export_a_long_file(said, tmp_path):
    path = long_file(tmp_path / "many.csv")
    made = said("run", "--data", path, "--set", *SMALL, "target.kind=log_return", "data.symbols=AA,CC")
    assert {"lstm", "last_value", "drift", "mean"} <= {*made["scores"]}
    assert made["rows"]["train"] > 0 and 0 <= made["bands"]["coverage"] <= 1
    assert said("runs")["runs"][0]["id"] == made["run_id"]
    found = said("predict", made["run_id"], "--data", long_file(tmp_path / "newer.csv", 310))
    assert {row["symbol"] for row in found["forecast"]} == {"AA", "CC"}
    explained = said("explain", made["run_id"], "--method", "gradients")
    assert {*explained["importance"]} == {"return", "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist"}
    for method in ("ablation", "lightgbm"):
        found = said("explain", made["run_id"], "--method", method)
        assert {*found["importance"]} == {*explained["importance"], *(["symbol"] if method == "lightgbm" else [])}
        assert {"method", "importance", "by_lag", "additivity_error"} <= {*found} and found["method"] == method
        assert len(found["by_lag"]) == 8
    parted = said("explain", made["run_id"], "--method", "blocks")
    assert {*parted["importance"]} == {"lag 1", "lag 2", "lags 3-5", "lags 6-8"} and len(parted["by_lag"]) == 8
    assert parted["method"] == "blocks" and parted["additivity_error"] < 1e-5
    assert found["additivity_error"] < 1e-9 and sum(found["gain"].values()) == pytest.approx(1)
    kept = runs.load_record(made["run_id"], "ablation-features", Importance, tmp_path / "runs")
    assert kept.method == "retrained" and {*kept.importance} == {*explained["importance"]}
    assert runs.load(made["run_id"], tmp_path / "runs").explanation.method == "gradients"
    (tried,) = said("tries")["questions"]
    assert (tried["tries"], tried["looks"], tried["best"], tried["p_spa"]) == (1, 1, None, None)
    assert tried["title"].startswith("AA, CC: log return, 2 steps") and "the first experiment" in tried["text"]
    packed = said("export", made["run_id"], "--to", tmp_path / "run.zip")
    assert (tmp_path / "run.zip").stat().st_size == packed["bytes"]


def test_a_column_of_another_file_is_joined_with_its_lag(said, tmp_path):
    days = pd.bdate_range("1999-01-01", "2018-12-31")
    pd.DataFrame({"date": days, "rate": np.arange(len(days)) % 11}).to_csv(tmp_path / "rate.csv", index=False)
    made = said(
        "run",
        "--join",
        f"{tmp_path / 'rate.csv'}#rate@3",
        "--set",
        *SMALL,
        "data.start=2010-01-01",
        "data.join=sample:WTI@2",
    )
    recipe = runs.load(made["run_id"], tmp_path / "runs").spec
    assert recipe.data.join[0] == "sample:WTI@2" and recipe.data.join[1].endswith("#rate@3")
    assert {"change:macro.rate", "change:macro.WTI", "column:macro.WTI|zscore:60"} <= {*recipe.features}


def test_a_walk_prints_its_folds_and_one_verdict(said, tmp_path, capsys):
    series = ["walk", "--data", long_file(tmp_path / "many.csv"), "--set", *SMALL, "target.kind=log_return"]
    made = said(*series, "data.symbols=AA", "--folds", "2", "--window", "rolling", "--stride", "40")
    assert [fold["fold"] for fold in made["folds"]] == [1, 2] and made["missing"] == []
    assert made["plan"]["window"] == "rolling" and made["folds"][0]["rows"]["test"] == 40
    assert {"lstm", "last_value"} <= {*made["scores"]} and made["verdict"]["text"]
    assert {"mean", "std", "above_zero"} <= {*made["spread"]}
    assert cli.main([str(word) for word in series] + ["data.symbols=AA", "--folds", "1", "--stride", "60"]) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("fold  1  20") and made["verdict"]["reference"]
    assert "fold 1/1  skill" in captured.err


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["walk", "--folds", "many"], "plan.folds takes a whole number"),
        (["walk", "--val", "0.9"], "plan.val"),
        (["walk", "--stride", "900"], "nothing is left to learn from"),
        (["run", "--set", "model.hiden=3"], "is not a setting"),
        (["run", "--data", "no.csv"], "No such file"),
        (["explain", "20200101-000000-00000000"], "There is no run"),
        (["fly"], "invalid choice"),
        (["run", "--set", "data.join=WTI"], "names no series to join"),
    ],
)
def test_a_mistake_is_one_line_and_code_2(arguments, says, capsys, tmp_path):
    assert cli.main([*arguments, *(["--runs", str(tmp_path)] if arguments != ["fly"] else [])]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: ") and says in captured.err
    assert len(captured.err.splitlines()) == 1


def test_lists_and_the_recipe_are_json(said):
    assert {"lstm", "gru", "rnn"} <= {kind["name"] for kind in said("models")["models"]}
    assert {"rsi", "column", "known"} <= {feature["name"] for feature in said("features")["features"]}
    assert {target["name"] for target in said("targets")["targets"]} >= {"volatility", "mean_close", "max_drawdown"}
    assert {*samples.SAMPLES} == {sample["name"] for sample in said("samples")["samples"]}
    assert said("spec", "--set", "window.lookback=96")["window"]["lookback"] == 96


def test_tries_are_counted_and_compared(finished, capsys, said, tmp_path):
    assert said("tries") == {"questions": [], "damaged": []}
    others = [
        replace(finished, spec=replace(finished.spec, seed=seed), id=f"20200101-00000{seed}-0123abcd")
        for seed in (1, 2)
    ]
    for run in (finished, *others, others[0]):
        experiment_log.add(run, tmp_path / "runs")
    (tmp_path / "runs" / experiment_log.FOLDER / "damaged.safetensors").write_bytes(b"")
    values = said("tries")
    (tried,) = values["questions"]
    assert (tried["tries"], tried["looks"], tried["compared"]) == (3, 4, 3)
    assert tried["best"]["skill"] == finished.evaluation.verdict.skill and 0 <= tried["p_spa"] <= 1
    assert {*tried["in_set"]} == {finished.id, *(run.id for run in others)}  # equal losses share their place
    assert [entry["file"] for entry in values["damaged"]] == ["damaged.safetensors"]
    assert cli.main(["tries", "--runs", str(tmp_path / "runs")]) == 0
    told = capsys.readouterr().out
    assert "3 experiments, 4 evaluations" in told and "The best of 3" in told
    assert "damaged.safetensors cannot be read" in told


def test_a_full_disk_ends_no_run_but_says_that_the_try_is_not_counted(finished, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "exhaust", lambda *_: finished)
    monkeypatch.setattr(experiment_log, "add_or_report", lambda run, root: "The try could not be entered.")
    path = long_file(tmp_path / "many.csv")
    code = cli.main(
        [
            "run",
            "--data",
            str(path),
            "--runs",
            str(tmp_path / "runs"),
            "--set",
            *SMALL,
            "target.kind=log_return",
            "data.symbols=AA",
        ]
    )
    told = capsys.readouterr()
    assert code == 0 and "Saved as" in told.out and "warning: The try could not be entered." in told.err
