"""GJR-GARCH compared with the library that fits it, and independence of later returns."""

import numpy as np
import pytest

from core.baselines import garch
from core.errors import DataError


@pytest.fixture(scope="module")
def returns() -> np.ndarray:
    """1,500 simulated GJR-GARCH returns of about 1 %, the first one missing."""
    rng = np.random.default_rng(4)
    return_T, variance = np.empty(1500), 1e-4
    for t in range(len(return_T)):
        return_T[t] = np.sqrt(variance) * rng.standard_t(6) * np.sqrt(4 / 6)
        variance = 3e-6 + (0.03 + 0.10 * (return_T[t] < 0)) * return_T[t] ** 2 + 0.89 * variance
    return_T[0] = np.nan
    return return_T


@pytest.fixture(scope="module")
def fitted(returns: np.ndarray) -> garch.Garch:
    return garch.fit(returns, np.arange(1, 1200))


def test_variances_up_to_five_steps_equal_those_of_arch(returns: np.ndarray, fitted: garch.Garch) -> None:
    from arch import arch_model

    model = arch_model(100 * returns[1:], vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fixed = model.fix([100 * fitted.mean, 1e4 * fitted.omega, fitted.alpha, fitted.gamma, fitted.beta, fitted.dof])
    expected_TK = fixed.forecast(horizon=5, start=0, reindex=False).variance.to_numpy() / 1e4
    variance_TK = garch.variances(fitted, returns, 5)[1:]
    # After 200 steps the different starting values no longer matter.
    np.testing.assert_allclose(variance_TK[200:], expected_TK[200:], rtol=1e-6)


def test_parameters_equal_those_of_arch_on_the_training_rows(returns: np.ndarray, fitted: garch.Garch) -> None:
    from arch import arch_model

    peer = arch_model(100 * returns[1:1200], vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False).fit(disp="off")
    _, omega, alpha, gamma, beta, dof = peer.params
    assert (1e4 * fitted.omega, fitted.alpha, fitted.gamma, fitted.beta, fitted.dof) == pytest.approx(
        (omega, alpha, gamma, beta, dof), rel=0.02, abs=2e-3
    )
    assert fitted.persistence == pytest.approx(0.97, abs=0.05)


def test_variances_do_not_depend_on_later_returns(returns: np.ndarray, fitted: garch.Garch) -> None:
    changed = returns.copy()
    changed[1000:] *= 5
    before, after = (garch.variances(fitted, r, 3) for r in (returns, changed))
    np.testing.assert_array_equal(before[:1000], after[:1000])
    assert (before[1000] != after[1000]).all()
    refitted = garch.fit(np.concatenate([returns[:1200], changed[1200:]]), np.arange(1, 1200))
    assert refitted == fitted


def test_a_missing_return_leaves_the_expected_variance(returns: np.ndarray, fitted: garch.Garch) -> None:
    gappy = returns.copy()
    gappy[700] = np.nan
    variance_TK = garch.variances(fitted, gappy, 2)
    assert variance_TK[700, 0] == pytest.approx(variance_TK[699, 1])
    assert np.isfinite(variance_TK).all()


@pytest.mark.parametrize(
    ("series", "message"),
    [(np.full(300, 0.01), "do not|all 300"), (np.arange(50.0), "50; at"), (np.full(300, np.nan), "there are 0")],
)
def test_returns_that_cannot_be_fitted_are_rejected(series: np.ndarray, message: str) -> None:
    with pytest.raises(DataError, match=message):
        garch.fit(series, np.arange(len(series)))
