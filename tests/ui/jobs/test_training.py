"""Trainings belong to the visitor who started them; two clicks make one; strangers only see a busy machine."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import JobError
from core.events import Checkpoint
from core.jobs.job import Job
from core.jobs.quotas import Quotas
from core.spec import with_values
from core.storage import checkpoints, runs, visitors
from core.types import CHECKPOINT_FORMAT
from tests.conftest import small
from tests.pages.conftest import IdleQueue, opened, press, text, turn, widget_keys
from ui import cache
from ui.jobs import training

JOB = Job(id="one", title="Training LSTM on A", status="running", events=(), created=0.0)


@pytest.fixture
def busy(monkeypatch, idle, frame):
    """A queue that answers every submission with one running job, and a short series."""
    queue = IdleQueue(JOB)
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    return queue


def sidebar(app) -> str:
    lines = [bar.proto.text for bar in app.sidebar.get("progress")]
    return "\n".join([*lines, *(caption.value for caption in app.sidebar.caption)])


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
    for page in ("runs", "", "train"):
        turn(app, page)
        assert "Training LSTM on A: waiting" in sidebar(app) or "Training LSTM on A: preparing" in sidebar(app)
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
    assert [toast.value for toast in app.run().toast] == ["Training LSTM on A is finished."]
    assert app.session_state["run"] == new.id and not app.run().toast  # once
    assert not opened("", visitor=app.session_state["visitor"]).toast  # nor after a reload
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


def test_a_run_that_was_opened_meanwhile_stays_on_show(busy, finished):
    app = opened("train")
    press(app, "Train")
    old = runs.save(replace(finished, id="20200101-000000-00000001"), cache.RUNS)
    new = runs.save(replace(finished, id="20300101-000000-00000002"), cache.RUNS)
    app.query_params["run"] = old.id  # a link
    app.run()
    busy.book["one"] = replace(JOB, status="done", result_id=new.id)
    assert app.run().toast and app.session_state["run"] == old.id


def test_the_newest_run_is_ones_own_and_never_a_strangers(busy, finished):
    ann = visitors.new_id()
    assert "You have trained nothing yet" in text(opened("evaluate", visitor=ann))
    press(opened("train", visitor=ann), "Train")
    own = runs.save(replace(finished, id="20200101-000000-00000001"), cache.RUNS)
    entry, _, on_saved = busy.submitted[0][1]["on_result"].args
    on_saved(entry.owners, own.id)
    runs.save(replace(finished, id="20300101-000000-00000002"), cache.RUNS)  # somebody else's, newer
    assert own.id in text(opened("evaluate", visitor=ann))
    assert "You have trained nothing yet" in text(opened("evaluate", visitor=visitors.new_id()))
    runs.delete(own.id, cache.RUNS)
    assert "You have trained nothing yet" in text(opened("evaluate", visitor=ann))


def test_the_sidebar_switches_between_ones_runs_and_the_opened_one(idle, finished):
    ann, names = visitors.new_id(), [f"2020010{day}-000000-0000000{day}" for day in (1, 2, 3)]
    for day, name in enumerate(names, 1):
        runs.save(replace(finished, id=name, created=f"2020-01-0{day}T00:00:00+00:00"), cache.RUNS)
    for name in names[:2]:
        training_of = visitors.Training(key=name, recipe=visitors.Recipe(text=""), run=name)
        visitors.finish_training(ann, training_of, cache.RUNS)
    app = opened("evaluate", visitor=ann)
    switch = next(box for box in app.sidebar.selectbox if box.label == "Run")
    assert switch.value == names[1] and len(switch.options) == 2
    assert switch.options[0].startswith("LSTM on A: realised volatility, 5 days ahead")
    switch.set_value(names[0]).run()
    assert names[0] in text(app) and names[0] in app.query_params["run"]
    shared = opened("evaluate", visitor=ann, run=names[2])
    switch = next(box for box in shared.sidebar.selectbox if box.label == "Run")
    assert switch.value == names[2] and len(switch.options) == 3
    assert len(opened("evaluate", visitor=ann).sidebar.selectbox[0].options) == 2


def test_the_steps_of_every_network_count_against_the_quota(busy, frame, monkeypatch):
    monkeypatch.setattr(cache, "quotas", lambda: Quotas(steps=5000))
    own = ["train.steps=4000", "train.steps=1000"]
    spec = with_values(small(), {"train.epochs": None, "train.steps": 10, "train.ensemble": 2})
    training.check_quotas(with_values(spec, {"train.member_settings": own[:1]}), frame)
    with pytest.raises(JobError, match=r"5,000"):
        training.check_quotas(with_values(spec, {"train.member_settings": [own[0], "train.steps=1001"]}), frame)


def test_an_interrupted_training_is_offered_to_its_visitor_alone(busy, frame):
    ann = visitors.new_id()
    app = opened("train", visitor=ann)
    press(app, "Train")
    spec, state = busy.submitted[0][0][1], {"format": CHECKPOINT_FORMAT, "epoch": 1, "member": 1}
    saved = Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state=state)
    checkpoints.save(saved, spec, cache.digest(frame), None, cache.RUNS)
    busy.book["one"] = replace(JOB, status="failed", error="killed")
    assert "Interrupted" in text(app.run()) and "Interrupted" not in text(opened("train"))
