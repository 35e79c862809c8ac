"""Every method on a planted rule, LightGBM's contributions, the checks of an explanation, and models of one feature."""

import math

import numpy as np
import pytest

from core.explain import compare_methods, importance, reliability
from core.explain.explanation import grouped
from core.explain.reliability_types import Noise, Trust
from core.storage.serialize import apart, together

WALK = {"target__kind": "log_return", "target__horizon": 1, "train__learning_rate": 2e-2}


@pytest.fixture(scope="module")
def planted(bars, recipe, train_run):
    """The next return is nine tenths of yesterday's signal; beside it noise and a column that never changes."""
    rng = np.random.default_rng(1)
    signal_T, noise_T = rng.normal(size=(2, 500))
    return_T = 0.01 * np.concatenate([[0.0], 0.9 * signal_T[:-1] + 0.3 * rng.normal(size=499)])
    table = bars(500, return_T=return_T).assign(signal=signal_T, noise=noise_T, still=1.0)
    features = ["column:noise", "column:signal", "column:still"]
    return train_run(recipe(**WALK, train__epochs=12, features=features), A=table)


@pytest.fixture(scope="module")
def compared(planted, finish):
    return finish(compare_methods.quick(planted))[0]


def test_every_method_puts_the_planted_feature_first(planted, compared, finish):
    alone, events = finish(compare_methods.ablation(planted))
    assert {one.method for one in (*compared, alone)} == {*importance.METHODS}
    for one in (*compared, alone):
        assert next(iter(one.importance)) == "column:signal", one
        noise, signal, still = one.values
        assert signal > 3 * abs(noise), one
        if one.method != "retrained":  # a training with it ends a little otherwise
            assert still == pytest.approx(0, abs=1e-6 * signal)
    assert alone.values[1] > 1 and np.argmax(alone.by_lag) == 0 and len(alone.by_lag) == 10
    told = [event for event in events if hasattr(event, "done")]
    assert all(event.done <= event.total for event in told)
    assert sum(getattr(event, "text", "").startswith("Training again without") for event in events) == 3


def test_treeshap_adds_up_and_the_gain_is_shared_out(planted, finish):
    made, gain = finish(compare_methods.lightgbm(planted))[0]
    sum_NH = made.base_H + made.values_NHF.sum(axis=2)
    np.testing.assert_allclose(sum_NH, made.forecast_NH, atol=1e-9 * made.forecast_NH.std())
    assert made.additivity_error < 1e-9 and sum(gain.values()) == pytest.approx(1)
    assert np.argmax(made.by_lag_L) == 0 and made.features == planted.spec.features


def test_families_and_directions(bars, recipe, train_run, finish):
    made = train_run(recipe(target__kind="direction", target__horizon=2, train__epochs=1), A=bars(400))
    families = compare_methods.groups_of(made.spec.features, True)
    compared = finish(compare_methods.quick(made, True))[0]
    assert {one.features for one in compared} == {tuple(families)}
    kept = grouped(made.explanation, families).importance
    assert compared[0].values == pytest.approx([kept[name] for name in families])
    assert finish(compare_methods.lightgbm(made))[0][0].additivity_error < 1e-9


def test_one_feature_has_no_rivals(bars, recipe, train_run, finish):
    made = train_run(recipe(**WALK, train__epochs=1, features=["return"]), A=bars(400))
    compared, alone = finish(compare_methods.quick(made))[0], finish(compare_methods.ablation(made))[0]
    assert all(one.features == ("return",) and math.isfinite(one.values[0]) for one in (*compared, alone))
    checked = finish(reliability.check(made))[0]
    assert checked.deletion.counts == checked.insertion.counts == (0, 1) and checked.spread.features == {}
    assert checked.members == 1 and math.isnan(checked.stability)
    again = together(Trust, apart(checked))
    assert (again.deletion, again.insertion, again.spread) == (checked.deletion, checked.insertion, checked.spread)


def test_the_networks_of_an_ensemble_are_held_against_each_other(bars, recipe, train_run, finish):
    made = train_run(recipe(train__epochs=1, train__ensemble=2), A=bars(400))
    checked, _ = finish(reliability.check(made))
    assert checked.members == 2 and -1 <= checked.stability <= 1 and checked.same_first in (1, 2)
    assert together(Trust, apart(checked)) == checked
    steps = len(made.explanation.steps)
    assert {*checked.spread.features} == {*made.spec.features} and checked.spread.steps == made.explanation.steps
    assert {len(each) for each in checked.spread.features.values()} == {steps + 1}
    assert {*checked.spread.at(None, by_family=True)} == {*compare_methods.groups_of(made.spec.features, True)}


def test_noise_ranks_behind_the_planted_feature_and_before_the_one_that_never_changes(planted, finish):
    found, events = finish(reliability.noise(planted))
    assert found.features[0] == "column:signal" and found.values[0] > 3 * found.noise > 0
    assert "column:still" in found.below and found.rank == 4 - len(found.below)
    told = [event for event in events if hasattr(event, "done")]
    assert told and all(event.done <= event.total for event in told)
    assert together(Noise, apart(found)) == found
    assert finish(reliability.noise(planted))[0] == found  # one seed, one answer
