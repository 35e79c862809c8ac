"""The alarms: a copy of yesterday by its lag, and the bounds beyond which a result is too good to be true."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.datasets.targets import TARGETS
from core.evaluation import alarms
from core.evaluation.verdict import verdict
from core.forecasting.table import Matrix

RNG = np.random.default_rng(0)
WALK = 100 + np.cumsum(RNG.normal(size=400))


def matrix(yhat: np.ndarray, symbols: int = 1) -> Matrix:
    y, last = WALK[1:], WALK[:-1]

    def stack(v: np.ndarray) -> np.ndarray:
        return np.concatenate([v * 10**s for s in range(symbols)])[:, None]

    return Matrix(
        y_NH=stack(y),
        yhat_NH={"lstm": stack(yhat), "last_value": stack(last)},
        cutoff_N=np.tile(np.arange(len(y)).astype("M8[D]"), symbols),
        symbol_N=np.repeat(np.arange(symbols), len(y)),
        symbols=("A", "B")[:symbols],
        steps=(1,),
    )


@pytest.mark.parametrize("late", [-3, -1, 0, 1, 4])
def test_moves_agree_at_the_lag_by_which_the_forecast_is_late(late: int) -> None:
    moves = RNG.normal(size=400)
    y, yhat = np.cumsum(moves)[20:-20], np.cumsum(moves)[20 - late : 380 - late]
    found = alarms.lags(yhat, y)
    assert max(found, key=lambda lag: found[lag]) == -late
    assert found[-late] == pytest.approx(1.0)
    assert list(found) == list(range(-5, 6))


def test_the_alarm_names_the_lag() -> None:
    found = alarms.copies_yesterday("lstm", matrix(WALK[:-1] + 0.05 * RNG.normal(size=399)))
    assert found is not None and " at lag −1 and " in found.text
    bad = matrix(100 + 0.2 * (WALK[:-1] - 100) + 0.02 * RNG.normal(size=399), symbols=2)  # looks bad, and copies too
    assert alarms.copies_yesterday("lstm", bad) is not None
    assert alarms.copies_yesterday("lstm", matrix(WALK[1:] + 0.3 * RNG.normal(size=399))) is None


def test_what_does_not_move_raises_nothing() -> None:
    assert alarms.copies_yesterday("lstm", matrix(np.full(399, 100.0))) is None
    assert alarms.lags(np.full(50, 1.0), WALK[:50]) == {}
    assert alarms.lags(WALK[:10], WALK[:10]) == {}


@pytest.mark.parametrize(
    ("kind", "horizon", "skill", "p_value", "fires"),
    [
        ("log_return", 1, 0.06, 0.001, True),
        ("log_return", 1, 0.04, 0.001, False),
        ("log_return", 1, 0.06, 0.2, False),
        ("log_return", 5, 0.10, 0.001, False),
        ("log_return", 5, 0.12, 0.001, True),
        ("close", 250, 0.16, 0.001, True),
        ("volatility", 5, 0.30, 0.001, False),
        ("volatility", 5, 0.36, 0.001, True),
        ("column", 1, 0.99, 0.001, False),
    ],
)
def test_what_is_too_good_depends_on_the_target(
    kind: str, horizon: int, skill: float, p_value: float, fires: bool
) -> None:
    found = alarms.excess(verdict("lstm", "mean", skill, p_value), TARGETS[kind], horizon)
    assert (found is not None) == fires
    if found:
        assert found.startswith(f"A skill of {skill:.1%} is more than forecasts of ")


def test_a_bound_of_skill_is_the_bound_of_hits() -> None:
    """A skill of 5 % is a correlation of .31, and so a hit rate of .60 (Gaussian, sign of the median): ½ + asin ρ /
    π."""
    correlation = math.sqrt(1 - (1 - alarms.MOST_SKILL["log_return"]) ** 2)
    assert 0.5 + math.asin(correlation) / math.pi == pytest.approx(0.54 + alarms.MOST_HITS, abs=0.005)


@pytest.mark.parametrize(("hits", "low", "fires"), [(0.643, 0.61, True), (0.59, 0.56, False), (0.643, 0.50, False)])
def test_hits_are_bounded_above_the_majority_share(hits: float, low: float, fires: bool) -> None:
    tests = {"hit_rate": hits, "hit_low": low, "hit_high": 0.7, "majority_share": 0.54}
    said = replace(verdict("lstm", "mean", 0.02, 0.001), tests=tests)
    assert (alarms.excess(said, TARGETS["direction"], 1) is not None) == fires
