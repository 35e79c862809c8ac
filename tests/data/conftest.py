"""One local server that answers as Yahoo does, for the tests of a module."""

from collections.abc import Iterator

import pytest

from core.data.news import feed
from core.data.sources import ticker_search, yahoo

from .yahoo_server import Yahoo, redirected, serving


@pytest.fixture(scope="module")
def server() -> Iterator[Yahoo]:
    with serving() as yahoo_server:
        yield yahoo_server


@pytest.fixture
def ask(server: Yahoo) -> Iterator[Yahoo]:
    """The server in its first state, with nothing remembered."""
    _forget()
    with redirected(server):
        yield server
    _forget()


def _forget() -> None:
    for module in (feed, ticker_search, yahoo):
        module.forget()
