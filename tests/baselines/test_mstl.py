"""MSTL: forecasts at the cutoffs of a decomposition next to statsforecast, and the others between them."""

from collections.abc import Callable

import numpy as np
import pytest

from core.baselines import ets, mstl, registry
from core.baselines.baseline import forecast_rows
from core.baselines.regular import regular
from core.baselines.series import by_symbol
from core.datasets import windows
from core.errors import DataError
from core.spec import Spec
from tests.baselines.test_ets import ROWS, SERIES, TIME_T, TRAIN, rmse
from tests.baselines.test_seasonal_decomposition import prepare
from tests.datasets.test_seasons import daily_and_weekly

Recipe = Callable[..., Spec]
PERIODS = (12, 30)


@pytest.mark.parametrize("name", ["walk", "multiplicative", "trend and season"])
def test_forecasts_equal_those_of_statsforecast_without_a_refit(name: str) -> None:
    from statsforecast.models import MSTL

    value_G = SERIES[name]
    path_GK = mstl.paths(value_G, TRAIN, PERIODS, 15)
    peer = MSTL(list(PERIODS)).fit(value_G[:TRAIN])
    assert peer.trend_forecaster.model_["components"][3] == "N"  # no damping, which the library counts twice
    assert np.isnan(path_GK[: TRAIN - 1]).all() and np.isfinite(path_GK[TRAIN - 1 :]).all()
    for g in range(TRAIN - 1, ROWS, PERIODS[1]):
        np.testing.assert_allclose(path_GK[g], peer.forward(value_G[: g + 1], h=15)["mean"], rtol=1e-9)


def test_between_two_decompositions_the_latest_cycle_is_repeated() -> None:
    from statsforecast.models import MSTL

    value_G, last, g = SERIES["multiplicative"], TRAIN - 1, TRAIN + 20
    path_GK = mstl.paths(value_G, TRAIN, PERIODS, 15)
    peer = MSTL(list(PERIODS)).fit(value_G[: last + 1])
    parts = peer.model_[["seasonal12", "seasonal30"]].to_numpy()
    later = [[parts[last + 1 - m + k % m, i] for i, m in enumerate(PERIODS)] for k in range(g - last + 15)]
    season_T = np.concatenate([parts, later]).sum(axis=1)
    rest_K = peer.trend_forecaster.forward(value_G[: g + 1] - season_T[: g + 1], h=15)["mean"]
    np.testing.assert_allclose(path_GK[g], rest_K + season_T[g + 1 : g + 16], rtol=1e-9)


def test_later_values_change_no_earlier_forecast() -> None:
    value_G = SERIES["multiplicative"]
    other_G = np.where(TIME_T < 250, value_G, 3 * value_G)
    first_GK, second_GK = (mstl.paths(each_G, TRAIN, PERIODS, 6) for each_G in (value_G, other_G))
    np.testing.assert_array_equal(first_GK[:250], second_GK[:250])
    assert not np.allclose(first_GK[250:], second_GK[250:])


def test_without_a_season_it_is_exponential_smoothing() -> None:
    value_G = SERIES["walk"]
    expected_GK = ets.paths(ets.fit(value_G[:TRAIN], 1), value_G, 5)
    np.testing.assert_array_equal(mstl.paths(value_G, TRAIN, (), 5)[TRAIN - 1 :], expected_GK[TRAIN - 1 :])


def test_a_trend_with_a_season_is_forecast_near_its_noise() -> None:
    value_G = SERIES["trend and season"]
    assert rmse(mstl.paths(value_G, TRAIN, (12,), 12), value_G) < 1.2  # the noise has 1


def test_more_work_than_allowed_is_a_reason_and_counts_all_symbols(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The work is counted by watching the decompositions of one symbol."""
    pattern_T, noise_T = daily_and_weekly(1500)
    prepared = prepare(recipe, 3, A=100 + pattern_T + noise_T)
    [(_, series)] = by_symbol(prepared)
    history = regular(series, "MSTL")
    seen: list[int] = []
    original = mstl._seasonal
    monkeypatch.setattr(mstl, "_seasonal", lambda *given: seen.append(sum(given[1])) or original(*given))
    mstl.paths(history.value_G, history.train, history.periods, history.ahead)
    work = len(history.value_G) * sum(seen[1:])  # the first is that of the fit
    monkeypatch.setattr(mstl, "WORK", work)
    assert mstl.fit(prepared)
    twice = prepare(recipe, 3, A=100 + pattern_T + noise_T, B=100 + pattern_T + noise_T)
    with pytest.raises(DataError, match=r"2\.0 times the work that MSTL is allowed"):
        mstl.fit(twice)


def test_a_day_and_a_week_are_forecast_and_a_symbol_without_a_season_too(recipe: Recipe) -> None:
    pattern_T, noise_T = daily_and_weekly(2000)
    walk_T = 100 + np.cumsum(noise_T)
    prepared = prepare(recipe, 24, A=100 + pattern_T + noise_T, B=walk_T)
    yhat_NH = registry.fit(mstl.MSTL, prepared)(prepared.splits.test)
    test = prepared.splits.test
    assert np.isfinite(yhat_NH).all()
    for symbol, low, high in ((0, 0.9, 1.2), (1, 1.0, 6.0)):
        own_N = test.symbol_N == symbol
        assert low < float(np.sqrt(np.mean((yhat_NH - test.y_NH)[own_N] ** 2))) < high
    with pytest.raises(DataError, match="no season"):
        mstl.fit(prepare(recipe, 3, A=walk_T))


def test_a_forecast_does_not_depend_on_later_rows_of_the_recipe(recipe: Recipe) -> None:
    pattern_T, noise_T = daily_and_weekly(1500)
    level_T = 100 + pattern_T + noise_T
    other_T = np.where(np.arange(1500) < 1400, level_T, level_T + 5)
    before, after = (prepare(recipe, 3, A=value_T) for value_T in (level_T, other_T))
    first_TH, second_TH = (forecast_rows(mstl.forecast, each) for each in (before, after))
    assert isinstance(before, windows.Prepared)
    np.testing.assert_array_equal(first_TH[:1400], second_TH[:1400])
    assert not np.array_equal(first_TH[1400:1500], second_TH[1400:1500])
