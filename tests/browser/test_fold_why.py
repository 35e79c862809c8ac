"""What explains a run, and the library: the main chart is whole on the first screen, a phone scrolls one way only, and
a day is picked by keys and by its address."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLOW, caption, fits_a_phone, heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
MAIN = {  # page → its heading and the key of its main chart
    "backtest": ("Backtest", "backtest-timeline"),
    "experiments": ("Experiments", "experiments"),
    "explain": ("Explain", "importance"),
    "importance_methods": ("Importance methods", "methods"),
    "scenario": ("Scenario", "scenario"),
    "network": ("Network", "structure"),
    "runs": ("Runs", "runs"),
    "stories": ("Stories", "story-steps"),
}
CHIPS = ("explain", "importance_methods", "scenario", "network")


@pytest.mark.parametrize("path", MAIN)
def test_the_main_chart_is_on_the_first_screen_and_a_phone_scrolls_one_way(page: Page, shared_run: str, path: str):
    title, key = MAIN[path]
    page.goto(f"/{path}?run={shared_run}")
    heading(page, title)
    chart = page.locator(f".st-key-{key}")
    drawn = chart.get_by_test_id("stDataFrame") if path == "runs" else chart.locator(".js-plotly-plot")
    expect(drawn).to_be_visible(timeout=SLOW)
    expect(drawn).to_be_in_viewport(ratio=1)
    if path in CHIPS:
        banners = page.get_by_test_id("stAlertContainer").filter(has_text="skill")
        expect(banners.locator("visible=true")).to_have_count(0)  # only folded, below
        expect(page.locator(".stMarkdownBadge").filter(has_text="skill").first).to_be_visible()
    fits_a_phone(page)
    if path == "network":
        equations = page.locator(".katex-display").first
        expect(equations).to_be_visible(timeout=SLOW)
        expect(equations).to_have_css("overflow-x", "auto")  # they scroll in a box of their own


def test_the_glossary_does_not_scroll_sideways_on_a_phone(page: Page):
    page.goto("/glossary")
    heading(page, "Glossary")
    fits_a_phone(page)


def test_a_day_is_picked_by_arrow_keys_and_stands_in_the_address(page: Page, shared_run: str):
    page.goto(f"/explain?run={shared_run}&day=2016-05-04")
    heading(page, "Explain")
    words = caption(page, "waterfall")
    expect(words).to_contain_text("From 2016-05-04")
    page.wait_for_timeout(5000)  # a key while the page is drawn may be lost
    page.keyboard.press("ArrowLeft")
    expect(words).to_contain_text("From 2016-05-03")
    expect(page).to_have_url(re.compile("day=2016-05-03"))
    page.keyboard.press("ArrowRight")
    expect(words).to_contain_text("From 2016-05-04")
    second = page.context.new_page()
    second.goto(page.url)
    expect(caption(second, "waterfall")).to_contain_text("From 2016-05-04")
    second.goto(page.url.replace("2016-05-04", "nonsense"))
    expect(second.get_by_text("“nonsense” in the address is no day")).to_be_visible()
    second.close()
