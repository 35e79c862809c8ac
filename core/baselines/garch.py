"""GJR-GARCH(1,1) with Student-t shocks: a standard model of the variance of returns.

Axis letters: T rows, K steps ahead.
"""

from dataclasses import dataclass

import numpy as np

from core.errors import DataError
from core.language import join, message
from core.types import Floats, Ints

LEAST = 100  # training returns: fewer cannot identify five parameters of a slow process


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
        """The share of today's variance that is expected tomorrow; half of the shocks are negative."""
        return self.alpha + self.gamma / 2 + self.beta


def fit(return_T: Floats, train_T: Ints) -> Garch:
    """GJR-GARCH(1,1)-t (Glosten, Jagannathan & Runkle 1993) of the log returns at rows `train_T`, by likelihood.

    Missing returns are left out. Raises DataError if there are too few, or if they do not vary.
    """
    from arch import arch_model

    known_T = return_T[np.asarray(train_T, dtype=np.int64)]
    known_T = known_T[np.isfinite(known_T)]
    if len(known_T) < LEAST:
        raise DataError(
            join(
                [
                    message(
                        "GARCH is fitted on the returns of the training split, and there are {count}; at least {least} "
                        "are needed.",
                        count=len(known_T),
                        least=LEAST,
                    ),
                    message("Make the training split larger, or load more history."),
                ]
            )
        )
    spread = float(np.std(known_T))
    if spread <= 1e-12 * max(1.0, float(np.abs(known_T).max())):
        raise DataError(
            join(
                [
                    message(
                        "GARCH models how much returns vary, and all {count} of the training split are {value}.",
                        count=len(known_T),
                        value=f"{known_T[0]:.4g}",
                    ),
                    message("Choose a series that changes."),
                ]
            )
        )
    model = arch_model(known_T / spread, mean="Constant", vol="GARCH", p=1, o=1, q=1, dist="t", rescale=False)
    result = model.fit(disp="off", show_warning=False)
    mean, omega, alpha, gamma, beta, dof = (float(value) for value in result.params)
    if not np.isfinite(result.params.to_numpy()).all():
        raise DataError(
            join(
                [
                    message("GARCH did not converge on the {count} returns of the training split.", count=len(known_T)),
                    message("Check the series for outliers, or make the training split larger."),
                ]
            )
        )
    # arch starts its recursion from a smoothed variance of the first returns; so does `variances`.
    first = float(result.conditional_volatility[0]) ** 2
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
    """Variance of each of the next `horizon` one-step returns at every cutoff row, from returns up to it: (T, K).

    A missing return leaves the variance at its expectation. Nothing is fitted: the recursion runs forward with fixed
    parameters, and several steps ahead on its own expectation.
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
