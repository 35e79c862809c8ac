"""How places on the network are asked: within a deadline, with a memory of answers, and failures in words."""

import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from urllib.error import HTTPError

from core.language import message

T = TypeVar("T")

# Errors by the names of their classes: those of a library that nobody has used are not imported to compare with.
_RATE_LIMITS = {"yfinance.exceptions.YFRateLimitError"}
_TIMEOUTS = {"builtins.TimeoutError", "curl_cffi.requests.exceptions.Timeout", "requests.exceptions.Timeout"}
_UNREACHABLE = {  # includes unknown hosts and bad certificates
    "curl_cffi.requests.exceptions.ConnectionError",
    "curl_cffi.requests.exceptions.ProxyError",
    "requests.exceptions.ConnectionError",
    "urllib.error.URLError",
}


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

    def drop(self, key: Any) -> None:
        """Forget one value, if there is one."""
        with self._lock:
            self._entries.pop(key, None)

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

    thread = threading.Thread(target=run, name="download", daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError(f"no answer within {seconds:g} seconds")
    return results[0]


def outage_reason(error: BaseException, service: str) -> str:
    """Return a sentence on what keeps a service as a whole from answering; empty if `error` is of another kind.

    A library may hide the error behind one of its own: what it was raised from counts as well.
    """
    status = http_status(error)
    if status == 429 or _is_one_of(error, _RATE_LIMITS):
        return message("{service} refuses requests from this address for a while (rate limit).", service=service)
    if status:
        return ""
    if _is_one_of(error, _TIMEOUTS):
        return message("{service} did not answer in time.", service=service)
    if _is_one_of(error, _UNREACHABLE):
        return message("{service} cannot be reached: there is no network, or it is blocked.", service=service)
    behind = error.__cause__ or error.__context__
    return outage_reason(behind, service) if behind else ""


def http_status(error: BaseException) -> int:
    """Return the HTTP status behind an error; 0 if it has none or no answer came at all."""
    if isinstance(error, HTTPError):
        return error.code
    return getattr(getattr(error, "response", None), "status_code", 0)


def describe(error: Exception) -> str:
    """Return an error as it stands in brackets in a message: its HTTP status, or its type and text."""
    code = http_status(error)
    return f"HTTP {code}" if code else f"{type(error).__name__}: {str(error)[:120]}"


def _is_one_of(error: BaseException, names: set[str]) -> bool:
    return any(f"{kind.__module__}.{kind.__qualname__}" in names for kind in type(error).__mro__)
