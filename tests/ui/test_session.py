"""The address that shows a view again, and the numbers behind a chart."""

from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.storage import visitors
from tests.pages.conftest import opened
from ui import session


class Context:
    url = "http://127.0.0.1:8501/explain?old=1"
    cookies: ClassVar[dict[str, str]] = {}


@pytest.fixture
def served(monkeypatch):
    """A server with an address, which AppTest does not have."""
    monkeypatch.setattr(st, "context", Context())


def address(run: str | None, day: str | None, **query: str) -> str | None:
    """The address of a page with these values in its session and its query."""

    def page() -> None:
        import streamlit as st

        from ui import session

        st.session_state["address"] = session.address()

    app = AppTest.from_function(page)
    for name, value in {"run": run, "day": day}.items():
        if value:
            app.session_state[name] = value
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    return app.session_state["address"]


def test_the_address_names_run_day_and_every_choice(served):
    url = address("20260101-000000-ab", "2018-01-05", step="5", local="Similar windows")
    assert url is not None
    parts = urlsplit(url)
    assert (parts.netloc, parts.path) == ("127.0.0.1:8501", "/explain")
    assert parse_qs(parts.query) == {
        "run": ["20260101-000000-ab"],
        "day": ["2018-01-05"],
        "step": ["5"],
        "local": ["Similar windows"],
    }


def test_a_page_without_a_run_has_no_address(served):
    assert address(None, None) is None


def test_every_chart_of_a_run_offers_its_numbers(saved):
    app = opened("explain")
    charts = {element.key for element in app.get("plotly_chart")}
    offered = {element.key.removeprefix("numbers-") for element in app.get("download_button")}
    assert charts and charts <= offered


@pytest.mark.parametrize("sent", [None, "", "../../etc", "A" * 32, "a" * 33, '"><script>', "a" * 32])
def test_the_visitor_is_whoever_the_cookie_says_if_it_has_the_form_of_an_id(idle, served, monkeypatch, sent):
    monkeypatch.setattr(Context, "cookies", {session.COOKIE: sent} if sent is not None else {})

    def page() -> None:
        import streamlit as st

        from ui import session

        st.session_state["told"] = session.visitor()
        session.keep_cookie()

    app = AppTest.from_function(page).run()
    assert not app.exception, app.exception
    told, scripts = app.session_state["told"], app.get("html")
    assert visitors.is_id(told) and (told == sent) == (sent == "a" * 32)
    assert len(scripts) == (told != sent) and all(told in str(script.proto.body) for script in scripts)
