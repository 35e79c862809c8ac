"""GJR-GARCH against the library that fits it, and what it may know."""

import numpy as np
import pytest

from core.baselines import garch
from core.errors import DataError


@pytest.fixture(scope="module")
def returns() -> np.ndarray:
    """A process whose variance follows its shocks: 1,500 returns of about 1 %, the first unknown."""
    rng = np.random.default_rng(4)
    made, variance = np.empty(1500), 1e-4
    for t in range(len(made)):
        made[t] = np.sqrt(variance) * rng.standard_t(6) * np.sqrt(4 / 6)
        variance = 3e-6 + (0.03 + 0.10 * (made[t] < 0)) * made[t] ** 2 + 0.89 * variance
    made[0] = np.nan
    return made


@pytest.fixture(scope="module")
def fitted(returns: np.ndarray) -> garch.Garch:
    return garch.fit(returns, np.arange(1, 1200))


def test_one_and_five_steps_agree_with_arch(returns: np.ndarray, fitted: garch.Garch) -> None:
    from arch import arch_model

    model = arch_model(100 * returns[1:], vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    fixed = model.fix([100 * fitted.mean, 1e4 * fitted.omega, fitted.alpha, fitted.gamma, fitted.beta, fitted.dof])
    expected_TK = fixed.forecast(horizon=5, start=0, reindex=False).variance.to_numpy() / 1e4
    made_TK = garch.variances(fitted, returns, 5)[1:]
    np.testing.assert_allclose(made_TK[200:], expected_TK[200:], rtol=1e-6)  # how the two begin is forgotten by then


def test_parameters_are_those_of_arch_on_the_training_rows(returns: np.ndarray, fitted: garch.Garch) -> None:
    from arch import arch_model

    found = arch_model(100 * returns[1:1200], vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False).fit(disp="off")
    _, omega, alpha, gamma, beta, dof = found.params
    assert (1e4 * fitted.omega, fitted.alpha, fitted.gamma, fitted.beta, fitted.dof) == pytest.approx(
        (omega, alpha, gamma, beta, dof), rel=0.02, abs=2e-3
    )
    assert fitted.persistence == pytest.approx(0.97, abs=0.05)


def test_nothing_after_a_cutoff_moves_its_variance(returns: np.ndarray, fitted: garch.Garch) -> None:
    changed = returns.copy()
    changed[1000:] *= 5
    before, after = (garch.variances(fitted, r, 3) for r in (returns, changed))
    np.testing.assert_array_equal(before[:1000], after[:1000])
    assert (before[1000] != after[1000]).all()
    refitted = garch.fit(np.concatenate([returns[:1200], changed[1200:]]), np.arange(1, 1200))
    assert refitted == fitted


def test_a_missing_return_leaves_what_was_expected(returns: np.ndarray, fitted: garch.Garch) -> None:
    holed = returns.copy()
    holed[700] = np.nan
    made_TK = garch.variances(fitted, holed, 2)
    assert made_TK[700, 0] == pytest.approx(made_TK[699, 1])
    assert np.isfinite(made_TK).all()


@pytest.mark.parametrize(
    ("series", "words"),
    [(np.full(300, 0.01), "do not|all 300"), (np.arange(50.0), "50; at"), (np.full(300, np.nan), "there are 0")],
)
def test_what_cannot_be_fitted_is_said(series: np.ndarray, words: str) -> None:
    with pytest.raises(DataError, match=words):
        garch.fit(series, np.arange(len(series)))
