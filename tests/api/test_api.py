"""The public API: its names, its laziness, its examples, and the same numbers as the command line."""

import doctest
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import core
import core as lb
from core import __main__ as cli
from core.errors import DataError, RunError, SpecError

ROOT = Path(__file__).parents[2]
QUICK = {"window.lookback": 10, "model.hidden": 4, "train.epochs": 1}


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return lb.load_sample("SP500", start="2016-01-01")


@pytest.fixture(scope="module")
def run(frame: pd.DataFrame) -> "lb.FittedRun":
    return lb.fit(frame, target="log_return", horizon=2, settings=QUICK, progress=False)


def test_the_public_names_are_frozen() -> None:
    assert core.__all__ == [
        "CoreError",
        "FittedRun",
        "Spec",
        "fit",
        "list_runs",
        "load_csv",
        "load_run",
        "load_sample",
        "load_yahoo",
    ]
    assert set(dir(core)) == {*core.__all__, "__version__"}
    assert all(getattr(core, name).__doc__ for name in core.__all__)
    with pytest.raises(AttributeError, match="no attribute 'train'"):
        core.train  # noqa: B018


def test_importing_core_imports_nothing() -> None:
    code = "import sys, core; print(len([m for m in sys.modules if m.startswith('core.')]), 'numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0", "False"]


@pytest.mark.parametrize("module", ["core", "core.api.series", "core.api.fit", "core.api.fitted_run"])
def test_the_examples_of_the_docstrings_run(module: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testmod(import_module(module), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert failed == 0
    assert tried or module == "core.api.fitted_run"


def test_a_fit_gives_tables_and_figures(run: "lb.FittedRun") -> None:
    assert {"lstm", "last_value", "ridge"} <= set(run.scores.index) and "rmse" in run.scores.columns
    assert run.verdict.text and run.spec.target.horizon == 2
    assert set(run.predict()["step"]) == {1, 2}
    assert run.importance.is_monotonic_decreasing and set(run.importance.index) == set(run.spec.features)
    contributions = run.explain(cutoffs=[str(run.forecast.query("part == 'test'")["cutoff"].iloc[0])], progress=False)
    assert set(contributions["feature"]) == set(run.spec.features)
    for chart in ("forecast", "loss", "importance", "scores"):
        assert len(run.plot(chart).data) > 0
    with pytest.raises(SpecError, match=r"no chart 'pie'\. Choose one of forecast, loss, importance, scores"):
        run.plot("pie")


def test_a_saved_run_opens_again(run: "lb.FittedRun", tmp_path: Path) -> None:
    saved = run.save(tmp_path / "runs")
    again = lb.load_run(tmp_path / "runs" / saved.record.id)
    pd.testing.assert_frame_equal(again.forecast, run.forecast, check_exact=True)
    assert again.verdict == run.verdict
    listed = lb.list_runs(tmp_path / "runs")
    assert listed["id"].tolist() == [saved.record.id] and listed["skill"].tolist() == [run.verdict.skill]
    with pytest.raises(RunError, match="no run called"):
        lb.load_run(tmp_path / "runs" / "20200101-000000-00000000")


def test_it_gives_the_numbers_of_the_command_line(
    run: "lb.FittedRun", capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    settings = {"data.start": "2016-01-01", "target.kind": "log_return", "target.horizon": 2} | QUICK
    sets = [f"{path}={value}" for path, value in settings.items()]
    cli.main(["run", "--runs", str(tmp_path), "--json", "--set", *sets])
    answer = json.loads(capsys.readouterr().out)
    assert answer["scores"]["lstm"]["rmse"] == run.scores.loc["lstm", "rmse"]
    assert answer["data_digest"] == run.record.data_digest and answer["spec_id"] == run.spec.id


def test_a_backtest_of_the_same_recipe(run: "lb.FittedRun") -> None:
    backtest = run.backtest(folds=2, progress=False)
    assert len(backtest.folds) == 2 and backtest.spec == run.spec


def test_any_dataframe_with_dates_will_do() -> None:
    days = pd.date_range("2020-01-01", periods=400)
    table = pd.DataFrame({"visits": np.arange(400) % 7 + 3.0, "rain": np.arange(400) % 5}, index=days)
    run = lb.fit(table, settings=QUICK, progress=False)
    assert (run.spec.target.kind, run.spec.target.column, run.spec.data.source) == ("column", "visits", "file")
    assert lb.fit(table, target="rain", settings=QUICK, progress=False).spec.target.column == "rain"
    with pytest.raises(DataError, match="needs a DatetimeIndex; this one has RangeIndex"):
        lb.fit(table.reset_index(drop=True))


def test_a_file_and_one_of_its_series(tmp_path: Path) -> None:
    path = tmp_path / "sales.csv"
    days = pd.bdate_range("2020-01-01", periods=40)
    pd.concat([pd.DataFrame({"date": days, "shop": name, "sales": range(40)}) for name in "AB"]).to_csv(path)
    assert set(lb.load_csv(path).columns.get_level_values("symbol")) == {"A", "B"}
    assert set(lb.load_csv(path, symbols=["B"]).columns.get_level_values("symbol")) == {"B"}
    with pytest.raises(DataError, match="no series 'C'; it has A, B"):
        lb.load_csv(path, symbols=["C"])


def test_progress_is_drawn_unless_it_is_switched_off(frame: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    lb.fit(frame, horizon=1, settings=QUICK, progress=False)
    assert capsys.readouterr().err == ""
    lb.fit(frame, horizon=1, settings=QUICK)
    assert ", validation loss" in capsys.readouterr().err
