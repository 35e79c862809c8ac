"""Which language is spoken now: that of the visitor whose page is drawn, else English.

The command line, the Python API, worker processes, saved files and logs have no visitor, so they are English.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

LANGUAGES = {"en": "English", "ko": "한국어"}  # as their speakers call them
ENGLISH = "en"

_language: ContextVar[str | None] = ContextVar("language", default=None)
_of_visitor: list[Callable[[], str]] = []


def current() -> str:
    """The code of the language: one of LANGUAGES."""
    return _language.get() or (_of_visitor[0]() if _of_visitor else ENGLISH)


@contextmanager
def use(language: str) -> Iterator[None]:
    """Speak this language within the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def ask(visitor: Callable[[], str]) -> None:
    """Ask `visitor` for the language wherever no block says which.

    A page, its fragments and its callbacks run on threads of their own, where a variable that the page had set would
    be unknown.
    """
    _of_visitor[:] = [visitor]


def closest(locale: str | None) -> str:
    """The language of a browser's locale: ko-KR → ko; English for what is not spoken here."""
    code = (locale or "").replace("_", "-").split("-")[0].lower()
    return code if code in LANGUAGES else ENGLISH
