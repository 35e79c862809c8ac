"""The Calibration page: of an interval, of paths, and of probabilities."""

from dataclasses import replace

from core.spec import with_values
from core.storage import runs
from tests.pages.conftest import captions, opened, text
from ui import cache


def test_an_interval_is_compared_with_its_nominal_coverage_and_with_benchmarks(saved):
    app = opened("calibration")
    shown = captions(app)
    assert len(shown) == 7
    assert "116" in shown["calibration-Nominal and actual coverage"]
    assert "worst window of 38 forecasts" in shown["calibration-Through time"]  # forecasts of the worst period
    assert "Winkler" in shown["calibration-Against benchmark intervals"]
    assert "No GARCH interval here" in text(app)


def test_pages_name_the_coverages_that_few_scores_cannot_promise(idle, finished):
    calib = finished.forecast["part"] == "calib"
    first = finished.forecast.loc[calib, "cutoff"].drop_duplicates().iloc[:20]
    short = finished.forecast[~calib | finished.forecast["cutoff"].isin(first)]
    runs.save(replace(finished, forecast=short), cache.RUNS)
    for page in ("calibration", "forecast"):
        shown = " ".join(info.value for info in opened(page).info)
        assert "20 past forecasts of the calibration split" in shown
        assert "a 95 % interval takes 39" in shown and "90 %" not in shown


def test_probabilities_are_calibrated_on_the_calibration_split(idle, finished):
    forecast = finished.forecast.copy()
    forecast["y"] = (forecast["y"] > 15).astype(float)
    forecast["yhat"] = (forecast["yhat"] / 40).clip(0.05, 0.95)
    forecast[["lo", "hi"]] = float("nan")
    spec = with_values(finished.spec, {"target.kind": "direction", "target.horizon": 5})
    evaluation = replace(finished.evaluation, bands={})
    runs.save(replace(finished, spec=spec, forecast=forecast, evaluation=evaluation), cache.RUNS)
    app = opened("calibration")
    assert {*captions(app)} == {
        f"calibration-{title}" for title in ("As forecast", "Calibrated", "Against the base rate")
    }
    assert "of the calibration split (Platt 1999)" in text(app)
    assert "Brier" in captions(app)["calibration-Against the base rate"]
