"""The mean of a forecast, by the network and by quantiles, against numerical integration and known distributions."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate, stats

from core.datasets.targets import TARGETS, TargetKind, kind_of
from core.forecasting import distribution
from core.forecasting.table import QUANTILE_LEVELS
from core.spec import MEAN, QUANTILES, Target


@pytest.mark.parametrize("levels", [QUANTILES, QUANTILE_LEVELS])
def test_the_mean_integrates_the_quantile_function(levels: tuple[float, ...]) -> None:
    level_Q, value_Q = np.array(levels), np.array([-3.0, -1.0, 0.0, 0.0, 2.0, 7.0, 8.0, 9.0, 20.0])[: len(levels)]
    low_beta, high_beta = (
        (value_Q[1] - value_Q[0]) / np.log(level_Q[1] / level_Q[0]),
        (value_Q[-1] - value_Q[-2]) / np.log((1 - level_Q[-2]) / (1 - level_Q[-1])),
    )

    def quantile(p: float) -> float:
        if p < level_Q[0]:
            return float(value_Q[0] + low_beta * np.log(p / level_Q[0]))
        if p > level_Q[-1]:
            return float(value_Q[-1] + high_beta * np.log((1 - level_Q[-1]) / (1 - p)))
        return float(np.interp(p, level_Q, value_Q))

    expected = integrate.quad(quantile, 0, 1, points=levels, limit=500)[0]
    assert distribution.expectation(value_Q[None, None], levels)[0, 0] == pytest.approx(expected, rel=1e-6)
    assert distribution.mean_weights(levels).sum() == pytest.approx(1)
    assert (np.cumsum(distribution.mean_weights(levels)[::-1]) > 0).all()  # it rises with every quantile


@pytest.mark.parametrize(
    "family", [stats.norm(1, 2), stats.t(5), stats.expon(), stats.lognorm(1), stats.gamma(0.5), stats.uniform()]
)
def test_the_mean_of_known_families_is_near(family: stats.rv_continuous) -> None:
    mean = distribution.expectation(family.ppf(QUANTILES)[None, None])[0, 0]
    assert mean == pytest.approx(family.mean(), abs=0.03 * family.std())
    if family.dist.name == "lognorm":  # for which the median is far off
        assert abs(family.median() - family.mean()) > 0.25 * family.std()


@pytest.mark.parametrize(("name", "log"), [("close", False), ("close", True), ("volatility", False)])
def test_the_mean_is_on_the_scale_of_scores(name: str, log: bool) -> None:
    """The mean of the network's normal in the scale on which errors are measured: 5,000 draws decide."""
    kind = kind_of(Target(kind=name), log)
    center, spread = (1.0, 0.8) if log or kind.volatility else (100.0, 3.0)
    quantile_Q = stats.norm(center, spread).ppf(QUANTILES)
    output_NHO = np.append(quantile_Q, center)[None, None]
    drawn = kind.to_user(stats.norm(center, spread).ppf((np.arange(5000) + 0.5) / 5000))
    expected = kind.to_score(drawn).mean()
    assert kind.to_score(distribution.mean(output_NHO, kind))[0, 0] == pytest.approx(expected, rel=0.03)
    implied = distribution.integrate(quantile_Q[None, None], kind, QUANTILES)
    assert kind.to_score(implied)[0, 0] == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(("name", "log"), [("close", False), ("close", True), ("volatility", False)])
def test_the_slope_is_the_derivative_of_the_mean(name: str, log: bool) -> None:
    kind = kind_of(Target(kind=name), log)
    output_NHO = np.sort(np.random.default_rng(0).normal(1, 0.5, (3, 2, MEAN + 1)))
    slope_NHO = distribution.mean_slope(output_NHO, kind)
    for o in range(MEAN + 1):
        step = np.eye(MEAN + 1)[o] * 1e-6
        numeric = (distribution.mean(output_NHO + step, kind) - distribution.mean(output_NHO - step, kind)) / 2e-6
        np.testing.assert_allclose(slope_NHO[:, :, o], numeric, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("kind", [*TARGETS.values(), replace(TARGETS["close"], from_level=np.log, to_user=np.exp)])
def test_model_units_come_back_from_the_users_units(kind: TargetKind) -> None:
    y = np.array([0.1, 0.7, 1.5])
    np.testing.assert_allclose(kind.to_model(kind.to_user(y)), y, rtol=1e-12)
    if kind.scored_as_learned:
        np.testing.assert_allclose(kind.to_score(kind.to_user(y)), y, rtol=1e-12)
