"""How Yahoo is reached: yfinance set to raise its errors, a deadline for every request, failures in words."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_lock = threading.Lock()
_configured = threading.Event()


class ExpiringCache(Generic[T]):
    """Values by key, each forgotten after some seconds; of more than `size` the oldest go. Safe between threads."""

    def __init__(self, size: int = 500) -> None:
        self.size = size
        self._entries: dict[Any, tuple[T, float]] = {}
        self._lock = threading.Lock()

    def get(self, *keys: Any) -> T | None:
        """Return the value of the first of these keys that has one; None if none has."""
        now = time.monotonic()
        with self._lock:
            entries = [self._entries[key] for key in keys if key in self._entries]
        return next((value for value, expires in entries if now < expires), None)

    def put(self, key: Any, value: T, seconds: float) -> T:
        """Remember `value` under `key` for so many seconds, and return it."""
        with self._lock:
            self._entries.pop(key, None)
            self._entries[key] = value, time.monotonic() + seconds
            while len(self._entries) > self.size:
                del self._entries[next(iter(self._entries))]
        return value

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._entries.clear()


def run_within(seconds: float, work: Callable[[], T]) -> T:
    """Return or raise what `work` does; raise TimeoutError after `seconds` and leave the thread that runs it behind."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except Exception as error:  # passed on to the caller's thread, which names it
            errors.append(error)

    thread = threading.Thread(target=run, name="yahoo", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return results[0]


def load_yfinance(cache: Path) -> Any:
    """Return yfinance, set to raise its errors and to store time zones and cookies under the first `cache` given."""
    import yfinance

    with _lock:
        yfinance.config.debug.hide_exceptions = False
        if not _configured.is_set():
            folder = cache / "yfinance"
            with contextlib.suppress(OSError):  # yfinance can do without a folder that it can write
                folder.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(folder))
            _configured.set()
    return yfinance


def outage_reason(error: Exception) -> str:
    """Return a sentence on what keeps Yahoo as a whole from answering; empty if `error` is of another kind."""
    from curl_cffi.requests import exceptions as http
    from yfinance import exceptions as yahoo

    if isinstance(error, yahoo.YFRateLimitError) or http_status(error) == 429:
        return "Yahoo refuses requests from this address for a while (rate limit)."
    if isinstance(error, http.Timeout | TimeoutError):
        return "Yahoo did not answer in time."
    if isinstance(error, http.ConnectionError | http.ProxyError):  # includes unknown hosts and bad certificates
        return "Yahoo cannot be reached: there is no network, or it is blocked."
    return ""


def http_status(error: Exception) -> int:
    """Return the HTTP status behind an error; 0 if it has none or no answer came at all."""
    return getattr(getattr(error, "response", None), "status_code", 0)


def describe(error: Exception) -> str:
    """Return an error as it stands in brackets in a message: its HTTP status, or its type and text."""
    code = http_status(error)
    return f"HTTP {code}" if code else f"{type(error).__name__}: {str(error)[:120]}"
