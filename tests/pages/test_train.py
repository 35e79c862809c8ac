"""The model part of the Train page: kind, effort dial, settings that matter, size, learning-rate finder, live view."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import JobError
from core.events import Epoch, Progress, Stage
from core.jobs.job import Job
from core.models.registry import MODELS
from core.spec import from_dict
from core.spec.presets import EFFORTS
from core.storage import runs
from tests.pages.conftest import opened, text
from ui import cache


@pytest.fixture(autouse=True)
def short(monkeypatch, idle, frame):
    """A series of 600 sessions, so that drawing the page again and again costs little."""
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)


def recipe(app):
    return from_dict(app.session_state["recipe"])


def choose(app, kind, target=None):
    app.selectbox(key="knob-model.kind").set_value(kind).run()
    if target:
        app.selectbox(key="target-kind").set_value(target).run()
    assert not app.exception


def shown(app):
    """The paths of the settings on the screen."""
    widgets = [*app.number_input, *app.selectbox, *app.checkbox, *app.text_input]
    return {widget.key.removeprefix("knob-") for widget in widgets if (widget.key or "").startswith("knob-")}


def press(app, label):
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_the_dial_sets_the_widgets_and_a_change_by_hand_makes_them_ones_own(idle):
    app = opened("train")
    dial = app.segmented_control(key="effort")
    assert (dial.value, dial.options) == ("quick", ["Quick", "Standard", "Thorough"])
    dial.set_value("thorough").run()
    assert not app.exception
    numbers = {path: value for path, value in EFFORTS["thorough"].items() if path != "baselines.slow"}
    assert {path: app.number_input(key=f"knob-{path}").value for path in numbers} == numbers
    assert app.checkbox(key="knob-baselines.slow").value is True
    app.number_input(key="knob-model.hidden").set_value(77).run()
    assert app.segmented_control(key="effort").value == "own"
    assert recipe(app).model.hidden == 77
    app.number_input(key="knob-model.hidden").set_value(256).run()
    assert app.segmented_control(key="effort").value == "thorough"


def test_the_dial_survives_other_pages(idle):
    app = opened("train")
    app.segmented_control(key="effort").set_value("standard").run()
    app.switch_page("pages/data.py").run()
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert app.segmented_control(key="effort").value == "standard"
    assert app.number_input(key="knob-model.hidden").value == 128


def test_the_dial_turns_settings_that_the_kind_does_not_show(idle):
    app = opened("train")
    choose(app, "nlinear")
    assert "model.hidden" not in shown(app)
    app.segmented_control(key="effort").set_value("standard").run()
    assert app.segmented_control(key="effort").value == "standard"
    assert recipe(app).model.hidden == 128
    choose(app, "lstm")
    assert app.number_input(key="knob-model.hidden").value == 128


def test_a_kind_shows_the_settings_it_heeds(idle):
    app = opened("train")
    for kind, has, lacks in (
        ("transformer", {"model.heads", "model.pooling"}, {"model.bidirectional", "train.supervision"}),
        ("segment", {"model.segment", "model.layers"}, {"model.heads", "model.pooling"}),
        ("nlinear", {"train.epochs", "window.lookback"}, {"model.hidden", "model.dropout", "model.norm_layer"}),
        ("lstm", {"model.bidirectional", "train.supervision"}, {"model.heads", "model.segment"}),
    ):
        choose(app, kind)
        assert has <= shown(app)
        assert not lacks & shown(app)
        assert MODELS[kind].text in text(app)


def test_a_target_shows_the_settings_that_mean_something_for_it(idle):
    app = opened("train")
    assert not {"train.class_weights", "train.loss", "model.norm", "model.symbols"} & shown(app)
    app.selectbox(key="knob-model.head").set_value("point").run()
    assert "train.loss" in shown(app)
    choose(app, "lstm", "direction")
    assert "train.class_weights" in shown(app)
    assert not {"train.loss", "model.head"} & shown(app)
    choose(app, "lstm", "close")
    assert "model.norm" in shown(app)


def test_settings_out_of_sight_that_would_be_refused_fall_back_in_words(idle):
    app = opened("train")
    choose(app, "lstm", "direction")
    app.checkbox(key="knob-train.class_weights").check().run()
    app.selectbox(key="knob-train.supervision").set_value("every_step").run()
    assert recipe(app).train.class_weights
    choose(app, "transformer", "volatility")
    assert not app.error
    assert "the weights of classes to none" in text(app)
    assert not recipe(app).train.class_weights
    assert recipe(app).train.supervision == "auto"
    app.run()
    assert "went back to their defaults" not in text(app)


def test_other_settings_out_of_sight_stay(idle):
    app = opened("train")
    app.selectbox(key="knob-model.pooling").set_value("attention").run()
    choose(app, "segment")
    assert recipe(app).model.pooling == "attention"
    choose(app, "gru")
    assert app.selectbox(key="knob-model.pooling").value == "attention"


def test_settings_that_do_not_fit_are_refused_and_stay_on_the_screen(idle):
    app = opened("train")
    choose(app, "transformer")
    app.number_input(key="knob-model.heads").set_value(3).run()
    assert "not a multiple of model.heads" in text(app).replace("\\", "")
    press(app, "Train")
    assert idle.submitted == []
    assert app.number_input(key="knob-model.heads").value == 3


def test_the_size_is_told_before_training(idle):
    app = opened("train")
    before = next(m.value for m in app.markdown if "weights, about" in m.value)
    assert "an epoch on one core of a usual processor" in before
    app.number_input(key="knob-model.hidden").set_value(128).run()
    assert next(m.value for m in app.markdown if "weights, about" in m.value) != before


class Busy:
    """A queue with one job as it is told."""

    def __init__(self, job, result=None):
        self.held, self.value, self.submitted = job, result, []

    def jobs(self):
        return (self.held,)

    def job(self, name):
        if name != self.held.id:
            raise JobError("no such job")
        return self.held

    def submit(self, *arguments, **named):
        self.submitted.append((arguments, named))
        return self.held.id

    def result(self, name):
        return self.value

    def cancel(self, name):
        self.stopped = name


def job(status, *events, title="Training LSTM on SP500"):
    return Job(id="one", title=title, status=status, events=events, created=0.0)


def test_the_finder_runs_as_a_job_and_its_rate_is_taken_over(idle, monkeypatch):
    lr_N = np.geomspace(1e-5, 1.0, 40)
    found = (lr_N, 0.5 - 0.1 * np.exp(-((np.log10(lr_N) + 2) ** 2)), 0.00238)
    queue = Busy(job("running", Progress(done=3, total=10), title="Finding a learning rate"), found)
    monkeypatch.setattr(cache, "queue", lambda: queue)
    app = opened("train")
    press(app, "Find a learning rate")
    (function, spec, _), _ = queue.submitted[0]
    assert (function.__name__, len(spec.features)) == ("find_rate", 7)
    assert "Finding a learning rate" in text(app)
    queue.held = replace(queue.held, status="done")
    app.run()
    assert "the loss falls fastest at 2.4e" in text(app).replace("\\", "")
    press(app, "Use 2.4e-3")
    assert recipe(app).train.learning_rate == app.number_input(key="knob-train.learning_rate").value == 0.0024
    assert "Other settings have changed" not in text(app)
    app.number_input(key="knob-model.hidden").set_value(32).run()
    assert "Other settings have changed" in text(app)
    press(app, "Close")
    assert "the loss falls fastest" not in text(app)


def test_a_finder_that_the_server_forgot_is_forgotten(idle):
    app = opened("train")
    press(app, "Find a learning rate")  # the idle queue knows no job
    assert len(idle.submitted) == 1
    assert "rates-job" not in app.session_state


def test_an_ensemble_is_watched_network_by_network_with_its_gradient(idle, monkeypatch):
    epochs = [
        Epoch(
            epoch=n,
            epochs=40,
            train_loss=0.5,
            val_loss=0.6 - n / 100,
            lr=1e-3,
            seconds=float(n),
            eta=30.0,
            grad_norm=0.7,
            grad_norm_max=1.9,
            member=member,
            members=5,
            final=member == 1 and n == 3,
        )
        for member in (1, 2, 3)
        for n in (1, 2, 3)
    ]
    monkeypatch.setattr(cache, "queue", lambda: Busy(job("running", Stage(name="train", text="Training"), *epochs)))
    app = opened("train")
    told = str(app.get("progress")[0].proto.text)
    assert "Network 2 of 5 · epoch 3 of at most 40 · 2 networks at a time · about 30 s" in told
    assert len(app.get("echarts_chart")) == 2
    assert "0.5700, in epoch 3" in text(app)


def test_a_training_that_ended_early_says_why(saved, finished):
    hurt = replace(
        finished,
        id="20300101-000000-00000001",
        history=replace(
            finished.history,
            problem="The gradient exploded in epoch 3: its norm reached inf. The weights of epoch 2 were kept.",
        ),
    )
    runs.save(hurt, cache.RUNS)
    app = opened("evaluate")
    assert "Training ended early" in text(app)
    assert "The gradient exploded in epoch 3" in text(app)
    assert "One network, trained on one core of the processor in" in text(app)


def test_the_networks_that_answer_are_counted_and_not_those_that_were_planned(saved, finished):
    planned = tuple(replace(epoch, members=5) for epoch in finished.history.epochs)
    weights = {f"members.{i}.{name}": value for i in range(2) for name, value in finished.weights.items()}
    run = replace(
        finished,
        id="20300101-000000-00000002",
        weights=weights,
        history=replace(finished.history, epochs=planned, problem="Memory ran out in epoch 3 of network 3."),
    )
    runs.save(run, cache.RUNS)
    assert "2 networks, trained on one core of the processor each in" in text(opened("evaluate"))


def test_a_shortest_window_can_be_typed_and_goes_with_kinds_that_take_none(idle):
    app = opened("train")
    assert app.number_input(key="knob-window.min_length").value is None
    app.number_input(key="knob-window.min_length").set_value(20).run()
    assert from_dict(app.session_state["recipe"]).window.min_length == 20
    app.selectbox(key="knob-model.kind").set_value("segment").run()
    assert not app.exception and not app.error
    assert from_dict(app.session_state["recipe"]).window.min_length is None
    assert "windows to whole ones" in text(app)


def test_two_clicks_for_one_recipe_train_once(idle, monkeypatch):
    queue = Busy(job("running"))
    monkeypatch.setattr(cache, "queue", lambda: queue)
    app = opened("train")
    press(app, "Train")
    press(app, "Train")
    assert len(queue.submitted) == 1 and app.session_state["job"] == "one"
    app.number_input(key="knob-model.hidden").set_value(32).run()
    press(app, "Train")
    assert len(queue.submitted) == 2  # another recipe
    press(app, "Cancel")
    press(app, "Train")
    assert queue.stopped == "one" and len(queue.submitted) == 3  # the one before is on its way out
    queue.held = replace(queue.held, status="done")
    press(app, "Train")
    assert len(queue.submitted) == 4
