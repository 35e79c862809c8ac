"""AutoTheta: forecasts at every cutoff next to statsforecast with the same parameters, and without look-ahead."""

import numpy as np
import pytest

from core.baselines import theta
from tests.baselines.test_ets import ROWS, SERIES, TIME_T, TRAIN, rmse


@pytest.mark.parametrize("name", SERIES)
def test_forecasts_equal_those_of_statsforecast_without_a_refit(name: str) -> None:
    from statsforecast.models import AutoTheta

    value_G = SERIES[name]
    path_GK = theta.paths(theta.fit(value_G[:TRAIN], 1), value_G, TRAIN, 15)
    peer = AutoTheta(season_length=1).fit(value_G[:TRAIN])
    for g in (TRAIN - 1, 230, ROWS - 1):
        np.testing.assert_allclose(path_GK[g], peer.forward(value_G[: g + 1], h=15)["mean"], rtol=1e-9)


@pytest.mark.parametrize("kind", ["STM", "OTM", "DSTM", "DOTM"])
def test_every_kind_of_theta_model_is_that_of_statsforecast(kind: str) -> None:
    from statsforecast.theta import forecast_theta, thetamodel

    value_G = SERIES["trend and season"]
    given = {"initial_smoothed": 90.0, "alpha": 0.3, "theta": 2.0 if "S" in kind else 3.5}
    fitted = theta.Fitted(
        alpha=0.3, start=90.0, theta=given["theta"], dynamic=kind[0] == "D", season_M=None, multiplicative=False
    )
    path_GK = theta.paths(fitted, value_G, TRAIN, 15)
    for g in (5, 40, ROWS - 1):
        peer = thetamodel(value_G[: g + 1], 1, kind, nmse=3, **given)
        np.testing.assert_allclose(path_GK[g], forecast_theta(peer, 15)["mean"], rtol=1e-9)


@pytest.mark.parametrize(("name", "multiplicative"), [("multiplicative", True), ("below zero", False)])
def test_the_seasonal_pattern_of_the_fit_is_carried_forward(name: str, multiplicative: bool) -> None:
    from statsforecast.models import AutoTheta
    from statsforecast.theta import forecast_theta, thetamodel

    value_G = SERIES[name]
    fitted = theta.fit(value_G[:TRAIN], 12)
    assert fitted.multiplicative is multiplicative and fitted.season_M is not None
    path_GK = theta.paths(fitted, value_G, TRAIN, 15)
    peer = AutoTheta(season_length=12).fit(value_G[:TRAIN])
    np.testing.assert_allclose(path_GK[TRAIN - 1], peer.predict(15)["mean"], rtol=1e-9)
    season_T = np.array([fitted.season_M[(t - TRAIN) % 12] for t in range(ROWS + 15)])
    without_G = value_G / season_T[:ROWS] if multiplicative else value_G - season_T[:ROWS]
    for g in (230, ROWS - 1):
        model = thetamodel(without_G[: g + 1], 12, peer.model_["modeltype"], nmse=3, **peer.model_["par"])
        line_K, season_K = forecast_theta(model, 15)["mean"], season_T[g + 1 : g + 16]
        expected_K = line_K * season_K if multiplicative else line_K + season_K
        np.testing.assert_allclose(path_GK[g], expected_K, rtol=1e-9)


def test_later_values_change_no_earlier_forecast() -> None:
    value_G = SERIES["multiplicative"]
    fitted = theta.fit(value_G[:TRAIN], 12)
    other_G = np.where(TIME_T < 250, value_G, 3 * value_G)
    first_GK, second_GK = (theta.paths(fitted, each_G, TRAIN, 6) for each_G in (value_G, other_G))
    np.testing.assert_array_equal(first_GK[:250], second_GK[:250])
    assert not np.allclose(first_GK[250:], second_GK[250:])


def test_a_season_is_forecast_near_its_noise() -> None:
    value_G = SERIES["below zero"]
    assert rmse(theta.paths(theta.fit(value_G[:TRAIN], 12), value_G, TRAIN, 12), value_G) < 1.2  # the noise has 1
