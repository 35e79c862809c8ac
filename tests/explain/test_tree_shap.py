"""TreeSHAP of a LightGBM on a run's windows, and its conversion to target units, features and lags."""

import numpy as np
import pytest

from core.explain import tree_shap

PHI_NHC = np.array([[[0.5, 0.2, -0.1]], [[0.0, 0.3, -0.3]]])
BASE_H = np.array([0.1])


def test_contributions_add_up_and_the_shares_of_gain_sum_to_one(planted, finish):
    explanation, gain = finish(tree_shap.compute(planted))[0]
    sum_NH = explanation.base_H + explanation.values_NHF.sum(axis=2)
    np.testing.assert_allclose(sum_NH, explanation.forecast_NH, atol=1e-9 * explanation.forecast_NH.std())
    assert explanation.additivity_error < 1e-9 and sum(gain.values()) == pytest.approx(1)
    assert np.argmax(explanation.by_lag_L) == 0 and explanation.features == planted.spec.features


def test_contributions_after_a_link_add_up_and_keep_their_shares():
    forecast_NH = BASE_H + PHI_NHC.sum(axis=2)
    user_NHC, user_H, user_NH = tree_shap.rescale(PHI_NHC, BASE_H, forecast_NH, np.exp)
    np.testing.assert_allclose(user_H + user_NHC.sum(axis=2), np.exp(forecast_NH), rtol=1e-9)
    np.testing.assert_allclose(user_NH, np.exp(forecast_NH), rtol=1e-9)
    np.testing.assert_allclose(user_NHC[0, 0] / user_NHC[0, 0, 0], [1.0, 0.4, -0.2])
    same_NHC, _, _ = tree_shap.rescale(PHI_NHC, BASE_H, forecast_NH, lambda value: value)
    np.testing.assert_allclose(same_NHC, PHI_NHC, atol=1e-9)


def test_columns_are_summed_by_feature_and_lag():
    feature_C, span_C = np.array([-1, 0, 0]), np.array([0, 1, 2])
    assert tree_shap.by_feature(PHI_NHC, feature_C, 1)[:, 0, 0].tolist() == [0.1, 0.0]
    # the mean over two rows spreads its −0.1 (and −0.3) evenly: 0.2 − 0.05 and 0.3 − 0.15 at lag 1
    np.testing.assert_allclose(tree_shap.by_lag(PHI_NHC, feature_C, span_C, 1, 3), [0.15, 0.1, 0.0])
