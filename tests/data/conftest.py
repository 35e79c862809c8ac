"""Local servers that answer as Yahoo, Korean sites and FRED do, for the tests of a module."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.data.news import feed
from core.data.sources import ticker_search, yahoo

from .korea_server import Korea, asked, korea
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
    feed.forget()
    yahoo.forget()
    ticker_search.TICKERS.answers.clear()


@pytest.fixture(scope="module")
def korea_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Korea, Path]]:
    with korea(tmp_path_factory.mktemp("authority")) as both:
        yield both


@pytest.fixture
def sites(korea_server: tuple[Korea, Path], monkeypatch: pytest.MonkeyPatch) -> Iterator[Korea]:
    """The sites behind FinanceDataReader in their first state, with nothing remembered."""
    with asked(*korea_server, monkeypatch) as server:
        yield server
