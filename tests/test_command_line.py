"""The command line runs every step without a screen, and reports mistakes in one line."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core as lb
from core import __main__ as cli
from core.cli import commands, inputs
from core.data.sources import samples
from core.errors import RunError
from core.evaluation import convergence
from core.explain.importance import Importance
from core.storage import archive, experiment_log, runs
from core.types import Run
from tests.evaluation.compare.variants import variant

SMALL = ["window.lookback=8", "model.hidden=4", "train.epochs=1", "target.horizon=2"]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache outside the checkout."""
    monkeypatch.setattr(inputs, "CACHE", tmp_path / "cache")


@pytest.fixture
def run_command(capsys: pytest.CaptureFixture[str], tmp_path: Path):
    """Run a command and return its JSON."""

    def call(*arguments: object) -> dict:
        code = cli.main([*map(str, arguments), "--runs", str(tmp_path / "runs"), "--json"])
        captured = capsys.readouterr()
        assert code == 0, captured.err
        return json.loads(captured.out)

    return call


def write_long_file(path: Path, rows: int = 300) -> Path:
    """A CSV file with the closes of three symbols, one below the other."""
    days = pd.bdate_range("2015-01-01", periods=rows)
    tables = [
        pd.DataFrame(
            {
                "date": days,
                "symbol": name,
                "close": 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, rows))),
            }
        )
        for seed, name in enumerate(["AA", "BB", "CC"])
    ]
    pd.concat(tables).to_csv(path, index=False)
    return path


def test_a_long_file_is_run_explained_forecast_and_exported(run_command, tmp_path):
    path = write_long_file(tmp_path / "many.csv")
    result = run_command("run", "--data", path, "--set", *SMALL, "target.kind=log_return", "data.symbols=AA,CC")
    run_id = result["run_id"]
    assert {"lstm", "last_value", "drift", "mean"} <= {*result["scores"]}
    assert result["rows"]["train"] > 0 and 0 <= result["bands"]["coverage"] <= 1
    assert run_command("runs")["runs"][0]["id"] == run_id
    prediction = run_command("predict", run_id, "--data", write_long_file(tmp_path / "newer.csv", 310))
    assert {row["symbol"] for row in prediction["forecast"]} == {"AA", "CC"}
    features = run_command("explain", run_id, "--method", "gradients")["importance"].keys()
    week = {f"week_{wave}:{k}" for wave in ("sin", "cos") for k in (1, 2)}
    assert {*features} == {"return", "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist", *week}
    for method in ("ablation", "lightgbm"):
        other = run_command("explain", run_id, "--method", method)
        assert {*other["importance"]} == {*features, *(["symbol"] if method == "lightgbm" else [])}
        assert {"method", "importance", "by_lag", "additivity_error"} <= {*other} and other["method"] == method
        assert len(other["by_lag"]) == 8
    assert other["additivity_error"] < 1e-9 and sum(other["gain"].values()) == pytest.approx(1)
    segments = run_command("explain", run_id, "--method", "blocks")
    assert {*segments["importance"]} == {"known ahead", "lag 1", "lag 2", "lags 3-5", "lags 6-8"}
    assert len(segments["by_lag"]) == 8
    assert segments["method"] == "blocks" and segments["additivity_error"] < 1e-5
    saved = runs.load_record(run_id, "ablation-features", Importance, tmp_path / "runs")
    assert saved.method == "retrained" and {*saved.importance} == {*features}
    assert runs.load(run_id, tmp_path / "runs").explanation.method == "gradients"
    (task,) = run_command("tries")["questions"]
    assert (task["tries"], task["looks"], task["best"], task["p_spa"]) == (1, 1, None, None)
    assert task["title"].startswith("AA, CC: log return, 2 ") and "the first" in task["text"]
    archive = run_command("export", run_id, "--to", tmp_path / "run.zip")
    assert (tmp_path / "run.zip").stat().st_size == archive["bytes"]
    came = run_command("import", tmp_path / "run.zip")
    assert came["run_id"] == f"{run_id}-2" and came["symbols"] == ["AA", "CC"] and came["explained"]
    report = run_command("report", run_id, "--to", tmp_path / "report.html")
    assert (tmp_path / "report.html").stat().st_size == report["bytes"] < 6e6
    script = run_command("script", run_id, "--to", tmp_path / "again.py")
    assert script["data"] == str(tmp_path / "again-data.parquet") and Path(script["data"]).is_file()
    assert "DATA_FILE = 'again-data.parquet'" in (tmp_path / "again.py").read_text()


def test_a_column_of_another_file_is_joined_with_its_lag(run_command, tmp_path):
    days = pd.bdate_range("1999-01-01", "2018-12-31")
    pd.DataFrame({"date": days, "rate": np.arange(len(days)) % 11}).to_csv(tmp_path / "rate.csv", index=False)
    result = run_command(
        "run",
        "--join",
        f"{tmp_path / 'rate.csv'}#rate@3",
        "--set",
        *SMALL,
        "data.start=2010-01-01",
        "data.join=sample:WTI@2",
    )
    recipe = runs.load(result["run_id"], tmp_path / "runs").spec
    assert recipe.data.join[0] == "sample:WTI@2" and recipe.data.join[1].endswith("#rate@3")
    assert {"change:macro.rate", "change:macro.WTI", "column:macro.WTI|zscore:60"} <= {*recipe.features}


def test_several_bundled_series_are_chosen_at_once(run_command, capsys):
    settings = ["--set", *SMALL, "data.start=2010-01-01"]
    result = run_command("run", *settings, 'data.symbols=["AAPL","IBM"]')
    assert {live["symbol"] for live in result["live"]} == {"AAPL", "IBM"}
    assert cli.main(["run", *settings, 'data.symbols=["AAPL","COMMITS"]']) == 2
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert error.startswith("error: AAPL and COMMITS cannot be chosen together: ") and error.count(". ") == 0


def test_a_backtest_prints_its_folds_and_one_verdict(run_command, tmp_path, capsys):
    data = ["--data", write_long_file(tmp_path / "many.csv")]
    settings = ["--set", *SMALL, "target.kind=log_return", "data.symbols=AA"]
    rolling = ["--folds", "2", "--window", "rolling", "--stride", "40"]
    result = run_command("backtest", *data, *settings, *rolling)
    assert [fold["fold"] for fold in result["folds"]] == [1, 2] and result["missing"] == []
    assert result["plan"]["window"] == "rolling" and result["folds"][0]["rows"]["test"] == 40
    assert {"lstm", "last_value"} <= {*result["scores"]} and result["verdict"]["text"]
    assert {"mean", "std", "above_zero"} <= {*result["spread"]} and result["verdict"]["reference"]
    old_name = ["walk", *map(str, data), *settings, "--folds", "1", "--stride", "60"]
    assert cli.main(old_name) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("fold  1  20")
    assert "fold 1/1  skill" in captured.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["backtest", "--folds", "many"], "plan.folds takes a whole number"),
        (["backtest", "--val", "0.9"], "plan.val"),
        (["walk", "--stride", "900"], "nothing is left to learn from"),
        (["run", "--set", "model.hiden=3"], "is not a setting"),
        (["run", "--data", "no.csv"], "No such file"),
        (["explain", "20200101-000000-00000000"], "There is no run"),
        (["report", "20200101-000000-00000000", "--to", "x.html"], "There is no run"),
        (["import", "nowhere.zip"], "nowhere.zip cannot be read"),
        (["fly"], "invalid choice"),
        (["run", "--set", "data.join=WTI"], "names no series to join"),
    ],
)
def test_mistakes_are_one_line_and_exit_code_2(arguments, message, capsys, tmp_path):
    assert cli.main([*arguments, *(["--runs", str(tmp_path)] if arguments != ["fly"] else [])]) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and captured.err.startswith("error: ") and message in captured.err
    assert len(captured.err.splitlines()) == 1


def test_catalogues_and_recipes_are_json(run_command):
    assert {"lstm", "gru", "rnn"} <= {kind["name"] for kind in run_command("models")["models"]}
    assert {"rsi", "column", "known"} <= {feature["name"] for feature in run_command("features")["features"]}
    assert {target["name"] for target in run_command("targets")["targets"]} >= {
        "volatility",
        "mean_close",
        "max_drawdown",
    }
    assert {*samples.SAMPLES} == {sample["name"] for sample in run_command("samples")["samples"]}
    assert run_command("spec", "--set", "window.lookback=96")["window"]["lookback"] == 96


def test_experiments_are_counted_and_compared(finished, capsys, run_command, tmp_path):
    assert run_command("experiments") == {"questions": [], "damaged": []}
    others = [
        replace(finished, spec=replace(finished.spec, seed=seed), id=f"20200101-00000{seed}-0123abcd")
        for seed in (1, 2)
    ]
    for run in (finished, *others, others[0]):
        experiment_log.add(run, tmp_path / "runs")
    (tmp_path / "runs" / experiment_log.FOLDER / "damaged.safetensors").write_bytes(b"")
    values = run_command("experiments")
    (task,) = values["questions"]
    assert (task["tries"], task["looks"], task["compared"]) == (3, 4, 3)
    assert task["best"]["skill"] == finished.evaluation.verdict.skill and 0 <= task["p_spa"] <= 1
    assert {*task["in_set"]} == {finished.id, *(run.id for run in others)}  # equal losses, equal ranks
    assert [entry["file"] for entry in values["damaged"]] == ["damaged.safetensors"]
    assert cli.main(["tries", "--runs", str(tmp_path / "runs")]) == 0
    text = capsys.readouterr().out
    assert "3 experiments, 4 evaluations" in text and "The best of 3" in text
    assert "damaged.safetensors" in text


def test_a_full_disk_is_a_warning_not_an_error(finished, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(commands, "exhaust", lambda *_: finished)
    monkeypatch.setattr(experiment_log, "add_or_report", lambda run, root: "The experiment could not be recorded.")
    path = write_long_file(tmp_path / "many.csv")
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
    captured = capsys.readouterr()
    assert code == 0 and "Saved as" in captured.out
    assert "warning: The experiment could not be recorded." in captured.err


def test_a_file_is_inspected_and_its_reading_corrected(run_command, tmp_path):
    path = tmp_path / "ventes.csv"
    lines = [
        f"{day:%d/%m/%Y};{1 + day.day / 8:.3f}".replace(".", ",") for day in pd.date_range("2022-01-10", periods=9)
    ]
    path.write_bytes("\n".join(["jour;été", *lines]).encode("cp1252"))
    read = run_command("inspect", path)
    assert read.keys() == {"symbols", "columns", "target", "rows", "first", "last", "frequency", "notes"}
    assert (read["symbols"], read["columns"], read["target"]) == (["VENTES"], ["été"], "été")
    assert (read["rows"], read["frequency"]) == (9, "every day")
    assert read["first"].startswith("2022-01-10") and read["last"].startswith("2022-01-18")
    assert any("cp1252" in note for note in read["notes"])
    assert run_command("inspect", path, "--encoding", "latin-1")["columns"] == ["été"]
    (tmp_path / "days.csv").write_text("date,x\n" + "\n".join(f"0{day}/02/2022,{day}" for day in range(1, 9)))
    assert run_command("inspect", tmp_path / "days.csv")["last"].startswith("2022-08-02")
    corrected = run_command("inspect", tmp_path / "days.csv", "--date-format", "day first, like 31/07/2017")
    assert corrected["last"].startswith("2022-02-08")


def test_what_stands_for_no_value_is_said_on_the_command_line(run_command, capsys, tmp_path):
    path = tmp_path / "sensor.csv"
    values = [-999 if day % 9 == 3 else day % 7 for day in range(40)]
    days = pd.date_range("2022-01-10", periods=40)
    path.write_text("date,x\n" + "".join(f"{day:%Y-%m-%d},{value}\n" for day, value in zip(days, values, strict=True)))
    found = run_command("inspect", path)
    assert found["rows"] == 40 - values.count(-999) and any("-999 occurs 5 times" in note for note in found["notes"])
    kept = run_command("inspect", path, "--missing", "none")
    assert kept["rows"] == 40 and not any("-999" in note for note in kept["notes"])
    asked = run_command("inspect", "--missing", "-999", "--missing", "6", path)
    assert asked["rows"] == 40 - values.count(-999) - values.count(6)
    assert cli.main(["inspect", str(path), "--missing", "some"]) == 2
    assert "'some' is no number" in capsys.readouterr().err


def test_what_was_guessed_of_the_data_and_the_live_forecast_are_part_of_the_answer(capsys, tmp_path):
    path = write_long_file(tmp_path / "many.csv")
    table = pd.read_csv(path)
    table.iloc[::-1].to_csv(path, index=False)
    settings = [*SMALL, "target.kind=log_return", "data.symbols=AA"]
    assert cli.main(["run", "--data", str(path), "--set", *settings, "--runs", str(tmp_path / "runs"), "--json"]) == 0
    captured = capsys.readouterr()
    result = json.loads(captured.out)
    assert any("names the series" in note for note in result["notes"])
    of_run = ("calibration", "fitted on the validation split", "The series has")  # the others are of the data
    of_data = [note for note in result["notes"] if not any(words in note for words in of_run)]
    assert of_data and all(f"note: {note}\n" in captured.err for note in of_data)
    assert [(row["symbol"], row["step"]) for row in result["live"]] == [("AA", 1), ("AA", 2)]
    assert all(row["lo"] <= row["yhat"] <= row["hi"] and row["time"] for row in result["live"])


def test_a_training_that_was_still_improving_names_the_setting_that_trains_on(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(convergence, "describe_unfinished", lambda run: "Training was still improving.")
    path = write_long_file(tmp_path / "many.csv")
    arguments = ["run", "--data", str(path), "--set", *SMALL, "target.kind=log_return", "data.symbols=AA"]
    sentence = "Training was still improving. Train on with train.epochs=2."
    assert cli.main([*arguments, "--runs", str(tmp_path / "runs")]) == 0
    assert sentence in capsys.readouterr().out.splitlines()
    assert cli.main([*arguments, "--runs", str(tmp_path / "runs"), "--json"]) == 0
    assert sentence in json.loads(capsys.readouterr().out)["notes"]


def write_plan(path: Path, outcome: str = "sales", ahead: int = 6, promo: float = 1.0) -> Path:
    """Four hundred days with promotions, planned for `ahead` days more as `promo`, which lift the outcome."""
    rng, rows = np.random.default_rng(0), 400 + ahead
    plan = np.where(np.arange(rows) < 400, rng.random(rows) < 0.3, promo).astype(float)
    value = 100 + 40 * plan + rng.normal(0, 3, rows)
    table = pd.DataFrame({"date": pd.date_range("2024-01-01", periods=rows), "price, net": rng.normal(9, 1, rows)})
    table = table.assign(**{"promo, own": plan, outcome: np.where(np.arange(rows) < 400, value, np.nan)})
    table.to_csv(path, index=False)
    return path


def test_what_inspect_names_is_what_run_forecasts(run_command, tmp_path):
    path = write_plan(tmp_path / "plan.csv")
    read = run_command("inspect", path)
    assert read["target"] == "sales"
    setting = """To use them, set 'data.known_future=["price, net", "promo, own"]'"""
    assert any(note.startswith(setting) for note in read["notes"])  # the screen has a box for it
    recipe = run_command("spec", "--data", path, "--set", "target.horizon=2")
    assert recipe["target"] == {"kind": "column", "column": "sales", "horizon": 2, "dead_zone": 0.0}
    assert run_command("spec", "--data", path, "--set", "target.column=price, net")["target"]["kind"] == "column"
    assert run_command("spec", "--data", path, "--set", "target.kind=mean_close")["target"]["column"] == "sales"
    (tmp_path / "recipe.json").write_text(json.dumps({"target": {"kind": "column", "column": "promo, own"}}))
    named = run_command("spec", "--data", path, "--spec", tmp_path / "recipe.json")
    assert named["target"]["column"] == "promo, own"
    frame = lb.load_csv(path)
    fitted = lb.fit(frame, settings={"train.epochs": 1, "window.lookback": 8}, progress=False)
    assert fitted.spec.target.column == "sales" and any("data.known_future" in note for note in fitted.notes)
    prices = write_long_file(tmp_path / "many.csv")
    assert run_command("inspect", prices)["target"] == "close"
    assert run_command("spec", "--data", prices)["target"]["column"] == "close"


def test_a_plan_with_commas_in_its_names_is_used_in_the_live_forecast(run_command, tmp_path):
    known = """data.known_future=["promo, own"]"""
    settings = [*SMALL[:2], "train.epochs=30", "train.learning_rate=0.02", "target.horizon=6", known]
    live = {}
    for promo in (0.0, 1.0):
        result = run_command("run", "--data", write_plan(tmp_path / "p.csv", promo=promo), "--set", *settings)
        live[promo] = [row["yhat"] for row in result["live"]]
        assert [row["time"][:10] for row in result["live"]] == [f"2025-02-0{day}" for day in range(4, 10)]
        assert any("'promo, own' (6 rows)" in note and "used" in note for note in result["notes"])
    assert np.mean(np.subtract(live[1.0], live[0.0])) > 20  # of 40 in truth


def test_a_live_forecast_that_is_missing_has_its_reason(run_command, capsys, tmp_path):
    path = write_plan(tmp_path / "p.csv", ahead=1)
    result = run_command("run", "--data", path, "--set", *SMALL)
    assert len(result["live"]) == 2 and any("The last row, 2025-02-04, has no value" in n for n in result["notes"])
    short = run_command("run", "--data", path, "--set", *SMALL, """data.known_future=["promo, own"]""")
    assert short["live"] == [] and any("known:promo, own has no value in 1 of" in note for note in short["notes"])
    table = pd.read_csv(path)
    table.loc[397, "price, net"] = np.nan
    table.to_csv(path, index=False)
    result = run_command("run", "--data", path, "--set", *SMALL)
    assert result["live"] == [] and any("column:price, net has no value in 1 of" in note for note in result["notes"])
    assert cli.main(["predict", result["run_id"], "--runs", str(tmp_path / "runs")]) == 2
    assert "column:price, net has no value" in capsys.readouterr().err
    assert cli.main(["run", "--data", str(path), "--set", "data.known_future=price, net"]) == 2
    assert "JSON list" in capsys.readouterr().err


def test_the_sheet_and_the_header_row_of_a_workbook_are_chosen(run_command, capsys, tmp_path):
    days, path = pd.date_range("2022-01-10", periods=9), tmp_path / "book.xlsx"
    with pd.ExcelWriter(path) as book:
        pd.DataFrame({"date": days, "first": range(9)}).to_excel(book, sheet_name="One", index=False)
        table = pd.DataFrame({"date": days, "second": range(9)})
        table.to_excel(book, sheet_name="Two", index=False, startrow=2)
        book.sheets["Two"]["A1"], book.sheets["Two"]["B1"] = "day", "sales"
    assert run_command("inspect", path)["columns"] == ["first"]
    assert run_command("inspect", path, "--sheet", "Two")["columns"] == ["second"]
    (tmp_path / "table.csv").write_text("date,units\n" + table.to_csv(index=False))  # two rows that may be the header
    assert run_command("inspect", tmp_path / "table.csv")["columns"] == ["second"]
    assert run_command("inspect", tmp_path / "table.csv", "--header-row", "1")["columns"] == ["units"]
    for arguments, message in (
        (["--sheet", "Three"], "no sheet 'Three'; it has 'One', 'Two'"),
        (["--header-row", "99"], "no filled row 99"),
        (["--header-row", "0"], "rows are counted from 1"),
    ):
        assert cli.main(["inspect", str(path), *arguments]) == 2
        assert message in capsys.readouterr().err


def test_runs_are_compared_on_what_they_share(finished, tmp_path, capsys):
    ids = [runs.save(variant(finished, number, 0.2 * number, seed=number), tmp_path / "runs").id for number in range(3)]
    arguments = ["compare", *ids, "--runs", str(tmp_path / "runs")]
    assert cli.main([*arguments, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["runs"] == ids and [*result["scores"]] == ids and [*result["importance"]] == ids
    assert result["shared"]["cutoffs"] == result["shared"]["windows"] == result["shared"]["of"][ids[0]] > 50
    assert [(pair["a"], pair["b"]) for pair in result["pairs"]] == [
        (ids[0], ids[1]),
        (ids[0], ids[2]),
        (ids[1], ids[2]),
    ]
    for pair in result["pairs"]:
        assert pair["lo"] < pair["difference"] < pair["hi"] and pair["p_value"] <= pair["p_adjusted"] <= 1
    assert result["recipe"] == {"seed": [0, 1, 2]}
    assert {"mae", "rmse", "mase", "skill", "skill_lo", "skill_hi", "bands"} <= {*result["scores"][ids[0]]}
    assert cli.main(arguments) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"A  {ids[0]}  lstm") and result["text"] in lines and "seed: 0 | 1 | 2" in lines


@pytest.mark.parametrize(
    ("names", "words"),
    [((0,), "got 1"), ((0, 0), "named twice"), ((0, 1), "no run called"), ((0, 2), "different things")],
)
def test_runs_that_cannot_be_compared_are_refused_in_one_line(finished, tmp_path, capsys, names, words):
    saved = [runs.save(variant(finished, 0), tmp_path).id, "20200101-000000-ffffffff"]
    saved.append(runs.save(variant(finished, 2, target__horizon=6), tmp_path).id)
    assert cli.main(["compare", *(saved[at] for at in names), "--runs", str(tmp_path), "--json"]) == 2
    captured = capsys.readouterr()
    (line,) = captured.err.splitlines()
    assert captured.out == "" and line.startswith("error: ") and words in line


@pytest.mark.parametrize(
    "command", [["run"], ["tune", "--trials", "1"], ["explain", "RUN"], ["import", "RUN.zip"], ["track", "--refresh"]]
)
def test_a_disk_that_refuses_is_noticed_before_the_work(
    finished: Run,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    command: list[str],
) -> None:
    saved = runs.save(finished, tmp_path)
    (tmp_path / "run.zip").write_bytes(archive.pack(saved.id, tmp_path))
    names = {"RUN": saved.id, "RUN.zip": str(tmp_path / "run.zip")}
    monkeypatch.setattr(commands, "exhaust", lambda *_: pytest.fail("it worked in vain"))
    monkeypatch.setattr("core.cli.track.exhaust", lambda *_: pytest.fail("it worked in vain"))
    monkeypatch.setattr("tempfile.mkdtemp", lambda **_: (_ for _ in ()).throw(OSError(30, "Read-only file system")))
    code = cli.main([*(names.get(word, word) for word in command), "--runs", str(tmp_path), "--json"])
    captured = capsys.readouterr()
    assert (code, captured.out) == (2, "")
    assert captured.err.splitlines()[-1].startswith("error: ") and "Read-only file system" in captured.err


def test_a_run_that_cannot_be_saved_at_the_end_is_printed_all_the_same(
    finished: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RunError("The run could not be saved (No space left on device).")

    monkeypatch.setattr(commands, "exhaust", lambda *_: finished)
    monkeypatch.setattr(commands, "finish", refuse)
    for json_flag in (["--json"], []):
        code = cli.main(["run", "--set", "data.symbols=SP500", "--runs", str(tmp_path), *json_flag])
        captured = capsys.readouterr()
        assert code == 2 and captured.err.splitlines()[-1] == (
            "error: The run could not be saved (No space left on device)."
        )
        assert "not saved" in captured.out and "Saved as" not in captured.out
        if json_flag:
            values = json.loads(captured.out)
            assert values["run_id"] is None and values["scores"]
            assert any("No space left" in note for note in values["notes"])
