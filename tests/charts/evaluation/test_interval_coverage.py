import numpy as np

from core.charts.evaluation import interval_coverage
from core.charts.forecast import past_forecasts
from tests.charts.conftest import evaluation, table


def bands(*shares):
    return {
        "coverage": float(np.mean(shares)),
        "nominal": 0.9,
        "width": 1.0,
        "winkler": 1.0,
        "calibrated_on": "calib",
        "by_step": [{"step": s, "coverage": c} for s, c in enumerate(shares, start=1)],
    }


def test_coverage_at_each_step():
    chart = interval_coverage.by_step(evaluation({}, bands=bands(0.88, 0.80)))
    assert chart.caption == (
        "The 90% band held 84.0% of the test outcomes; furthest from its promise is step 2 with 80.0%."
    )
    bars, line = interval_coverage.draw_by_step(chart).data
    assert (bars.x, bars.y) == ((1, 2), (0.88, 0.80))
    assert (list(line.y), line.name) == ([0.9, 0.9], "promised (90%)")


def test_coverage_of_one_step():
    chart = interval_coverage.by_step(evaluation({}, bands=bands(0.884)))
    assert chart.caption == "The 90% band held 88.4% of the test outcomes, 1 session ahead."
    assert interval_coverage.draw_by_step(chart).data[0].y == (0.884,)


def test_rolling_coverage_names_its_worst_stretch():
    made = table(steps=(1,), count=6, y=lambda n, s: 100 + n + (50 if n in (2, 3) else 0))
    chart = interval_coverage.through_time(past_forecasts.compute(made, "lstm", "AAA", 1, unit="price"), window=2)
    assert chart.share_N.tolist() == [1.0, 0.5, 0.0, 0.5, 1.0]
    assert chart.caption == (
        "In its worst stretch of 2 forecasts, ending 2020-01-05, the 90% band held 0.0% of the "
        "outcomes; over the whole test part it held 66.7%."
    )
    np.testing.assert_array_equal(interval_coverage.draw_through_time(chart).data[0].y, chart.share_N)


def test_a_short_track_is_one_window():
    chart = interval_coverage.through_time(past_forecasts.compute(table(count=1), "lstm", "AAA", 1, unit="price"))
    assert (chart.window, chart.share_N.tolist()) == (1, [1.0])
    assert interval_coverage.draw_through_time(chart).data[0].mode == "markers"


def test_without_a_band_the_figure_says_so():
    bare = interval_coverage.through_time(past_forecasts.compute(table(), "last_value", "AAA", 1, unit="price"))
    for chart, figure in (
        (bare, interval_coverage.draw_through_time(bare)),
        (
            interval_coverage.by_step(evaluation({})),
            interval_coverage.draw_by_step(interval_coverage.by_step(evaluation({}))),
        ),
    ):
        assert chart.caption == interval_coverage.NO_BAND and not figure.data
        assert figure.layout.annotations[0].text.replace("<br>", " ") == interval_coverage.NO_BAND
