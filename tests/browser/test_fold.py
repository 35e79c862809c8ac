"""What a person sees without scrolling: on a small screen the first chart of a page is whole, and Train is near."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, SLOW, fill, fits_a_phone, heading, is_whole
from ui import page_style

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
CHART = "[data-testid=stPlotlyChart], .stEChartsChart"
PAGES = {  # address → heading
    "data": "Data",
    "train": "Train",
    "forecast": "Forecast",
    "evaluate": "Evaluate",
    "calibration": "Calibration",
    "trading": "Trading",
}
# No paragraph and no button that is in sight reaches beyond the right edge of the screen.
NOTHING_BEYOND = """() => [...document.querySelectorAll('[data-testid=stMain] p, [data-testid=stMain] button')]
    .filter(one => one.checkVisibility({opacityProperty: true, visibilityProperty: true}))
    .every(one => one.getBoundingClientRect().right <= innerWidth + 1)"""
SKIP = "Skip to main content"  # the first link of every page, of Streamlit


@pytest.mark.parametrize(("path", "title"), PAGES.items())
def test_the_first_chart_is_whole_on_the_first_screen_and_a_phone_scrolls_one_way(
    page: Page, shared_run: str, path: str, title: str
):
    page.goto(f"/{path}?run={shared_run}")
    heading(page, title)
    expect(page.locator(CHART).first.locator(".main-svg, canvas").first).to_be_visible(timeout=SLOW)
    is_whole(page.locator(CHART).first)
    fits_a_phone(page)
    page.wait_for_function(NOTHING_BEYOND)


def test_home_shows_the_whole_forecast_of_the_last_run(page: Page, shared_run: str):
    page.goto(f"/?run={shared_run}")
    expect(page.locator(".st-key-overview-fan .main-svg").first).to_be_visible(timeout=SLOW)
    is_whole(page.locator(".st-key-overview-fan"))
    heights = [page.locator(f".st-key-{key}").bounding_box() for key in ("overview-fan", "overview-importance")]
    assert abs(heights[0]["height"] - heights[1]["height"]) <= 1


def test_home_opens_on_a_phone_and_scrolls_one_way(page: Page, shared_run: str):
    page.set_viewport_size(PHONE)
    page.goto(f"/?run={shared_run}")
    expect(page.locator(".js-plotly-plot .main-svg").first).to_be_visible(timeout=SLOW)
    fits_a_phone(page)
    page.wait_for_function(NOTHING_BEYOND)


def test_the_loss_curve_and_the_progress_stay_in_sight_while_a_model_trains(page: Page):
    page.goto("/train")
    heading(page, "Train")
    fill(page, "Training steps", 50_000)
    fill(page, "Patience", 500)
    expect(page.get_by_text("It takes")).to_be_visible()
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator(".stEChartsChart canvas").first).to_be_visible(timeout=SLOW)
    is_whole(page.locator(".stEChartsChart").first)
    page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, main.scrollHeight)")
    bar = page.locator(f".st-key-{page_style.BAR}")
    expect(bar.get_by_text("of at most")).to_be_in_viewport(ratio=1)
    expect(bar.get_by_role("button", name="Train", exact=True)).to_be_in_viewport(ratio=1)
    bar.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible(timeout=SLOW)


def tab_to_train(page: Page) -> list[str]:
    """Load the page and press Tab until Train has the focus, at most twelve times; what had the focus on the way."""
    page.goto("/train")
    heading(page, "Train")
    expect(page.get_by_text("It takes")).to_be_visible(timeout=SLOW)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_be_visible(timeout=SLOW)
    passed: list[str] = []
    while len(passed) < 12 and not (passed and passed[-1].endswith("Train BUTTON")):
        page.keyboard.press("Tab")
        passed.append(page.evaluate("(one => `${one.innerText.trim()} ${one.tagName}`)(document.activeElement)"))
        if passed[-1].startswith(SKIP):
            page.keyboard.press("Enter")
    return passed


def test_a_training_is_started_by_keyboard_within_twelve_tabs_and_cancelled(page: Page):
    for _ in range(3):  # a page that is drawn again meanwhile takes the focus away
        passed = tab_to_train(page)
        if passed[-1].endswith("Train BUTTON"):
            break
    else:
        pytest.fail(f"Train has no focus after twelve tabs: {passed}")
    page.keyboard.press("Enter")
    cancel = page.get_by_role("button", name="Cancel")
    expect(cancel).to_be_visible(timeout=SLOW)
    cancel.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("was cancelled")).to_be_visible(timeout=SLOW)
