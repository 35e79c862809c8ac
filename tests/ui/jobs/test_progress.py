"""A training while it runs, and how the page tells its end."""

import time
from dataclasses import replace

import pytest

from core.events import Cost, Epoch, Stage
from core.jobs import losses
from core.jobs.job import Job, Timed
from tests.pages.conftest import IdleQueue, opened, plain, press, text, widget_keys
from ui import cache


@pytest.fixture
def train(monkeypatch, idle, frame):
    """(status, events and other fields of a job) → the Train page of the visitor who started it."""

    def start(status, *events, **fields):
        now = time.time()
        stages = tuple(Timed(at=now, event=event) for event in events if isinstance(event, Stage))
        job = Job(id="one", title="Training LSTM", status=status, events=events, created=now, started=now, **fields)
        queue = IdleQueue(replace(job, stages=stages))
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
    bar = str(app.main.get("progress")[0].proto.text)
    assert (
        "Training · network 2 of 5 · epoch 3 of at most 40 · 2 networks at a time · at most about 30 s left"
        in plain(bar)
    )
    assert len(app.get("echarts_chart")) == 2
    assert "0.5700, after epoch 3" in text(app)


@pytest.mark.parametrize(("unit", "words"), [("step", "step 36 of at most 480"), ("epoch", "epoch 3 of at most 40")])
def test_progress_counts_what_the_recipe_counts(train, unit, words):
    epochs = [replace(epoch(number, 2), step=12 * number, steps=480, members=1, member=1) for number in (1, 2, 3)]
    app, _ = train("running", Stage(name="train", text="Training", unit=unit), *epochs)
    assert plain(app.main.get("progress")[0].proto.text) == f"Training · {words} · at most about 30 s left"
    assert f"0.5700, after {unit} {36 if unit == 'step' else 3}" in text(app)


def test_a_stage_after_training_says_its_own_name_and_the_bar_never_goes_back_nor_full(train):
    epochs = [replace(epoch(number, 2), members=1, member=1) for number in (1, 2, 3)]
    stages = (Stage(name="train", text="Training"), Stage(name="evaluate", text="Forecasting"))
    app, queue = train("running", stages[0], *epochs, stages[1])
    assert plain(app.main.get("progress")[0].proto.text) == "Evaluating · estimating the time left"
    app.session_state["share-one"] = 0.6
    assert app.run().main.get("progress")[0].proto.value == 60
    job = queue.book["one"]
    queue.book["one"] = replace(job, cost=Cost(seconds={"train": 1.0, "evaluate": 1e-9}), started=job.started - 1000)
    assert app.run().main.get("progress")[0].proto.value == 99


def test_a_training_that_lost_its_worker_says_what_to_do(train):
    error = losses.describe(losses.Loss(exit_code=-9), twice=True, kept=True)
    app, _ = train("failed", ended=1.0, error=error, lost=True, kept=True)
    assert any("press “Resume” on the Train page" in box.value and "SIGKILL" in box.value for box in app.error)
    again, _ = train("running", Stage(name="train", text="Training"), resumed=True)
    assert "went on from its last checkpoint" in text(again)


def test_a_job_that_waits_shows_so(train):
    app, _ = train("queued")
    assert "Waiting for a worker process" in text(app) and len(app.main.get("progress")) == 1


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
