"""Two ticked runs are compared: from the table to the charts of the Compare page, on a large and on a small screen."""

import re

import pytest
from playwright.sync_api import Page, expect

from core import pipeline
from core.data.load import load
from core.data.sources import samples
from core.jobs.local import run
from core.spec import with_values
from core.storage import runs
from tests.browser.conftest import Server, caption, fits_a_phone, heading, is_whole
from tests.browser.test_journeys import tick
from tests.evaluation.compare.variants import variant

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
QUICK = {"train.epochs": 1, "model.hidden": 4, "window.lookback": 12, "data.start": "2012-01-01"}


@pytest.fixture(scope="module")
def two(server: Server) -> list[str]:
    """The ids of two runs of the S&P 500, the newest first; the second is the first with noise."""
    spec = with_values(samples.recipe("SP500"), QUICK)
    first = run(pipeline.run(spec, load(spec.data, server.runs)), lambda event: None)
    for number in range(2):
        runs.save(variant(first, number, 0.01 * number, seed=number), server.runs)
    return [line.id for line in runs.list_all(server.runs)[:2]]


def test_two_ticked_runs_are_compared(page: Page, two: list[str]):
    page.goto("/runs")
    heading(page, "Runs")
    expect(page.get_by_test_id("stDataFrame").locator("canvas").first).to_be_visible()
    tick(page, 0)
    expect(page.get_by_role("button", name="Delete")).to_be_visible()
    tick(page, 1)
    expect(page.get_by_text("2 runs", exact=True)).to_be_visible()
    page.get_by_role("button", name="Compare").click()
    heading(page, "Compare")
    expect(page).to_have_url(re.compile(f"runs={two[0]}(,|%2C){two[1]}"))
    chart = page.locator(".st-key-compare-forecasts")
    expect(chart.locator(".main-svg").first).to_be_visible()
    is_whole(chart)
    expect(caption(page, "compare-pairs")).to_contain_text("95 % interval")
    fits_a_phone(page)
    expect(chart.locator(".main-svg").first).to_be_visible()
