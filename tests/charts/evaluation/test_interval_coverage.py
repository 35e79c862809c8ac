import numpy as np

from core.charts import text
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
    chart = interval_coverage.compute_by_step(evaluation({}, bands=bands(0.88, 0.80)))
    assert "90% prediction interval covers 84.0%" in chart.caption
    assert "2 steps ahead" in chart.caption and "80.0%" in chart.caption
    bars, line = interval_coverage.draw_by_step(chart).data
    assert (bars.x, bars.y) == ((1, 2), (0.88, 0.80))
    assert (list(line.y), line.name) == ([0.9, 0.9], "nominal (90%)")


def test_coverage_of_one_step():
    chart = interval_coverage.compute_by_step(evaluation({}, bands=bands(0.884)))
    assert f"90% prediction interval covers 88.4% of the test outcomes, {text.lead_time(1)}." in chart.caption
    assert interval_coverage.draw_by_step(chart).data[0].y == (0.884,)


def test_rolling_coverage_names_its_worst_window():
    forecast = table(steps=(1,), count=6, y=lambda n, s: 100 + n + (50 if n in (2, 3) else 0))
    chart = interval_coverage.compute_rolling(
        past_forecasts.compute(forecast, "lstm", "AAA", 1, unit="price"), window=2
    )
    assert chart.share_N.tolist() == [1.0, 0.5, 0.0, 0.5, 1.0]
    assert "90% prediction interval covers 66.7%" in chart.caption
    assert "0.0% in its worst window of 2 forecasts, which ends 2020-01-05" in chart.caption
    np.testing.assert_array_equal(interval_coverage.draw_rolling(chart).data[0].y, chart.share_N)


def test_a_window_is_a_third_of_a_track_at_most():
    tracks = [past_forecasts.compute(table(count=count), "lstm", "AAA", 1, unit="price") for count in (300, 60, 12)]
    assert [interval_coverage.compute_rolling(track, 60).window for track in tracks] == [60, 20, 10]


def test_a_short_track_is_one_window():
    chart = interval_coverage.compute_rolling(past_forecasts.compute(table(count=1), "lstm", "AAA", 1, unit="price"))
    assert (chart.window, chart.share_N.tolist()) == (1, [1.0])
    assert interval_coverage.draw_rolling(chart).data[0].mode == "markers"


def test_charts_without_an_interval():
    bare = interval_coverage.compute_rolling(past_forecasts.compute(table(), "last_value", "AAA", 1, unit="price"))
    for chart, figure in (
        (bare, interval_coverage.draw_rolling(bare)),
        (
            interval_coverage.compute_by_step(evaluation({})),
            interval_coverage.draw_by_step(interval_coverage.compute_by_step(evaluation({}))),
        ),
    ):
        assert chart.caption == interval_coverage.NO_INTERVAL and not figure.data
        assert figure.layout.annotations[0].text.replace("<br>", " ") == interval_coverage.NO_INTERVAL
