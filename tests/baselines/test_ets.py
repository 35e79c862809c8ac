"""AutoETS: forecasts at every cutoff next to statsforecast and statsmodels with the same parameters."""

import numpy as np
import pytest

from core.baselines import ets
from core.types import Floats

TRAIN, ROWS = 200, 300
TIME_T = np.arange(ROWS)
NOISE_T = np.random.default_rng(0).normal(size=ROWS)
SEASON_T = np.sin(2 * np.pi * TIME_T / 12)
SERIES = {
    "walk": 100 + np.cumsum(NOISE_T),
    "trend and season": 100 + 0.5 * TIME_T + 10 * SEASON_T + NOISE_T,
    "multiplicative": (100 + TIME_T) * (1 + 0.2 * SEASON_T) * np.exp(0.03 * NOISE_T),
    "below zero": -50 + 0.02 * TIME_T + 10 * SEASON_T + NOISE_T,
}


@pytest.mark.parametrize("name", SERIES)
@pytest.mark.parametrize("period", [1, 12])
def test_forecasts_equal_those_of_statsforecast_without_a_refit(name: str, period: int) -> None:
    from statsforecast.models import AutoETS

    value_G = SERIES[name]
    fitted = ets.fit(value_G[:TRAIN], period)
    path_GK = ets.paths(fitted, value_G, 15)
    peer = AutoETS(season_length=period).fit(value_G[:TRAIN])
    ahead = 1 if fitted["components"][3] == "D" else 15  # the library counts the first damping twice from step 2 on
    for g in (TRAIN - 1, 230, ROWS - 1):
        expected_K = peer.forward(value_G[: g + 1], h=15)["mean"]
        np.testing.assert_allclose(path_GK[g, :ahead], expected_K[:ahead], rtol=1e-12)


@pytest.mark.parametrize(("error", "season"), [("add", None), ("mul", None), ("add", "add"), ("mul", "mul")])
def test_a_damped_trend_is_that_of_statsmodels(error: str, season: str | None) -> None:
    from statsforecast.ets import ets_f
    from statsmodels.tsa.exponential_smoothing.ets import ETSModel

    value_G = SERIES["multiplicative"]
    model = f"{error[0].upper()}A{season[0].upper() if season else 'N'}"
    fitted = ets_f(value_G[:TRAIN], m=12 if season else 1, model=model, damped=True)
    alpha, beta, gamma, phi, *state = fitted["par"]
    path_GK = ets.paths(fitted, value_G, 15)
    for g in (TRAIN - 1, 250, ROWS - 1):
        peer = ETSModel(
            value_G[: g + 1],
            error=error,
            trend="add",
            damped_trend=True,
            seasonal=season,
            seasonal_periods=12 if season else None,
            initialization_method="known",
            initial_level=state[0],
            initial_trend=state[1],
            initial_seasonal=state[2:][::-1] if season else None,
        )
        weights = [alpha, beta, gamma, phi] if season else [alpha, beta, phi]
        result = peer.smooth(np.array(weights))
        np.testing.assert_allclose(path_GK[g], result.forecast(15), rtol=1e-6)


def test_later_values_change_no_earlier_forecast() -> None:
    value_G = SERIES["trend and season"]
    fitted = ets.fit(value_G[:TRAIN], 12)
    other_G = np.where(TIME_T < 250, value_G, 3 * value_G)
    first_GK, second_GK = (ets.paths(fitted, each_G, 6) for each_G in (value_G, other_G))
    np.testing.assert_array_equal(first_GK[:250], second_GK[:250])
    assert not np.allclose(first_GK[250:], second_GK[250:])


def rmse(path_GK: Floats, value_G: Floats) -> float:
    row_N = np.arange(TRAIN - 1, ROWS - path_GK.shape[1])
    return float(np.sqrt(np.mean((path_GK[row_N] - value_G[row_N[:, None] + np.arange(1, path_GK.shape[1] + 1)]) ** 2)))


def test_a_trend_with_a_season_is_forecast_near_its_noise() -> None:
    value_G = SERIES["trend and season"]
    assert rmse(ets.paths(ets.fit(value_G[:TRAIN], 12), value_G, 12), value_G) < 1.15  # the noise has 1
