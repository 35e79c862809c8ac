"""The Scenario page."""

from dataclasses import replace

import numpy as np

from core.data.frame import digest
from core.storage import runs
from tests.pages.conftest import captions, opened, text
from ui import cache, names
from ui.verdict import NO_SKILL


def test_the_page_without_a_run_says_what_to_do(idle):
    assert "You have trained nothing yet" in text(opened("scenario"))


def test_sliders_move_the_forecast(saved):
    app = opened("scenario")
    unchanged = captions(app)["scenario"]
    assert {*captions(app)} == {"scenario", "partial"} and text(app).count(NO_SKILL) == 2
    assert "Explanation reliability: skill " in text(app)
    first = next(iter(saved.explanation.importance))
    app.slider(key=f"move-{first}").set_value(4.0)
    app.slider(key="newest").set_value(3)
    app.toggle(key="repeat").set_value(True).run()
    assert not app.exception
    moved = captions(app)["scenario"]
    assert f"the last day repeated and {names.feature(first, 'day')} 4 standard deviations up, at " in moved
    assert "(in the newest 3 days)" in moved and moved != unchanged
    assert [box for box in app.warning if "extrapolates" in box.value]
    app.button_group(key="units").set_value("values").run()
    assert not app.exception and "the last day repeated, " in captions(app)["scenario"]
    slider = app.slider(key=f"value-{first}")
    slider.set_value(slider.max).run()
    assert f"repeated and {names.feature(first, 'day')} at " in captions(app)["scenario"]


def test_a_run_without_a_live_forecast_changes_its_last_window(idle, finished):
    frame = finished.frame.copy()
    frame.loc[frame.index[-1], ("A", "volume")] = np.nan
    runs.save(replace(finished, frame=frame, data_digest=digest(frame)), cache.RUNS)
    app = opened("scenario")
    assert [box for box in app.info if "the last window with a known outcome" in box.value]
    assert {*captions(app)} == {"scenario", "partial"}
