"""The report of a run, opened from disk in a Chromium without a network: every chart draws, nothing is asked for."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from core.charts import style, themes
from core.report import report
from core.types import Run

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
DRAWN = "[...document.querySelectorAll('.chart')].filter(c => c.querySelector('.main-svg .plot, .main-svg .infolayer'))"


def test_every_chart_draws_without_a_network(chromium: Browser, finished: Run, tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report.build(finished), encoding="utf-8")
    context = chromium.new_context(offline=True, color_scheme="dark", viewport={"width": 390, "height": 844})
    page = context.new_page()
    problems: list[str] = []
    requests: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type != "log" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(path.as_uri())
    charts = page.locator(".chart")
    expect(page.locator("html[data-drawn]")).to_have_attribute("data-drawn", str(charts.count()))
    assert charts.count() > 9
    assert page.evaluate(f"{DRAWN}.length") == charts.count()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    paper = themes.DARK[style.PAPER]
    rgb = f"rgb({', '.join(str(int(paper[at : at + 2], 16)) for at in (1, 3, 5))})"
    expect(charts.first.locator("svg.main-svg").first).to_have_css("background-color", rgb)
    with page.expect_download() as saved:
        charts.first.hover()
        charts.first.locator("[data-title='Save as SVG']").click()
    assert saved.value.suggested_filename == f"run-{finished.id}-fan-0.svg"
    assert Path(saved.value.path()).read_text(encoding="utf-8").startswith("<svg")
    with page.expect_download() as saved:
        charts.first.locator("[data-title='Save as PNG']").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\x89PNG")
    assert problems == [] and requests[0] == path.as_uri()
    assert [url for url in requests[1:] if not url.startswith(("data:", "blob:"))] == []
    context.close()
