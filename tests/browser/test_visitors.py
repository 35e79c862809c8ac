"""What belongs to a visitor, in real browsers: a reload, a second tab, a stranger, a hostile address."""

import json
import re
import time
from contextlib import suppress
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, TimeoutError, expect
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.browser.conftest import DESKTOP, SLOW, Server, fill, heading
from tests.browser.test_journeys import PROGRESS, start_training, step

pytestmark = [pytest.mark.browser, pytest.mark.timeout(480)]


def cancel(tab: Page) -> None:
    tab.get_by_role("button", name="Cancel").click()
    expect(tab.get_by_text("was cancelled")).to_be_visible(timeout=SLOW)


def show(tab: Page) -> None:
    """Turn to the training under way. Streamlit may lose a click while it draws the page: a person clicks again."""
    bar = tab.get_by_text(PROGRESS)
    until = time.monotonic() + SLOW / 1000
    while not bar.is_visible() and time.monotonic() < until:
        with suppress(TimeoutError):
            tab.get_by_role("button", name="Show it").click(timeout=10_000)
            tab.wait_for_timeout(5000)
    expect(bar).to_be_visible()


def request(**values: str) -> bytes:
    """What a browser sends for this page, or for a fragment of it."""
    message = BackMsg()
    for name, value in values.items():
        setattr(message.rerun_script, name, value)
    return message.SerializeToString()


def answer(socket: ClientConnection) -> list[ForwardMsg]:
    """All messages up to the end of the next page."""
    heard = [ForwardMsg()]
    while not heard[-1].HasField("script_finished") or heard[-1].metadata.run.fragment_ids:
        heard.append(ForwardMsg.FromString(socket.recv(timeout=60)))
    return heard


def test_a_late_request_of_the_page_before_does_not_clear_the_screen(server: Server):
    address = f"{server.url.replace('http', 'ws')}/_stcore/stream"
    with connect(address, subprotocols=["streamlit"], origin=server.url, max_size=None) as socket:
        socket.send(request(page_name="train"))
        train = answer(socket)
        fragment = next(message.delta.fragment_id for message in train if message.delta.fragment_id)
        before, pages = next(
            (message.navigation.page_script_hash, message.navigation.app_pages)
            for message in train
            if message.HasField("navigation")
        )
        glossary = next(page.page_script_hash for page in pages if page.url_pathname == "glossary")
        socket.send(request(page_script_hash=glossary))
        socket.send(request(page_script_hash=before, fragment_id=fragment))  # while the glossary is drawn
        heard = answer(socket)
        socket.send(request(page_script_hash=glossary))
        heard += answer(socket)
        turns = [message.new_session.page_script_hash for message in heard if message.HasField("new_session")]
        assert turns == [glossary, glossary]


def test_a_reload_and_a_second_tab_have_the_recipe_and_the_training_with_its_end(page: Page):
    start_training(page, 40_000)
    step(page)
    page.reload()
    step(page)
    expect(page.get_by_label("Training steps", exact=True)).to_have_value("40000")
    second = page.context.new_page()
    second.goto("/runs")
    heading(second, "Runs")
    drawn = second.get_by_text(re.compile("There is no run yet|of all visitors")).first
    expect(drawn).to_be_visible()  # a click while the page is drawn may be lost
    show(second)
    step(second)
    expect(second.get_by_label("Training steps", exact=True)).to_have_value("40000")
    cancel(second)
    expect(page.get_by_text("was cancelled")).to_be_visible(timeout=SLOW)
    start_training(second, 2)
    expect(second.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    expect(second.get_by_text("is finished").first).to_be_visible()
    second.reload()
    expect(second.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    fill(second, "Hidden size", 48)
    expect(second.get_by_text("hidden size 64 → 48")).to_be_visible()
    expect(second.get_by_text("See the forecast")).to_have_count(0)  # the verdict is of other settings
    second.get_by_role("button", name="Undo").click()
    expect(second.get_by_label("Hidden size", exact=True)).to_have_value("64")
    expect(second.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)


def test_two_visitors_see_nothing_of_each_other(page: Page, server: Server):
    browser = page.context.browser
    other = browser.new_context(viewport=DESKTOP, base_url=server.url)
    stranger = other.new_page()
    stranger.set_default_timeout(60_000)
    start_training(page, 30_000)
    step(page)
    stranger.goto("/train")
    heading(stranger, "Train")
    expect(stranger.get_by_text("busy with another training")).to_be_visible(timeout=SLOW)
    for name in ("Cancel", "Show it"):
        expect(stranger.get_by_role("button", name=name)).to_have_count(0)
    expect(stranger.get_by_role("button", name="Train", exact=True)).to_be_enabled()
    stranger.goto("/evaluate")
    expect(stranger.get_by_text("You have trained nothing yet")).to_be_visible()
    start_training(stranger, 2)
    expect(stranger.get_by_text("is finished").first).to_be_visible(timeout=SLOW)
    expect(stranger.get_by_text("See the forecast")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("is finished")).to_have_count(0)
    step(page)  # still under way, whatever the stranger did
    stranger.goto("/data")
    heading(stranger, "Data")
    cancel(page)
    expect(stranger.get_by_text("was cancelled")).to_have_count(0)
    ids = [next(c for c in context.cookies() if c["name"] == "lookback-visitor") for context in (page.context, other)]
    assert ids[0]["value"] != ids[1]["value"]
    assert all(re.fullmatch("[0-9a-f]{32}", one["value"]) and one["sameSite"] == "Strict" for one in ids)
    other.close()


def test_the_same_recipe_of_two_visitors_is_one_training_until_both_have_left_it(page: Page, server: Server):
    other = page.context.browser.new_context(viewport=DESKTOP, base_url=server.url)
    second = other.new_page()
    second.set_default_timeout(60_000)
    start_training(page, 35_000)
    step(page)
    start_training(second, 35_000)
    step(second)
    second.get_by_role("button", name="Cancel").click()
    expect(second.get_by_role("button", name="Cancel")).to_have_count(0)
    step(page)
    shown = page.get_by_text(PROGRESS).inner_text()
    expect(page.get_by_text(PROGRESS)).not_to_have_text(shown, timeout=SLOW)  # it goes on
    cancel(page)
    other.close()


def test_a_hostile_recipe_in_the_address_is_refused_and_loses_nothing(page: Page):
    page.goto("/train")
    heading(page, "Train")
    fill(page, "Hidden size", 48)
    expect(page).to_have_url(re.compile("hidden%22%3A48"))
    for sent in ("[" * 2000, '{"model.hidden":"<script>alert(1)</script>"}'):
        page.goto(f"/train?recipe={quote(sent)}")
        expect(page.get_by_text("yours stays as it is")).to_be_visible()
        expect(page.get_by_label("Hidden size", exact=True)).to_have_value("48")


def test_an_address_with_a_recipe_shows_it_and_going_back_takes_a_change_back(page: Page):
    page.goto("/train?recipe=" + quote(json.dumps({"target.horizon": 7})))
    heading(page, "Train")
    box = page.get_by_label("Days ahead", exact=True)
    expect(box).to_have_value("7")
    fill(page, "Days ahead", 8)
    expect(page).to_have_url(re.compile("horizon%22%3A8"))
    page.go_back()
    expect(box).to_have_value("7")
    expect(page.get_by_text(PROGRESS)).to_have_count(0)
