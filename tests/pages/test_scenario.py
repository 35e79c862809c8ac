"""The What if page, and the closer look at a day on the Explain page."""

from dataclasses import replace

import numpy as np

from core.data.frame import digest
from core.errors import RunError
from core.storage import runs
from tests.pages.conftest import opened, text
from tests.pages.test_network import NOTHING
from ui import cache


def said(app):
    return text(app).replace("\\", "")


def test_the_page_without_a_run_says_what_to_do(idle):
    assert "There is no run yet" in text(opened("scenario"))


def test_sliders_move_the_forecast(saved):
    app = opened("scenario")
    assert "Nothing is changed yet" in said(app) and len(app.get("plotly_chart")) == 2
    assert text(app).count(NOTHING) == 2
    assert "How far to trust what explains this model: skill " in said(app)
    first = next(iter(saved.explanation.importance))
    app.slider[0].set_value(-4.0)
    app.slider[1].set_value(3)
    app.toggle[0].set_value(True).run()
    assert not app.exception
    assert f"With the last day repeated and {first} 4 standard deviations down, at " in said(app)
    assert "(on the newest 3 sessions)" in said(app)
    assert f"The training part has no such value of {first}" in said(app)
    app.button_group[0].set_value("values").run()
    assert not app.exception and "With the last day repeated, the forecast" in said(app)
    app.slider[0].set_value(app.slider[0].max).run()
    assert f"repeated and {first} at " in said(app)


def test_a_run_without_a_live_forecast_changes_its_last_window(idle, finished):
    frame = finished.frame.copy()
    frame.loc[frame.index[-1], ("A", "volume")] = np.nan
    runs.save(replace(finished, frame=frame, data_digest=digest(frame)), cache.RUNS)
    app = opened("scenario")
    assert "There is no live forecast of A: " in said(app) and "the last window whose outcome is known" in said(app)
    assert len(app.get("plotly_chart")) == 2


def test_a_closer_look_at_the_forecast(queue, finished):
    runs.save(finished, cache.RUNS)
    app = opened("explain")
    before = len(app.get("plotly_chart"))
    for view, words in (
        ("since", "the forecast for A, 5 sessions ahead, went from"),
        ("window", "Expected gradients: against 24"),
        ("stretches", "Each column of the map adds up to its bar"),
        ("similar", "After the five most similar windows"),
    ):
        app.button_group(key="closer").set_value(view).run()
        assert not app.exception and len(app.get("plotly_chart")) == before + 1 + (view == "stretches")
        assert words in said(app) and NOTHING in text(app)


def test_a_closer_look_is_kept_with_the_run(queue, finished):
    runs.save(finished, cache.RUNS)
    opened("explain").button_group(key="closer").set_value("stretches").run()
    assert [*queue.titles] and not queue.results  # saved, and held by nobody
    queue.titles.clear()
    again = opened("explain").button_group(key="closer").set_value("stretches").run()
    assert "Each column of the map adds up to its bar" in said(again) and not queue.titles


def test_a_look_that_the_disk_has_no_room_for_is_shown_with_the_reason(queue, finished, monkeypatch):
    runs.save(finished, cache.RUNS)

    def full(*arguments):
        raise RunError("The closer look could not be kept. Free space, then save it again.")

    monkeypatch.setattr("core.storage.artifacts.save", full)
    app = opened("explain").button_group(key="closer").set_value("stretches").run()
    assert "Each column of the map adds up to its bar" in said(app) and "Free space" in said(app)
