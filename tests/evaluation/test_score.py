"""Scores, reference and verdict from tables whose numbers are known."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from core.datasets.targets import TARGETS
from core.evaluation import metrics, score, verdict
from core.evaluation.descriptions import SCORES
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
    for split, y_NH in y.items():
        at = windows(len(y_NH) // len(symbols), steps, symbols, start)
        start += len(y_NH)
        for model, value_NH in yhat[split].items():
            bounds = (value_NH - 1, value_NH + 1) if model == "lstm" else (None, None)
            tables.append(table.build_rows(model, split, at, y_NH, value_NH, None, *bounds))
    return table.concat(tables)


def evaluate(result: pd.DataFrame, kind: str = "column", **values: object) -> Evaluation:
    settings = {
        "scale_SC": np.array([[2.0]]),
        "naive_mae_S": np.array([0.5]),
        "horizon": 2,
        "nominal": 0.9,
        "calibrated_on": "calib",
    }
    return score.evaluate(result, "lstm", TARGETS[kind], **(settings | values))  # type: ignore[arg-type]


def noisy(y: dict[str, np.ndarray], seed: int = 1, **sizes: float) -> dict[str, dict[str, np.ndarray]]:
    """Forecasts that miss the outcomes by noise of these sizes."""
    rng = np.random.default_rng(seed)
    return {
        split: {name: v + size * rng.normal(size=v.shape) for name, size in sizes.items()} for split, v in y.items()
    }


Y = {"val": np.random.default_rng(2).normal(size=(60, 2)), "test": np.random.default_rng(3).normal(size=(80, 2))}


def test_scores_are_the_metrics_of_the_test_split() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0, drift=0.9)
    result = evaluate(forecast(Y, yhat))
    error = yhat["test"]["lstm"] - Y["test"]
    entry = result.scores["lstm"]
    assert entry["mae"] == pytest.approx(np.abs(error).mean())
    assert entry["rmse"] == pytest.approx(np.sqrt((error**2).mean()))
    assert entry["mase"] == pytest.approx(np.abs(error).mean() / 0.5)
    assert entry["mse_scaled"] == pytest.approx((error**2).mean() / 4)
    assert entry["mae_scaled"] == pytest.approx(np.abs(error).mean() / 2)
    assert entry["r2"] == pytest.approx(metrics.r2(Y["test"], yhat["test"]["lstm"]))
    assert [e["step"] for e in result.by_step["lstm"]] == [1, 2]
    assert result.by_step["drift"][1]["mae"] == pytest.approx(np.abs(yhat["test"]["drift"] - Y["test"])[:, 1].mean())
    assert result.unit == "units of the column"


def test_mase_and_r2_are_means_over_symbols() -> None:
    """Hyndman & Koehler (2006): each series in units of its own naive error; a dear share does not decide for all."""
    rng = np.random.default_rng(0)
    level_N1 = np.repeat([10.0, 1000.0], 40)[:, None]
    y = {split: level_N1 + level_N1 / 10 * rng.normal(size=(80, 1)) for split in ("val", "test")}
    yhat = {
        split: {"lstm": v + level_N1 / 20 * rng.normal(size=v.shape), "last_value": v + level_N1 / 10}
        for split, v in y.items()
    }
    naive_S = np.array([0.8, 120.0])
    entry = evaluate(
        forecast(y, yhat, (1,), ("A", "B")), naive_mae_S=naive_S, scale_SC=np.array([[1.0], [100.0]])
    ).scores["lstm"]
    pairs = [(y["test"][own], yhat["test"]["lstm"][own]) for own in (slice(0, 40), slice(40, 80))]
    assert entry["mase"] == pytest.approx(
        np.mean([np.abs(a - b).mean() / s for (a, b), s in zip(pairs, naive_S, strict=True)])
    )
    assert entry["r2"] == pytest.approx(
        np.mean([1 - ((a - b) ** 2).sum() / ((a - a.mean()) ** 2).sum() for a, b in pairs])
    )


def test_the_reference_is_chosen_on_the_validation_split() -> None:
    yhat = noisy(Y, lstm=1.5, last_value=1.0, drift=2.0)
    yhat["test"]["drift"] = Y["test"] + 0.01
    verdict = evaluate(forecast(Y, yhat)).verdict
    assert verdict.reference == "last_value"  # a poor model is not compared with the best of the test split too
    share = 1 - 0.01 / np.sqrt(np.mean((yhat["test"]["lstm"] - Y["test"]) ** 2))
    assert f"the drift is better: its error is {share:.1%} smaller than the LSTM's" in verdict.text


def test_a_baseline_behind_the_model_or_named_already_adds_no_sentence() -> None:
    for sizes in ({"lstm": 1.0, "last_value": 1.2, "drift": 1.3}, {"lstm": 1.3, "last_value": 1.0, "drift": 1.2}):
        assert "On the test split" not in evaluate(forecast(Y, noisy(Y, **sizes))).verdict.text


def test_evidence_has_to_hold_against_the_best_naive_baseline_of_the_test_split_too() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0, drift=2.0)
    yhat["test"]["drift"] = Y["test"] + 0.01  # the model beats last_value, chosen on validation, but not this
    result = evaluate(forecast(Y, yhat))
    assert (result.verdict.reference, result.verdict.tone) == ("drift", "bad")


def test_skills_are_relative_to_the_reference() -> None:
    result = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0, drift=2.0)))
    assert result.verdict.reference == "last_value"
    assert result.scores["last_value"]["skill"] == 0
    ratio = result.scores["lstm"]["rmse"] / result.scores["last_value"]["rmse"]
    assert result.verdict.skill == result.scores["lstm"]["skill"] == pytest.approx(1 - ratio)


def test_tones() -> None:
    good = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0))).verdict
    assert (good.tone, good.reference) == ("good", "last_value")
    assert good.text.startswith("Evidence of skill: the LSTM's root mean squared error is ")
    bad = evaluate(forecast(Y, noisy(Y, lstm=2.0, last_value=1.0))).verdict
    assert bad.tone == "bad" and "worse than tomorrow = today" in bad.text
    none = evaluate(forecast(Y, noisy(Y, lstm=1.0, last_value=1.0))).verdict
    assert none.tone == "none" and "chance could explain" in none.text


@pytest.mark.parametrize(
    ("p", "text"), [(0.0001, "p < 0.001"), (0.05, "p = 0.050"), (0.4567, "p = 0.457"), (1.0, "p = 1.000")]
)
def test_p_values_are_formatted(p: float, text: str) -> None:
    assert verdict.format_p_value(p) == text


def test_skill_that_chance_explains_is_never_good() -> None:
    assert verdict.build_verdict("lstm", "mean", 0.3, 0.051).tone == "none"
    assert verdict.build_verdict("lstm", "mean", 0.3, 0.049).tone == "good"
    assert verdict.build_verdict("lstm", "mean", -0.3, 0.049).tone == "bad"


def test_a_tie_with_a_statistical_baseline_is_named_and_the_evidence_stays() -> None:
    result = evaluate(forecast(Y, noisy(Y, lstm=0.5, last_value=1.0, garch=0.5, ridge=0.5, arima=0.9))).verdict
    assert (result.tone, result.reference) == ("good", "last_value")
    assert set(result.ties) == {"garch", "ridge"}
    p = {name: verdict.format_p_value(result.tests[f"against_{name}"]) for name in ("garch", "ridge", "arima")}
    assert result.text.startswith("Evidence of skill: the LSTM's root mean squared error is ")
    assert "; ties with " in result.text
    assert f"GARCH ({p['garch']})" in result.text and f"ridge regression ({p['ridge']})" in result.text
    assert result.tests["against_arima"] < 0.05 <= min(result.tests["against_garch"], result.tests["against_ridge"])
    assert result.interval[0] < result.skill < result.interval[1]
    assert result.tests["diebold_mariano"] == result.p_value


def test_a_better_statistical_baseline_outweighs_the_evidence() -> None:
    result = evaluate(forecast(Y, noisy(Y, lstm=0.6, last_value=1.0, garch=0.3))).verdict
    assert (result.tone, result.reference, result.ties) == ("none", "last_value", ())
    assert result.skill > 0 and result.p_value < 0.05
    assert result.text.startswith("Some skill, but a simpler model has more: the LSTM's root mean squared error is ")
    assert "GARCH is better still: the LSTM's error is " in result.text


def test_beaten_statistical_baselines_are_named_and_never_the_reference() -> None:
    result = evaluate(forecast(Y, noisy(Y, lstm=0.2, last_value=1.0, har=0.6, garch=0.7))).verdict
    assert (result.tone, result.reference, result.ties) == ("good", "last_value", ())
    assert result.text.endswith("; smaller than that of HAR and GARCH too.")


def test_a_baseline_with_skill_that_the_model_lacks_is_named() -> None:
    result = evaluate(forecast(Y, noisy(Y, lstm=1.15, last_value=1.0, garch=0.3))).verdict
    assert result.tone == "none"
    assert "predictable: GARCH is better" in result.text and result.text.endswith("(p < 0.001).")


def test_many_ties_are_counted() -> None:
    baselines = [
        verdict.BaselineResult(name=name, skill=s, p_value=0.5)
        for name, s in (("har", 0.0), ("garch", -0.02), ("ridge", 0.01), ("arima", 0.1))
    ]
    result = verdict.build_verdict("lstm", "ewma", 0.1, 0.001, baselines)
    assert result.ties == ("garch", "har", "ridge", "arima")  # the strongest first
    assert result.text.endswith("; ties with GARCH (p = 0.500), HAR (p = 0.500) and 2 more.")


def test_a_feature_that_looks_ahead_overrules_the_verdict() -> None:
    result = verdict.overrule(verdict.build_verdict("lstm", "mean", 0.3, 0.001), ("dpo_centred:20",))
    assert (result.tone, result.skill) == ("bad", 0.3)
    assert result.text.startswith("Not to be believed: dpo_centred:20 looks ahead, and the check was overridden.")
    assert "30.0% smaller than those of the historical mean" in result.text


def test_a_baseline_without_error_leaves_no_skill() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=0.0)
    result = evaluate(forecast(Y, yhat)).verdict
    assert (result.tone, result.skill) == ("bad", -np.inf)
    assert result.text.startswith("No skill: tomorrow = today makes no error at all") and "the LSTM does" in result.text
    perfect = evaluate(forecast(Y, noisy(Y, lstm=0.0, last_value=0.0))).verdict
    assert (perfect.tone, perfect.skill, perfect.p_value) == ("none", 0.0, 1.0)


def test_intervals_are_scored_on_the_test_split() -> None:
    yhat = noisy(Y, lstm=0.5, last_value=1.0)
    bands = evaluate(forecast(Y, yhat)).bands
    inside = np.abs(yhat["test"]["lstm"] - Y["test"]) <= 1
    assert bands["coverage"] == pytest.approx(inside.mean())
    assert bands["width"] == pytest.approx(2.0)
    assert (bands["nominal"], bands["calibrated_on"]) == (0.9, "calib")
    assert [entry["coverage"] for entry in bands["by_step"]] == pytest.approx(inside.mean(axis=0))


def test_a_direction_has_a_hit_rate_and_no_interval() -> None:
    up = {split: (v > 0).astype(float) for split, v in Y.items()}
    yhat = {
        split: {"lstm": np.clip(0.5 + 0.3 * (v - 0.5), 0, 1), "majority": np.ones_like(v)} for split, v in up.items()
    }
    result = evaluate(forecast(up, yhat), "direction", scale_SC=np.array([[1.0]]))
    assert result.scores["lstm"]["hit_rate"] == 1.0
    assert result.scores["lstm"]["brier"] == pytest.approx(0.35**2)
    assert (
        result.scores["majority"]["hit_rate"] == result.scores["lstm"]["base_rate"] == pytest.approx(up["test"].mean())
    )
    assert result.bands == {}


def directions(up_share: float, hits: float, count: int = 200) -> tuple[dict, dict]:
    """Outcomes of which a share is up, and probabilities that are right so often, in both splits."""
    rng = np.random.default_rng(4)
    y = {split: (rng.random((count, 1)) < up_share).astype(float) for split in ("val", "test")}
    yhat = {}
    for split, v in y.items():
        p = np.where(rng.random(v.shape) < hits, v, 1 - v) * 0.2 + 0.4
        yhat[split] = {"lstm": p, "mean": np.full_like(v, v.mean()), "majority": np.ones_like(v)}
    return y, yhat


def test_hits_are_compared_with_the_majority_share() -> None:
    y, yhat = directions(0.55, 0.7)
    result = evaluate(forecast(y, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1)
    tests, share = result.verdict.tests, y["test"].mean()
    assert tests["hit_rate"] == pytest.approx(result.scores["lstm"]["hit_rate"])
    assert tests["majority_share"] == pytest.approx(max(share, 1 - share))
    assert tests["majority_share"] < tests["hit_low"] < tests["hit_rate"] < tests["hit_high"]
    assert tests["pesaran_timmermann"] < 0.01
    luck = evaluate(forecast(*directions(0.55, 0.5), steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1)
    assert luck.verdict.tests["pesaran_timmermann"] > 0.05


def judge_directions(y: dict[str, np.ndarray], yhat: dict[str, dict[str, np.ndarray]]) -> Evaluation:
    return evaluate(forecast(y, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1)


def test_a_model_no_better_than_a_coin_has_no_evidence_however_bad_the_other_baselines_are() -> None:
    """Brier .25, hits by luck, and a historical mean that is worse still."""
    y, yhat = directions(0.5, 0.5, 600)
    worse = {
        split: {"lstm": 0.5 + 0.05 * (p["lstm"] - 0.5), "mean": np.full_like(y[split], 0.8)}
        for split, p in yhat.items()
    }
    result = judge_directions(y, worse)
    assert result.verdict.skill > 0.05 and result.verdict.tests["diebold_mariano"] < 0.01
    assert result.verdict.tone == "none" and result.verdict.text.startswith("No evidence of skill")
    assert f"{result.verdict.tests['hit_rate']:.1%} of its directions are right" in result.verdict.text
    with_coin = {split: p | {"even_odds": np.full_like(y[split], 0.5)} for split, p in worse.items()}
    verdict = judge_directions(y, with_coin).verdict
    assert verdict.reference == "even_odds" and verdict.tone in {"none", "bad"}


def test_one_direction_only_is_no_evidence() -> None:
    y, _ = directions(0.7, 0.7, 600)
    always = {
        split: {"lstm": np.full_like(v, 0.7) + 0.1 * (v - 0.7), "mean": np.full_like(v, 0.5)} for split, v in y.items()
    }
    verdict = judge_directions(y, always).verdict
    assert verdict.tone == "none" and verdict.text.endswith("every forecast has the same direction.")


def test_planted_directions_are_evidence() -> None:
    y, yhat = directions(0.5, 0.7, 600)
    verdict = judge_directions(y, {s: p | {"even_odds": np.full_like(y[s], 0.5)} for s, p in yhat.items()}).verdict
    assert verdict.tone == "good" and verdict.tests["pesaran_timmermann"] < 0.001


def test_labels_that_overlap_are_thinned_for_the_test_of_directions() -> None:
    y, yhat = directions(0.5, 0.7)
    every = evaluate(forecast(y, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict.tests
    fifth = evaluate(forecast(y, yhat, steps=(5,)), "direction", scale_SC=np.array([[1.0]]), horizon=5).verdict.tests
    widths = [t["hit_high"] - t["hit_low"] for t in (every, fifth)]
    assert widths[1] / widths[0] == pytest.approx(np.sqrt(5), rel=0.1)
    hits = (yhat["test"]["lstm"] > 0.5) == (y["test"] > 0.5)
    assert fifth["hit_rate"] == pytest.approx(hits[::-1][::5].mean())


def test_a_direction_that_never_changes_is_reported() -> None:
    y, yhat = directions(0.55, 0.7)
    always = {split: models | {"lstm": np.full_like(y[split], 0.6)} for split, models in yhat.items()}
    result = evaluate(forecast(y, always, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict
    assert "pesaran_timmermann" not in result.tests
    assert result.text.endswith(
        "The forecast is the same at every cutoff. Hits cannot be told from luck: every forecast "
        "has the same direction."
    )
    up = {split: np.ones_like(v) for split, v in y.items()}
    result = evaluate(forecast(up, yhat, steps=(1,)), "direction", scale_SC=np.array([[1.0]]), horizon=1).verdict
    assert result.tone == "bad" and "makes no error at all" in result.text
    assert "Every outcome of the test split is the same." in result.text
    assert result.text.endswith("Hits cannot be told from luck: every outcome has the same direction.")


def test_too_few_cutoffs_are_reported() -> None:
    short = {"val": Y["val"], "test": Y["test"][:6]}
    result = evaluate(forecast(short, noisy(short, lstm=0.1, last_value=1.0), steps=(1, 20)), horizon=20).verdict
    assert (result.tone, result.p_value) == ("none", 1.0)
    assert (
        "6 cutoffs" in result.text and "20 steps ahead" in result.text and result.text.endswith("too few for any test.")
    )
    assert np.isnan(result.interval).all()


def test_volatility_is_scored_in_logs_and_by_qlike() -> None:
    y = {split: np.exp(v[:, :1]) for split, v in Y.items()}
    yhat = {split: {"lstm": v * np.e, "last_value": v * np.e**2} for split, v in y.items()}
    result = evaluate(forecast(y, yhat, steps=(5,)), "volatility", horizon=5)
    assert result.scores["lstm"]["mae"] == pytest.approx(1.0)
    assert result.scores["lstm"]["qlike"] == pytest.approx(np.exp(-2) + 2 - 1)
    assert result.verdict.skill == pytest.approx(0.5)


def test_symbols_of_different_price_count_alike() -> None:
    y = {split: np.concatenate([v, 100 * v]) for split, v in Y.items()}
    yhat = {
        split: {"lstm": v + np.repeat([1.0, 100.0], len(v) // 2)[:, None], "last_value": v + 300.0}
        for split, v in y.items()
    }
    result = evaluate(forecast(y, yhat, symbols=("A", "B")), scale_SC=np.array([[1.0], [100.0]]))
    assert result.scores["lstm"]["mse_scaled"] == pytest.approx(1.0)


def test_a_forecast_that_repeats_the_last_value_raises_an_alarm() -> None:
    rng = np.random.default_rng(0)
    level = 100 + np.cumsum(rng.normal(size=400))
    y, last = level[1:, None], level[:-1, None]
    split = {"val": y[:200], "test": y[200:]}
    models = {"lstm": last + 0.05 * rng.normal(size=last.shape), "last_value": last}
    yhat = {"val": {n: v[:200] for n, v in models.items()}, "test": {n: v[200:] for n, v in models.items()}}
    result = evaluate(forecast(split, yhat, steps=(1,)), horizon=1)
    assert [alarm.name for alarm in result.alarms] == ["copies yesterday"]
    assert result.scores["lstm"]["r2"] > 0.9
    assert result.verdict.tone != "good"
    yhat["test"]["lstm"] = split["test"] + 0.05 * rng.normal(size=split["test"].shape)
    assert evaluate(forecast(split, yhat, steps=(1,)), horizon=1).alarms == ()


def test_the_table_and_its_matrix_are_inverse() -> None:
    result = forecast(Y, noisy(Y, lstm=0.5, last_value=1.0))
    test = table.to_matrix(result, "test")
    np.testing.assert_array_equal(test.y_NH, Y["test"])
    assert (test.steps, test.symbols, tuple(test.yhat_NH)) == ((1, 2), ("A",), ("lstm", "last_value"))
    assert (np.diff(test.cutoff_N) == np.timedelta64(1, "D")).all()
    rows = result[(result["model"] == "lstm") & (result["part"] == "test")]
    ahead = (rows["time"] - rows["cutoff"]) / pd.Timedelta(days=1)
    np.testing.assert_array_equal(ahead, rows["step"])
    assert {f.name for f in dataclasses.fields(test)} >= {"y_NH", "yhat_NH"}


def test_base_rates_that_differ_are_not_taken_for_discrimination() -> None:
    """Two symbols rise on 20 % and 80 % of days, and the forecast knows no more than that."""
    rng = np.random.default_rng(0)
    share_N1 = np.repeat([0.2, 0.8], 200)[:, None]
    y = {split: (rng.random((400, 2)) < share_N1).astype(float) for split in ("val", "test")}
    yhat = {
        split: {"lstm": share_N1 + 0.01 * rng.normal(size=(400, 2)), "even_odds": np.full((400, 2), 0.5)} for split in y
    }
    result = evaluate(forecast(y, yhat, symbols=("A", "B")), "direction", scale_SC=np.ones((2, 1)))
    assert (
        abs(result.scores["lstm"]["auc"] - 0.5)
        < 0.05
        < metrics.auc(y["test"].ravel(), yhat["test"]["lstm"].ravel()) - 0.7
    )
    assert result.scores["lstm"]["balanced_accuracy"] == 0.5 and np.isnan(result.scores["lstm"]["matthews"])
    assert result.scores["lstm"]["ic"] > 0.3  # across symbols it does tell them apart


def test_every_score_is_described() -> None:
    always = {"mae", "rmse", "mase", "mse_scaled", "mae_scaled", "skill", "pinball", "ic", "rank_ic", "ic_positive"}
    assert SCORES.keys() == always | metrics.FURTHER.keys()
    assert {SCORES[name].arrow for name in ("rmse", "auc", "base_rate")} == {"↓", "↑", ""}
