import math

import numpy as np
import pytest
from scipy.stats import spearmanr

from core.explain import importance
from core.explain.importance import Importance
from core.storage.serialize import apart, together


def test_rank_correlations_are_those_of_scipy():
    value_MF = np.array([[3.0, 1.0, 2.0, 2.0], [0.4, 0.1, 0.3, 0.0], [-1.0, 4.0, 2.0, 0.5]])
    np.testing.assert_allclose(importance.spearman(value_MF), spearmanr(value_MF, axis=1).statistic, atol=1e-12)
    assert importance.ranks(value_MF)[0].tolist() == [1.0, 4.0, 2.5, 2.5]


def test_a_method_that_ranks_nothing_and_a_single_feature_have_no_correlation():
    found = importance.spearman(np.array([[1.0, 2.0], [0.0, 0.0]]))
    assert found[0, 0] == pytest.approx(1) and np.isnan(found[0, 1]) and np.isnan(found[1, 1])
    assert np.isnan(importance.spearman(np.array([[1.0], [2.0]]))).all()


def test_json_gives_the_same_record_back():
    made = Importance(method="gain", features=("a", "b"), values=(0.2, math.nan), windows=3)
    (back,) = together(tuple[Importance, ...], apart((made,)))
    assert back.features == made.features and back.values[0] == 0.2
    assert math.isnan(back.values[1]) and math.isnan(back.additivity_error)
