from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.charts.evaluation import calibration, calibration_tables, interval_coverage
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table

# How far the outcome of a cutoff lies from its forecast; the intervals reach 2, 4, 6 and 8 to either side.
DISTANCE = {2: 5.0, 3: 7.0, 5: -30.0}


def forecasts(**settings):
    return table(steps=(1,), y=lambda n, s: 100 + n + DISTANCE.get(n, 0.0), **settings)


def track(forecast, **settings):
    return past_forecasts.compute(forecast, "lstm", "AAA", 1, unit="price", **settings)


def benchmarks(forecast, half=10.0):
    rows = forecast[(forecast["model"] == "lstm") & (forecast["part"] == "test")]
    return pd.DataFrame(
        {
            "benchmark": "historical",
            "symbol": "AAA",
            "cutoff": rows["cutoff"],
            "step": rows["step"],
            "lo": rows["yhat"] - half,
            "hi": rows["yhat"] + half,
        }
    )


def test_coverage_of_nested_intervals():
    chart = calibration_tables.compute_nested(forecasts(), track(forecasts()))
    assert chart.nominal_C == (0.95, 0.9, 0.8, 0.5)
    np.testing.assert_allclose(chart.coverage_C, [0.9, 0.8, 0.7, 0.7])
    assert "10 outcomes" in chart.caption
    assert "95% interval covers 90.0%" in chart.caption and "90% interval covers 80.0%" in chart.caption
    line, dots = calibration.draw_nested(chart).data
    assert (dots.x, list(line.x)) == (chart.nominal_C, list(line.y))


def test_yearly_outcomes_are_grouped_by_spans_of_years():
    """A year with a single outcome covers all or nothing."""
    daily = track(forecasts(count=60))
    yearly = replace(daily, time_N=np.arange("1950", "2010", dtype="M8[Y]").astype("M8[ns]"))
    groups = calibration_tables.compute_by_year(yearly).groups
    assert groups.names_G == tuple(f"{first}–{first + 9}" for first in range(1950, 2010, 10))
    assert groups.count_G.tolist() == [10] * 6 and groups.share_G[0] == 0.8  # two outcomes of the first ten lie outside


def test_coverage_by_year_and_regime():
    forecast = forecasts(count=400)
    years = calibration_tables.compute_by_year(track(forecast))
    assert years.groups.names_G == ("2020", "2021") and years.groups.count_G.tolist() == [365, 35]
    assert all(fact in years.caption for fact in ("By year", "90%", "2020", "99.5% of 365 outcomes"))
    bars, _ = calibration.draw_by_group(years).data
    np.testing.assert_allclose(bars.y, years.groups.share_G)
    times = pd.date_range("2019-06-01", "2021-06-01")
    volatility = np.where(times < pd.Timestamp("2020-07-01"), 0.01, 0.001)
    level = pd.Series(
        100 * np.exp(np.cumsum(volatility * np.random.default_rng(0).normal(size=len(times)))), index=times
    )
    regimes = calibration_tables.compute_by_regime(track(forecast), level)
    assert regimes.groups.names_G == ("low volatility", "medium volatility", "high volatility")
    assert regimes.groups.count_G.sum() == 400
    assert regimes.groups.share_G[0] == 1.0  # the misses lie in January 2020, in the half of higher volatility


def test_widths_and_winkler_scores_of_a_benchmark():
    forecast = forecasts()
    ours = track(forecast)
    widths = calibration_tables.compute_widths(ours, benchmarks(forecast))
    assert {name: float(w.mean()) for name, w in widths.width_N.items()} == {"ours": 12.0, "historical": 20.0}
    assert "12 (this interval), 20 (historical quantiles)" in widths.caption
    assert [t.name for t in calibration.draw_widths(widths).data] == ["historical quantiles", "this interval"]
    scores = calibration_tables.compute_winkler(ours, benchmarks(forecast))
    # A width of 12, and 20 per unit outside: 1 and 24 units over ten outcomes; the benchmark's 20, and 20 units.
    assert scores.values == pytest.approx({"ours": 12 + 20 * 25 / 10, "historical": 20 + 20 * 20 / 10})
    assert "Winkler score of this interval, 62, is 3.3% worse than that of historical quantiles" in scores.caption
    assert list(calibration.draw_scores(scores).data[0].x) == pytest.approx([62, 60])
    other_cutoffs = benchmarks(forecast).iloc[1:]
    assert list(calibration_tables.compute_winkler(ours, other_cutoffs).values) == ["ours"]


def test_path_coverage():
    forecast = table(y=lambda n, s: 100 + n + (50 if (n, s) in ((1, 1), (1, 2), (4, 2)) else 0))
    assert calibration_tables.path_coverage(forecast, "lstm", "AAA") == 0.8
    assert np.isnan(calibration_tables.path_coverage(forecast, "last_value", "AAA"))


def test_pit_histogram():
    chart = calibration_tables.compute_pit(forecasts(), track(forecasts()))
    assert chart.count == 10 and chart.share_B.sum() == pytest.approx(1)
    assert chart.share_B[0] == pytest.approx(0.1) and chart.share_B[9] == pytest.approx(0.2)
    assert "overconfident" not in chart.caption and chart.caption.startswith("30.0% of the outcomes")
    bars, line = calibration.draw_pit(chart).data
    np.testing.assert_allclose(bars.y, chart.share_B)
    assert list(line.y) == [0.1, 0.1]


def test_platt_scaling_of_a_direction():
    rng = np.random.default_rng(0)
    up = (rng.uniform(size=400) < 0.7).astype(float)
    forecast = table(steps=(1,), count=400, banded=False, y=lambda n, s: up[n], yhat=lambda n, s: 0.3 + n % 5 / 20)
    forecast.loc[forecast["part"] == "val", "y"] = 1.0
    odds, base, split = calibration_tables.fit_platt(forecast, "lstm", "AAA", 1)
    assert (split, base, odds.count) == ("val", 1.0, 2)
    binary = track(forecast, binary=True)
    calibrated, scores = calibration_tables.calibrate(binary, odds, base)
    assert list(scores.values) == ["announced", "calibrated", "base"]
    assert scores.values["base"] == pytest.approx(np.mean((1 - up) ** 2))
    assert (calibrated.yhat_N > 0).all() and (calibrated.yhat_N < 1).all()
    assert "Brier score of raw probabilities" in scores.caption


def test_worst_window_is_shaded():
    chart = interval_coverage.compute_rolling(track(forecasts()), window=2)
    assert [str(time)[:10] for time in chart.worst] == ["2020-01-04", "2020-01-05"]  # the first with one of two
    (shape,) = interval_coverage.draw_rolling(chart).layout.shapes
    assert shape.name == "worst 2"


def test_charts_without_an_interval():
    bare = past_forecasts.compute(forecasts(), "last_value", "AAA", 1, unit="price")
    charts = [
        (calibration_tables.compute_nested(forecasts(), bare), calibration.draw_nested),
        (calibration_tables.compute_by_year(bare), calibration.draw_by_group),
        (calibration_tables.compute_widths(bare, benchmarks(forecasts())), calibration.draw_widths),
        (calibration_tables.compute_winkler(bare, benchmarks(forecasts())), calibration.draw_scores),
        (calibration_tables.compute_pit(forecasts(), bare), calibration.draw_pit),
    ]
    for chart, draw in charts:
        assert chart.caption == interval_coverage.NO_INTERVAL
        assert draw(chart).layout.annotations[0].text.replace("<br>", " ") == interval_coverage.NO_INTERVAL


def test_names_and_units_are_escaped(hostile):
    name, check = hostile
    forecast = forecasts(symbol=name)
    foreign = past_forecasts.compute(forecast, "lstm", name, 1, unit=name)
    check(calibration.draw_widths(calibration_tables.compute_widths(foreign, benchmarks(forecast))))
