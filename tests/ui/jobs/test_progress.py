"""A training while it runs, and how the page tells its end."""

from dataclasses import replace

import pytest

from core.events import Epoch, Stage
from core.jobs.job import Job
from tests.pages.conftest import IdleQueue, opened, press, text, widget_keys
from ui import cache


@pytest.fixture
def train(monkeypatch, idle, frame):
    """(status, events and other fields of a job) → the Train page of the visitor who started it."""

    def start(status, *events, **fields):
        queue = IdleQueue(Job(id="one", title="Training LSTM", status=status, events=events, created=0.0, **fields))
        monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
        monkeypatch.setattr(cache, "queue", lambda: queue)
        return press(opened("train"), "Train"), queue

    return start


def epoch(number: int, member: int) -> Epoch:
    return Epoch(
        epoch=number,
        epochs=40,
        train_loss=0.5,
        val_loss=0.6 - number / 100,
        lr=1e-3,
        seconds=float(number),
        eta=30.0,
        grad_norm=0.7,
        grad_norm_max=1.9,
        member=member,
        members=5,
        final=member == 1 and number == 3,
    )


def test_an_ensemble_is_followed_network_by_network_with_its_gradient_norm(train):
    epochs = [epoch(number, member) for member in (1, 2, 3) for number in (1, 2, 3)]
    app, _ = train("running", Stage(name="train", text="Training"), *epochs)
    bar = str(app.get("progress")[0].proto.text)
    assert "Network 2 of 5 · epoch 3 of at most 40 · 2 networks at a time · about 30 s" in bar
    assert len(app.get("echarts_chart")) == 2
    assert "0.5700, after epoch 3" in text(app)


@pytest.mark.parametrize(("unit", "words"), [("step", "Step 36 of at most 480"), ("epoch", "Epoch 3 of at most 40")])
def test_progress_counts_what_the_recipe_counts_also_in_the_stages_that_follow(train, unit, words):
    epochs = [replace(epoch(number, 2), step=12 * number, steps=480, members=1, member=1) for number in (1, 2, 3)]
    stages = (Stage(name="train", text="Training", unit=unit), Stage(name="evaluate", text="Forecasting"))
    app, _ = train("running", stages[0], *epochs, stages[1])
    assert words in str(app.get("progress")[0].proto.text)
    assert f"0.5700, after {unit} {36 if unit == 'step' else 3}" in text(app)


def test_a_job_that_waits_shows_so(train):
    app, _ = train("queued")
    assert "Waiting for a worker process" in text(app) and len(app.get("progress")) == 1


def test_a_cancelled_training_says_so(train):
    app, _ = train("cancelled", ended=1.0)
    assert [box for box in app.info if "was cancelled" in box.value] and "cancel-one" not in widget_keys(app)


def test_a_result_that_could_not_be_saved_can_be_saved_again(train):
    app, queue = train("failed", ended=1.0, error="The disk is full.")
    assert "The disk is full" in text(app) and "save-one" not in widget_keys(app)
    queue.results["one"], attempts = object(), []
    queue.retry_save = attempts.append
    app.run().button(key="save-one").click().run()
    assert attempts == ["one"] and not app.exception


def test_a_bug_has_its_traceback_in_a_box(train):
    app, _ = train("failed", ended=1.0, error="KeyError: 'a'", traceback="Traceback …")
    assert [box.value for box in app.code] == ["Traceback …"]
