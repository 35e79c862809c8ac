"""Cosine projections and their number against slow references, and against processes whose variance is known."""

import math

import numpy as np
import pytest

from core.evaluation import long_run
from core.types import Floats


def autoregression(rng: np.random.Generator, size: int, memory: float) -> Floats:
    value = rng.normal(size=size + 500)
    for t in range(1, len(value)):
        value[t] += memory * value[t - 1]
    return value[500:]


@pytest.mark.parametrize("size", [5, 8, 61])
def test_projections_are_sums_over_cosines(size: int) -> None:
    value = np.random.default_rng(0).normal(3.0, 1.0, size)
    by_hand = [
        math.sqrt(2 / size) * sum(value[t] * math.cos(math.pi * j * (t + 0.5) / size) for t in range(size))
        for j in range(1, size // 2 + 1)
    ]
    np.testing.assert_allclose(long_run.project(value), by_hand, atol=1e-12)
    np.testing.assert_allclose(long_run.project(value + 7), by_hand, atol=1e-12)  # a level leaves nothing


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_their_mean_square_is_the_long_run_variance(memory: float) -> None:
    """1 / (1 − ρ)² for an AR(1) process with shocks of variance one."""
    rng, found = np.random.default_rng(0), []
    for _ in range(300):
        projection = long_run.project(autoregression(rng, 1000, memory))
        found.append(np.mean(projection[: long_run.count_cosines(projection, 1000, 1)] ** 2))
    assert np.mean(found) == pytest.approx(1 / (1 - memory) ** 2, rel=0.1)


def count_slowly(value: Floats, overlap: int) -> float:
    """The mean number of cosines over noise and 190 mixtures of it with an AR(1) process, one by one."""
    size, total, weights = len(value), 0.0, 0.0
    frequency = [math.pi * j / size for j in range(1, size // 2 + 1)]
    power = [2 / size * sum(value[t] * math.cos(w * (t + 0.5)) for t in range(size)) ** 2 for w in frequency]
    most, candidates = max(2, min(size // 2 // 2, size // overlap)), [(0.0, 0.0, 0.25)]
    candidates += [(1 - 0.01 ** (1 - i / 19), 0.02 ** (1 - k / 9), 0.75 / 190) for i in range(19) for k in range(10)]
    best = -math.inf
    likelihoods = []
    for memory, share, prior in candidates:
        spectrum = [1 - share + share * (1 - memory**2) / (1 - 2 * memory * math.cos(w) + memory**2) for w in frequency]
        scale = sum(p / s for p, s in zip(power, spectrum, strict=True)) / len(power)  # the variance that fits best
        log_likelihood = -sum(math.log(scale * s) + p / (scale * s) for p, s in zip(power, spectrum, strict=True)) / 2
        likelihoods.append(log_likelihood + math.log(prior))
        best = max(best, likelihoods[-1])
    for (memory, share, _), likelihood in zip(candidates, likelihoods, strict=True):
        longer = min(memory + (1 + 3 * memory) / size, 0.999)
        at_zero = 1 - share + share * (1 + longer) / (1 - longer)
        curvature = 2 * share * longer * (1 + longer) / (1 - longer) ** 3 / at_zero
        rule = (size**2 / curvature) ** (1 / 3) if curvature else math.inf
        total += math.exp(likelihood - best) * min(max(rule / 2, 2), most)
        weights += math.exp(likelihood - best)
    return total / weights


@pytest.mark.parametrize(("size", "overlap"), [(5, 1), (36, 1), (40, 1), (121, 1), (121, 30)])
@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9])
def test_their_number_is_that_of_a_slow_reference(size: int, overlap: int, memory: float) -> None:
    value = autoregression(np.random.default_rng(size), size, memory)
    number = long_run.count_cosines(long_run.project(value), size, overlap)
    assert number == max(2, math.floor(count_slowly(value, overlap)))
    assert number <= max(2, size // overlap)


def test_their_number_is_half_of_the_papers_for_a_memory_of_seven_tenths() -> None:
    """0.4 · N^⅔ of Lazarus, Lewis, Stock & Watson (2018)."""
    counts = [
        long_run.count_cosines(long_run.project(autoregression(np.random.default_rng(k), 8000, 0.7)), 8000, 1)
        for k in range(5)
    ]
    assert np.mean(counts) == pytest.approx(0.4 * 8000 ** (2 / 3) / 2, rel=0.15)


def test_noise_has_many_and_a_long_memory_few() -> None:
    rng = np.random.default_rng(0)
    for size, least, most in ((250, 15, 6), (1000, 60, 10)):
        noise = [long_run.count_cosines(long_run.project(rng.normal(size=size)), size, 1) for _ in range(20)]
        slow = [long_run.count_cosines(long_run.project(autoregression(rng, size, 0.95)), size, 1) for _ in range(20)]
        assert np.median(noise) > least and np.median(slow) < most


def reach_slowly(cutoff: list[int], symbol: list[int], steps: int) -> int:
    """Over all labels of a symbol: the cutoffs of any symbol from the label's own to the one at which it is known."""
    every, most = sorted(set(cutoff)), steps
    for name in set(symbol):
        own = sorted(c for c, s in zip(cutoff, symbol, strict=True) if s == name)
        for start, end in zip(own, own[steps:], strict=False):
            most = max(most, len([c for c in every if start < c <= end]))
    return most


@pytest.mark.parametrize("steps", [1, 3, 5, 22, 90])
def test_cutoffs_that_share_outcomes_are_counted_in_those_of_all_symbols(steps: int) -> None:
    day = np.arange("2024-01-01", "2024-04-01", dtype="M8[D]")
    shares, crypto = day[np.is_busday(day)], day
    cutoff, symbol = np.concatenate([shares, crypto]), np.repeat([0, 1], [len(shares), len(crypto)])
    reach = long_run.count_overlap(cutoff, symbol, steps)
    assert reach == reach_slowly(cutoff.astype(int).tolist(), symbol.tolist(), steps)
    assert long_run.count_overlap(shares, np.zeros(len(shares), dtype=int), steps) == steps
    assert reach == {1: 3, 3: 5, 5: 7, 22: 32}.get(steps, steps)  # a weekend, or several, in between
