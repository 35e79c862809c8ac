"""The alarms: a forecast that repeats the last value, and a result beyond what its target allows."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.datasets.targets import TARGETS
from core.evaluation import alarms
from core.evaluation.verdict import build_verdict
from core.forecasting.table import ForecastMatrix

RNG = np.random.default_rng(0)
WALK = 100 + np.cumsum(RNG.normal(size=400))


def matrix(yhat: np.ndarray, symbols: int = 1) -> ForecastMatrix:
    y, last = WALK[1:], WALK[:-1]

    def stack(v: np.ndarray) -> np.ndarray:
        return np.concatenate([v * 10**s for s in range(symbols)])[:, None]

    return ForecastMatrix(
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
    by_lag = alarms.cross_correlation(yhat, y)
    assert max(by_lag, key=lambda lag: by_lag[lag]) == -late
    assert by_lag[-late] == pytest.approx(1.0)
    assert list(by_lag) == list(range(-5, 6))


def test_the_alarm_names_the_lag_and_has_a_title() -> None:
    alarm = alarms.check_persistence("lstm", matrix(WALK[:-1] + 0.05 * RNG.normal(size=399)))
    assert alarm is not None and " at lag −1 and " in alarm.text
    assert alarms.TITLES[alarm.name] == "Just repeats the last value"
    bad = matrix(100 + 0.2 * (WALK[:-1] - 100) + 0.02 * RNG.normal(size=399), symbols=2)  # a poor level, and late moves
    assert alarms.check_persistence("lstm", bad) is not None
    assert alarms.check_persistence("lstm", matrix(WALK[1:] + 0.3 * RNG.normal(size=399))) is None


def test_series_that_do_not_move_raise_no_alarm() -> None:
    assert alarms.check_persistence("lstm", matrix(np.full(399, 100.0))) is None
    assert alarms.cross_correlation(np.full(50, 1.0), WALK[:50]) == {}
    assert alarms.cross_correlation(WALK[:10], WALK[:10]) == {}


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
def test_the_largest_plausible_skill_depends_on_the_target(
    kind: str, horizon: int, skill: float, p_value: float, fires: bool
) -> None:
    excess = alarms.describe_excess_skill(build_verdict("lstm", "mean", skill, p_value), TARGETS[kind], horizon)
    assert (excess is not None) == fires
    if excess:
        assert excess.startswith(f"A skill of {skill:.1%} is more than forecasts of ")


def test_the_bounds_of_skill_and_of_hits_agree() -> None:
    """A skill of 5 % is a correlation of .31, and so a hit rate of .60 (Gaussian, sign of the median): ½ + asin ρ /
    π."""
    correlation = math.sqrt(1 - (1 - (TARGETS["log_return"].max_skill or 0.0)) ** 2)
    assert 0.5 + math.asin(correlation) / math.pi == pytest.approx(0.54 + alarms.MAX_HIT_EXCESS, abs=0.005)


@pytest.mark.parametrize(("hits", "low", "fires"), [(0.643, 0.61, True), (0.59, 0.56, False), (0.643, 0.50, False)])
def test_hits_are_bounded_above_the_majority_share(hits: float, low: float, fires: bool) -> None:
    tests = {"hit_rate": hits, "hit_low": low, "hit_high": 0.7, "majority_share": 0.54}
    verdict = replace(build_verdict("lstm", "mean", 0.02, 0.001), tests=tests)
    assert (alarms.describe_excess_skill(verdict, TARGETS["direction"], 1) is not None) == fires
