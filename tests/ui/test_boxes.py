"""Callbacks of boxes that the session no longer has: a browser may speak of a page that it has just left."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from ui import language, layout
from ui.data import covariates, tickers
from ui.search import settings

CALLBACKS: dict[str, Callable[[], None]] = {
    "language": lambda: language._choose("switch-to-en"),
    "run": lambda: layout._switch("switch-none"),
    "preset": lambda: settings._take_preset("lstm", "search-preset-en", "search-fields"),
    "join-pick": covariates._add_picked,
    "join-ticker": covariates._add_typed,
    "ticker": lambda: tickers._take_several(tickers.YAHOO),
    "chips": lambda: tickers._take_chips(tickers.YAHOO),
}


def call(callback) -> None:
    callback()


@pytest.mark.parametrize("callback", CALLBACKS.values(), ids=CALLBACKS)
def test_the_callback_of_a_box_that_is_gone_changes_nothing(callback, idle, saved):
    chosen = {language.KEY: "ko", "run": saved.id, tickers.YAHOO.key("tickers"): ["SPY"], "search-fields": ["a"]}
    app = AppTest.from_function(call, args=(callback,))
    for name, value in chosen.items():
        app.session_state[name] = value
    app.run()
    assert list(app.exception) == []
    assert {name: app.session_state[name] for name in chosen} == chosen
