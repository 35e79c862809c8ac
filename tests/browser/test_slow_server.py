"""A newcomer on a slow server: what is trained is what stood in the boxes at the click, however fast it was typed."""

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from core.features import naming
from core.spec import PARTS, Spec
from core.spec.fields import fields_of
from core.storage import runs
from tests.browser.conftest import SLOW, Server, fill, heading, visitor

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
# Every reply of the server reaches the page late by so many ms. What the visitor does leaves at once.
LATE_REPLIES = """
const listen = WebSocket.prototype.addEventListener;
WebSocket.prototype.addEventListener = function(type, listener, ...rest) {
  const late = event => setTimeout(() => listener.call(this, event), DELAY);
  return listen.call(this, type, type === 'message' ? late : listener, ...rest);
};
"""
VOLUME = naming.name("volume_change", "day")
# What stands in the boxes at the moment of each click on a button: numbers by their label, and the chosen features.
WATCH = """
document.addEventListener('click', event => {
  if (event.target.closest('button')?.innerText.trim().endsWith('Train')) window.atClick = {
    numbers: Object.fromEntries([...document.querySelectorAll('input[type=number]')].map(i => [i.ariaLabel, i.value])),
    features: [...document.querySelectorAll('[data-testid=stMultiSelect] [data-tag]')].map(tag => tag.ariaLabel),
    model: document.querySelector('input[role=combobox][aria-label=Model]').value,
  };
}, true);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AtClick:
    """What the page showed when Train was clicked."""

    numbers: dict[str, float]
    features: tuple[str, ...]
    model: str


@pytest.fixture
def page(chromium: Browser, server: Server):
    """A tab of its own: the scripts that it adds to its pages stay."""
    with visitor(chromium, server) as tab:
        yield tab
        expect(tab.get_by_test_id("stException")).to_have_count(0)


def open_train(page: Page, delay: int) -> None:
    page.add_init_script(LATE_REPLIES.replace("DELAY", str(delay)))
    page.add_init_script(WATCH)
    page.goto("/train")
    heading(page, "Train")
    expect(page.get_by_label("Training steps", exact=True)).to_be_visible()


def train(page: Page, server: Server) -> tuple[AtClick, Spec]:
    """What stood in the boxes at the click on Train, and the recipe of the run."""
    before = {summary.id for summary in runs.list_all(server.runs)}
    page.get_by_role("button", name="Train", exact=True).click()
    shown: dict[str, Any] = page.evaluate("window.atClick")
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    (run,) = {summary.id for summary in runs.list_all(server.runs)} - before
    numbers = {label: float(value) for label, value in shown["numbers"].items() if value}
    at_click = AtClick(numbers=numbers, features=tuple(shown["features"]), model=shown["model"])
    return at_click, runs.load(run, server.runs).spec


def numbers_of(spec: Spec) -> dict[str, float]:
    """Every number of a recipe by the label of its box."""
    parts = [spec, *(getattr(spec, part) for part in PARTS)]
    values = {"Days ahead": spec.target.horizon}
    values |= {field.label: getattr(part, name) for part in parts for name, field in fields_of(part)}
    return {label: value for label, value in values.items() if isinstance(value, int | float)}


def assert_trained_as_shown(at_click: AtClick, spec: Spec) -> None:
    trained = numbers_of(spec)
    assert {label: trained[label] for label in at_click.numbers} == pytest.approx(at_click.numbers)
    assert tuple(naming.name(code, "day") for code in spec.features) == at_click.features
    assert spec.model.kind.upper() == at_click.model


# Late by so many ms, the ms from the first sight of the boxes to the first key, and those from box to box.
@pytest.mark.parametrize(("delay", "wait", "pause"), [(1500, 200, 500), (700, 2000, 300)])
def test_what_is_trained_is_what_was_typed_before_the_page_had_answered(page: Page, server: Server, delay, wait, pause):
    typed = {"Training steps": 2, "Window length": 20 + delay // 500, "Patience": 3}
    open_train(page, delay)
    page.wait_for_timeout(wait)
    for label, value in typed.items():
        fill(page, label, value)
        page.wait_for_timeout(pause)
    page.get_by_label("Model", exact=True).click()
    page.get_by_role("option", name="GRU", exact=True).click()
    page.get_by_role("button", name=f"Remove {VOLUME}").click()
    at_click, spec = train(page, server)
    assert_trained_as_shown(at_click, spec)
    assert {label: at_click.numbers[label] for label in typed} == typed
    assert VOLUME not in at_click.features and at_click.model == "GRU"


def test_a_number_that_is_being_typed_while_the_page_is_drawn_anew_is_trained(page: Page, server: Server):
    open_train(page, 700)
    fill(page, "Window length", 21)
    page.wait_for_timeout(3000)
    page.get_by_role("button", name="Clear", exact=True).click()  # more and fewer lines above the boxes
    page.get_by_label("Training steps", exact=True).click()
    page.keyboard.press("Control+a")
    page.keyboard.type("002", delay=600)  # the answer arrives between two keys
    at_click, spec = train(page, server)  # the box is left by the click
    assert at_click.numbers["Training steps"] == spec.train.steps == 2
    assert spec.window.lookback == 21
