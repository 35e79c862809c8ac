"""Scores, reference and verdict from tables whose numbers are known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.evaluate import metrics, score, table, verdict
from core.prepare.targets import KINDS
from core.records import Evaluation, Rows, Windows


def windows(count: int, steps: tuple[int, ...], symbols: tuple[str, ...] = ("A",), start: int = 0) -> Windows:
    """`count` windows of each symbol, cutoffs in a row."""
    length = start + count + max(steps) + 5
    total = length * len(symbols)
    empty = np.zeros((total, 1), dtype=np.float32)
    days = np.tile(np.datetime64("2020-01-01", "ns") + np.arange(length) * np.timedelta64(1, "D"), len(symbols))
    rows = Rows(x_TF=empty, known_TK=empty[:, :0], y_TH=empty, level_T=np.zeros(total), time_T=days,
                symbol_T=np.repeat(np.arange(len(symbols)), length), label_end_T=np.arange(total), symbols=symbols,
                features=("x",), known=(), steps=steps)
    cutoffs = np.concatenate([s * length + start + np.arange(count) for s in range(len(symbols))])
    return Windows(rows=rows, lookback=2, cutoff_row_N=cutoffs)


def forecast(y: dict[str, np.ndarray], yhat: dict[str, dict[str, np.ndarray]], steps: tuple[int, ...] = (1, 2),
             symbols: tuple[str, ...] = ("A",)) -> pd.DataFrame:
    tables, start = [], 0
    for part, y_NH in y.items():
        at = windows(len(y_NH) // len(symbols), steps, symbols, start)
        start += len(y_NH)
        for model, value_NH in yhat[part].items():
            bounds = (value_NH - 1, value_NH + 1) if model == "lstm" else (None, None)
            tables.append(table.rows(model, part, at, y_NH, value_NH, None, *bounds))
    return table.join(tables)


def evaluate(made: pd.DataFrame, kind: str = "column", **values: object) -> Evaluation:
    settings = {"scale_SC": np.array([[2.0]]), "naive_mae": 0.5, "horizon": 2, "nominal": 0.9, "calibrated_on": "calib"}
    return score.evaluate(made, "lstm", KINDS[kind], **(settings | values))  # type: ignore[arg-type]


def noisy(y: dict[str, np.ndarray], seed: int = 1, **sizes: float) -> dict[str, dict[str, np.ndarray]]:
    """Forecasts that miss the outcomes by noise of these sizes."""
    rng = np.random.default_rng(seed)
    return {part: {name: v + size * rng.normal(size=v.shape) for name, size in sizes.items()} for part, v in y.items()}


Y = {"val": np.random.default_rng(2).normal(size=(60, 2)), "test": np.random.default_rng(3).normal(size=(80, 2))}


def test_scores_are_the_metrics_of_the_test_part() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0, drift=0.9)
    made = evaluate(forecast(Y, yhat))
    error = yhat["test"]["lstm"] - Y["test"]
    entry = made.scores["lstm"]
    assert entry["mae"] == pytest.approx(np.abs(error).mean())
    assert entry["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert entry["mase"] == pytest.approx(np.abs(error).mean() / 0.5)
    assert entry["mse_scaled"] == pytest.approx((error**2).mean() / 4)
    assert entry["mae_scaled"] == pytest.approx(np.abs(error).mean() / 2)
    assert entry["r2"] == pytest.approx(metrics.r2(Y["test"], yhat["test"]["lstm"]))
    assert [e["step"] for e in made.by_step["lstm"]] == [1, 2]
    assert made.by_step["drift"][1]["mae"] == pytest.approx(np.abs(yhat["test"]["drift"] - Y["test"])[:, 1].mean())
    assert made.unit == "units of the column"


def test_the_reference_is_chosen_on_the_validation_part() -> None:
    yhat = noisy(Y, lstm=1.5, last_value=1.0, drift=2.0)
    yhat["test"]["drift"] = Y["test"] + 0.01
    assert evaluate(forecast(Y, yhat)).verdict.reference == "last_value"  # a poor model needs no second judge


def test_evidence_has_to_hold_against_the_best_rule_of_the_test_part_too() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0, drift=2.0)
    yhat["test"]["drift"] = Y["test"] + 0.01  # the model beats last_value, chosen on validation, but not this
    made = evaluate(forecast(Y, yhat))
    assert (made.verdict.reference, made.verdict.tone) == ("drift", "bad")


def test_skills_are_relative_to_the_reference() -> None:
    made = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0, drift=2.0)))
    assert made.verdict.reference == "last_value"
    assert made.scores["last_value"]["skill"] == 0
    ratio = made.scores["lstm"]["rmse"] / made.scores["last_value"]["rmse"]
    assert made.verdict.skill == made.scores["lstm"]["skill"] == pytest.approx(1 - ratio)


def test_tones() -> None:
    good = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0))).verdict
    assert (good.tone, good.reference) == ("good", "last_value")
    assert good.text.startswith("Evidence of skill: the LSTM's errors are ")
    bad = evaluate(forecast(Y, noisy(Y, lstm=2.0, last_value=1.0))).verdict
    assert bad.tone == "bad" and "worse than tomorrow = today" in bad.text
    none = evaluate(forecast(Y, noisy(Y, lstm=1.0, last_value=1.0))).verdict
    assert none.tone == "none" and "chance could explain" in none.text


@pytest.mark.parametrize(("p", "said"), [(0.0001, "p < .001"), (0.05, "p = .050"), (0.4567, "p = .457"),
                                         (1.0, "p = 1.000")])
def test_p_values_in_words(p: float, said: str) -> None:
    assert verdict.say_p(p) == said


def test_skill_that_luck_explains_is_never_good() -> None:
    assert verdict.verdict("lstm", "mean", 0.3, 0.051).tone == "none"
    assert verdict.verdict("lstm", "mean", 0.3, 0.049).tone == "good"
    assert verdict.verdict("lstm", "mean", -0.3, 0.049).tone == "bad"


def test_a_rule_without_error_is_no_crash_and_no_skill() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=0.0)
    made = evaluate(forecast(Y, yhat)).verdict
    assert (made.tone, made.skill) == ("bad", -np.inf)
    assert made.text == "No skill: tomorrow = today makes no error at all on the test part, and the LSTM does."
    perfect = evaluate(forecast(Y, noisy(Y, lstm=0.0, last_value=0.0))).verdict
    assert (perfect.tone, perfect.skill, perfect.p_value) == ("none", 0.0, 1.0)


def test_bands_are_scored_on_the_test_part() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0)
    bands = evaluate(forecast(Y, yhat)).bands
    inside = np.abs(yhat["test"]["lstm"] - Y["test"]) <= 1
    assert bands["coverage"] == pytest.approx(inside.mean())
    assert bands["width"] == pytest.approx(2.0)
    assert (bands["nominal"], bands["calibrated_on"]) == (0.9, "calib")
    assert [entry["coverage"] for entry in bands["by_step"]] == pytest.approx(inside.mean(axis=0))


def test_a_direction_has_a_hit_rate_and_no_band() -> None:
    up = {part: (v > 0).astype(float) for part, v in Y.items()}
    yhat = {part: {"lstm": np.clip(0.5 + 0.3 * (v - 0.5), 0, 1), "majority": np.ones_like(v)} for part, v in up.items()}
    made = evaluate(forecast(up, yhat), "direction", scale_SC=np.array([[1.0]]))
    assert made.scores["lstm"]["hit_rate"] == 1.0
    assert made.scores["lstm"]["brier"] == pytest.approx(0.35**2)
    assert made.scores["majority"]["hit_rate"] == made.scores["lstm"]["base_rate"] == pytest.approx(up["test"].mean())
    assert made.bands == {}


def test_volatility_is_scored_in_logs_and_by_qlike() -> None:
    y = {part: np.exp(v[:, :1]) for part, v in Y.items()}
    yhat = {part: {"lstm": v * np.e, "last_value": v * np.e**2} for part, v in y.items()}
    made = evaluate(forecast(y, yhat, steps=(5,)), "volatility", horizon=5)
    assert made.scores["lstm"]["mae"] == pytest.approx(1.0)
    assert made.scores["lstm"]["qlike"] == pytest.approx(np.exp(-2) + 2 - 1)
    assert made.verdict.skill == pytest.approx(0.5)


def test_symbols_of_different_price_count_alike() -> None:
    y = {part: np.concatenate([v, 100 * v]) for part, v in Y.items()}
    yhat = {part: {"lstm": v + np.repeat([1.0, 100.0], len(v) // 2)[:, None], "last_value": v + 300.0}
            for part, v in y.items()}
    made = evaluate(forecast(y, yhat, symbols=("A", "B")), scale_SC=np.array([[1.0], [100.0]]))
    assert made.scores["lstm"]["mse_scaled"] == pytest.approx(1.0)


def test_the_alarm_sounds_where_a_forecast_follows_yesterday() -> None:
    rng = np.random.default_rng(0)
    level = 100 + np.cumsum(rng.normal(size=400))
    y, last = level[1:, None], level[:-1, None]
    part = {"val": y[:200], "test": y[200:]}
    models = {"lstm": last + 0.05 * rng.normal(size=last.shape), "last_value": last}
    yhat = {"val": {n: v[:200] for n, v in models.items()}, "test": {n: v[200:] for n, v in models.items()}}
    made = evaluate(forecast(part, yhat, steps=(1,)), horizon=1)
    assert [alarm.name for alarm in made.alarms] == ["copies yesterday"]
    assert made.scores["lstm"]["r2"] > 0.9
    assert made.verdict.tone != "good"
    yhat["test"]["lstm"] = part["test"] + 0.05 * rng.normal(size=part["test"].shape)
    assert evaluate(forecast(part, yhat, steps=(1,)), horizon=1).alarms == ()


def test_the_table_and_its_matrix_are_inverse() -> None:
    made = forecast(Y, noisy(Y, lstm=0.5, last_value=1.0))
    part = table.matrix(made, "test")
    np.testing.assert_array_equal(part.y_NH, Y["test"])
    assert (part.steps, part.symbols, tuple(part.yhat_NH)) == ((1, 2), ("A",), ("lstm", "last_value"))
    assert (np.diff(part.cutoff_N) == np.timedelta64(1, "D")).all()
    rows = made[(made["model"] == "lstm") & (made["part"] == "test")]
    ahead = (rows["time"] - rows["cutoff"]) / pd.Timedelta(days=1)
    np.testing.assert_array_equal(ahead, rows["step"])
    assert {f.name for f in dataclasses.fields(part)} >= {"y_NH", "yhat_NH"}
