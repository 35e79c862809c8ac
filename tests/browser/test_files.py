"""Files as people have them, in a real browser: each becomes a trained model without a correction."""

import io
from collections.abc import Callable

import numpy as np
import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SLOW, fill, heading

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
ROWS = 320


def walk(level: float) -> np.ndarray:
    return level + np.random.default_rng(0).standard_normal(ROWS).cumsum().round(2)


def korean() -> bytes:
    """Daily prices of a Korean share, the newest first, in cp949."""
    close = 70_000 + 100 * walk(0).astype(int)
    days = pd.bdate_range("2022-01-03", periods=ROWS)
    rows = [
        f'{day:%Y/%m/%d},"{c:,}","{c + 100:,}","{c - 100:,}","{c - 50:,}",{1000 + at}'
        for at, (day, c) in enumerate(zip(days, close, strict=True))
    ]
    return "\n".join(["일자,종가,고가,저가,시가,거래량", *reversed(rows)]).encode("cp949")


def workbook() -> bytes:
    """A sheet of remarks, and one with a title, a blank row, a table and a row of totals."""
    book = openpyxl.Workbook()
    book.active.title = "README"
    book.active.append(["This workbook is made every night."])
    sheet = book.create_sheet("Sales")
    for row in (["Sales of the shop"], [], ["Date", "Store", "Sales"]):
        sheet.append(row)
    values = walk(100)
    for day, value in zip(pd.date_range("2022-01-01", periods=ROWS), values, strict=True):
        sheet.append([day.to_pydatetime(), "North", float(value)])
    sheet.append(["Total", None, float(values.sum())])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def two_tickers() -> bytes:
    """What yfinance writes for two tickers."""
    names = ("Close", "High", "Low", "Open", "Volume")
    heads = [",".join(["Price", *[name for name in names for _ in "AB"]]), ",".join(["Ticker", *["AAPL", "MSFT"] * 5])]
    rows = [
        f"{day:%Y-%m-%d},"
        + ",".join(f"{value + shift + second:.2f}" for shift in (0, 1, -1, 0.5, 1000) for second in (0, 50))
        for day, value in zip(pd.bdate_range("2022-01-03", periods=ROWS), walk(150), strict=True)
    ]
    return "\n".join([*heads, "Date" + "," * 10, *rows]).encode()


def plan() -> bytes:
    """Daily sales with promotions, which are planned for two more weeks."""
    values = walk(100)
    days = pd.date_range("2022-01-01", periods=ROWS + 14)
    rows = [
        f"{day:%Y-%m-%d},{round(values[at] + 20 * (at % 9 == 0), 2) if at < ROWS else ''},{int(at % 9 == 0)},9.99"
        for at, day in enumerate(days)
    ]
    return "\n".join(["date,sales,promo,price", *rows]).encode()


FILES: dict[str, tuple[Callable[[], bytes], tuple[str, ...]]] = {  # name → content, what the page says
    "krx.csv": (korean, ("Forecasts the realised volatility of close, the next 5", "cp949", "'종가' as close")),
    "report.xlsx": (workbook, ("Forecasts Sales, the next 5 days.", "'Sales'", "totals and averages were left out: 1")),
    "two.csv": (two_tickers, ("Forecasts the realised volatility of close", "AAPL, MSFT")),
    "plan.csv": (plan, ("Forecasts sales, the next 5 days.", "promo")),
}


TRAINED = ("krx.csv", "plan.csv")  # trainings of all shapes are in tests/data


@pytest.mark.parametrize("name", FILES)
def test_a_file_becomes_a_trained_model_without_a_correction(page: Page, name: str) -> None:
    make, sentences = FILES[name]
    page.goto("/data")
    page.get_by_role("button", name="File").or_(page.get_by_role("radio", name="File")).click()
    expect(page.get_by_text("The file stays on this machine")).to_be_visible()
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "text/csv", "buffer": make()})
    for sentence in sentences:
        expect(page.get_by_test_id("stMain")).to_contain_text(sentence)
    page.get_by_role("link", name="Train a model on it").click()
    heading(page, "Train")
    expect(page.get_by_text("It takes")).to_be_visible()  # nothing is refused
    if name not in TRAINED:
        return
    fill(page, "Training steps", 50)  # of the usual 1,500: what is trained does not matter here
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
