"""The smallest case of every benchmark: they run only when somebody measures, and must still work then."""

import ast
import importlib
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.events import Event
from core.jobs.local import run
from core.spec import Spec, with_values
from core.training import device

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted((ROOT / "benchmarks").glob("*.py"))
OTHER_ENVIRONMENT = {"peer_darts", "peer_neural"}  # import packages that the app's environment does not have
TINY = {"window.lookback": 10, "model.hidden": 4, "train.epochs": 1, "train.ensemble": 1, "train.device": "cpu"}


def benchmark(name: str) -> Any:
    return importlib.import_module(f"benchmarks.{name}")


@pytest.fixture
def series(bars: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """The frame of a short S&P 500."""
    from core.data import frame

    return frame.build({"SP500": bars(700)})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_imports_and_says_how_it_is_run(path: Path) -> None:
    text = ast.get_docstring(ast.parse(path.read_text()))
    assert text
    if '__name__ == "__main__"' in path.read_text() and not path.stem.startswith("peer_"):
        assert f"python -m benchmarks.{path.stem}" in text
    if path.stem not in OTHER_ENVIRONMENT:
        benchmark(path.stem)


def test_a_killed_worker_costs_no_run(tmp_path: Path) -> None:
    assert benchmark("kills").soak(1, 0, tmp_path, [("train", "worker", "kept")]) == {"tried": 1, "survived": 1}


@pytest.mark.parametrize("half", ["development", "reporting"])
def test_the_public_series_are_regular_and_their_halves_disjoint(half: str) -> None:
    halves = benchmark("public_series").HALVES
    assert not {one.name for one in halves["development"]} & {one.name for one in halves["reporting"]}
    for one in halves[half]:
        values = one.load()
        assert 72 <= len(values) <= 11_000 and np.isfinite(values).all() and values.index.is_monotonic_increasing
        gaps = values.index.to_series().diff().dropna()
        assert (gaps <= 1.5 * gaps.median()).mean() > 0.99, one.name


def test_accuracy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    accuracy, output = benchmark("accuracy"), tmp_path / "figures.json"
    settings = [f"{path}={value}" for path, value in TINY.items()]
    arguments = ["accuracy", "--only", "sunspots", "--save", str(output), "--set", *settings]
    monkeypatch.setattr(sys, "argv", arguments)
    accuracy.main()
    text = capsys.readouterr().out
    assert "development, 1 of 1 trained" in text and "against the best baseline" in text
    assert all(name in text for name in ("nlinear", "seasonal", "ses", "arima", "auto_ets", "auto_theta", "lightgbm"))
    (figures,) = benchmark("peers").json.loads(output.read_text())
    y = {name: figures["errors"][name]["test"] for name in figures["errors"]}
    assert y["model"] > 0 and y["nlinear"] < y["last_value"]  # a cycle of eleven years: linear is far better


def test_the_mean_of_accuracy_is_geometric_and_leaves_out_refusals() -> None:
    accuracy = benchmark("accuracy")

    def result(model: float, refusal: str = "") -> Any:
        errors = {"model": {"test": model}, "ridge": {"test": 2.0}, "nlinear": {"test": 1.0}}
        return accuracy.Result(series="a", seed=0, rows=9, errors={} if refusal else errors, refusal=refusal)

    assert accuracy.geometric_mean([result(4.0), result(0.25), result(0.0, "too short")], "test") == pytest.approx(1.0)
    assert np.isnan(accuracy.geometric_mean([result(0.0, "too short")], "test"))


def test_the_best_baseline_of_accuracy_is_that_of_the_validation_split() -> None:
    accuracy = benchmark("accuracy")
    errors = {
        "model": {"val": 1.0, "test": 6.0},
        "ridge": {"val": 3.0, "test": 2.0},
        "nlinear": {"val": 4.0, "test": 8.0},
        "auto_ets": {"val": 2.0, "test": 4.0},  # the best on validation, not on test
    }
    result = accuracy.Result(series="a", seed=0, rows=9, errors=errors)
    assert (result.best_baseline, result.ratio_to_best("test")) == ("auto_ets", 1.5)
    assert accuracy.geometric_mean([result], "val", accuracy.Result.ratio_to_best) == pytest.approx(0.5)
    assert "0.500 / 1.500 of auto_ets, the best" in accuracy.describe(result)


@pytest.fixture(scope="module")
def inflation() -> Any:
    """The smallest public series."""
    return next(one for one in benchmark("public_series").HALVES["reporting"] if one.name == "inflation")


def last_value(task: Any, season: int, seed: int) -> Any:
    """A peer that needs no package."""
    return lambda: None, lambda cutoff_N: np.repeat(task.series_T[cutoff_N][:, None], task.horizon, axis=1)


def test_peers_are_scored_on_the_windows_of_the_product(monkeypatch: pytest.MonkeyPatch, inflation: Any) -> None:
    peers, defaults = benchmark("accuracy_peers"), benchmark("peer_defaults")
    monkeypatch.setitem(defaults.PEERS, "last_value", last_value)
    monkeypatch.setattr(
        peers.peers, "call", lambda command: SimpleNamespace(returncode=defaults.run(command[3:]) or 0, stderr="")
    )
    theirs = peers.measure(inflation, "last_value", 0, Path("python"))
    ours = benchmark("accuracy").measure(inflation, 0, tuple(f"{path}={value}" for path, value in TINY.items()))
    assert theirs.errors == pytest.approx(ours.errors["last_value"], rel=1e-9) and not theirs.refusal


def test_peers_see_no_row_before_its_time(inflation: Any) -> None:
    peers, auto_ets = benchmark("accuracy_peers"), benchmark("peer_defaults").PEERS["auto_ets"]
    task = peers.build_task(benchmark("accuracy").prepare(inflation, 0)[1])
    step_H = np.arange(1, task.horizon + 1)
    for split, cutoff_N in task.cutoff.items():
        np.testing.assert_allclose(task.series_T[cutoff_N[:, None] + step_H], task.truth[split], rtol=1e-12)
    assert task.end <= task.cutoff["val"][0] + 1

    def forecasts(series_T: np.ndarray) -> np.ndarray:
        fit, forecast = auto_ets(replace(task, series_T=series_T), 4, 0)
        fit()
        return np.asarray(forecast(task.cutoff["test"][[0, 1]]))

    first, second = task.cutoff["test"][:2]
    changed = forecasts(np.where(np.arange(len(task.series_T)) > first, 1.0, task.series_T))
    same = np.isclose(changed, forecasts(task.series_T)).all(axis=1)
    assert second == first + 1 and same.tolist() == [True, False]


def test_accuracy_peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """statsforecast is in the app's environment too, so one peer runs in a process of its own."""
    peers, output = benchmark("accuracy_peers"), tmp_path / "figures.json"
    arguments = ["--half", "reporting", "--only", "inflation", "--peers", "auto_ets", "--save", str(output)]
    monkeypatch.setattr(sys, "argv", ["accuracy_peers", *arguments, "--seeds", "2", "--bench-python", sys.executable])
    peers.main()
    (figures,) = peers.json.loads(output.read_text())
    assert 0 < figures["errors"]["test"] < 0.02 and figures["seconds"] >= 0 and not figures["refusal"]
    assert f"{figures['errors']['test']:.4g}" in capsys.readouterr().out
    peers.main()
    assert "inflation" not in capsys.readouterr().out  # it is in the file


@pytest.mark.parametrize(
    ("code", "text"), [(-signal.SIGXCPU, "not fitted within 600 processor seconds"), (1, "ValueError: tiny")]
)
def test_a_peer_that_fails_has_a_refusal(monkeypatch: pytest.MonkeyPatch, inflation: Any, code: int, text: str) -> None:
    peers = benchmark("accuracy_peers")
    stderr = "Traceback\nValueError: tiny\n"
    monkeypatch.setattr(peers.peers, "call", lambda command: SimpleNamespace(returncode=code, stderr=stderr))
    result = peers.measure(inflation, "auto_ets", 0, Path("python"))
    assert result.errors == {} and text in peers.describe(result)


def test_bands(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    bands = benchmark("bands")
    recipe, kinds, load = bands.recipe, bands.KINDS, benchmark("band_series").exchange_rate
    monkeypatch.setattr(bands, "recipe", lambda values: with_values(recipe(values), TINY | {"window.lookback": 20}))
    short = replace(kinds["rate"], load=lambda seed: load(seed, 600), seeds=(1,))
    monkeypatch.setattr(bands, "KINDS", kinds | {"rate": short})
    monkeypatch.setattr(bands, "COMPARED", ("auto", "split"))
    monkeypatch.setattr(
        sys, "argv", ["bands", "--only", "index", "rate", "--from", "2008", "--until", "2008", "--methods"]
    )
    with pytest.raises(SystemExit) as ended:
        bands.main()
    lines = capsys.readouterr().out.splitlines()
    kinds_of_series = [line for line in lines if line.startswith(("index", "exchange"))]
    assert len(kinds_of_series) == 2 and sum(line.startswith("  split") for line in lines) == 2
    assert all(("MISSED: " in line) != line.endswith(" met") for line in kinds_of_series)
    assert ended.value.code == int(any("MISSED" in line for line in lines))


def test_each_bound_of_the_bands_can_be_missed() -> None:
    bands = benchmark("bands")
    kind = bands.KINDS["rate"]
    good = bands.Figures(
        coverage=0.9, worst=0.85, worst_60=0.7, below=0.05, above=0.05, median=0.5, ratio=1.0, rival="garch"
    )
    assert bands.missed_bounds(kind, good) == []
    outside = {"coverage": 0.93, "worst": 0.79, "below": 0.03, "above": 0.07, "ratio": 1.03}
    names = [bands.missed_bounds(kind, replace(good, **{name: value})) for name, value in outside.items()]
    assert names == [["coverage"], ["worst"], ["below"], ["above"], ["Winkler"]]
    assert bands.missed_bounds(bands.KINDS["counts"], replace(good, below=0.0)) == []


def test_seasonal_quantiles_use_known_rows_only() -> None:
    bands, rows = benchmark("bands"), 400
    level_T = np.arange(rows) % 7 + 100.0 * (np.arange(rows) > 300)
    test = SimpleNamespace(cutoff_row_N=np.array([300]), rows=SimpleNamespace(steps=(1, 7, 8), level_T=level_T))
    low_NH, high_NH = bands.seasonal(test, 7)
    np.testing.assert_array_equal(low_NH, [[301 % 7, 307 % 7, 308 % 7]])
    np.testing.assert_array_equal(high_NH, low_NH)


def test_etth1(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    etth1, small = benchmark("etth1"), {"train": 300, "val": 100, "test": 100}
    rows = pd.date_range("2016-07-01", periods=600, freq="h", name="date")
    wave = 20 + 5 * np.sin(np.arange(600) / 24 * 2 * np.pi) + np.random.default_rng(0).normal(size=600)
    pd.DataFrame({"HUFL": 0.0, "OT": wave}, index=rows).to_csv(tmp_path / "ETTh1.csv")
    monkeypatch.setattr(benchmark("series"), "ETTH1_ROWS", small)
    monkeypatch.setattr(etth1, "ETTH1_ROWS", small)
    monkeypatch.setattr(
        etth1, "TASK", etth1.TASK | {f"split.{name}": count for name, count in small.items()} | {"window.lookback": 24}
    )
    monkeypatch.setattr(etth1, "CHOSEN", etth1.CHOSEN | {"train.epochs": 1, "model.hidden": 4})
    monkeypatch.setattr(etth1, "PUBLISHED", {12: (0.1, 0.1)})
    monkeypatch.setattr(sys, "argv", ["etth1", "--data", str(tmp_path / "ETTh1.csv"), "--horizons", "12"])
    etth1.main()
    table = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    assert len(table) == 1 + 1 + 1 + 2 + etth1.SEEDS + 1  # header, published, last value, two linear, seeds, their mean
    assert all(float(line.split("|")[2].split("/")[0]) > 0 for line in table[1:])


def test_calendars(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    calendars = benchmark("calendars")
    monkeypatch.setattr(calendars, "CODES", ("XNYS",))
    monkeypatch.setattr(calendars, "ROWS", (250,))
    calendars.main()
    lines = [line.split() for line in capsys.readouterr().out.splitlines()[1:]]
    assert len(lines) == len(calendars.KINDS) and all(line[-1] == "0" and line[-4] == "1/1" for line in lines)


def test_reading(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    reading = benchmark("reading")
    for name in ("ROWS", "COLUMNS", "TEXT_ROWS"):
        monkeypatch.setattr(reading, name, 40)
    reading.main()
    lines = capsys.readouterr().out.splitlines()[1:]
    assert len(lines) == len(reading.CASES)
    assert [line.split(": ", 1)[1].split(":")[0] for line in lines] == [
        *("40 x 5", "40 x 5", "500 x 40", "4 x 5", "refused", "40 x 1", "40 x 1")
    ]


def test_features(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    features = benchmark("features")
    monkeypatch.setattr(features, "ROWS", 600)
    monkeypatch.setattr(features, "REPEATS", 1)
    features.main()
    assert "20 indicators, 600 rows" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["walks", "garch", "planted"])
def test_honesty(kind: str) -> None:
    target = {"walks": "closes", "garch": "directions", "planted": "returns"}[kind]
    result = benchmark("honesty").judge(0, kind, target, ("train.epochs=1", "model.hidden=4"))
    assert result.tone in {"good", "none", "bad"} and -1 < result.skill < 1 and 0 <= result.p_value <= 1
    assert result.seconds > 0


def test_the_series_of_honesty_are_what_they_are_called() -> None:
    honesty, noise = benchmark("honesty"), np.random.default_rng(0).normal(0.0, 0.01, 20_000)
    garch, planted = honesty.log_returns(noise, "garch"), honesty.log_returns(noise, "planted")
    assert np.array_equal(honesty.log_returns(noise, "walks"), noise)

    def autocorrelation(value: np.ndarray) -> float:
        return float(np.corrcoef(value[1:], value[:-1])[0, 1])

    assert autocorrelation(planted) == pytest.approx(0.3, abs=0.02)
    assert abs(autocorrelation(garch)) < 0.03 and autocorrelation(garch**2) > 0.1
    assert garch.std() == pytest.approx(0.01, rel=0.15)


def test_honesty_keeps_its_bounds_scaled(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    honesty = benchmark("honesty")
    lucky = honesty.Result(tone="good", skill=0.1, p_value=0.01, seconds=1.0)
    luckless = honesty.Result(tone="none", skill=0.1, p_value=0.2, seconds=1.0)

    def kept(kind: str, good: int, count: int) -> bool:
        pool = SimpleNamespace(map=lambda *_: [lucky] * good + [luckless] * (count - good))
        return bool(honesty.measure(pool, kind, "returns", count, ()))

    assert [kept("walks", good, 40) for good in (0, 2, 3)] == [True, True, False]
    assert [kept("planted", good, 20) for good in (17, 18)] == [False, True]
    assert "3 of 40 called evidence of skill (at most 2;" in capsys.readouterr().out
    monkeypatch.setattr(honesty.size_and_power, "SIZES", (60,))
    monkeypatch.setattr(honesty.size_and_power, "HORIZONS", (1, 5))
    monkeypatch.setattr(sys, "argv", ["honesty", "--size", "--trials", "10"])
    assert honesty.main() in {0, 1}
    assert "largest size" in capsys.readouterr().out


def test_the_former_test_of_the_benchmark_is_that_of_statsmodels() -> None:
    from statsmodels.tsa.stattools import diebold_mariano_test

    difference = np.random.default_rng(0).normal(size=(3, 90))
    for horizon in (1, 5):
        lags = max(2 * horizon, 5)
        oracle = [
            diebold_mariano_test(
                np.zeros(90), row, np.zeros(90), criterion=lambda _, x: x, harvey_adj=True, horizon=horizon, lags=lags
            ).pvalue
            for row in difference
        ]
        np.testing.assert_allclose(benchmark("size_and_power").former(difference, horizon), oracle)


def test_planted(monkeypatch: pytest.MonkeyPatch) -> None:
    planted = benchmark("planted")
    monkeypatch.setattr(planted, "ROWS", 600)
    monkeypatch.setattr(planted, "EXPLAINED", 5)
    monkeypatch.setattr(planted, "RECIPE", planted.RECIPE | {"train.epochs": 1, "model.hidden": 4})
    result = planted.explain_draw(0)
    assert sorted(result.order) == sorted(planted.FEATURES) and 1 <= result.peak <= 25
    assert planted.report([result]) in {True, False}


def test_prepare(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    prepare = benchmark("prepare")
    monkeypatch.setattr(prepare, "SYMBOLS", 2)
    monkeypatch.setattr(prepare, "ROWS", 600)
    prepare.measure()
    assert "2 symbols x 600 rows x 30 features" in capsys.readouterr().out


def test_shapley(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    shapley = benchmark("shapley")
    monkeypatch.setattr(shapley, "TRAIN", 300)
    monkeypatch.setattr(shapley, "SEGMENT_WINDOWS", 2)
    train = shapley.train
    monkeypatch.setattr(shapley, "train", lambda x, y: train(x, y, steps=1))
    monkeypatch.setattr(sys, "argv", ["shapley", "--windows", "2", "--rounds", "1", "--gradients", "--blocks"])
    shapley.main()
    text = capsys.readouterr().out
    assert "expected gradients" in text and "6 as the product cuts them" in text


def test_training(monkeypatch: pytest.MonkeyPatch, series: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    training = benchmark("training")
    monkeypatch.setattr(training, "TURNS", 1)
    monkeypatch.setattr(training, "VARIANTS", training.VARIANTS[:2])
    task = benchmark("series").prepare(with_values(Spec(), TINY), series)
    training.compare_bare_loop(*task)
    training.compare_steps(*task)
    training.compare_variants("short", *task, budget=0.01, seeds=1)
    text = capsys.readouterr().out
    assert "bare loop" in text and "16 chunks" in text and "validation passes" in text
    assert ("bf16" in text) == device.has_bfloat16("cpu")


def test_the_product_among_the_peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, series: pd.DataFrame) -> None:
    ours, stopwatch = benchmark("peer_ours"), benchmark("peer_stopwatch")
    monkeypatch.setattr(ours.load, "load", lambda *_: series)
    monkeypatch.setattr(ours, "SAME", ours.SAME | {"model.hidden": 4, "window.lookback": 10})
    stopwatch.save(ours.build_task(*ours.prepare("sp500", None, {})), tmp_path)
    output = tmp_path / "passes.json"
    stopwatch.run(ours.trainer_of("sp500", None), [str(tmp_path), "{}", "0", "0.01", "5", str(output)])
    passes = benchmark("peers").json.loads(output.read_text())
    assert passes and passes[0].keys() == {"wall", "processor", "validating", "total", "val", "test"}


def test_the_ratios_of_the_peers(capsys: pytest.CaptureFixture[str]) -> None:
    peers = benchmark("peers")

    def passes(*errors: float, seconds: float) -> list[dict[str, float]]:
        clocks = ("wall", "processor", "validating", "total")
        return [
            dict.fromkeys(clocks, seconds * n) | {"val": error, "test": error}
            for n, error in enumerate(errors, start=1)
        ]

    peers._print_ratios("darts", [passes(0.6, 0.5, seconds=8.0)], [passes(0.5, 0.4, seconds=2.0)])
    text = capsys.readouterr().out
    assert "its best: times sooner by wall 8.0" in text and "val error, ours less theirs: -0.1000" in text


class LocalQueue:
    """The queue of the app without processes: a job is over when `submit` returns."""

    def __init__(self) -> None:
        self.records: list[tuple[Any, list[Event]]] = []

    @classmethod
    def open(cls, **_: Any) -> "LocalQueue":
        return cls()

    def submit(self, function: Callable[..., Any], *args: Any, title: str) -> str:
        events: list[Event] = []
        self.records.append((run(function(*args), events.append), events))
        return str(len(self.records) - 1)

    def job(self, job_id: str) -> SimpleNamespace:
        return SimpleNamespace(over=True, status="done", error=None, events=tuple(self.records[int(job_id)][1]))

    def result(self, job_id: str) -> Any:
        return self.records[int(job_id)][0]

    def cancel(self, job_id: str) -> None: ...

    def close(self) -> None: ...


def test_members(monkeypatch: pytest.MonkeyPatch, series: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    members = benchmark("members")
    monkeypatch.setattr(members, "Queue", LocalQueue)
    monkeypatch.setattr(members, "sp500", lambda: series)
    monkeypatch.setattr(members, "NETWORK", TINY)
    monkeypatch.setattr(members, "STARTUP", 0.0)
    monkeypatch.setattr(sys, "argv", ["members", "--networks", "2", "--epochs", "1", "--turns", "1"])
    members.main()
    assert "weights the same" in capsys.readouterr().out


def test_standard(monkeypatch: pytest.MonkeyPatch, series: pd.DataFrame, capsys: pytest.CaptureFixture[str]) -> None:
    standard = benchmark("standard")
    monkeypatch.setattr(standard, "Queue", LocalQueue)
    monkeypatch.setattr(standard, "sp500", lambda: series)
    monkeypatch.setattr(standard, "SYMBOLS", 2)
    monkeypatch.setattr(standard, "ROWS", 700)
    monkeypatch.setattr(standard, "LARGE", TINY)
    monkeypatch.setattr(standard, "largest_process", lambda: 0.0)
    monkeypatch.setattr(standard.presets, "apply", lambda spec, _: spec)
    monkeypatch.setattr(standard, "Spec", lambda: with_values(Spec(), TINY))
    monkeypatch.setattr(sys, "argv", ["standard", "--turns", "1"])
    standard.main()
    text = capsys.readouterr().out
    assert "click to first epoch" in text and "skill" in text and "done" in text


@pytest.mark.skipif(benchmark("chromium").path() is None, reason="no Chromium on this machine")
def test_pages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The first page and two without a run; of the rest only that the app has the charts that it looks for."""
    pages = benchmark("pages")
    panels = "".join(path.read_text() for path in (ROOT / "ui").rglob("*.py"))
    assert ".st-key-under-waterfall " in pages.WATERFALL and 'f"under-{' in panels and '"waterfall"' in panels
    monkeypatch.setattr(pages, "SETTLE", 0.5)
    monkeypatch.setattr(pages, "NAMES", {stem: pages.NAMES[stem] for stem in ("app", "data", "glossary")})
    monkeypatch.setattr(sys, "argv", ["pages", "--smallest"])
    pages.main()
    text = capsys.readouterr().out
    assert "cold server to first page" in text and "load" in text
    lines = {line[:20].strip(): line[20:].split() for line in text.splitlines()}
    for name in pages.NAMES.values():
        seconds, kilobytes = float(lines[name][0]), float(lines[name][3])
        assert 0 < seconds < 90 and 0 < kilobytes < 400, (name, lines[name])


def test_time_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    time_left = benchmark("time_left")
    recipe = time_left.samples.recipe
    monkeypatch.setattr(time_left, "RUNS", 1)
    monkeypatch.setattr(time_left, "SERIES", ("SUNSPOTS",))
    monkeypatch.setattr(time_left.samples, "recipe", lambda name: with_values(recipe(name), TINY))
    monkeypatch.setattr(sys, "argv", ["time_left", "--trace"])
    time_left.main()
    text = capsys.readouterr().out
    assert "SUNSPOTS" in text and "within 1.5" in text and "features" in text
    looks = [time_left.Look(at=float(at), stage="train", seconds=9.0 - at) for at in range(1, 10)]
    assert time_left.describe(looks, 10.0).split() == ["0.78", "83%", "0.50", "3.0"]


def test_device_without_a_gpu_says_so_and_runs_its_smallest_case(
    monkeypatch: pytest.MonkeyPatch, series: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    device = benchmark("device")
    monkeypatch.setattr(device, "sp500", lambda: series)
    monkeypatch.setattr(device.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(device, "SMALLEST", replace(device.SMALLEST, kinds=("lstm", "tft"), train_steps=2))
    monkeypatch.setattr(sys, "argv", ["device"])
    device.main()
    lines = capsys.readouterr().out.splitlines()
    assert "no CUDA device" in lines[0] and sum(line.startswith("passed: ") for line in lines) == 4
    assert [line.split(",")[0] for line in lines[-4:-1]] == ["step", "inference", "Shapley values"]


def test_a_device_that_computes_something_else_fails(
    monkeypatch: pytest.MonkeyPatch, series: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    device = benchmark("device")
    sample, raw = benchmark("series").prepare(with_values(Spec(), TINY), series), iter((0.0, 2e-4))
    forward = device.forward
    monkeypatch.setattr(device, "forward", lambda *arguments: forward(*arguments) + next(raw))
    assert not device.check_forecasts(*sample, "lstm", "cpu") and "FAILED: forecasts" in capsys.readouterr().out


def test_estimates(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    estimates = benchmark("estimates")
    monkeypatch.setattr(estimates, "RECIPES", {"small": TINY | {"train.epochs": None}})
    monkeypatch.setattr(sys, "argv", ["estimates", "--epochs", "2", "--sample", "NILE", "--rate"])
    estimates.main()
    assert "small " in (text := capsys.readouterr().out) and "estimate over measured" in text


def test_run_list(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], series: pd.DataFrame) -> None:
    run_list = benchmark("run_list")
    monkeypatch.setattr(run_list, "sp500", lambda: series)
    monkeypatch.setattr(run_list, "TURNS", 1)
    monkeypatch.setattr(sys, "argv", ["run_list", "--smallest"])
    run_list.main()
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all("25 runs" in line for line in lines) and lines[-1].startswith("page, again")


def test_disk_faults(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    disk_faults = benchmark("disk_faults")
    monkeypatch.setattr(disk_faults, "ERRORS", disk_faults.ERRORS[:1])
    monkeypatch.setattr(sys, "argv", ["disk_faults", "--smallest"])
    assert disk_faults.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1].endswith("lost 0") and {"explain", "corrupt:"} <= {line.split()[0] for line in lines}


def test_disk_faults_counts_what_opens_as_if_nothing_were(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    disk_faults = benchmark("disk_faults")
    monkeypatch.setattr(disk_faults, "try_faults", lambda *arguments: None)
    monkeypatch.setattr("core.storage.checksums.check", lambda *arguments: None)
    monkeypatch.setattr(sys, "argv", ["disk_faults", "--smallest"])
    assert disk_faults.main() == 1
    assert "weights.safetensors bit of byte" in capsys.readouterr().out


def test_fuzz(tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="there is no atheris for this platform")
    options = ["--seconds", "1", "--target", "recipe", "--corpus", str(tmp_path)]
    command = [sys.executable, "-m", "benchmarks.fuzz", *options]  # this process may be too large for the fuzzer by now
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0 and "lost 0" in done.stdout, done.stderr


def test_mutants(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A change that a test notices, and one in a file that these tests do not reach."""
    pytest.importorskip("cosmic_ray")
    mutants = benchmark("mutants")
    monkeypatch.setattr(mutants, "tests_of", lambda rooms: ["tests/intervals/test_spread.py"])
    every = mutants.places(mutants.ROOT / "core/intervals")
    wrong = next(
        one for one in every if one.file.endswith("spread.py") and one.change == "ReplaceBinaryOperator_Mul_Div"
    )
    unseen = next(one for one in every if one.file.endswith("garch_scale.py") and one.change == "NumberReplacer")
    monkeypatch.setattr(mutants, "places", lambda room: [wrong, unseen])
    assert mutants.main(["--sample", "2", "--rooms", "intervals"]) == 1
    text = capsys.readouterr().out
    assert text.splitlines()[-1] == "tried 2  killed 1  lost 1" and f"lost: {unseen.file}" in text


def test_load(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A server and two readers, as over the network."""
    load = benchmark("load")
    monkeypatch.setattr(load, "PAGES", ("runs", "glossary"))
    monkeypatch.setattr(load, "GOALS", {"p50": 60.0, "p95": 60.0})
    monkeypatch.setattr(load, "GROWTH", 10.0)  # everything is imported during this second
    monkeypatch.setattr(
        sys, "argv", ["load", "--minutes", "0.02", "--sessions", "2", "--trainings", "0", "--think", "0.2"]
    )
    assert load.main() == 0
    text = capsys.readouterr().out
    assert "exceptions shown: 0" in text
    assert text.splitlines()[-1] == "missed: nothing"


def test_search(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    search = benchmark("search")
    monkeypatch.setattr(search, "WALK", search.WALK | {"train.steps": 5, "model.hidden": 4})
    monkeypatch.setattr(search, "WALK_ROWS", 400)
    monkeypatch.setattr(search, "_run_all", lambda queue, tasks, slots: 8.0 / slots)
    monkeypatch.setattr("core.jobs.queue.Queue.open", lambda **named: SimpleNamespace(close=lambda: None))
    hours = pd.date_range("2016-07-01", periods=14_400, freq="h")
    table = pd.DataFrame({"date": hours, "OT": np.sin(np.arange(14_400) / 3.8) + 5}).set_index("date")
    table.to_csv(tmp_path / "ETTh1.csv")
    tiny = {"window.lookback": 24, "train.epochs": 1, "model.hidden": 4, "train.batch_size": 8192}
    etth1 = benchmark("etth1")
    monkeypatch.setattr(etth1, "TASK", etth1.TASK | tiny)
    monkeypatch.setattr(etth1, "CHOSEN", {"model.segment": 12})
    monkeypatch.setattr(search, "ETTH1_SPACE", "train.learning_rate")
    arguments = ["search", "--throughput", "--rounds", "1", "--walks", "1", "--trials", "2"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--etth1", str(tmp_path / "ETTh1.csv"), "--horizon", "2"])
    search.main()
    text = capsys.readouterr().out
    assert "2.00 times the throughput" in text and "0 of 1 walks" in text
    assert "hand-tuned, horizon 2" in text and "search of 2" in text


def test_track(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    track = benchmark("track")
    monkeypatch.setattr(track, "QUICK", track.QUICK | TINY)
    monkeypatch.setattr(track, "RECIPES", {"return": track.RECIPES["return, 1 day"] | TINY})
    monkeypatch.setattr(track, "REFRESHED", ("NILE",))
    arguments = ["--sessions", "3", "--draws", "1", "--series", "1", "--runs", "2"]
    monkeypatch.setattr(sys, "argv", ["track", *arguments])
    track.main()
    text = capsys.readouterr().out
    assert "3 scored of 4 live forecasts" in text and "line 5 edited: Line 5 " in text
    live, backtest = text.partition("coverage, live / backtest  ")[2].split(";")[0].split(" / ")
    assert live == backtest
    assert "one model of 1 series: within 40 sessions" in text and "refresh of 2 runs, new rows for each" in text
