import numpy as np

from core.charts.evaluation import calibration
from core.charts.evaluation.interval_coverage import NO_INTERVAL


def test_caption_interprets_the_shape_of_the_pit_histogram():
    shapes = {
        "overconfident": [0.3, *[0.05] * 8, 0.3],
        "underconfident": [0.02, *[0.12] * 8, 0.02],
        "close to calibrated": [0.1] * 10,
        "lower half": [0.1, 0.14, 0.14, 0.14, 0.14, 0.06, 0.06, 0.06, 0.06, 0.1],
    }
    for words, share in shapes.items():
        assert words in calibration.Pit(share_B=np.array(share), count=99).caption


def test_pit_leaves_unknown_values_out():
    chart = calibration.compute_pit(np.array([0.05, 0.05, 0.55, np.nan]))
    assert chart.count == 3 and chart.share_B.round(3).tolist() == [0.667, 0, 0, 0, 0, 0.333, 0, 0, 0, 0]
    assert calibration.compute_pit(np.array([])).caption == NO_INTERVAL


def test_scores_without_a_benchmark_and_against_zero():
    alone = calibration.Scores(score="Winkler score", values={"ours": 3.0})
    assert alone.caption == "The Winkler score of this interval is 3."
    zero = calibration.Scores(score="Brier score", values={"announced": 0.2, "base": 0.0})
    assert "0.2, is worse than the 0 of the base rate" in zero.caption
