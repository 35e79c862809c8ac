"""GJR-GARCH(1,1) with Student-t shocks: the variance of returns, calm and stormy, as econometrics knows it.

Axis letters: T rows, K sessions ahead.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.types import Floats, Ints

LEAST = 100  # training returns; five parameters of a slow process cannot be told from fewer


@dataclass(frozen=True, slots=True, kw_only=True)
class Garch:
    """A fitted process, in units of the returns (variances in their square).

    variance(t) = omega + (alpha + gamma · [shock(t−1) < 0]) · shock(t−1)² + beta · variance(t−1), shocks are returns
    less `mean`; `dof` are the degrees of freedom of the shocks, `first` is the variance of the first return.
    """

    mean: float
    omega: float
    alpha: float
    gamma: float
    beta: float
    dof: float
    first: float

    @property
    def persistence(self) -> float:
        """The share of today's variance that is expected to last until tomorrow; a shock is negative half the time."""
        return self.alpha + self.gamma / 2 + self.beta


def fit(return_T: Floats, train_T: Ints) -> Garch:
    """GJR-GARCH(1,1)-t (Glosten, Jagannathan & Runkle 1993) of the log returns at rows `train_T`, by likelihood.

    Returns that are missing are left out. Raises DataError where there are too few, or where they do not vary.
    """
    from arch import arch_model

    seen_T = return_T[np.asarray(train_T, dtype=np.int64)]
    seen_T = seen_T[np.isfinite(seen_T)]
    if len(seen_T) < LEAST:
        raise DataError(
            f"GARCH is fitted on returns of the training part, and there are {len(seen_T)}; at least "
            f"{LEAST} are needed. Make the training part larger, or load more history."
        )
    spread = float(np.std(seen_T))
    if spread <= 1e-12 * max(1.0, float(np.abs(seen_T).max())):
        raise DataError(
            f"GARCH follows how much returns vary, and all {len(seen_T)} of the training part are "
            f"{seen_T[0]:.4g}. Choose a series that moves."
        )
    model = arch_model(seen_T / spread, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    found = model.fit(disp="off", show_warning=False)
    mean, omega, alpha, gamma, beta, dof = (float(value) for value in found.params)
    if not np.isfinite(found.params.to_numpy()).all():
        raise DataError(
            f"GARCH found no parameters for the {len(seen_T)} returns of the training part. Look for "
            "outliers in the series, or make the training part larger."
        )
    # arch starts its recursion from a smoothed variance of the first returns; so does `variances`.
    first = float(found.conditional_volatility[0]) ** 2
    return Garch(
        mean=mean * spread,
        omega=omega * spread**2,
        alpha=alpha,
        gamma=gamma,
        beta=beta,
        dof=dof,
        first=first * spread**2,
    )


def variances(garch: Garch, return_T: Floats, horizon: int) -> Floats:
    """Variance of each of the next `horizon` one-session returns at every cutoff row, from returns up to it: (T, K).

    A missing return leaves the variance at what was expected. Nothing is fitted: the recursion runs forward with the
    parameters as they are, and several sessions ahead on its own expectation.
    """
    next_T, variance = np.empty(len(return_T)), garch.first
    started = False
    for t, value in enumerate(return_T):
        if np.isfinite(value):
            started = True
            shock = value - garch.mean
            weight = garch.alpha + (garch.gamma if shock < 0 else 0.0)
            variance = garch.omega + weight * shock**2 + garch.beta * variance
        elif started:
            variance = garch.omega + garch.persistence * variance
        next_T[t] = variance
    result_TK = np.empty((len(return_T), horizon))
    for k in range(horizon):
        result_TK[:, k] = next_T if k == 0 else garch.omega + garch.persistence * result_TK[:, k - 1]
    return result_TK
