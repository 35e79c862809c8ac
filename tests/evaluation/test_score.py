"""Scores, reference and verdict from tables whose numbers are known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.datasets.targets import TARGETS
from core.evaluation import metrics, score, verdict
from core.forecasting import table
from core.types import Evaluation, Rows, Windows


def windows(count: int, steps: tuple[int, ...], symbols: tuple[str, ...] = ("A",), start: int = 0) -> Windows:
    """`count` windows of each symbol, cutoffs in a row."""
    length = start + count + max(steps) + 5
    total = length * len(symbols)
    empty = np.zeros((total, 1), dtype=np.float32)
    days = np.tile(np.datetime64("2020-01-01", "ns") + np.arange(length) * np.timedelta64(1, "D"), len(symbols))
    rows = Rows(
        x_TF=empty,
        known_TK=empty[:, :0],
        y_TH=empty,
        level_T=np.zeros(total),
        time_T=days,
        symbol_T=np.repeat(np.arange(len(symbols)), length),
        label_end_T=np.arange(total),
        symbols=symbols,
        features=("x",),
        known=(),
        steps=steps,
    )
    cutoffs = np.concatenate([s * length + start + np.arange(count) for s in range(len(symbols))])
    return Windows(rows=rows, lookback=2, cutoff_row_N=cutoffs)


def forecast(
    y: dict[str, np.ndarray],
    yhat: dict[str, dict[str, np.ndarray]],
    steps: tuple[int, ...] = (1, 2),
    symbols: tuple[str, ...] = ("A",),
) -> pd.DataFrame:
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
    return score.evaluate(made, "lstm", TARGETS[kind], **(settings | values))  # type: ignore[arg-type]


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


@pytest.mark.parametrize(
    ("p", "said"), [(0.0001, "p < .001"), (0.05, "p = .050"), (0.4567, "p = .457"), (1.0, "p = 1.000")]
)
def test_p_values_in_words(p: float, said: str) -> None:
    assert verdict.say_p(p) == said


def test_skill_that_luck_explains_is_never_good() -> None:
    assert verdict.verdict("lstm", "mean", 0.3, 0.051).tone == "none"
    assert verdict.verdict("lstm", "mean", 0.3, 0.049).tone == "good"
    assert verdict.verdict("lstm", "mean", -0.3, 0.049).tone == "bad"


def test_a_tie_with_an_elaborate_baseline_is_said_and_the_evidence_stays() -> None:
    made = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0, garch=0.5, ridge=0.5, arima=0.9))).verdict
    assert (made.tone, made.reference) == ("good", "last_value")
    assert set(made.ties) == {"garch", "ridge"}
    p = {name: verdict.say_p(made.tests[f"against_{name}"]) for name in ("garch", "ridge", "arima")}
    assert made.text.startswith("Evidence of skill: the LSTM's errors are ")
    assert "; ties with " in made.text
    assert f"GARCH ({p['garch']})" in made.text and f"ridge regression ({p['ridge']})" in made.text
    assert made.tests["against_arima"] < 0.05 <= min(made.tests["against_garch"], made.tests["against_ridge"])
    assert made.interval[0] < made.skill < made.interval[1]
    assert made.tests["diebold_mariano"] == made.p_value


def test_a_better_elaborate_baseline_takes_the_praise() -> None:
    made = evaluate(forecast(Y, noisy(Y, lstm=0.6, last_value=1.0, garch=0.3))).verdict
    assert (made.tone, made.reference, made.ties) == ("none", "last_value", ())
    assert made.skill > 0 and made.p_value < 0.05
    assert made.text.startswith("Some skill, but a simpler model has more: the LSTM's errors are ")
    assert "GARCH is better still: the LSTM's errors are " in made.text


def test_elaborate_baselines_that_are_beaten_are_named_and_never_the_reference() -> None:
    made = evaluate(forecast(Y, noisy(Y, lstm=0.2, last_value=1.0, har=0.6, garch=0.7))).verdict
    assert (made.tone, made.reference, made.ties) == ("good", "last_value", ())
    assert made.text.endswith("; smaller than those of HAR and GARCH too.")


def test_what_the_model_missed_and_another_found_is_said() -> None:
    made = evaluate(forecast(Y, noisy(Y, lstm=1.15, last_value=1.0, garch=0.3))).verdict
    assert made.tone == "none"
    assert made.text.endswith("There is something to know: GARCH is better than that (p < .001).")


def test_many_ties_are_counted() -> None:
    rivals = [
        verdict.Rival(name=name, skill=s, p_value=0.5)
        for name, s in (("har", 0.0), ("garch", -0.02), ("ridge", 0.01), ("arima", 0.1))
    ]
    made = verdict.verdict("lstm", "ewma", 0.1, 0.001, rivals)
    assert made.ties == ("garch", "har", "ridge", "arima")  # the strongest first
    assert made.text.endswith("; ties with GARCH (p = .500), HAR (p = .500) and 2 more.")


def test_an_overruled_check_leaves_no_good_word() -> None:
    made = verdict.overruled(verdict.verdict("lstm", "mean", 0.3, 0.001), ("dpo_centred:20",))
    assert (made.tone, made.skill) == ("bad", 0.3)
    assert made.text == (
        "Not to be believed: dpo_centred:20 looks ahead, and the check was overridden. Errors on the "
        "test part are 30.0% smaller than those of the historical mean, and would not be in real use."
    )


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


def directions(up_share: float, hits: float, count: int = 200) -> tuple[dict, dict]:
    """Outcomes of which a share is up, and probabilities that are right so often, in both parts."""
    rng = np.random.default_rng(4)
    y = {part: (rng.random((count, 1)) < up_share).astype(float) for part in ("val", "test")}
    yhat = {}
    for part, v in y.items():
        p = np.where(rng.random(v.shape) < hits, v, 1 - v) * 0.2 + 0.4
        yhat[part] = {"lstm": p, "mean": np.full_like(v, v.mean()), "majority": np.ones_like(v)}
    return y, yhat


def test_hits_are_held_against_the_majority_share() -> None:
    y, yhat = directions(0.55, 0.7)
    made = evaluate(forecast(y, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1)
    tests, share = made.verdict.tests, y["test"].mean()
    assert tests["hit_rate"] == pytest.approx(made.scores["lstm"]["hit_rate"])
    assert tests["majority_share"] == pytest.approx(max(share, 1 - share))
    assert tests["majority_share"] < tests["hit_low"] < tests["hit_rate"] < tests["hit_high"]
    assert tests["pesaran_timmermann"] < 0.01
    luck = evaluate(forecast(*directions(0.55, 0.5), steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1)
    assert luck.verdict.tests["pesaran_timmermann"] > 0.05


def test_labels_that_overlap_are_thinned_for_the_test_of_directions() -> None:
    y, yhat = directions(0.5, 0.7)
    every = evaluate(forecast(y, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict.tests
    fifth = evaluate(forecast(y, yhat, steps=(5,)), "direction", scale_SC=np.array([[1.0]]), horizon=5).verdict.tests
    widths = [t["hit_high"] - t["hit_low"] for t in (every, fifth)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(5), rel=0.1)
    hits = (yhat["test"]["lstm"] > 0.5) == (y["test"] > 0.5)
    assert fifth["hit_rate"] == pytest.approx(hits[::-1][::5].mean())


def test_a_direction_that_never_changes_says_so() -> None:
    y, yhat = directions(0.55, 0.7)
    always = {part: models | {"lstm": np.full_like(y[part], 0.6)} for part, models in yhat.items()}
    made = evaluate(forecast(y, always, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict
    assert "pesaran_timmermann" not in made.tests
    assert made.text.endswith(
        "The forecast is the same at every cutoff. Hits cannot be told from luck: every forecast "
        "has the same direction."
    )
    up = {part: np.ones_like(v) for part, v in y.items()}
    made = evaluate(forecast(up, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict
    assert made.tone == "bad" and "makes no error at all" in made.text
    assert "Every outcome of the test part is the same." in made.text
    assert made.text.endswith("Hits cannot be told from luck: every outcome has the same direction.")


def test_too_few_cutoffs_are_said() -> None:
    short = {"val": Y["val"], "test": Y["test"][:6]}
    made = evaluate(forecast(short, noisy(short, lstm=0.1, last_value=1.0), steps=(1, 20)), horizon=20).verdict
    assert (made.tone, made.p_value) == ("none", 1.0)
    assert made.text.endswith(
        "The test part has 6 cutoffs and a label reaches 20 sessions ahead: too few for any test."
    )
    assert np.isnan(made.interval).all()


def test_volatility_is_scored_in_logs_and_by_qlike() -> None:
    y = {part: np.exp(v[:, :1]) for part, v in Y.items()}
    yhat = {part: {"lstm": v * np.e, "last_value": v * np.e**2} for part, v in y.items()}
    made = evaluate(forecast(y, yhat, steps=(5,)), "volatility", horizon=5)
    assert made.scores["lstm"]["mae"] == pytest.approx(1.0)
    assert made.scores["lstm"]["qlike"] == pytest.approx(np.exp(-2) + 2 - 1)
    assert made.verdict.skill == pytest.approx(0.5)


def test_symbols_of_different_price_count_alike() -> None:
    y = {part: np.concatenate([v, 100 * v]) for part, v in Y.items()}
    yhat = {
        part: {"lstm": v + np.repeat([1.0, 100.0], len(v) // 2)[:, None], "last_value": v + 300.0}
        for part, v in y.items()
    }
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
