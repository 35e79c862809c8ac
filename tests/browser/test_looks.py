"""The look of the page in a real browser: both themes, and what a screen reader gets of a chart."""

import pytest
from playwright.sync_api import Page, expect

from core.charts import style, themes
from tests.browser.conftest import heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]

PAPERS = {"light": style.PAPER, "dark": themes.DARK[style.PAPER]}


@pytest.mark.parametrize("wish", PAPERS)
def test_page_and_charts_follow_the_wish_of_the_system(page: Page, wish: str):
    page.emulate_media(color_scheme=wish)
    page.goto("/data")
    heading(page, "Data")
    chart = page.locator(".js-plotly-plot").first
    paper = f"rgb({', '.join(str(int(PAPERS[wish][at : at + 2], 16)) for at in (1, 3, 5))})"
    expect(chart.locator("svg.main-svg").first).to_have_css("background-color", paper)
    expect(page.get_by_test_id("stApp")).to_have_css("background-color", paper)


def test_a_screen_reader_gets_the_sentence_under_the_chart(page: Page):
    page.goto("/data")
    expect(page.get_by_role("figure", name="5,031 prices of SP500 from 1999-01-04")).to_be_visible()
