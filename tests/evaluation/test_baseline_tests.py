"""Several baselines are read together, forecasts count alike, and symbols keep their own steps."""

import numpy as np
import pytest

from core.baselines.registry import BASELINES
from core.datasets.targets import TARGETS
from core.evaluation import baseline_tests, significance, verdict
from core.forecasting.table import ForecastMatrix
from core.types import Floats, Verdict

SIX = ("har", "garch", "ridge", "nlinear", "arima", "lightgbm")
SCALE = np.array([[1.0]])


def split(error: dict[str, Floats], cutoff_N: np.ndarray, symbol_N: np.ndarray, horizon: int = 1) -> ForecastMatrix:
    """Outcomes of zero, and forecasts that miss them by these errors (N,)."""
    names = tuple("ABC"[: int(symbol_N.max()) + 1])
    return ForecastMatrix(
        steps=(horizon,),
        symbols=names,
        cutoff_N=cutoff_N,
        symbol_N=symbol_N,
        y_NH=np.zeros((len(cutoff_N), 1)),
        yhat_NH={name: error_N[:, None] for name, error_N in error.items()},
    )


def judge(error: dict[str, Floats], cutoff_N: np.ndarray, symbol_N: np.ndarray) -> Verdict:
    test = split(error, cutoff_N, symbol_N)
    scale_SC = np.tile(SCALE, (len(test.symbols), 1))
    return baseline_tests.judge(test, test, "lstm", TARGETS["column"], scale_SC, 1)


def days(count: int) -> np.ndarray:
    return np.datetime64("2024-01-01", "ns") + np.arange(count) * np.timedelta64(1, "D")


def test_with_six_baselines_luck_makes_none_better_or_worse_in_95_of_100_cases() -> None:
    """Each errs as much as the model. Alone at 5 %, one of six is called better or worse in a quarter of all cases."""
    rng, any_found, any_alone = np.random.default_rng(0), 0, 0
    for _ in range(200):
        error = {name: 0.5 * rng.normal(size=300) for name in ("lstm", *SIX)} | {"last_value": rng.normal(size=300)}
        result = judge(error, days(300), np.zeros(300, dtype=int))
        assert result.tone == "good" or "simpler model" in result.text
        any_found += len(result.ties) < 6
        alone = [significance.diebold_mariano(error["lstm"] ** 2, error[name] ** 2, 1) for name in SIX]
        any_alone += min(alone) < 0.05
        assert [result.tests[f"against_{name}"] for name in SIX] == pytest.approx(significance.holm(alone))
    assert any_found / 200 < 0.09
    assert any_alone / 200 > 0.15


def test_a_simpler_model_is_called_better_only_if_it_is_among_all() -> None:
    """An advantage with p = .02 alone is one of six that luck gives; one with p < .001 is not."""
    rng = np.random.default_rng(5)
    shared = {name: 0.5 * rng.normal(size=300) for name in ("lstm", *SIX)} | {"last_value": rng.normal(size=300)}
    tones = {}
    for advantage in (1.0, 0.9, 0.8, 0.7, 0.6):
        result = judge(shared | {"garch": advantage * shared["garch"]}, days(300), np.zeros(300, dtype=int))
        alone = significance.diebold_mariano(shared["lstm"] ** 2, (advantage * shared["garch"]) ** 2, 1)
        tones[alone] = result.tone
    assert any(0.01 < p < 0.05 and tone == "good" for p, tone in tones.items())
    assert any(p < 0.001 and tone == "none" for p, tone in tones.items())


def test_every_forecast_counts_alike_in_the_test_as_in_the_skill() -> None:
    """One symbol pauses at weekends. The sign of the mean difference tested is that of the skill, always."""
    rng, day = np.random.default_rng(0), days(140)
    shares = day[np.is_busday(day.astype("M8[D]"))]
    cutoff_N, symbol_N = np.concatenate([shares, day]), np.repeat([0, 1], [len(shares), len(day)])
    differ = 0
    for _ in range(50):
        error = {name: rng.normal(size=len(cutoff_N)) for name in ("lstm", "last_value")}
        test = split(error, cutoff_N, symbol_N)
        model, reference = (
            baseline_tests.losses_by_cutoff(test, name, TARGETS["column"], np.ones((2, 1))) for name in error
        )
        skill = baseline_tests.skill(float(np.mean(error["lstm"] ** 2)), float(np.mean(error["last_value"] ** 2)))
        assert np.sign((reference - model).mean()) == np.sign(skill)
        per_cutoff = np.where(np.isin(day, shares), 2, 1)
        differ += np.sign(((reference - model) / per_cutoff).mean()) != np.sign(skill)
    assert differ > 0


def test_directions_are_judged_on_labels_that_do_not_overlap_in_any_symbol() -> None:
    """Every h-th cutoff of both calendars leaves labels of the shares that share sessions."""
    rng, day, horizon = np.random.default_rng(0), days(400), 5
    shares = day[np.is_busday(day.astype("M8[D]"))]
    cutoff_N, symbol_N = np.concatenate([shares, day]), np.repeat([0, 1], [len(shares), len(day)])
    test = split({"lstm": rng.random(len(cutoff_N))}, cutoff_N, symbol_N, horizon)
    test.y_NH[:] = rng.integers(0, 2, test.y_NH.shape)
    _, rates = baseline_tests._directions(test, "lstm")
    used = day[::-1][::7]  # five sessions of the shares and their weekend
    assert (
        min(np.diff(np.flatnonzero(np.isin(shares, used))))
        >= horizon
        > min(np.diff(np.flatnonzero(np.isin(shares, day[::-1][::horizon]))))
    )
    own_N = np.isin(cutoff_N, used)
    hit_N = (test.yhat_NH["lstm"][own_N, 0] > 0.5) == (test.y_NH[own_N, 0] > 0.5)
    assert rates["hit_rate"] == pytest.approx(hit_N.mean())
    assert (rates["hit_low"], rates["hit_high"]) == significance.wilson_interval(float(hit_N.mean()), len(used))


def test_the_baselines_of_these_tests_are_no_naive_ones() -> None:
    assert not any(BASELINES[name].naive for name in SIX)


def test_a_baseline_that_is_worse_than_the_reference_makes_none_look_better(monkeypatch: pytest.MonkeyPatch) -> None:
    """Among two baselines the p-value of the better one is doubled (Holm 1979), however sure the other is worse."""
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(300, 4))
    loss = dict(zip(("lstm", "last_value", "ridge", "nlinear"), 2 + noise.T, strict=True))
    loss["ridge"] = loss["last_value"] - 0.15 + 0.8 * rng.normal(size=300)
    loss["nlinear"] = loss["last_value"] + 1.0
    told, build = [], verdict.build_verdict
    monkeypatch.setattr(verdict, "build_verdict", lambda *given: told.append(given[-1]) or build(*given))
    baseline_tests._compare(loss, "lstm", "last_value", 1)
    alone = significance.diebold_mariano(loss["ridge"], loss["last_value"], 1)
    over = {one.name: one.p_value_over_reference for one in told[0]}
    assert 0 < alone < 0.1 and over == pytest.approx({"ridge": 2 * alone, "nlinear": 1.0})
