"""Train on: a run that was still improving is trained again with twice the budget, and is kept."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.data.frame import build, digest
from core.events import Checkpoint, Epoch
from core.jobs.job import Job
from core.spec import from_dict, to_dict, with_values
from core.storage import experiment_log, runs
from core.types import CHECKPOINT_FORMAT, History, Run
from tests.pages.conftest import IdleQueue, captions, opened, press, text, turn, widget_keys
from ui import cache
from ui.train.settings import MORE


def falling(planned: int) -> History:
    """A loss that falls until the last validation pass that the budget allows."""
    epochs = tuple(
        Epoch(
            epoch=number,
            epochs=planned,
            train_loss=1 / number,
            val_loss=1 / number,
            lr=1e-3,
            seconds=1.0,
            eta=0.0,
            step=10 * number,
            steps=10 * planned,
        )
        for number in range(1, planned + 1)
    )
    return History(epochs=epochs, best_epoch=planned, seconds=1.0, device="cpu")


def unfinished(run: Run, **values: object) -> Run:
    """The run, saved, with a budget of three validation passes that ended too soon."""
    spec = with_values(run.spec, {path.replace("__", "."): value for path, value in values.items()})
    run = replace(run, history=falling(3), spec=spec)
    saved = runs.save(run, cache.RUNS)
    experiment_log.add(saved, cache.RUNS)
    return saved


def button(app):
    return next((one for one in app.button if one.label == "Train on"), None)


@pytest.mark.parametrize(
    ("values", "said", "longer"),
    [
        ({"train__epochs": 3}, "its budget of 3 epochs ended", {"train.epochs": 6}),
        ({"train__epochs": None, "train__steps": 30}, "its budget of 30 steps ended", {"train.steps": 60}),
        (
            {"train__epochs": None, "train__steps": 30, "train__supervision": "window"},
            "its budget of 30 steps ended",
            {"train.steps": 60},
        ),
    ],
)
def test_one_click_trains_twice_as_long_keeps_the_run_and_counts_as_an_experiment(
    queue, finished, values, said, longer
):
    first = unfinished(finished, **values)
    app = opened("evaluate", run=first.id)
    assert said in text(app) and "train." not in text(app)  # no advice for a command line
    assert not any("still improving" in caption for caption in captions(app).values())  # once
    press(app, "Train on")
    (second,) = [line.id for line in runs.list_all(cache.RUNS) if line.id != first.id]
    trained = runs.load(second, cache.RUNS)
    assert trained.spec == with_values(first.spec, longer) and trained.data_digest == first.data_digest
    assert max(e.epoch for e in trained.history.epochs) > 3
    assert runs.load(first.id, cache.RUNS).history == first.history
    log = experiment_log.load(cache.RUNS)
    assert len(log.task_of(log.of_run(second)).experiments) == 2
    assert app.title[0].value == "Train"


def test_a_training_that_had_come_to_its_end_has_no_button(idle, finished):
    run = runs.save(replace(finished, history=replace(falling(3), best_epoch=2)), cache.RUNS)
    assert button(opened("evaluate", run=run.id)) is None


def test_after_a_reload_the_train_page_offers_it_for_the_run_of_the_address(idle, finished, monkeypatch):
    monkeypatch.setattr(cache, "frame", lambda data, upload: finished.frame)
    first = unfinished(finished)
    app = opened("train", run=first.id, recipe=to_dict(first.spec))
    assert button(app) is not None and first.id in text(app) and "still improving" in text(app)
    assert button(opened("train", run=first.id)) is None  # the settings are others


def test_it_waits_for_no_training_and_is_told_apart_from_an_interrupted_one(monkeypatch, idle, finished):
    first = unfinished(finished)
    job = Job(id="one", title="Training LSTM on A", status="running", events=(), created=0.0)
    busy = IdleQueue(job)
    monkeypatch.setattr(cache, "queue", lambda: busy)
    monkeypatch.setattr(cache, "frame", lambda data, upload: first.frame)
    app = opened("evaluate", run=first.id)
    assert not button(app).disabled
    press(app, "Train on")
    assert len(busy.submitted) == 1 and "Training LSTM on A" in str(app.sidebar.get("progress")[0].proto.text)
    turn(app, "evaluate")
    assert not button(app).disabled
    busy.book["one"] = replace(job, status="cancelled")
    assert not button(app.run()).disabled
    assert not [key for key in widget_keys(app) if key.startswith("resume-")]


def test_the_boxes_show_the_new_budget_if_they_hold_the_recipe_of_the_run(idle, finished, monkeypatch):
    monkeypatch.setattr(cache, "frame", lambda data, upload: finished.frame)
    first = unfinished(finished)
    app = opened("train", run=first.id, recipe=to_dict(first.spec), **{MORE: True})
    press(app, "Train on")
    ((_, started, *_), _) = idle.submitted[0]
    assert started == with_values(first.spec, {"train.epochs": 6})
    assert from_dict(app.session_state["recipe"]).train.epochs == 6
    assert app.number_input(key="field-train.epochs").value == 6
    other = to_dict(with_values(first.spec, {"model.hidden": 9}))
    app = opened("evaluate", run=first.id, recipe=other)
    press(app, "Train on")
    assert app.session_state["recipe"] == other


def test_an_uploaded_series_trained_on_from_disk_can_be_resumed_after_an_interruption(idle, finish, recipe):
    """Nothing was uploaded in this session: the run holds its series."""
    days = pd.date_range("2024-01-01", periods=300, name="time")
    frame = build({"LOAD": pd.DataFrame({"load": [float(7 * day % 11) for day in range(300)]}, index=days)})
    values = {"data__source": "file", "data__symbols": ["LOAD"], "target__kind": "column", "target__column": "load"}
    first = unfinished(finish(pipeline.run(recipe(**values, train__epochs=1), frame))[0])
    app = press(opened("evaluate", run=first.id), "Train on")
    (_, spec, *_), handlers = idle.submitted[0]
    state = {"format": CHECKPOINT_FORMAT, "epoch": 1, "member": 1, "told": [asdict(falling(6).epochs[0])]}
    handlers["on_checkpoint"](Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state=state))
    turn(app, "train")
    assert "Interrupted after 1 of 6 epochs" in text(app) and "Resumed, it ends in the same result" in text(app)
    press(app, "Resume")
    (_, resumed, series, checkpoint), _ = idle.submitted[1]
    assert (resumed, checkpoint.state, digest(series)) == (spec, state, first.data_digest)
