"""The Track record and the watch list in Chromium, on a screen and on a phone."""

import pytest
from playwright.sync_api import expect

from core.storage import watch_list
from core.storage.finish import finish
from tests.browser.conftest import SLOW, heading, serve

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An app of its own: a refresh asks for new data of every run."""
    with serve(tmp_path_factory.mktemp("track")) as started:
        yield started


def test_a_logged_forecast_is_shown_and_refreshed_on_both_screens(page, server, finished):
    """The samples of the run's recipe do not exist, so its source fails; the page names it and goes on."""
    saved, _ = finish(finished, None, server.runs)
    watch_list.add(saved.id, server.runs)
    for width, height in ((1280, 900), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"/track_record?run={saved.id}")
        heading(page, "Track record")
        expect(page.locator(".js-plotly-plot").first).to_be_visible()
        expect(page.get_by_text("Log of forecasts: 2 lines")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Refresh", exact=True).click()
    expect(page.get_by_text("Not refreshed")).to_be_visible(timeout=SLOW)
    page.goto("/watch_list")
    heading(page, "Watch list")
    expect(page.get_by_text("90% interval")).to_be_visible()
    page.get_by_role("button", name="Stop watching").click()
    expect(page.get_by_text("No run is watched yet")).to_be_visible()
