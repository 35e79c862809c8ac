"""How Yahoo is reached: yfinance set to raise its errors, a deadline that nothing outlasts, troubles in words."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_settled = threading.Event()


def within(seconds: float, work: Callable[[], T]) -> T:
    """What `work` returns or raises; TimeoutError after `seconds`, when the thread that does it is left behind."""
    answer: list[T] = []
    raised: list[Exception] = []

    def run() -> None:
        try:
            answer.append(work())
        except Exception as error:  # carried over to the caller's thread, which names it
            raised.append(error)

    thread = threading.Thread(target=run, name="yahoo", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if raised:
        raise raised[0]
    if not answer:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return answer[0]


def library(cache: Path) -> Any:
    """yfinance, made to raise its errors, with its time zones and cookies under `cache`: the first one given stays."""
    import yfinance

    with _lock:
        yfinance.config.debug.hide_exceptions = False
        if not _settled.is_set():
            folder = cache / "yfinance"
            with contextlib.suppress(OSError):  # yfinance does without a folder that cannot be written
                folder.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(folder))
            _settled.set()
    return yfinance


def trouble(error: Exception) -> str:
    """What keeps Yahoo as a whole from answering, in a sentence; empty when `error` is of another kind."""
    from curl_cffi.requests import exceptions as http
    from yfinance import exceptions as yahoo

    if isinstance(error, yahoo.YFRateLimitError) or status(error) == 429:
        return "Yahoo takes no more requests from this address for a while (rate limit)."
    if isinstance(error, http.Timeout | TimeoutError):
        return "Yahoo did not answer in time."
    if isinstance(error, http.ConnectionError | http.ProxyError):  # no such host and bad certificates among them
        return "Yahoo cannot be reached: there is no network, or it is blocked."
    return ""


def status(error: Exception) -> int:
    """The HTTP status behind an error; 0 where there is none, or where no answer came at all."""
    return getattr(getattr(error, "response", None), "status_code", 0)
