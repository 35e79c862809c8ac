"""python -m core track: a file with newer rows is scored, the log verified, mistakes said in one line."""

import json

import pytest

from core import __main__ as cli
from core.cli import inputs
from core.storage import forecast_log
from tests.conftest import market

SMALL = ["window.lookback=8", "model.hidden=4", "train.epochs=1", "target.kind=log_return", "target.horizon=1"]


@pytest.fixture
def call(monkeypatch, capsys, tmp_path):
    """Run a command and return its exit code, its JSON and what it says on standard error."""
    monkeypatch.setattr(inputs, "CACHE", tmp_path / "cache")

    def run(*arguments):
        code = cli.main([*map(str, arguments), "--runs", str(tmp_path / "runs"), "--json"])
        captured = capsys.readouterr()
        return code, json.loads(captured.out) if captured.out else None, captured.err

    return run


def write(path, rows):
    """A file with the closes of so many days."""
    market(300)[["close"]].iloc[:rows].to_csv(path)
    return path


def test_a_run_is_tracked_from_its_training_to_an_edited_line(call, tmp_path):
    assert call("track")[1] == {
        "log": {"entries": 0, "intact": True, "problem": None, "head": "0" * 64, "line": None},
        "runs": [],
        "all": call("track")[1]["all"],
        "failed": [],
    }
    code, trained, _ = call("run", "--data", write(tmp_path / "prices.csv", 290), "--set", *SMALL)
    assert code == 0
    code, first, _ = call("track")
    (run,) = first["runs"]
    assert (run["run_id"], run["forecasts"], run["scored"], run["skill"]) == (trained["run_id"], 1, 0, None)
    code, after, _ = call("track", "--data", write(tmp_path / "newer.csv", 291))
    (run,) = after["runs"]
    assert (code, run["forecasts"], run["scored"], run["coverage"] in (0, 1)) == (0, 2, 1, True)
    assert run["nominal"] == 0.9 and run["expected"] > 0 and run["loss"] > 0 and run["age_days"] == 0
    assert set(run["drift"]) == {"flag", "e_value", "since"} and run["parent"] is None and run["ahead"] == 0
    assert after["all"]["scored"] == 1 and after["log"]["entries"] == 4 and after["failed"] == []
    code, predicted, _ = call("predict", trained["run_id"], "--data", write(tmp_path / "newest.csv", 292))
    assert call("track")[1]["runs"][0]["forecasts"] == 3 and call("track")[1]["runs"][0]["scored"] == 2
    lines = [json.loads(line) for line in (tmp_path / "runs/.track/forecasts.jsonl").read_text().splitlines()]
    assert lines[-1]["yhat_H"][0] == predicted["forecast"][0]["yhat"]
    code, again, _ = call("track", "--data", tmp_path / "newest.csv")
    assert again["runs"][0]["forecasts"] == 3  # a forecast is logged once
    path = tmp_path / "runs" / forecast_log.FOLDER / forecast_log.FILE
    path.write_text(path.read_text().replace('"nominal": 0.9', '"nominal": 0.8'))
    code, checked, _ = call("track", "--verify")
    assert code == 0 and set(checked) == {"log"} and not checked["log"]["intact"] and checked["log"]["line"] == 1


def test_a_file_that_is_not_there_is_one_line(call, tmp_path):
    code, values, error = call("track", "--data", tmp_path / "none.csv")
    assert code == 2 and values is None and error.startswith("error: ")


def test_text_for_people(capsys, tmp_path):
    assert cli.main(["track", "--runs", str(tmp_path), "--refresh"]) == 0
    assert "No live forecast is logged yet" in capsys.readouterr().out
    assert cli.main(["track", "--runs", str(tmp_path), "--verify"]) == 0
    assert "is intact" in capsys.readouterr().out
