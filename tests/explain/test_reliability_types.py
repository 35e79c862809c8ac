import math

import numpy as np
import pytest

from core.explain import reliability_types
from core.explain.reliability_types import Noise, Spread
from tests.charts.conftest import explanation


def test_members_that_agree_and_that_rank_nothing():
    assert reliability_types.stable(np.array([[3.0, 2.0, 1.0], [5.0, 4.0, 0.0]])) == (pytest.approx(1), 2)
    assert math.isnan(reliability_types.stable(np.ones((2, 1)))[0])


def test_the_spread_over_networks_a_step_and_over_all_steps():
    first = explanation([[[1.0, -3.0], [0.0, 0.0]], [[-1.0, 5.0], [0.0, 2.0]]], features=("a", "b"))
    second = explanation([[[3.0, 4.0], [2.0, 1.0]]], features=("a", "b"))
    found = Spread(steps=(1, 2), features=reliability_types.spread([first, second]), families={"both": (0.5, 0.6, 0.7)})
    half = math.sqrt(0.5)  # of a difference of two: their standard deviation
    assert found.at(1) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert found.at(2) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert found.at(None) == pytest.approx({"a": 2 * half, "b": 0.0})
    assert found.at(2, by_family=True) == {"both": 0.6} and math.isnan(found.at(3)["a"])
    assert reliability_types.spread([]) == {}


def test_what_ranks_below_noise():
    good = Noise(features=("a", "b"), values=(2.0, 1.0), noise=0.5)
    assert (good.rank, good.below) == (3, ())
    bad = Noise(features=("a", "b", "c"), values=(2.0, 1.0, 0.0), noise=1.0)
    assert (bad.rank, bad.below) == (2, ("b", "c"))
