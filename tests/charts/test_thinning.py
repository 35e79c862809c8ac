import numpy as np

from core.charts import thinning


def test_few_points_are_all_kept():
    assert thinning.thin(np.array([3.0, np.nan, 1.0])).tolist() == [0, 1, 2]
    assert thinning.even(3).tolist() == [0, 1, 2]


def test_thinning_keeps_the_ends_and_every_spike():
    values = np.zeros(10_000)
    values[1234], values[8765], values[5000:5100] = 9.0, -9.0, np.nan
    kept = thinning.thin(values, 100)
    assert len(kept) <= 100 and (np.diff(kept) > 0).all()
    assert {0, 1234, 8765, 9999} <= set(kept.tolist())


def test_even_choice_ends_with_the_last():
    kept = thinning.even(1000, 7)
    assert len(kept) == 7 and kept[-1] == 999 and np.ptp(np.diff(kept)) <= 1
