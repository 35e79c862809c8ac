"""What a browser says before it has drawn the last answer: old values are echoes, new ones are choices."""

import numpy as np
import pytest

from core.data.frame import digest
from core.datasets.windows import resolve
from core.events import Checkpoint
from core.spec import Spec, from_dict, with_values
from core.spec.presets import EFFORTS
from core.storage import checkpoints, visitors
from core.types import CHECKPOINT_FORMAT
from tests.pages.conftest import checked, opened, press
from ui import cache
from ui.train.settings import MORE

pytestmark = pytest.mark.usefixtures("short")


class Browser:
    """A browser that goes on showing a page until it draws the answer: it sends all that it shows."""

    def __init__(self, app):
        self.app = app
        self.draw()

    def draw(self):
        """Draw the last answer."""
        app = self.app
        for widget in (*app.number_input, *app.selectbox, *app.checkbox, *app.segmented_control, *app.multiselect):
            widget.set_value(widget.value)
        self.drawn = app._tree

    def send(self):
        """Send what is shown; the answer is on its way."""
        checked(self.app._tree.run())
        self.answer, self.app._tree = self.app._tree, self.drawn

    def number(self, path, value):
        self.app.number_input(key=f"field-{path}").set_value(value)
        self.send()

    def box(self, kind, label, value):
        next(box for box in getattr(self.app, kind) if box.label == label).set_value(value)
        self.send()

    def arrive(self):
        """The last answer arrives."""
        self.app._tree = self.answer
        self.draw()


@pytest.fixture
def browser(idle):
    return Browser(opened("train", **{MORE: True}))


def recipe(browser):
    return from_dict(browser.app.session_state["recipe"])


def trained(browser, idle):
    press(browser.app, "Train")
    return idle.submitted[-1][0][1]


def test_numbers_typed_before_the_first_answer_are_trained(browser, idle):
    browser.number("train.steps", 541)  # the dial turns to "own", which the browser does not show yet
    browser.number("window.lookback", 20)
    browser.number("train.patience", 3)
    spec = trained(browser, idle)
    assert (spec.train.steps, spec.window.lookback, spec.train.patience) == (541, 20, 3)


def test_a_dial_turned_before_the_answer_to_a_number_is_turned(browser, idle):
    browser.number("train.steps", 541)
    browser.box("segmented_control", "Effort", "standard")
    assert recipe(browser).train.steps == EFFORTS["standard"]["train.steps"]
    browser.number("train.patience", 3)  # once it is turned, this is no second turn
    assert recipe(browser).train.patience == 3


def test_a_number_typed_before_the_answer_to_a_turn_of_the_dial_leaves_the_other_boxes_turned(browser, idle):
    browser.box("segmented_control", "Effort", "thorough")
    browser.number("train.steps", 541)
    browser.number("seed", 7)
    browser.arrive()
    spec = trained(browser, idle)
    assert (spec.train.steps, spec.seed) == (541, 7)
    others = {path: value for path, value in EFFORTS["thorough"].items() if path != "train.steps"}
    assert {path: getattr(getattr(spec, path.split(".")[0]), path.split(".")[1]) for path in others} == others


def test_values_from_before_a_turn_can_be_chosen_again_one_by_one(browser, idle):
    browser.box("segmented_control", "Effort", "thorough")
    browser.arrive()
    for path in ("window.lookback", "model.hidden", "model.layers", "train.steps", "train.patience"):
        browser.number(path, EFFORTS["quick"][path])
        browser.arrive()
    browser.number("model.dropout", EFFORTS["quick"]["model.dropout"])
    browser.arrive()
    browser.box("checkbox", "Slow baselines", False)
    browser.arrive()
    spec = trained(browser, idle)
    assert (spec.model.hidden, spec.train.steps, spec.baselines.slow) == (64, 1500, False)


def test_features_follow_a_target_whose_answer_has_not_arrived(browser, idle):
    browser.box("selectbox", "Forecast", "close")
    browser.number("train.steps", 2)
    spec = recipe(browser)
    assert spec.target.kind == "close" and spec.train.steps == 2
    assert spec.features == tuple(f"column:{name}" for name in ("open", "high", "low", "close", "volume"))


def test_features_chosen_before_the_answer_to_a_target_are_kept(browser, idle):
    browser.box("selectbox", "Forecast", "direction")
    browser.box("multiselect", "Features", ["return", "abs_return"])
    browser.number("train.steps", 2)
    assert recipe(browser).features == ("return", "abs_return")


def test_features_cleared_stay_cleared_when_a_number_is_typed_before_the_answer(browser, idle):
    browser.app.button(key="picker-clear").click()
    browser.send()
    browser.app.button(key="picker-clear").set_value(False)
    browser.number("train.steps", 2)
    assert recipe(browser).features == ()


def test_a_number_typed_before_the_answer_to_resume_leaves_the_resumed_recipe_in_the_other_boxes(idle, frame):
    resumed = with_values(Spec(), {"target.kind": "direction", "model.hidden": 16, "train.steps": 9})
    resumed = resolve(resumed, frame)
    state = {"format": CHECKPOINT_FORMAT, "epoch": 1, "member": 1}
    saved = Checkpoint(arrays={"net/a": np.zeros(2, np.float32)}, state=state)
    checkpoints.save(saved, resumed, digest(frame), None, cache.RUNS)
    key, visitor = checkpoints.key(resumed, digest(frame)), visitors.new_id()
    visitors.start_training(visitor, key, visitors.Recipe(text=""), cache.RUNS)
    browser, button = Browser(opened("train", visitor=visitor, **{MORE: True})), f"resume-{key}"
    browser.app.button(key=button).click()
    browser.send()
    assert idle.submitted[-1][0][1] == resumed
    browser.app.button(key=button).set_value(False)
    browser.number("seed", 7)
    browser.arrive()
    assert recipe(browser) == with_values(resumed, {"seed": 7})
