"""What people do with the app, in a real browser."""

import json
import os
import re
import signal
import time
from urllib.parse import quote

import psutil
import pytest
from playwright.sync_api import Page, expect

from benchmarks import served_app
from core.spec import with_values
from core.storage import checkpoints, runs
from tests.browser.conftest import SLOW, Server, caption, contention, fill, heading, serve

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]
CSV = "date,load,heat\n" + "\n".join(
    f"2020-{1 + d // 28:02d}-{1 + d % 28:02d},{100 + (d * 37) % 23 + d % 7},{(d * 13) % 29}" for d in range(336)
)
PROGRESS = "of at most"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """An app of its own: a newcomer finds one that has just started."""
    with serve(tmp_path_factory.mktemp("journeys")) as started:
        yield started


def start_training(page: Page, steps: int) -> None:
    """Click Train with this budget, on a short series: what follows the last step takes a quarter of the time."""
    page.goto("/train?recipe=" + quote(json.dumps({"data.start": "2014-01-02"})))
    heading(page, "Train")
    fill(page, "Training steps", steps)
    fill(page, "Patience", 500)
    expect(page.get_by_role("radio", name="Own", exact=True)).to_be_checked()
    page.get_by_role("button", name="Train", exact=True).click()


def step(page: Page) -> int:
    """The optimizer step that the progress bar shows."""
    bar = page.get_by_text(PROGRESS)
    expect(bar).to_be_visible(timeout=SLOW)
    return int(re.search(r"step ([\d,]+) of", bar.inner_text())[1].replace(",", ""))


def test_a_newcomer_sees_verdict_forecast_and_importances_after_one_click(page: Page):
    page.goto("/")
    heading(page, "Lookback")
    for part in (
        page.get_by_role("button", name="Bring a file"),
        page.get_by_role("link", name="Here is an illusion"),
        page.get_by_text("What it will not tell you"),
    ):
        expect(part).to_be_in_viewport(ratio=1)
    busy, began = contention(), time.monotonic()
    page.get_by_role("button", name="Run the demo").click()
    verdict = page.get_by_test_id("stAlertContainer").filter(has_text="Evidence of skill: the LSTM")
    expect(verdict).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("heading", name="What drives it")).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    taken = time.monotonic() - began
    assert taken < 45 * max(1.0, busy, contention())  # 20 to 30 s on two idle cores
    expect(caption(page, "overview-fan")).to_contain_text("95%")
    expect(caption(page, "overview-importance")).to_be_visible()
    expect(page.get_by_text("Where you left off")).to_be_visible()
    page.get_by_role("button", name="Continue").click()
    heading(page, "Forecast")


def test_every_page_shows_the_run_at_its_own_address(page: Page, server: Server):
    run = runs.list_all(server.runs)[0].id
    for path, text in (
        ("forecast", "Live forecast"),
        ("evaluate", "Skill against baselines"),
        ("explain", "Which features matter"),
        ("runs", "on this machine, of all visitors"),
    ):
        page.goto(f"/{path}?run={run}")
        heading(page, path.capitalize())
        expect(page.get_by_text(text).first).to_be_visible()
        expect(page.get_by_test_id("stException")).to_have_count(0)
    page.goto("/evaluate?run=20200101-000000-00000000")
    expect(page.get_by_test_id("stAlertContentError")).to_contain_text("20200101-000000-00000000")


@pytest.mark.parametrize(
    ("old", "new", "title"),
    [
        ("walk", "backtest", "Backtest"),
        ("tries", "experiments", "Experiments"),
        ("agreement", "importance_methods", "Importance methods"),
        ("whatif", "scenario", "Scenario"),
        ("inside", "network", "Network"),
    ],
)
def test_an_old_address_leads_to_the_new_one_with_its_parameters(page: Page, server: Server, old, new, title):
    run = runs.list_all(server.runs)[-1].id
    page.goto(f"/{old}?run={run}&repeat=true")
    heading(page, title)
    expect(page).to_have_url(re.compile(rf"/{new}\?.*run={run}"))
    expect(page.get_by_role("dialog")).to_have_count(0)  # no "page not found"
    if new == "scenario":
        expect(page.get_by_text("Repeat the last year")).to_be_visible()
        expect(caption(page, "scenario")).to_contain_text("the last year repeated")
    if new in ("network", "importance_methods", "scenario"):
        expect(page.get_by_text(f"Run {run}").first).to_be_visible()


def test_a_click_on_a_date_explains_that_forecast(page: Page, server: Server):
    page.goto(f"/explain?run={runs.list_all(server.runs)[0].id}")
    expect(page.get_by_text("One forecast")).to_be_visible()
    chart = page.locator(".st-key-day-chart .js-plotly-plot")
    chart.scroll_into_view_if_needed()
    waterfall = page.locator(".st-key-waterfall .js-plotly-plot").first
    expect(waterfall).to_be_visible()
    before = caption(page, "waterfall").inner_text()
    box = chart.bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.4, box["y"] + box["height"] * 0.7)
    expect(caption(page, "waterfall")).not_to_have_text(before)
    expect(waterfall).to_be_visible()


def test_a_training_stays_with_its_visitor_and_a_stranger_sees_only_that_the_machine_is_busy(page: Page):
    start_training(page, 40_000)
    step(page)
    curve = page.locator("canvas").first
    curve.evaluate("element => element.dataset.mark = 'same'")
    progress = page.get_by_text(PROGRESS).inner_text()
    expect(page.get_by_text(PROGRESS)).not_to_have_text(progress)
    assert curve.get_attribute("data-mark") == "same"  # redrawn in place: no flicker
    page.get_by_role("link", name="Runs").click()
    heading(page, "Runs")
    expect(page.get_by_text("Training LSTM on SP500:")).to_be_visible()
    page.get_by_role("link", name="Train", exact=True).click()
    heading(page, "Train")
    step(page)  # the same visitor, back again
    stranger = page.context.browser.new_context(base_url=page.url.removesuffix("/train").split("/train")[0]).new_page()
    stranger.goto("/train")
    heading(stranger, "Train")
    expect(stranger.get_by_text("busy with another training")).to_be_visible(timeout=SLOW)
    expect(stranger.get_by_text(PROGRESS)).to_have_count(0)
    expect(stranger.get_by_role("button", name="Cancel")).to_have_count(0)
    stranger.context.close()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel")).to_have_count(0)


def kept_since(began: float, server: Server) -> bool:
    """Whether the state of a training was kept since then; an earlier one of the same recipe may have left its own."""
    kept = server.runs.glob(f"{checkpoints.FOLDER}/*.safetensors")
    return any(state.stat().st_mtime > began for state in kept)


def kill_workers(server: Server) -> None:
    for process in psutil.Process(server.pid).children(recursive=True):
        if served_app.is_worker(process):  # every worker: whichever has the training is among them
            os.kill(process.pid, signal.SIGKILL)


def test_a_killed_training_shows_as_failed_and_is_resumed_where_it_was(page: Page, server: Server):
    began = time.time()
    start_training(page, 40_000)
    step(page)
    until = time.monotonic() + 60
    while not kept_since(began, server):  # its state is kept every five seconds
        assert time.monotonic() < until
        page.wait_for_timeout(200)
    kill_workers(server)
    expect(page.get_by_text("went on from its last checkpoint")).to_be_visible(timeout=SLOW)
    shown, until = step(page), time.monotonic() + SLOW / 1000
    while step(page) == shown:  # until a new worker has it: the bar still shows where the first one was
        assert time.monotonic() < until
        page.wait_for_timeout(200)
    kill_workers(server)  # a job goes on by itself once: whatever ends its worker twice may be the job
    expect(page.get_by_text("failed.").first).to_be_visible(timeout=SLOW)
    interrupted = page.get_by_text("Interrupted after")
    expect(interrupted).to_be_visible()
    expect(page.get_by_role("button", name="Train on")).to_have_count(0)  # to resume is something else
    last = int(re.search(r"after ([\d,]+) of [\d,]+ steps", interrupted.inner_text())[1].replace(",", ""))
    page.get_by_role("button", name="Resume").click()
    assert step(page) > last > 0
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("was cancelled")).to_be_visible()
    page.get_by_role("button", name="Forget it").click()
    expect(interrupted).to_have_count(0)
    start_training(page, 1)
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)


def test_a_training_that_was_still_improving_is_trained_on_with_one_click(page: Page, server: Server):
    start_training(page, 30)
    offer = page.get_by_role("button", name="Train on")
    expect(offer).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("still improving when its budget of 30 steps ended")).to_be_visible()
    (first, *_), before = runs.list_all(server.runs), len(runs.list_all(server.runs))
    page.reload()  # another session, with the run in its address
    expect(page.get_by_text(first.id).first).to_be_visible()
    offer.click()
    until = time.monotonic() + SLOW / 1000
    while len(runs.list_all(server.runs)) == before and time.monotonic() < until:
        page.wait_for_timeout(200)
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    second = runs.list_all(server.runs)[0].id
    assert len(runs.list_all(server.runs)) == before + 1
    specs = [runs.load(name, server.runs).spec for name in (first.id, second)]
    assert specs[1] == with_values(specs[0], {"train.steps": 60})
    page.get_by_role("link", name="Evaluate", exact=True).click()
    heading(page, "Evaluate")
    expect(page.get_by_text(re.compile(r"Experiment \d+ of \d+ of this task"))).to_be_visible()


def test_a_file_is_uploaded_and_trained_on(page: Page):
    page.goto("/data")
    page.get_by_role("button", name="File").or_(page.get_by_role("radio", name="File")).click()
    expect(page.get_by_text("The file stays on this machine")).to_be_visible()
    chooser = page.locator("input[type=file]").first
    chooser.set_input_files({"name": "empty.csv", "mimeType": "text/csv", "buffer": b""})
    expect(page.get_by_test_id("stAlert").filter(has_text="empty")).to_be_visible()
    chooser.set_input_files({"name": "load.csv", "mimeType": "text/csv", "buffer": CSV.encode()})
    expect(caption(page, "level")).to_contain_text("LOAD load")
    page.get_by_role("link", name="Train a model on it").click()
    heading(page, "Train")
    expect(page.get_by_test_id("stMultiSelect").filter(has_text="heat").first).to_be_visible()
    fill(page, "Training steps", 2)
    fill(page, "Window length", 300)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_test_id("stAlertContentError").first).to_contain_text("300")  # too long: refused with numbers …
    expect(page.get_by_label("Training steps", exact=True)).to_have_value("2")  # … and nothing typed is lost
    fill(page, "Window length", 20)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)


def test_what_is_no_ticker_is_refused_in_one_sentence(page: Page):
    page.goto("/data")
    page.get_by_role("button", name="Ticker").or_(page.get_by_role("radio", name="Ticker")).click()
    page.get_by_label("Ticker").last.fill("NO/SUCH")
    page.get_by_label("Ticker").last.press("Enter")
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    expect(page.get_by_test_id("stAlert")).to_contain_text("NO/SUCH")


def tick(page: Page, row: int) -> None:
    """Tick the box before a row of the table of runs; the rows are drawn on a canvas, 35 px each."""
    box = page.get_by_test_id("stDataFrame").bounding_box()
    page.mouse.click(box["x"] + 18, box["y"] + 35 * (row + 1.5))


def test_a_click_on_a_row_opens_the_run(page: Page, server: Server):
    page.goto("/runs")
    heading(page, "Runs")
    box = page.get_by_test_id("stDataFrame").bounding_box()
    page.mouse.click(box["x"] + 250, box["y"] + 35 * 1.5)
    heading(page, "Forecast")
    expect(page).to_have_url(re.compile(runs.list_all(server.runs)[0].id))


def test_a_run_is_deleted_by_nobody_but_its_owner_and_comes_back_with_undo(page: Page, server: Server):
    theirs = runs.list_all(server.runs)[0].id
    nobodys = runs.save(runs.load(theirs, server.runs), server.runs).id  # as one that was imported
    shown = [line.id for line in runs.list_all(server.runs)]
    page.goto("/runs")
    heading(page, "Runs")
    tick(page, shown.index(theirs))
    expect(page.get_by_role("button", name="Delete")).to_be_disabled()
    tick(page, shown.index(theirs))
    tick(page, shown.index(nobodys))
    expect(page.get_by_role("button", name="Delete")).to_be_enabled()
    page.get_by_role("button", name="Delete").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert [line.id for line in runs.list_all(server.runs)] == [one for one in shown if one != nobodys]
    undo.click()
    expect(undo).to_have_count(0)
    assert [line.id for line in runs.list_all(server.runs)] == shown
