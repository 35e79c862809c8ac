"""The Train page: it submits what the form says, checks features, refuses with numbers, and resumes trainings."""

from dataclasses import asdict, replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from core.data.frame import build
from core.data.frame import digest as digest_of
from core.data.sources.uploads import save
from core.datasets.windows import resolve
from core.events import Checkpoint, Epoch
from core.features.registry import CATALOGUE
from core.spec import Data, Spec, Target, from_dict, to_dict, with_values
from core.storage import checkpoints, visitors
from core.types import CHECKPOINT_FORMAT
from tests.pages.conftest import opened, press, text
from ui import cache
from ui.train import interrupted

EPOCH = Epoch(epoch=12, epochs=30, train_loss=0.5, val_loss=0.6, lr=1e-3, seconds=9.0, eta=3.0, step=600, steps=1500)


def test_train_submits_what_the_form_says(idle):
    app = opened("train")
    app.number_input(key="field-window.lookback").set_value(30)
    app.number_input(key="field-model.hidden").set_value(16)
    press(app, "Train")
    (_, spec, *_), _ = idle.submitted[0]
    assert (spec.window.lookback, spec.model.hidden) == (30, 16)
    assert spec.features == (
        "return",
        "abs_return",
        "log_range",
        "log_range_mean:5",
        "log_range_mean:22",
        "volume_change",
        "negative_return",
    )


def test_features_checked_for_lookahead_are_listed_and_a_cheat_is_named(idle, monkeypatch):
    app = opened("train")
    assert "None of 7 features looks ahead" in [expander.label for expander in app.expander]
    assert text(app).count("passed]") == 7 and "`negative_return`" in text(app)
    shifted = replace(CATALOGUE["return"], function=lambda inputs, _: inputs["level"].shift(-3), rows=lambda _: 0)
    monkeypatch.setitem(CATALOGUE, "return", shifted)
    st.cache_data.clear()
    app.run()
    assert len(app.error) == 1 and "return (by 3" in text(app)
    press(app, "Train")
    assert idle.submitted == []
    app.checkbox(key="allow-lookahead").check().run()
    assert not app.error and [box for box in app.warning if "Not known in time" in box.value]
    press(app, "Train")
    (_, spec, *_), _ = idle.submitted[0]
    assert spec.allow_lookahead


def starter(key: str) -> str:
    """A visitor who started the training of this key."""
    visitor = visitors.new_id()
    visitors.start_training(visitor, key, visitors.Recipe(text=""), cache.RUNS)
    return visitor


def test_an_interrupted_training_is_resumed_or_forgotten(idle):
    spec = resolve(with_values(Spec(), {"model.hidden": 16}), cache.frame(Spec().data, None))
    digest = digest_of(cache.frame(Spec().data, None))
    state = {"format": CHECKPOINT_FORMAT, "epoch": 12, "member": 1, "told": [asdict(EPOCH)]}
    saved = Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state=state)
    checkpoints.save(saved, spec, digest, None, cache.RUNS)
    app = opened("train", visitor=starter(checkpoints.key(spec, digest)))
    assert "Interrupted after 600 of 1,500 steps, less than an hour ago" in text(app)
    key = checkpoints.key(spec, digest)
    app.button(key=f"resume-{key}").click().run()
    (_, sent, _, checkpoint), _ = idle.submitted[0]
    assert sent == spec and checkpoint.state == state
    assert from_dict(app.session_state["recipe"]) == spec and app.number_input(key="field-model.hidden").value == 16
    app.button(key=f"discard-{key}").click().run()
    assert "Interrupted" not in text(app) and checkpoints.list_all(cache.RUNS) == ()


@pytest.mark.parametrize(
    ("values", "last", "member", "words"),
    [
        ({}, EPOCH, 1, "Interrupted after 600 of 1,500 steps, "),
        ({"train.epochs": 30}, EPOCH, 1, "Interrupted after 12 of 30 epochs, "),
        ({"train.ensemble": 3}, EPOCH, 2, "Interrupted after 600 of 1,500 steps of network 2, "),
        ({"train.ensemble": 3}, None, 2, "Interrupted before network 2, "),
        ({}, None, 1, "Interrupted, "),  # before the first validation pass, or by an earlier version
    ],
)
def test_an_interrupted_training_counts_what_its_recipe_counts(values, last, member, words):
    line = checkpoints.InterruptedRun(
        key="a", spec=with_values(Spec(), values), upload=None, last=last, member=member, saved_at=0.0
    )
    assert words in interrupted.describe(line)


def test_a_training_of_an_earlier_version_can_only_be_forgotten(idle):
    spec = resolve(with_values(Spec(), {"model.hidden": 16}), cache.frame(Spec().data, None))
    digest = digest_of(cache.frame(Spec().data, None))
    saved = Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state={"format": 2, "epoch": 12, "member": 1})
    checkpoints.save(saved, spec, digest, None, cache.RUNS)
    app = opened("train", visitor=starter(checkpoints.key(spec, digest)))
    assert "It was trained by an earlier version and cannot be resumed" in text(app)
    key = checkpoints.key(spec, digest)
    assert app.button(key=f"resume-{key}").disabled
    app.button(key=f"discard-{key}").click().run()
    assert checkpoints.list_all(cache.RUNS) == ()


def test_a_direction_has_a_dead_zone(idle):
    app = opened("train")
    app.selectbox(key="target-kind").set_value("direction").run()
    app.number_input(key="field-target.dead_zone").set_value(0.002).run()
    press(app, "Train")
    assert idle.submitted[0][0][1].target.dead_zone == 0.002


@pytest.mark.parametrize("kind", ["close", "log_return", "direction", "column"])
def test_every_target_has_default_features(idle, kind):
    app = opened("train")
    app.selectbox(key="target-kind").set_value(kind).run()
    assert not app.exception
    press(app, "Train")
    (_, spec, *_), _ = idle.submitted[0]
    assert spec.target.kind == kind
    assert spec.features


def test_a_window_too_long_for_the_series_is_refused_with_numbers_and_the_form_keeps_its_values(idle):
    days = pd.date_range("2024-01-01", periods=30, name="time")
    frame = build({"LOAD": pd.DataFrame({"load": [float(7 * day % 11) for day in range(1, 31)]}, index=days)})
    recipe = Spec(data=Data(source="file", symbols=("LOAD",)), target=Target(kind="column", column="load", horizon=2))
    app = opened("train", upload=save(frame, cache.DOWNLOADS / "uploads"), recipe=to_dict(recipe))
    app.number_input(key="field-model.hidden").set_value(17)
    press(app, "Train")
    assert idle.submitted == []
    assert app.error and "19 usable rows" in text(app) and "24" in app.error[0].value
    assert app.number_input(key="field-model.hidden").value == 17


def test_a_window_left_to_the_data_is_an_empty_box_with_its_length(idle):
    days = pd.date_range("2024-01-01", periods=400, name="time")
    frame = build({"LOAD": pd.DataFrame({"load": [float(7 * day % 11) for day in range(400)]}, index=days)})
    recipe = Spec(data=Data(source="file", symbols=("LOAD",)), target=Target(kind="column", column="load", horizon=2))
    app = opened("train", upload=save(frame, cache.DOWNLOADS / "uploads"), recipe=to_dict(recipe))
    box = app.number_input(key="field-window.lookback")
    assert (box.value, box.placeholder) == (None, "from the data") and "each holds 24 rows" in text(app)
    press(app, "Train")
    assert idle.submitted[-1][0][1].window.lookback == 24
    app.number_input(key="field-window.lookback").set_value(30).run()
    assert from_dict(app.session_state["recipe"]).window.lookback == 30 and "each holds 30 rows" in text(app)
    dial = next(control for control in app.segmented_control if control.label == "Effort")
    assert dial.value == "own"
    dial.set_value("quick").run()
    box = app.number_input(key="field-window.lookback")
    assert (box.value, box.placeholder) == (None, "from the data")
    assert from_dict(app.session_state["recipe"]).window.lookback == 0
    assert next(control for control in app.segmented_control if control.label == "Effort").value == "quick"
    app.number_input(key="field-window.lookback").set_value(30).run()
    app.run()
    app.number_input(key="field-window.lookback").set_value(None).run()  # emptied by hand
    assert from_dict(app.session_state["recipe"]).window.lookback == 0
    assert next(control for control in app.segmented_control if control.label == "Effort").value == "quick"
