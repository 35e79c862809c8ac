"""Checks of an explanation: curves and stability of single networks and ensembles, spread, and the noise probe."""

import math

import numpy as np
import pytest

from core.explain import reliability
from core.explain.compare_methods import group_features
from core.explain.reliability import NoiseProbe, Reliability, Spread
from core.storage.serialize import from_json, to_json
from tests.charts.conftest import explanation


def test_seed_stability_of_members_that_agree_and_of_members_that_rank_nothing():
    assert reliability.seed_stability(np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 0.0]])) == (pytest.approx(1), 2)
    assert math.isnan(reliability.seed_stability(np.ones((2, 1)))[0])


def test_spread_over_members_by_step_and_over_all_steps():
    first = explanation([[[1.0, -3.0], [0.0, 0.0]], [[-1.0, 5.0], [0.0, 2.0]]], features=("a", "b"))
    second = explanation([[[3.0, 4.0], [2.0, 1.0]]], features=("a", "b"))
    spread = Spread(
        steps=(1, 2), features=reliability.importance_spread([first, second]), families={"both": (0.5, 0.6, 0.7)}
    )
    half = math.sqrt(0.5)  # the standard deviation of two values is their difference times this
    assert spread.at(1) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert spread.at(2) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert spread.at(None) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert spread.at(2, by_family=True) == {"both": 0.6} and math.isnan(spread.at(3)["a"])
    assert reliability.importance_spread([]) == {}


def test_features_that_rank_below_noise():
    good = NoiseProbe(features=("a", "b"), values=(2.0, 1.0), noise=0.5)
    assert (good.rank, good.below) == (3, ())
    bad = NoiseProbe(features=("a", "b", "c"), values=(2.0, 1.0, 0.0), noise=1.0)
    assert (bad.rank, bad.below) == (2, ("b", "c"))


def test_each_draw_of_noise_is_ranked_in_its_own_network():
    features, value_KF = ("a", "b", "c"), np.array([[1.0, 5, 2, 3, 0], [2.0, 7, 1, 1, 1.5]])  # two networks, two draws
    probe = reliability.rank_noise(value_KF, features)
    assert (probe.features, probe.values, probe.noise) == (("b", "a", "c"), (6.0, 1.5, 1.5), 1.375)
    assert probe.rank_D == (2, 4, 3, 3) and probe.rank == 3
    assert probe.shares == {"b": 0.0, "a": 0.25, "c": 0.75}
    assert (probe.below, probe.doubtful) == (("c",), ("a",))


def test_the_probe_adds_names_that_no_feature_has():
    added = reliability._with_noise(("return", "column:added noise 2"))
    assert added[2:] == ("column:added noise' 1", "column:added noise' 2", "column:added noise' 3")


def test_a_single_network_with_one_feature_has_no_stability(single_feature, finish):
    result = finish(reliability.compute(single_feature))[0]
    assert result.deletion.counts == result.insertion.counts == (0, 1) and result.spread.features == {}
    assert result.members == 1 and math.isnan(result.stability)
    restored = from_json(Reliability, to_json(result))
    assert (restored.deletion, restored.insertion, restored.spread) == (
        result.deletion,
        result.insertion,
        result.spread,
    )


def test_the_members_of_an_ensemble_are_compared(bars, recipe, train_run, finish):
    run = train_run(recipe(train__epochs=1, train__ensemble=2), A=bars(400))
    result, _ = finish(reliability.compute(run))
    assert result.members == 2 and -1 <= result.stability <= 1 and result.same_first in (1, 2)
    assert from_json(Reliability, to_json(result)) == result
    steps = len(run.explanation.steps)
    assert {*result.spread.features} == {*run.spec.features} and result.spread.steps == run.explanation.steps
    assert {len(values) for values in result.spread.features.values()} == {steps + 1}
    assert {*result.spread.at(None, by_family=True)} == {*group_features(run.spec.features, True)}


def test_noise_ranks_below_the_planted_feature_and_above_a_constant_one(planted, finish):
    probe, events = finish(reliability.compute_noise_probe(planted))
    assert probe.features[0] == "column:signal" and probe.values[0] > 3 * probe.noise > 0
    assert "column:still" in probe.below and "column:noise" not in probe.features[:1]
    assert len(probe.rank_D) == 9 and min(probe.rank_D) > 1 and probe.shares["column:signal"] == 0
    progress = [event for event in events if hasattr(event, "done")]
    assert progress and all(event.done <= event.total for event in progress)
    assert from_json(NoiseProbe, to_json(probe)) == probe
    assert finish(reliability.compute_noise_probe(planted))[0] == probe  # same seed, same result
