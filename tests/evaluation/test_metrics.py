"""Every metric on numbers small enough to follow by hand."""

import math

import numpy as np
import pytest

from core.evaluation import metrics

Y, YHAT = np.array([1.0, 2.0, 4.0, 5.0]), np.array([1.0, 3.0, 2.0, 5.0])


def test_errors_by_hand() -> None:
    assert metrics.mae(Y, YHAT) == 0.75
    assert metrics.mse(Y, YHAT) == 1.25
    assert metrics.rmse(Y, YHAT) == pytest.approx(math.sqrt(1.25))
    assert metrics.r2(Y, YHAT) == pytest.approx(1 - 5 / 10)
    assert metrics.mape(Y, YHAT) == pytest.approx((0 + 0.5 + 0.5 + 0) / 4)
    assert metrics.mape(-Y, -YHAT) == pytest.approx(0.25)


def test_undefined_metrics_are_nan() -> None:
    assert math.isnan(metrics.r2(np.ones(3), np.array([1.0, 2.0, 3.0])))
    assert math.isnan(metrics.mape(np.array([0.0, 1.0]), np.array([1.0, 1.0])))


def test_the_mean_explains_nothing_and_the_truth_everything() -> None:
    assert metrics.r2(Y, np.full(4, Y.mean())) == 0.0
    assert metrics.r2(Y, Y) == 1.0


def test_directions_by_hand() -> None:
    y, p = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.9, 0.2, 0.5, 0.4])
    assert metrics.hit_rate(y, p) == pytest.approx((1 + 1 + 0.5 + 0) / 4)
    expected = -(math.log(0.9) + math.log(0.8) + math.log(0.5) + math.log(0.4)) / 4
    assert metrics.log_loss(y, p) == pytest.approx(expected)
    assert metrics.log_loss(np.array([1.0]), np.array([0.0])) == pytest.approx(-math.log(1e-6))


@pytest.mark.parametrize("seed", range(5))
def test_directions_equal_those_of_scikit_learn(seed: int) -> None:
    from sklearn.metrics import balanced_accuracy_score, f1_score, matthews_corrcoef, roc_auc_score

    rng = np.random.default_rng(seed)
    y = (rng.random(60) < 0.3).astype(float)
    p = np.clip(0.4 + 0.2 * y + 0.3 * rng.normal(size=60), 0, 1).round(2)  # some are equal
    p[p == 0.5] = 0.51
    assert metrics.auc(y, p) == pytest.approx(roc_auc_score(y, p))
    assert metrics.matthews(y, p) == pytest.approx(matthews_corrcoef(y, p > 0.5))
    assert metrics.f1(y, p) == pytest.approx(f1_score(y, p > 0.5))
    assert metrics.balanced_accuracy(y, p) == pytest.approx(balanced_accuracy_score(y, p > 0.5))


def test_directions_without_both_classes_are_undefined() -> None:
    y, p = np.ones(4), np.array([0.2, 0.7, 0.8, 0.9])
    assert all(math.isnan(metrics.FURTHER[name](y, p)) for name in ("auc", "matthews", "balanced_accuracy"))
    assert metrics.f1(y, p) == pytest.approx(2 * 3 / (2 * 3 + 1)) and math.isnan(metrics.f1(0 * y, 0 * p))
    mixed = np.array([1.0, 0.0, 1.0, 0.0])
    assert math.isnan(metrics.matthews(mixed, y)) and metrics.balanced_accuracy(mixed, y) == 0.5


def test_even_odds_are_neither_direction() -> None:
    y, p = np.array([1.0, 0.0, 1.0, 1.0]), np.full(4, 0.5)
    assert (metrics.auc(y, p), metrics.balanced_accuracy(y, p), metrics.matthews(y, p)) == (0.5, 0.5, 0.0)


def test_qlike_by_hand() -> None:
    expected = ((4 - math.log(4) - 1) + 0) / 2
    assert metrics.qlike(np.array([2.0, 3.0]), np.array([1.0, 3.0])) == pytest.approx(expected)
    over, under = (metrics.qlike(np.array([2.0]), np.array([f])) for f in (4.0, 1.0))
    assert under > over > 0  # too low a forecast costs more


def test_intervals_by_hand() -> None:
    y, low, high = np.array([0.0, 1.0, 5.0, -3.0]), np.array([0.0, 0.0, 0.0, -1.0]), np.array([1.0, 1.0, 2.0, 1.0])
    assert metrics.coverage(y, low, high) == 0.5  # a bound belongs to the interval
    assert metrics.winkler(y, low, high, 0.9) == pytest.approx(((1 + 1 + 2 + 2) + 20 * (3 + 2)) / 4)
