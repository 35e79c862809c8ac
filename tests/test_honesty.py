"""Honest verdicts: no skill in a random walk, skill where it was planted, and leaks and persistence recognised."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import FeatureError
from core.spec import Spec
from core.types import Run

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
TrainRun = Callable[..., Run]
LONGER = {"train__epochs": 15, "train__learning_rate": 0.01, "train__batch_size": 32}


def autoregression(rows: int, seed: int, coefficient: float) -> np.ndarray:
    """Log returns of a first-order autoregression with this coefficient."""
    noise = np.random.default_rng(seed).normal(0, 0.01, rows)
    return_T = np.zeros(rows)
    for t in range(1, rows):
        return_T[t] = coefficient * return_T[t - 1] + noise[t]
    return return_T


FEATURES = {
    "log_return": ["return", "log_range", "volume_change"],
    "close": ["column:close", "column:volume"],
    "direction": ["return", "ma_ratio:5"],
    "volatility": ["abs_return", "log_range", "negative_return"],
}


@pytest.mark.parametrize(("kind", "seeds"), [("log_return", 20), ("close", 5), ("direction", 3), ("volatility", 3)])
def test_no_skill_is_found_in_a_random_walk(
    recipe: Recipe, bars: Bars, train_run: TrainRun, kind: str, seeds: int
) -> None:
    """At most 4 of 20 by chance, which a rate of 5 % exceeds once in 400 times; benchmarks/honesty.py runs 200."""
    spec = recipe(
        target__kind=kind, target__horizon=1 if kind != "volatility" else 5, features=FEATURES[kind], train__epochs=3
    )
    verdicts = [
        train_run(spec, A=bars(500 if kind == "log_return" else 700, seed)).evaluation.verdict for seed in range(seeds)
    ]
    assert len([v.text for v in verdicts if v.tone == "good"]) <= (4 if seeds == 20 else 0)
    assert all(v.tone == "none" for v in verdicts if v.p_value >= 0.05)
    assert all("pesaran_timmermann" in v.tests or "same direction" in v.text for v in verdicts) == (kind == "direction")


def test_a_leak_is_rejected_and_named_in_the_verdict_if_it_is_allowed(
    recipe: Recipe, bars: Bars, train_run: TrainRun
) -> None:
    leak = "dpo_centred:20"
    spec = recipe(
        target__kind="log_return",
        target__horizon=1,
        features=["return", "log_range", leak],
        window__lookback=20,
        model__hidden=16,
        train__epochs=10,
        train__batch_size=32,
        train__learning_rate=5e-3,
    )
    with pytest.raises(FeatureError, match=r"1 feature .* dpo_centred:20 \(by 11 rows"):
        train_run(spec, A=bars(1200, 3))
    evaluation = train_run(replace(spec, allow_lookahead=True), A=bars(1200, 3)).evaluation
    assert evaluation.verdict.tone == "bad" and evaluation.verdict.skill > 0.05
    assert evaluation.verdict.text.startswith("Not to be believed: dpo_centred:20 looks ahead")
    features = {alarm.name: alarm.feature for alarm in evaluation.alarms}
    assert features["look-ahead"] == features["too good to be true"] == leak


@pytest.mark.parametrize("norm", ["last", "none"])
def test_the_level_of_a_random_walk_has_a_high_r2_but_no_skill(
    recipe: Recipe, bars: Bars, train_run: TrainRun, norm: str
) -> None:
    spec = recipe(
        target__kind="close",
        target__horizon=1,
        features=["column:close"],
        model__norm=norm,
        train__epochs=8,
        train__learning_rate=0.01,
    )
    evaluation = train_run(spec, A=bars(2500, seed=1)).evaluation
    assert evaluation.scores["lstm"]["r2"] > 0.9
    assert evaluation.scores["lstm"]["mape"] < 0.05
    assert evaluation.verdict.tone in {"none", "bad"}
    assert evaluation.verdict.text.startswith("No ")
    assert [alarm.name for alarm in evaluation.alarms] == ["copies yesterday"]


def test_raw_levels_are_judged_worse_than_the_last_value(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="close", target__horizon=1, model__norm="none", window__scaling="minmax")
    verdict = train_run(spec, A=bars(1200)).evaluation.verdict
    assert (verdict.tone, verdict.reference) == ("bad", "last_value")
    assert verdict.skill < -0.5
    assert verdict.text.startswith("No skill: the LSTM is worse than ")


def test_planted_skill_is_detected(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, features=["return"], **LONGER)
    verdict = train_run(spec, A=bars(700, 0, autoregression(700, 0, 0.5))).evaluation.verdict
    assert verdict.tone == "good"
    # The best possible forecast is half the last return: its error is smaller by 1 − √(1 − 0.5²) = 13 %.
    assert 0.08 < verdict.skill < 0.20
    assert verdict.p_value < 0.05


def test_a_planted_direction_is_detected(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="direction", target__horizon=1, features=["return"], **LONGER)
    evaluation = train_run(spec, A=bars(700, 1, autoregression(700, 1, 0.6))).evaluation
    assert evaluation.verdict.tone == "good"
    assert evaluation.scores["lstm"]["hit_rate"] > evaluation.scores["majority"]["hit_rate"] + 0.1
    assert evaluation.scores["lstm"]["brier"] < evaluation.scores["mean"]["brier"]


def test_the_planted_feature_is_the_most_important_one(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(
        target__kind="log_return", target__horizon=1, **LONGER, features=["volume_change", "return", "weekday"]
    )
    explanation = train_run(spec, A=bars(700, 0, autoregression(700, 0, 0.6))).explanation
    assert explanation is not None
    assert next(iter(explanation.importance)) == "return"
    assert explanation.additivity_error < 1e-6
    assert int(np.argmax(explanation.by_lag_L)) == 0  # only the last row is informative


def test_intervals_have_about_their_nominal_coverage(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, train__epochs=6)
    assert train_run(spec, A=bars(2000)).evaluation.bands["coverage"] == pytest.approx(0.9, abs=0.05)
