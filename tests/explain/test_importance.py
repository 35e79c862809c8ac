"""Ranks, rank correlations and records of importance methods."""

import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.explain import importance
from core.explain.importance import Importance
from core.storage.serialize import from_json, to_json


def test_rank_correlations_equal_those_of_scipy():
    value_MF = np.array([[3.0, 1.0, 2.0, 2.0], [0.4, 0.1, 0.3, 0.0], [-1.0, 4.0, 2.0, 0.5]])
    np.testing.assert_allclose(importance.spearman(value_MF), spearmanr(value_MF, axis=1).statistic, atol=1e-12)
    assert importance.rank(value_MF)[0].tolist() == [1.0, 4.0, 2.5, 2.5]


def test_a_method_with_constant_importance_and_a_single_feature_have_no_correlation():
    correlation_MM = importance.spearman(np.array([[1.0, 2.0], [0.0, 0.0]]))
    assert correlation_MM[0, 0] == pytest.approx(1)
    assert np.isnan(correlation_MM[0, 1]) and np.isnan(correlation_MM[1, 1])
    assert np.isnan(importance.spearman(np.array([[1.0], [2.0]]))).all()


def test_json_restores_the_same_record():
    record = Importance(method="gain", features=("a", "b"), values=(0.2, math.nan), windows=3)
    (restored,) = from_json(tuple[Importance, ...], to_json((record,)))
    assert restored.features == record.features and restored.values[0] == 0.2
    assert math.isnan(restored.values[1]) and math.isnan(restored.additivity_error)


def test_methods_of_errors_and_trees():
    methods = importance.IMPORTANCE_METHODS
    assert [name for name, method in methods.items() if method.by_error] == [
        "retrained",
        "replaced",
        "loss_permutation",
    ]
    assert [name for name, method in methods.items() if method.of_trees] == ["gain", "treeshap"]
    assert [*methods][:2] == ["shapley", "gradients"]
