"""Bringing data in a real browser: a file whose guess is right without a click, macro columns and news next to it."""

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLOW, caption, fill, heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


def transformer_file(rows: int = 2000) -> bytes:
    """A file of the shape of the ETT benchmarks: hourly oil temperature behind six loads."""
    rng = np.random.default_rng(0)
    hours = pd.date_range("2016-07-01", periods=rows, freq="h")
    day = np.sin(2 * np.pi * hours.hour.to_numpy() / 24)
    loads = {
        name: (day * (i + 1) + rng.normal(0, 0.5, rows)).round(3)
        for i, name in enumerate(["HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL"])
    }
    oil = (15 + 5 * day + np.cumsum(rng.normal(0, 0.2, rows))).round(3)
    return pd.DataFrame({"date": hours.strftime("%Y-%m-%d %H:%M:%S"), **loads, "OT": oil}).to_csv(index=False).encode()


def upload(page: Page, number: int, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "text/csv", "buffer": content}
    page.locator("input[type=file]").nth(number).set_input_files(file)


def test_a_benchmark_file_is_read_without_a_click_and_trained_on(page: Page):
    page.goto("/data")
    page.get_by_role("button", name="File").or_(page.get_by_role("radio", name="File")).click()
    expect(page.get_by_text("The file stays on this machine")).to_be_visible()
    upload(page, 0, "ETTh1.csv", transformer_file())
    expect(caption(page, "level")).to_contain_text("ETTH1 OT")
    expect(caption(page, "level")).to_contain_text("2,000")
    page.get_by_role("link", name="Train a model on it").click()
    heading(page, "Train")
    expect(page.get_by_test_id("stMultiSelect").filter(has_text="OT").first).to_be_visible()
    fill(page, "Training steps", 2)
    fill(page, "Window length", 24)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="See the forecast").click()
    heading(page, "Forecast")
    expect(caption(page, "fan")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()


def test_macro_columns_and_news_show_what_they_cost(page: Page):
    days = pd.bdate_range("2008-01-02", "2013-03-01")
    rng = np.random.default_rng(0)
    vix = pd.DataFrame({"date": days, "vix": 20 + rng.normal(0, 2, len(days)).round(2)}).to_csv(index=False).encode()
    news = b"time,headline\n2009-01-05 10:00,Apple profit surges\n2013-02-28 18:00,Apple shares plunge\n"
    page.goto("/data")
    page.get_by_label("Series", exact=True).click()
    page.get_by_role("option", name="AAPL — Apple (").click()
    expect(caption(page, "level")).to_contain_text("prices of AAPL")
    page.get_by_text("Macro series, other tickers, news").click()
    upload(page, 0, "vix.csv", vix)
    page.get_by_role("button", name="Join it").click()
    expect(page.get_by_text("macro.vix, from 2008-01-02")).to_be_visible()
    upload(page, 1, "news.csv", news)
    page.get_by_role("button", name="Join 2 headlines").click()
    expect(page.get_by_text("News of the uploaded file")).to_be_visible()
    page.get_by_role("link", name="Train a model on it").click()
    heading(page, "Train")
    expect(caption(page, "availability-AAPL")).to_contain_text("3,270")
    expect(caption(page, "availability-AAPL")).to_contain_text("news.mean")


@pytest.mark.parametrize(
    ("typed", "first"), [("AAPL", "AAPL — Apple ("), ("coca", "KO — Coca-Cola ("), ("electricity", "ELECTRICITY — ")]
)
def test_a_bundled_series_is_found_by_its_ticker_and_its_name(page: Page, typed: str, first: str):
    page.goto("/data")
    field = page.get_by_label("Series", exact=True)
    field.click()
    field.fill(typed)
    expect(page.get_by_role("option").first).to_contain_text(first)


def test_several_bundled_series_are_chosen_and_those_that_do_not_fit_refused(page: Page):
    page.goto("/data")
    field = page.get_by_label("Together with", exact=True)
    for typed in ("IBM", "COMMITS"):
        field.click()
        field.fill(typed)
        page.get_by_role("option").first.click()
        if typed == "IBM":
            expect(page.get_by_text("Chosen for training: SP500, IBM.")).to_be_visible()
    expect(page.get_by_text("SP500 and COMMITS cannot be chosen together")).to_be_visible()
