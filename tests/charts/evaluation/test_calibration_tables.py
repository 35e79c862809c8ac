import numpy as np
import pandas as pd
import pytest

from core.charts.evaluation import calibration, calibration_tables, interval_coverage
from core.charts.forecast import past_forecasts
from tests.charts.conftest import table

JUMPS = {2: 5.0, 3: 7.0, 5: -30.0}  # how far the outcome of a cutoff lies from its forecast; bands at 2, 4, 6 and 8


def made(**more):
    return table(steps=(1,), y=lambda n, s: 100 + n + JUMPS.get(n, 0.0), **more)


def track_of(forecast, **more):
    return past_forecasts.compute(forecast, "lstm", "AAA", 1, unit="price", **more)


def rivals(forecast, half=10.0):
    here = forecast[(forecast["model"] == "lstm") & (forecast["part"] == "test")]
    return pd.DataFrame(
        {
            "benchmark": "historical",
            "symbol": "AAA",
            "cutoff": here["cutoff"],
            "step": here["step"],
            "lo": here["yhat"] - half,
            "hi": here["yhat"] + half,
        }
    )


def test_what_each_band_held():
    chart = calibration_tables.nested(made(), track_of(made()))
    assert chart.nominal_C == (0.95, 0.9, 0.8, 0.5)
    np.testing.assert_allclose(chart.held_C, [0.9, 0.8, 0.7, 0.7])
    assert chart.caption.startswith("Of 10 outcomes, the 95% band held 90.0%, the 90% band held 80.0%")
    line, dots = calibration.draw_promise(chart).data
    assert (dots.x, list(line.x)) == (chart.nominal_C, list(line.y))


def test_shares_by_year_and_regime():
    forecast = made(count=400)
    years = calibration_tables.by_year(track_of(forecast))
    assert years.groups.names_G == ("2020", "2021") and years.groups.count_G.tolist() == [365, 35]
    assert years.caption.startswith("By year, the 90% band held least in 2020: 99.5% of 365 outcomes")
    bars, _ = calibration.draw_shares(years).data
    np.testing.assert_allclose(bars.y, years.groups.share_G)
    times = pd.date_range("2019-06-01", "2021-06-01")
    calm = np.where(times < pd.Timestamp("2020-07-01"), 0.01, 0.001)
    level = pd.Series(100 * np.exp(np.cumsum(calm * np.random.default_rng(0).normal(size=len(times)))), index=times)
    regimes = calibration_tables.by_regime(track_of(forecast), level)
    assert regimes.groups.names_G == ("calm", "middle", "stormy")
    assert regimes.groups.count_G.sum() == 400
    assert regimes.groups.share_G[0] == 1.0  # what was missed lies in January 2020, the stormier half


def test_widths_and_winkler_beside_a_rival():
    forecast = made()
    ours = track_of(forecast)
    widths = calibration_tables.widths(ours, rivals(forecast))
    assert {name: float(w.mean()) for name, w in widths.width_N.items()} == {"ours": 12.0, "historical": 20.0}
    assert [t.name for t in calibration.draw_widths(widths).data] == ["historical quantiles", "this band"]
    scores = calibration_tables.winkler(ours, rivals(forecast))
    # A width of 12, and 20 per unit outside: 1 and 24 units over ten outcomes; the rival's 20, and 20 units.
    assert scores.values == pytest.approx({"ours": 12 + 20 * 25 / 10, "historical": 20 + 20 * 20 / 10})
    assert scores.caption == (
        "The Winkler score of this band, 62, is 3.3% worse than that of historical quantiles; smaller is better."
    )
    assert list(calibration.draw_scores(scores).data[0].x) == pytest.approx([62, 60])
    assert list(calibration_tables.winkler(ours, rivals(forecast).iloc[1:]).values) == [
        "ours"
    ]  # never on other cutoffs


def test_whole_paths():
    forecast = table(y=lambda n, s: 100 + n + (50 if (n, s) in ((1, 1), (1, 2), (4, 2)) else 0))
    assert calibration_tables.paths(forecast, "lstm", "AAA") == 0.8
    assert np.isnan(calibration_tables.paths(forecast, "last_value", "AAA"))


def test_the_place_of_outcomes():
    chart = calibration_tables.place(made(), track_of(made()))
    assert chart.count == 10 and chart.share_B.sum() == pytest.approx(1)
    assert chart.share_B[0] == pytest.approx(0.1) and chart.share_B[9] == pytest.approx(0.2)
    assert chart.caption.endswith("too sure of themselves.") is False
    bars, line = calibration.draw_pit(chart).data
    np.testing.assert_allclose(bars.y, chart.share_B)
    assert list(line.y) == [0.1, 0.1]
    shapes = {
        "too sure": [0.3, *[0.05] * 8, 0.3],
        "less sure": [0.02, *[0.12] * 8, 0.02],
        "about true": [0.1] * 10,
        "low side": [0.1, 0.14, 0.14, 0.14, 0.14, 0.06, 0.06, 0.06, 0.06, 0.1],
    }
    for words, share in shapes.items():
        assert words in calibration.Pit(share_B=np.array(share), count=99).caption


def test_odds_of_a_direction():
    rng = np.random.default_rng(0)
    up = (rng.uniform(size=400) < 0.7).astype(float)
    forecast = table(steps=(1,), count=400, banded=False, y=lambda n, s: up[n], yhat=lambda n, s: 0.3 + n % 5 / 20)
    forecast.loc[forecast["part"] == "val", "y"] = 1.0
    found, base, part = calibration_tables.odds(forecast, "lstm", "AAA", 1)
    assert (part, base, found.count) == ("val", 1.0, 2)  # all up, in words and numbers
    binary = track_of(forecast, binary=True)
    better, scores = calibration_tables.calibrated(binary, found, base)
    assert list(scores.values) == ["announced", "calibrated", "base"]
    assert scores.values["base"] == pytest.approx(np.mean((1 - up) ** 2))
    assert (better.yhat_N > 0).all() and (better.yhat_N < 1).all()
    assert "Brier score of announced" in scores.caption


def test_the_worst_stretch_is_shaded():
    chart = interval_coverage.through_time(track_of(made()), window=2)
    assert [str(t)[:10] for t in chart.worst] == ["2020-01-04", "2020-01-05"]  # the first of those with one of two
    (shape,) = interval_coverage.draw_through_time(chart).layout.shapes
    assert shape.name == "worst 2"


def test_without_a_band_every_chart_says_so():
    bare = past_forecasts.compute(made(), "last_value", "AAA", 1, unit="price")
    charts = [
        (calibration_tables.nested(made(), bare), calibration.draw_promise),
        (calibration_tables.by_year(bare), calibration.draw_shares),
        (calibration_tables.widths(bare, rivals(made())), calibration.draw_widths),
        (calibration_tables.winkler(bare, rivals(made())), calibration.draw_scores),
        (calibration_tables.place(made(), bare), calibration.draw_pit),
    ]
    for chart, draw in charts:
        assert chart.caption == interval_coverage.NO_BAND
        assert draw(chart).layout.annotations[0].text.replace("<br>", " ") == interval_coverage.NO_BAND


def test_names_and_units_are_escaped(hostile):
    name, check = hostile
    forecast = made(symbol=name)
    here = past_forecasts.compute(forecast, "lstm", name, 1, unit=name)
    check(calibration.draw_widths(calibration_tables.widths(here, rivals(forecast))))
