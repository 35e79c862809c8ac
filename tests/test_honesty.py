"""What the product claims: no skill where there is none, skill where it was planted, and the illusion called one."""

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
LEARNS = {"train__epochs": 15, "train__learning_rate": 0.01, "train__batch_size": 32}


def autoregression(rows: int, seed: int, pull: float) -> np.ndarray:
    """Log returns of which each repeats `pull` of the one before."""
    noise = np.random.default_rng(seed).normal(0, 0.01, rows)
    made = np.zeros(rows)
    for t in range(1, rows):
        made[t] = pull * made[t - 1] + noise[t]
    return made


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
    """Of 20 at most 4 by luck: with a rate of 5 % that fails once in 400 such sets; benchmarks/honesty.py has 200."""
    spec = recipe(
        target__kind=kind, target__horizon=1 if kind != "volatility" else 5, features=FEATURES[kind], train__epochs=3
    )
    verdicts = [
        train_run(spec, A=bars(500 if kind == "log_return" else 700, seed)).evaluation.verdict for seed in range(seeds)
    ]
    assert len([v.text for v in verdicts if v.tone == "good"]) <= (4 if seeds == 20 else 0)
    assert all(v.tone == "none" for v in verdicts if v.p_value >= 0.05)
    assert all("pesaran_timmermann" in v.tests or "same direction" in v.text for v in verdicts) == (kind == "direction")


def test_a_leak_is_refused_and_when_forced_in_it_is_named(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
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
    with pytest.raises(FeatureError, match=r"1 feature looks ahead: dpo_centred:20 \(by 11 rows or more\)"):
        train_run(spec, A=bars(1200, 3))
    made = train_run(replace(spec, allow_lookahead=True), A=bars(1200, 3)).evaluation
    assert made.verdict.tone == "bad" and made.verdict.skill > 0.05
    assert made.verdict.text.startswith("Not to be believed: dpo_centred:20 looks ahead, and the check was overridden.")
    named = {alarm.name: alarm.feature for alarm in made.alarms}
    assert named["look-ahead"] == named["too good to be true"] == leak


@pytest.mark.parametrize("norm", ["last", "none"])
def test_a_close_that_is_a_random_walk_looks_well_forecast_and_is_not(
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
    made = train_run(spec, A=bars(2500, seed=1)).evaluation
    assert made.scores["lstm"]["r2"] > 0.9
    assert made.scores["lstm"]["mape"] < 0.05
    assert made.verdict.tone in {"none", "bad"}
    assert made.verdict.text.startswith("No ")
    assert [alarm.name for alarm in made.alarms] == ["copies yesterday"]


def test_bare_levels_are_called_worse_than_yesterday(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="close", target__horizon=1, model__norm="none", window__scaling="minmax")
    made = train_run(spec, A=bars(700)).evaluation.verdict
    assert (made.tone, made.reference) == ("bad", "last_value")
    assert made.skill < -0.5
    assert made.text.startswith("No skill: the LSTM is worse than tomorrow = today; its errors are ")


def test_planted_skill_is_found(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, features=["return"], **LEARNS)
    made = train_run(spec, A=bars(700, 0, autoregression(700, 0, 0.5))).evaluation
    assert made.verdict.tone == "good"
    # The best forecast possible halves each return: an error smaller by 1 − √(1 − 0.5²) = 13 %.
    assert 0.08 < made.verdict.skill < 0.20
    assert made.verdict.p_value < 0.01


def test_a_planted_direction_is_found(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="direction", target__horizon=1, features=["return"], **LEARNS)
    made = train_run(spec, A=bars(700, 1, autoregression(700, 1, 0.6))).evaluation
    assert made.verdict.tone == "good"
    assert made.scores["lstm"]["hit_rate"] > made.scores["majority"]["hit_rate"] + 0.1
    assert made.scores["lstm"]["brier"] < made.scores["mean"]["brier"]


def test_the_planted_feature_is_the_important_one(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(
        target__kind="log_return", target__horizon=1, **LEARNS, features=["volume_change", "return", "weekday"]
    )
    made = train_run(spec, A=bars(700, 0, autoregression(700, 0, 0.6)))
    explanation = made.explanation
    assert explanation is not None
    assert next(iter(explanation.importance)) == "return"
    assert explanation.additivity_error < 1e-6
    assert int(np.argmax(explanation.by_lag_L)) == 0  # the last row alone says anything


def test_the_band_holds_about_what_it_promises(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, train__epochs=6)
    assert train_run(spec, A=bars(2000)).evaluation.bands["coverage"] == pytest.approx(0.9, abs=0.05)
