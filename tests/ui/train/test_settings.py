"""The settings of a recipe: model, effort dial, the fields that matter, and the size of the model."""

import pytest

from core.models.kinds import MODELS
from core.spec import from_dict
from core.spec.presets import EFFORTS
from tests.pages.conftest import errors, opened, press, text, turn, widget_keys
from ui.train.settings import MORE

pytestmark = pytest.mark.usefixtures("short")


def open_all():
    """The Train page with all its settings open."""
    return opened("train", **{MORE: True})


def recipe(app):
    return from_dict(app.session_state["recipe"])


def choose(app, kind, target=None):
    app.selectbox(key="field-model.kind").set_value(kind).run()
    if target:
        app.selectbox(key="target-kind").set_value(target).run()
    assert not app.exception


def dial(app):
    return next(control for control in app.segmented_control if control.label == "Effort")


def shown(app):
    """The paths of the fields on the screen."""
    return {key.removeprefix("field-") for key in widget_keys(app) if key.startswith("field-")}


def resets(app):
    return [box.value for box in app.info if "were reset" in box.value]


def test_the_dial_sets_the_widgets_and_a_change_by_hand_turns_it_to_own(idle):
    app = open_all()
    control = dial(app)
    assert (control.value, control.options) == ("quick", ["Quick", "Standard", "Thorough"])
    control.set_value("thorough").run()
    assert not app.exception
    numbers = {path: value for path, value in EFFORTS["thorough"].items() if path != "baselines.slow"}
    assert {path: app.number_input(key=f"field-{path}").value for path in numbers} == numbers
    assert app.checkbox(key="field-baselines.slow").value is True
    app.number_input(key="field-model.hidden").set_value(77).run()
    assert dial(app).value == "own"
    assert recipe(app).model.hidden == 77
    app.number_input(key="field-model.hidden").set_value(256).run()
    assert dial(app).value == "thorough"


def test_the_dial_survives_other_pages(idle):
    app = open_all()
    dial(app).set_value("standard").run()
    turn(turn(app, "data"), "train")
    assert dial(app).value == "standard"
    assert app.number_input(key="field-model.hidden").value == 128


def test_the_dial_sets_fields_that_the_model_does_not_show(idle):
    app = open_all()
    choose(app, "nlinear")
    assert "model.hidden" not in shown(app)
    dial(app).set_value("standard").run()
    assert dial(app).value == "standard"
    assert recipe(app).model.hidden == 128
    choose(app, "lstm")
    assert app.number_input(key="field-model.hidden").value == 128


def test_a_model_shows_the_fields_it_uses(idle):
    app = open_all()
    for kind, has, lacks in (
        ("transformer", {"model.heads", "model.pooling"}, {"model.bidirectional", "train.supervision"}),
        ("segment", {"model.segment", "model.layers"}, {"model.heads", "model.pooling"}),
        ("nlinear", {"train.steps", "window.lookback"}, {"model.hidden", "model.dropout", "model.norm_layer"}),
        ("lstm", {"model.bidirectional", "train.supervision"}, {"model.heads", "model.segment"}),
    ):
        choose(app, kind)
        assert has <= shown(app)
        assert not lacks & shown(app)
        assert MODELS[kind].text in text(app)


def test_a_target_shows_the_fields_that_matter_for_it(idle):
    app = open_all()
    assert not {"train.class_weights", "train.loss", "model.norm", "model.symbols"} & shown(app)
    app.selectbox(key="field-model.head").set_value("point").run()
    assert "train.loss" in shown(app)
    choose(app, "lstm", "direction")
    assert "train.class_weights" in shown(app)
    assert not {"train.loss", "model.head"} & shown(app)
    choose(app, "lstm", "close")
    assert "model.norm" in shown(app)


def test_fields_out_of_sight_that_would_be_refused_are_reset_with_a_sentence(idle):
    app = open_all()
    choose(app, "lstm", "direction")
    app.checkbox(key="field-train.class_weights").check().run()
    app.selectbox(key="field-train.supervision").set_value("every_step").run()
    assert recipe(app).train.class_weights
    choose(app, "transformer", "volatility")
    assert not app.error
    assert "class weights" in resets(app)[0]
    assert not recipe(app).train.class_weights
    assert recipe(app).train.supervision == "auto"
    app.run()
    assert not resets(app)


def test_other_fields_out_of_sight_stay(idle):
    app = open_all()
    app.selectbox(key="field-model.pooling").set_value("attention").run()
    choose(app, "segment")
    assert recipe(app).model.pooling == "attention"
    choose(app, "gru")
    assert app.selectbox(key="field-model.pooling").value == "attention"


def test_fields_that_contradict_each_other_are_refused_and_stay_on_the_screen(idle):
    app = open_all()
    choose(app, "transformer")
    app.number_input(key="field-model.heads").set_value(3).run()
    assert "model.heads" in errors(app)[0]
    press(app, "Train")
    assert idle.submitted == []
    assert app.number_input(key="field-model.heads").value == 3


def test_a_minimum_window_can_be_typed_and_is_reset_for_models_that_take_none(idle):
    app = open_all()
    assert app.number_input(key="field-window.min_length").value is None
    app.number_input(key="field-window.min_length").set_value(20).run()
    assert recipe(app).window.min_length == 20
    app.selectbox(key="field-model.kind").set_value("segment").run()
    assert not app.exception and not app.error
    assert recipe(app).window.min_length is None
    assert "shortest window" in resets(app)[0]


def test_the_size_is_shown_before_training(idle):
    def size(app):
        return next(box.value for box in app.markdown if "weights, about" in box.value)

    app = open_all()
    before = size(app)
    assert "for 1,500 steps on one typical CPU core" in before
    app.number_input(key="field-model.hidden").set_value(128).run()
    assert size(app) != before


def test_a_closed_panel_draws_nothing_and_its_settings_stay(idle):
    app = open_all()
    app.number_input(key="field-seed").set_value(3).run()
    app.session_state[MORE] = False
    app.run()
    assert "seed" not in shown(app) and len(shown(app)) == 8
    press(app, "Train")
    (_, spec, *_), _ = idle.submitted[0]
    assert spec.seed == 3
    app.session_state[MORE] = True
    app.run()
    assert app.number_input(key="field-seed").value == 3
