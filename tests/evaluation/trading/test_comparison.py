"""A strategy against buy-and-hold: the interval of the difference of Sharpe ratios, and the verdict from it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.evaluation.trading import comparison, sharpe
from core.evaluation.trading.positions import Book


def pair(count: int, correlation: float, first: float, second: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Normal returns of two strategies with these Sharpe ratios per step."""
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=count), rng.normal(size=count)
    return 0.01 * (second + correlation * shared + math.sqrt(1 - correlation**2) * own), 0.01 * (first + shared)


def book(net_N: np.ndarray, hold_N: np.ndarray) -> Book:
    count = len(net_N)
    return Book(
        time_N=np.datetime64("2020-01-01") + np.arange(count),
        position_N=np.ones(count),
        turnover_N=np.zeros(count),
        net_N=net_N,
        hold_N=hold_N,
        per_year=252.0,
        holding=1,
    )


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.9])
def test_the_interval_has_the_width_of_the_closed_form(correlation):
    """Jobson & Korkie (1981) as corrected by Memmel (2003, eq. 5) for independent normal returns."""
    own_N, other_N = pair(4000, correlation, 0.1, 0.2)
    low, high = sharpe.difference_interval(own_N, other_N, block=1.0)
    a, b = sharpe.sharpe_ratio(own_N), sharpe.sharpe_ratio(other_N)
    rho = float(np.corrcoef(own_N, other_N)[0, 1])
    variance = (2 - 2 * rho + (a**2 + b**2 - 2 * a * b * rho**2) / 2) / len(own_N)
    assert high - low == pytest.approx(2 * 1.96 * math.sqrt(variance), rel=0.06)
    assert (low + high) / 2 == pytest.approx(a - b, abs=0.1 * (high - low))


def test_the_interval_covers_the_truth_as_often_as_it_says():
    hits = 0
    for seed in range(100):
        own_N, other_N = pair(250, 0.6, 0.05, 0.1, seed)
        low, high = sharpe.difference_interval(own_N, other_N)
        hits += low <= 0.05 <= high
    assert 87 <= hits <= 100


def test_the_verdict_follows_the_interval():
    better, same = pair(2000, 0.7, 0.0, 0.2), pair(2000, 0.7, 0.05, 0.05)
    assert comparison.compare(book(*better)).tone == "good"
    assert comparison.compare(book(*better[::-1])).tone == "bad"
    verdict = comparison.compare(book(*same))
    assert verdict.tone == "none" and verdict.low < verdict.difference < verdict.high
    assert verdict.text.startswith("No evidence that the strategy beats buy-and-hold: after costs its Sharpe ratio is ")
    assert "-" not in verdict.text.replace("buy-and-hold", "")
    assert verdict.text.endswith(f"from {verdict.low:+.2f} to {verdict.high:+.2f}.".replace("-", "−"))


def test_equal_returns_differ_by_nothing_and_a_strategy_without_a_position_has_no_ratio():
    _, hold_N = pair(500, 0.0, 0.1, 0.1)
    same = comparison.compare(book(hold_N, hold_N))
    assert (same.low, same.difference, same.high) == (0.0, 0.0, 0.0) and same.tone == "none"
    flat = comparison.compare(book(np.zeros(500), hold_N))
    assert math.isnan(flat.difference) and flat.tone == "none" and "no ratio to compare" in flat.text


def test_blocks_are_at_least_a_holding_long(monkeypatch):
    lengths = []
    monkeypatch.setattr(
        sharpe, "difference_interval", lambda own, other, block, level: lengths.append(block) or (0.0, 0.0)
    )
    for holding in (1, 20):
        comparison.compare(replace(book(*pair(1000, 0.5, 0.1, 0.1)), holding=holding))
    assert lengths == pytest.approx([10.0, 20.0])  # the cube root of 1,000 steps
