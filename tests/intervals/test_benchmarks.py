"""Benchmark intervals: which targets have them, and their coverage."""

import numpy as np
import pytest

from core.data import frame as frames
from core.datasets.windows import prepare, resolve
from core.intervals import benchmarks


def test_returns_have_two_benchmarks_with_nominal_coverage(recipe, bars) -> None:
    frame = frames.build({"A": bars(700)})
    spec = resolve(recipe(target__kind="log_return", target__horizon=2, features=["return"]), frame)
    prepared = prepare(spec, frame)
    table, test = benchmarks.compute(spec, prepared), prepared.splits.test
    for name in ("historical", "garch"):
        rows = table[table["benchmark"] == name]
        assert len(rows) == len(test) * 2 and (rows["cutoff"].to_numpy() == np.repeat(test.cutoff_N, 2)).all()
        inside = (rows["lo"].to_numpy() <= test.y_NH.ravel()) & (test.y_NH.ravel() <= rows["hi"].to_numpy())
        assert inside.mean() == pytest.approx(0.9, abs=0.08)


def test_garch_intervals_drift_as_far_as_the_returns_of_their_label(recipe, bars) -> None:
    """Returns of 1 % a day and little noise: after h days h %, and of the mean of h levels (h + 1) / 2 %."""
    steady = bars(700, return_T=0.01 + np.random.default_rng(0).normal(0, 1e-3, 700))
    frame = frames.build({"A": steady})
    for kind, expected in (("close", [0.01, 0.02, 0.03]), ("mean_close", [0.02])):
        spec = resolve(recipe(target__kind=kind, target__horizon=3, features=["return"]), frame)
        prepared = prepare(spec, frame)
        table = benchmarks.compute(spec, prepared)
        rows = table[table["benchmark"] == "garch"]
        middle_NH = np.sqrt(rows["lo"] * rows["hi"]).to_numpy().reshape(-1, len(expected))
        ahead_NH = np.log(middle_NH / prepared.splits.test.anchor_N[:, None])
        np.testing.assert_allclose(ahead_NH.mean(axis=0), expected, rtol=0.03)


def test_directions_have_no_benchmark_and_volatilities_no_garch(recipe, bars) -> None:
    frame = frames.build({"A": bars(700)})
    direction = resolve(recipe(target__kind="direction", target__horizon=1, features=["return"]), frame)
    assert benchmarks.compute(direction, prepare(direction, frame)).empty
    volatility = resolve(recipe(), frame)
    assert set(benchmarks.compute(volatility, prepare(volatility, frame))["benchmark"]) == {"historical"}
