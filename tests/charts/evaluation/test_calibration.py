from itertools import pairwise

import numpy as np

from core.charts import style
from core.charts.evaluation import calibration
from core.charts.evaluation.interval_coverage import NO_INTERVAL
from core.evaluation.calibration import CoverageGroups


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


def group_coverage(share):
    names = tuple(str(2015 + number) for number in range(len(share)))
    groups = CoverageGroups(names_G=names, share_G=np.array(share), count_G=np.full(len(share), 100))
    return calibration.GroupCoverage(by="year", nominal=0.9, groups=groups)


def test_the_legend_names_the_colour_of_low_coverage():
    figure = calibration.draw_by_group(group_coverage([0.93, 0.7, 0.92]))
    good, low = figure.data[:2]
    assert (good.name, low.name) == ("coverage", "5 points too low")
    assert (good.marker.color, low.marker.color) == (style.MODEL, style.BAD)
    assert (tuple(good.x), tuple(low.x), figure.layout.barmode) == ((0, 2), (1,), "overlay")
    assert "5 points too low" not in [trace.name for trace in calibration.draw_by_group(group_coverage([0.93])).data]


def test_numbers_of_coverage_cover_neither_each_other_nor_the_nominal_line():
    chart = calibration.NestedCoverage(nominal_C=(0.5, 0.8, 0.9, 0.95), coverage_C=(0.5, 0.82, 0.904, 0.942), count=9)
    places = calibration.draw_nested(chart).data[1].textposition
    assert all(one != other for one, other in pairwise(places))
    assert calibration.draw_by_group(group_coverage([0.93])).data[0].insidetextanchor == "middle"
