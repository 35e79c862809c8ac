"""Importance methods on a planted rule, on families, on directions and on a single feature."""

import math

import numpy as np
import pytest

from core.explain import compare_methods, importance
from core.explain.explanation import sum_by_group


@pytest.fixture(scope="module")
def comparison(planted, finish):
    return finish(compare_methods.compute(planted))[0]


def test_every_method_ranks_the_planted_feature_first(planted, comparison, finish):
    loco, events = finish(compare_methods.compute_loco(planted))
    assert {result.method for result in (*comparison, loco)} == {*importance.IMPORTANCE_METHODS} - {"selection"}
    for result in (*comparison, loco):
        assert next(iter(result.importance)) == "column:signal", result
        noise, signal, still = result.values
        assert signal > 3 * abs(noise), result
        if result.method != "retrained":  # retraining ends at slightly different weights
            assert still == pytest.approx(0, abs=1e-6 * signal)
    assert loco.values[1] > 1 and np.argmax(loco.by_lag) == 0 and len(loco.by_lag) == 10
    progress = [event for event in events if hasattr(event, "done")]
    assert all(event.done <= event.total for event in progress)
    assert sum(getattr(event, "text", "").startswith("Retraining without") for event in events) == 3


def test_families_and_directions(bars, recipe, train_run, finish):
    run = train_run(recipe(target__kind="direction", target__horizon=2, train__epochs=1), A=bars(400))
    families = compare_methods.group_features(run.spec.features, True)
    comparison = finish(compare_methods.compute(run, True))[0]
    assert {result.features for result in comparison} == {tuple(families)}
    grouped = sum_by_group(run.explanation, families).importance
    assert comparison[0].values == pytest.approx([grouped[name] for name in families])
    assert finish(compare_methods.compute_tree_shap(run))[0][0].additivity_error < 1e-9


def test_a_single_feature_has_finite_importance(single_feature, finish):
    comparison = finish(compare_methods.compute(single_feature))[0]
    loco = finish(compare_methods.compute_loco(single_feature))[0]
    assert all(result.features == ("return",) and math.isfinite(result.values[0]) for result in (*comparison, loco))
