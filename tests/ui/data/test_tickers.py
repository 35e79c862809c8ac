"""Choosing tickers, in a page of its own, with a fake search."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.data.sources import suggestions
from core.data.sources.suggestions import Search, Suggestion, Suggestions
from core.spec import Data
from ui import cache

APPLE = Suggestion(symbol="AAPL", name="Apple Inc.", exchange="NASDAQ", kind="Equity")
BERLIN = Suggestion(symbol="APC.BE", name="", exchange="", kind="")


def page() -> None:
    import streamlit as st

    from ui.data import tickers

    st.session_state["chosen"] = repr(tickers.choose(tickers.YAHOO))


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """The page, with a search that finds Apple or fails."""
    monkeypatch.setattr(cache, "DOWNLOADS", tmp_path)

    def answer(_: Search, text: str, *__: object) -> Suggestions:
        if text.lower() in {"apple", "aapl"}:
            return Suggestions(tickers=(APPLE, BERLIN))
        return Suggestions(note="No suggestions. Yahoo did not answer in time.")

    monkeypatch.setattr(suggestions, "suggest", answer)
    return lambda: AppTest.from_function(page, default_timeout=30).run()


def type_in(app: AppTest, text: str) -> AppTest:
    app.text_input(key="ticker").set_value(text).run()
    assert not app.exception, app.exception
    return app


def chosen(app: AppTest) -> Data | None:
    return eval(app.session_state["chosen"], {"Data": Data})  # noqa: S307 - the repr of our own dataclass


def test_nothing_is_chosen_at_first(opened: Callable[..., AppTest]) -> None:
    app = opened()
    assert chosen(app) is None and len(app.info) == 1 and not app.error


def test_a_name_gets_suggestions_and_a_click_adds_one(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "apple")
    assert chosen(app) is None
    assert [one.label.replace("\\", "") for one in app.button] == [
        "AAPL — Apple Inc. (NASDAQ, Equity)",
        "APC.BE",
        "APPLE as typed",
    ]
    app.button(key="suggest-AAPL").click().run()
    assert chosen(app) == Data(source="yahoo", symbols=("AAPL",), start="2005-01-01")
    assert app.text_input(key="ticker").value == ""


def test_a_full_ticker_is_added_at_once(opened: Callable[..., AppTest]) -> None:
    assert chosen(type_in(opened(), "aapl")).symbols == ("AAPL",)


def test_several_tickers_are_added_and_one_is_removed(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "AAPL, 005930.ks, BTC-USD, ^GSPC, aapl")
    assert chosen(app).symbols == ("AAPL", "005930.KS", "BTC-USD", "^GSPC")
    app.multiselect(key="chips").unselect("BTC-USD").run()
    assert chosen(app).symbols == ("AAPL", "005930.KS", "^GSPC")


def test_without_a_search_a_ticker_is_added_as_typed(opened: Callable[..., AppTest]) -> None:
    assert chosen(type_in(opened(), "msft")).symbols == ("MSFT",)


def test_what_is_no_ticker_is_refused_in_one_error(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "NO/SUCH")
    assert len(app.error) == 1 and "NO/SUCH" in app.error[0].value and chosen(app) is None
    assert not app.info and not app.button and "did not answer" in app.caption[0].value


def test_the_valid_tickers_of_a_list_are_kept(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "AAPL, NO/SUCH")
    assert chosen(app).symbols == ("AAPL",) and app.text_input(key="ticker").value == "NO/SUCH"
    assert len(app.error) == 1


def test_what_is_typed_among_the_chips_is_looked_for(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "MSFT")
    app.multiselect(key="chips").set_value(["MSFT", "aapl"]).run()
    assert chosen(app).symbols == ("MSFT", "AAPL") and not app.exception
    app.multiselect(key="chips").set_value(["AAPL", "apple"]).run()
    assert chosen(app).symbols == ("AAPL",)
    assert "suggest-APC.BE" in [one.key for one in app.button]
    app.multiselect(key="chips").set_value([]).run()
    assert chosen(app) is None


def korean_page() -> None:
    import streamlit as st

    from ui.data import tickers

    st.session_state["chosen"] = repr(tickers.choose(tickers.KRX))


def test_korean_codes_have_widgets_of_their_own(opened: Callable[..., AppTest]) -> None:
    app = AppTest.from_function(korean_page, default_timeout=30).run()
    app.text_input(key="krx-ticker").set_value("005930, ks11, NOPE").run()
    assert chosen(app) == Data(source="krx", symbols=("005930", "KS11"), start="2005-01-01")
    assert not app.selectbox and "'NOPE' is no code" in app.error[0].value
    app.text_input(key="krx-ticker").set_value("000660").run()
    assert chosen(app).symbols == ("005930", "KS11", "000660") and app.text_input(key="krx-ticker").value == ""
    app.multiselect(key="krx-chips").unselect("KS11").run()
    assert chosen(app).symbols == ("005930", "000660")


def macro_page() -> None:
    import streamlit as st

    from ui.data import macro

    st.session_state["chosen"] = repr(macro.choose())


def test_a_series_of_fred_is_chosen_from_the_list(opened: Callable[..., AppTest]) -> None:
    app = AppTest.from_function(macro_page, default_timeout=30).run()
    assert chosen(app) == Data(source="fred", symbols=("DGS10",), start="2005-01-01")
    app.selectbox(key="fred").select("UNRATE").run()
    assert chosen(app).symbols == ("UNRATE",) and not app.exception


def test_interval_and_start_are_chosen(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "AAPL")
    app.selectbox(key="interval").set_value("1h").run()
    assert "730 days" in app.caption[0].value
    app.date_input(key="start").set_value(None).run()
    assert chosen(app) == Data(source="yahoo", symbols=("AAPL",), start=None, interval="1h")


def test_the_session_holds_plain_values(opened: Callable[..., AppTest]) -> None:
    app = type_in(opened(), "AAPL, MSFT")
    assert pickle.loads(pickle.dumps(app.session_state["tickers"])) == ["AAPL", "MSFT"]  # noqa: S301 - our own
