import numpy as np

from core.charts import thinning


def test_few_points_are_not_thinned():
    assert thinning.thin(np.array([3.0, np.nan, 1.0])).tolist() == [0, 1, 2]
    assert thinning.thin_evenly(3).tolist() == [0, 1, 2]


def test_thinning_keeps_the_ends_and_every_spike():
    values = np.zeros(10_000)
    values[1234], values[8765], values[5000:5100] = 9.0, -9.0, np.nan
    positions = thinning.thin(values, 100)
    assert len(positions) <= 100 and (np.diff(positions) > 0).all()
    assert {0, 1234, 8765, 9999} <= set(positions.tolist())


def test_evenly_thinned_positions_end_with_the_last():
    positions = thinning.thin_evenly(1000, 7)
    assert len(positions) == 7 and positions[-1] == 999 and np.ptp(np.diff(positions)) <= 1
