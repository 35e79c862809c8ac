"""Ten kinds of signal in daily returns, each of which explains a fifth of the variance of the next return.

Of a return r_t = m_t + e_t with independent e_t the part m_t follows from the past: nobody can forecast more of it.
"""

import math
from collections.abc import Callable

import numpy as np

from core.types import Floats

SHARE = 0.2  # of the variance of a return; at a tenth even the true m_t is found significant in 95 % of draws only
NOISE = 0.01  # standard deviation of e_t
STAY = 0.98  # the probability that a regime goes on for another day
COLUMNS = ("x", "z")  # of a frame, next to its bars: standard normal, independent

Rule = Callable[[int, Floats, Floats, Floats], float]  # (t, returns in units of NOISE, columns, regime) → m_t, unscaled


def _when_large(past_T: Floats, t: int) -> float:
    return float(past_T[t - 1]) if abs(past_T[t - 1]) > 1.5 else 0.0


# What m_t is proportional to. Returns are in units of NOISE.
RULES: dict[str, Rule] = {
    "threshold": lambda t, past_T, x_TC, calm_T: float(np.sign(past_T[t - 1]) * (abs(past_T[t - 1]) > 1)),
    "weekly": lambda t, past_T, x_TC, calm_T: (1.0, 0.0, 0.0, 0.0, -1.0)[t % 5],
    "lag 40": lambda t, past_T, x_TC, calm_T: float(past_T[t - 40]) if t >= 40 else 0.0,
    "regime": lambda t, past_T, x_TC, calm_T: float(past_T[t - 1]) * (1 - calm_T[t]),
    "exogenous lag 1": lambda t, past_T, x_TC, calm_T: float(x_TC[t - 1, 0]),
    "exogenous lag 10": lambda t, past_T, x_TC, calm_T: float(x_TC[t - 10, 0]) if t >= 10 else 0.0,
    "interaction": lambda t, past_T, x_TC, calm_T: float(x_TC[t - 1].prod()),
    "sign product": lambda t, past_T, x_TC, calm_T: float(np.sign(past_T[t - 1] * past_T[t - 2])),
    "mean reversion": lambda t, past_T, x_TC, calm_T: -float(past_T[:t].sum()),
    "large moves revert": lambda t, past_T, x_TC, calm_T: -_when_large(past_T, t),
}
EXTRA = {"exogenous lag 1": COLUMNS[:1], "exogenous lag 10": COLUMNS[:1], "interaction": COLUMNS}


def simulate(kind: str, rows: int, rng: np.random.Generator) -> tuple[Floats, dict[str, Floats]]:
    """The log returns (T,) of one draw, and the columns that belong to its frame.

    The scale of m_t is found by bisection: with its own past in it, a return has no variance in closed form. In the
    regime of momentum noise is twice as large as in the calm one, so that the regime can be seen.
    """
    noise_T, x_TC = rng.normal(size=rows), rng.normal(size=(rows, len(COLUMNS)))
    calm_T = (np.cumsum(rng.random(rows) > STAY) % 2).astype(float)
    if kind == "regime":
        noise_T = noise_T * np.where(calm_T > 0, 0.5, 1.0)
    low, high = 0.0, 1.0
    for _ in range(25):
        scale = (low + high) / 2
        return_T, mean_T = _follow(RULES[kind], scale, noise_T, x_TC, calm_T)
        share = mean_T.var() / return_T.var()
        low, high = (scale, high) if math.isfinite(share) and share < SHARE else (low, scale)
    return NOISE * return_T, {name: x_TC[:, COLUMNS.index(name)] for name in EXTRA.get(kind, ())}


def _follow(rule: Rule, scale: float, noise_T: Floats, x_TC: Floats, calm_T: Floats) -> tuple[Floats, Floats]:
    """The returns and their forecastable part, (T,) each, in units of NOISE."""
    return_T, mean_T = noise_T.copy(), np.zeros(len(noise_T))
    for t in range(2, len(noise_T)):
        mean_T[t] = scale * rule(t, return_T, x_TC, calm_T)
        return_T[t] += mean_T[t]
    return return_T, mean_T
