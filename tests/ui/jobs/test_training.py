"""Trainings belong to the visitor who started them; two clicks make one; strangers only see a busy machine."""

from dataclasses import replace

import pytest

from core.jobs.job import Job
from core.storage import runs
from tests.pages.conftest import IdleQueue, opened, press, text, turn, widget_keys
from ui import cache

JOB = Job(id="one", title="Training LSTM on A", status="running", events=(), created=0.0)


@pytest.fixture
def busy(monkeypatch, idle, frame):
    """A queue that answers every submission with one running job, and a short series."""
    queue = IdleQueue(JOB)
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    return queue


def sidebar(app) -> str:
    return "\n".join(caption.value for caption in app.sidebar.caption)


def test_two_clicks_for_one_recipe_train_once(busy):
    app = opened("train")
    press(app, "Train")
    press(app, "Train")
    assert len(busy.submitted) == 1 and "cancel-one" in widget_keys(app)
    app.number_input(key="field-model.hidden").set_value(32).run()
    press(app, "Train")
    assert len(busy.submitted) == 2  # another recipe
    press(app, "Cancel")
    press(app, "Train")
    assert busy.cancelled == ["one"] and len(busy.submitted) == 3  # the one before is about to end
    busy.book["one"] = replace(JOB, status="done")
    press(app, "Train")
    assert len(busy.submitted) == 4


def test_a_visitor_keeps_their_training_on_every_page_and_after_a_redraw(busy):
    app = opened("train")
    press(app, "Train")
    for page in ("data", "", "train"):
        turn(app, page)
        assert "Your training is under way" in sidebar(app)
    assert "Training LSTM on A" in text(app.run()) and "cancel-one" in widget_keys(app)
    visitor = app.session_state["visitor"]
    assert "cancel-one" in widget_keys(opened("train", visitor=visitor))  # the same visitor in another tab


def test_a_stranger_sees_that_the_machine_is_busy_and_nothing_else(busy):
    press(opened("train"), "Train")
    for page in ("", "train"):
        stranger = opened(page)
        assert "busy with another training" in sidebar(stranger)
        assert "Training LSTM" not in text(stranger) and "cancel-one" not in widget_keys(stranger)
    assert not opened("").button[0].disabled  # the stranger may run the demo


def test_the_end_of_a_training_concerns_its_visitor_alone(busy, finished):
    app = opened("train")
    press(app, "Train")
    old = runs.save(replace(finished, id="20200101-000000-00000001"), cache.RUNS)
    new = runs.save(replace(finished, id="20300101-000000-00000002"), cache.RUNS)
    stranger = opened("evaluate", run=old.id)
    busy.book["one"] = replace(JOB, status="done", result_id=new.id)
    assert [toast.value for toast in app.run().toast] == ["The training is finished."]
    assert app.session_state["run"] == new.id and not app.run().toast  # once
    stranger.run()
    assert not stranger.toast and stranger.session_state["run"] == old.id and not sidebar(stranger)


def test_two_visitors_share_one_training_until_both_have_left_it(busy):
    first, second = opened("train"), opened("train")
    press(first, "Train")
    press(second, "Train")
    assert len(busy.submitted) == 1
    press(second, "Cancel")
    assert busy.cancelled == [] and "cancel-one" not in widget_keys(second.run())
    assert "cancel-one" in widget_keys(first.run())
    press(first, "Cancel")
    assert busy.cancelled == ["one"]
