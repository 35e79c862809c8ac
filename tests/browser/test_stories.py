"""The stories and the way in from Home, in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLOW, caption, heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


def test_mistakes_move_the_bars_and_say_why(page: Page):
    page.goto("/stories?story=illusion")
    heading(page, "Stories")
    bars = caption(page, "story-mistakes")
    expect(bars).to_contain_text("as it is when everything is done honestly")
    page.get_by_text("Shuffled split", exact=True).click()
    expect(bars).to_contain_text("The mistakes make it")
    alone = bars.inner_text()
    page.get_by_text("Look-ahead indicator", exact=True).click()
    expect(bars).not_to_have_text(alone)
    expect(page.get_by_text("1 feature looks ahead: dpo_centred:20")).to_be_visible()
    expect(page.get_by_text("A feature copies the target")).to_be_visible()
    expect(page).to_have_url(re.compile("story=illusion"))
    for name in ("Shuffled split", "Look-ahead indicator"):
        page.get_by_text(name, exact=True).first.click()
    expect(bars).to_contain_text("as it is when everything is done honestly")


def test_home_leads_to_the_story_of_skill(page: Page):
    page.goto("/")
    page.get_by_role("link", name="Here is skill").click()
    heading(page, "Stories")
    expect(caption(page, "story-shuffled")).to_contain_text("20 shuffles", timeout=SLOW)
    expect(page.locator(".js-plotly-plot")).to_have_count(4)
