"""The calibration page: of a band, of paths, and of probabilities."""

from dataclasses import replace

from core.spec import with_values
from core.storage import runs
from tests.pages.conftest import opened, text
from ui import cache


def test_a_band_is_held_against_its_promise_and_others(saved):
    app = opened("calibration")
    assert len(app.get("plotly_chart")) == 7
    said = text(app)
    for words in (
        "Of 116 outcomes",
        "In its worst stretch of 60 forecasts",
        "By volatility before the forecast",
        "Winkler score of this band",
        "GARCH has no band here",
    ):
        assert words in said.replace("\\", ""), words


def test_probabilities_are_calibrated_on_the_calibration_part(idle, finished):
    forecast = finished.forecast.copy()
    forecast["y"] = (forecast["y"] > 15).astype(float)
    forecast["yhat"] = (forecast["yhat"] / 40).clip(0.05, 0.95)
    forecast[["lo", "hi"]] = float("nan")
    spec = with_values(finished.spec, {"target.kind": "direction", "target.horizon": 5})
    runs.save(
        replace(finished, spec=spec, forecast=forecast, evaluation=replace(finished.evaluation, bands={})), cache.RUNS
    )
    app = opened("calibration")
    assert len(app.get("plotly_chart")) == 3
    assert "outcomes of the calibration part" in text(app)
    assert "Brier score of announced" in text(app)
