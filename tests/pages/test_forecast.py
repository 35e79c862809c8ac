"""The Forecast page: live forecast, time travel, and what to say without a live forecast."""

from dataclasses import replace

import numpy as np

from core.data.frame import digest
from core.storage import runs
from tests.pages.conftest import captions, opened, text
from ui import cache


def test_time_travel_reads_the_table_and_runs_no_model(saved, monkeypatch):
    def never(*_, **__):
        raise AssertionError("a model was run")

    monkeypatch.setattr("core.pipeline.predict", never)
    app = opened("forecast")
    slider = app.select_slider(key="travel")
    past = saved.forecast[(saved.forecast["part"] != "live") & (saved.forecast["model"] == "lstm")]
    assert len(slider.options) == past["cutoff"].nunique()
    day = slider.options[len(slider.options) // 2]
    slider.set_value(day).run()
    assert not app.exception
    assert day in captions(app)["travel-chart"]


def test_a_run_without_a_live_forecast_says_what_is_missing(idle, finished):
    frame = finished.frame.copy()
    frame.loc[frame.index[-1], ("A", "volume")] = np.nan
    past = finished.forecast[finished.forecast["part"] != "live"]
    runs.save(replace(finished, frame=frame, data_digest=digest(frame), forecast=past), cache.RUNS)
    app = opened("forecast")
    (reason,) = [box.value for box in app.info if box.icon == ":material/event_busy:"]
    assert "A" in reason and f"{frame.index[-1]:%Y-%m-%d}" in text(app)
    assert "The forecast as numbers" not in [box.label for box in app.expander]
