"""Errors by group by hand; the test of their correlation against statsmodels, and its rate of false alarms."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.errors import SpecError
from core.evaluation import residuals
from core.evaluation.residuals import Residuals
from core.types import Floats, Run


def errors(
    own: Floats, reference: Floats | None = None, trailing: Floats | None = None, times: pd.DatetimeIndex | None = None
) -> Residuals:
    count = len(own)
    when = pd.bdate_range("2019-12-30", periods=count) if times is None else times
    return Residuals(
        model="lstm",
        reference="mean",
        unit="log return",
        step=1,
        time_N=when.to_numpy(),
        error_N=own,
        reference_N=np.ones(count) if reference is None else reference,
        volatility_N=np.arange(count, dtype=float) if trailing is None else trailing,
    )


def test_regimes_are_thirds_by_what_was_known_at_the_cutoff() -> None:
    result = residuals.group_by_regime(
        errors(
            np.array([1.0, 1.0, 2.0, 2.0, 0.5, 0.5, 9.0]),
            2 * np.ones(7),
            np.array([1.0, 2.0, 50.0, 60.0, 9.0, 8.0, np.nan]),
        )
    )
    assert (result.names, result.count_G) == (("calm", "middle", "stormy"), (2, 2, 2))
    np.testing.assert_allclose(result.rmse_G, [1.0, 0.5, 2.0])
    np.testing.assert_allclose(result.skill_G, [0.5, 0.75, 0.0])


def test_weekdays_and_years_are_those_of_the_forecast_time() -> None:
    result = errors(np.arange(1.0, 6.0))  # Monday 2019-12-30 to Friday 2020-01-03
    days = residuals.group_by_weekday(result)
    assert days.names == ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    np.testing.assert_allclose(days.rmse_G, np.arange(1.0, 6.0))
    assert residuals.group_by_year(result).names == ("2019–2020",)  # too few for a year alone
    times = pd.date_range("2019-12-12", periods=40)
    years = residuals.group_by_year(errors(np.repeat([1.0, 3.0], 20), times=times))
    assert (years.names, years.count_G) == (("2019", "2020"), (20, 20))
    np.testing.assert_allclose(years.rmse_G, [1.0, 3.0])
    np.testing.assert_allclose(years.skill_G, [0.0, -2.0])


def test_hours_stand_in_for_weekdays_within_the_day() -> None:
    times = pd.DatetimeIndex(
        [pd.Timestamp("2020-01-01") + pd.Timedelta(days=d, hours=h) for d in range(4) for h in (9, 10, 15)]
    )
    result = residuals.group_by_weekday(errors(np.tile([1.0, 2.0, 3.0], 4), times=times))
    assert (result.by, result.names, result.count_G) == ("hour", ("09:00", "10:00", "15:00"), (4, 4, 4))
    np.testing.assert_allclose(result.rmse_G, [1.0, 2.0, 3.0])


def test_a_reference_without_error_and_a_constant_volatility_are_undefined() -> None:
    result = errors(np.ones(6), np.zeros(6), np.full(6, np.nan))
    assert np.isnan(residuals.group_by_year(result).skill_G).all()
    assert residuals.group_by_regime(result).names == ()
    assert residuals.group_by_regime(errors(np.ones(6), trailing=np.zeros(6))).names == ()


def test_the_p_value_is_that_of_statsmodels_at_constant_volatility() -> None:
    from statsmodels.stats.diagnostic import acorr_ljungbox

    signs = np.random.default_rng(0).permutation(np.repeat([-1.0, 1.0], 60))  # squares are equal: no correction
    theirs = acorr_ljungbox(signs, lags=[10])["lb_pvalue"].item()
    assert residuals.ljung_box(signs) == pytest.approx(theirs, rel=1e-9)


def test_correlations_are_those_of_statsmodels() -> None:
    from statsmodels.tsa.stattools import acf

    noise = np.random.default_rng(0).normal(size=200)
    result = residuals.autocorrelation(noise, 1)
    np.testing.assert_allclose(result.value_K, acf(noise, nlags=20)[1:], atol=1e-12)
    assert (result.lag_K, result.step) == (tuple(range(1, 21)), 1)
    assert np.all(result.limit_K >= 1.96 / np.sqrt(200))


def test_changing_volatility_is_no_correlation() -> None:
    rng = np.random.default_rng(0)
    alarms = 0
    for _ in range(200):
        volatility = np.exp(np.convolve(rng.normal(size=549), np.full(50, 0.15), "valid"))
        alarms += residuals.ljung_box(volatility * rng.normal(size=500)) < 0.05
    assert alarms / 200 < 0.10


def test_correlated_errors_are_found_beyond_the_overlap_alone() -> None:
    rng = np.random.default_rng(0)
    overlap = np.convolve(rng.normal(size=1004), np.ones(5), "valid")  # as errors five steps ahead are at best
    result = residuals.autocorrelation(overlap, 5)
    assert result.value_K[0] > 0.7 and result.lag_K[-1] == 24
    assert result.p_value > 0.05
    assert residuals.autocorrelation(overlap, 1).p_value < 1e-6


@pytest.mark.parametrize(
    "error_N",
    [np.ones(100), np.zeros(100), np.array([1.0, 2.0]), np.array([])],
    ids=["constant", "zero", "two", "none"],
)
def test_errors_without_correlation_to_measure(error_N: Floats) -> None:
    result = residuals.autocorrelation(error_N, 1)
    assert math.isnan(result.p_value)
    assert not result.value_K.any()


def test_a_finished_run_gives_the_errors_of_its_table(finished: Run) -> None:
    result = residuals.compute(finished, "A", 5)
    assert np.sqrt(np.mean(result.error_N**2)) == pytest.approx(finished.evaluation.scores["lstm"]["rmse"])
    reference = finished.evaluation.verdict.reference
    assert np.sqrt(np.mean(result.reference_N**2)) == pytest.approx(finished.evaluation.scores[reference]["rmse"])
    assert sum(residuals.group_by_regime(result).count_G) == finished.rows["test"]
    with pytest.raises(SpecError, match="no forecast of A 4 steps ahead"):
        residuals.compute(finished, "A", 4)


def test_the_regime_uses_nothing_after_the_cutoff(finished: Run) -> None:
    cut = finished.forecast.loc[finished.forecast["part"] == "test", "cutoff"].min()
    later = finished.frame.copy()
    later.loc[later.index > cut] *= 3.0
    one, two = (residuals.compute(run, "A", 5).volatility_N for run in (finished, replace(finished, frame=later)))
    assert one[0] == two[0] and one[1] != two[1]
