"""What keeps a service from answering is told apart by the errors of every library that asks, also behind others."""

import sys
import urllib.error
from email.message import Message

import curl_cffi.requests.exceptions as curl
import pytest
import requests
import yfinance.exceptions

from core.data.sources.network import ExpiringCache, describe, http_status, outage_reason


def answered(status: int) -> requests.HTTPError:
    answer = requests.Response()
    answer.status_code = status
    return requests.HTTPError("refused", response=answer)


def behind(hidden: Exception, shown: Exception) -> Exception:
    """The error that a library raised while it handled another."""
    shown.__context__ = hidden
    return shown


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (requests.ConnectionError("no route"), "cannot be reached"),
        (requests.exceptions.SSLError("foreign"), "cannot be reached"),
        (requests.exceptions.ConnectTimeout("slow"), "did not answer in time"),
        (requests.exceptions.ReadTimeout("slow"), "did not answer in time"),
        (urllib.error.URLError("unknown host"), "cannot be reached"),
        (curl.DNSError("unknown host"), "cannot be reached"),
        (curl.ProxyError("closed"), "cannot be reached"),
        (curl.ReadTimeout("slow"), "did not answer in time"),
        (TimeoutError("slow"), "did not answer in time"),
        (yfinance.exceptions.YFRateLimitError(), "refuses requests"),
        (answered(429), "refuses requests"),
        (behind(requests.ConnectionError("no route"), UnboundLocalError("r")), "cannot be reached"),
        (answered(500), ""),
        (urllib.error.HTTPError("http://x", 404, "Not Found", Message(), None), ""),
        (behind(requests.ConnectionError("no route"), answered(500)), ""),
        (PermissionError("the disk"), ""),
        (ValueError("a page"), ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else value,
)
def test_an_outage_is_named_after_its_cause(error: Exception, sentence: str) -> None:
    reason = outage_reason(error, "The service")
    assert sentence in reason and bool(sentence) == bool(reason)
    assert not reason or reason.startswith("The service ")


def test_the_status_of_an_error_is_that_of_its_answer() -> None:
    assert http_status(answered(503)) == 503 and describe(answered(503)) == "HTTP 503"
    refused = urllib.error.HTTPError("http://x", 404, "Not Found", Message(), None)
    assert http_status(refused) == 404
    assert http_status(curl.ConnectionError("no route", 7)) == 0  # a code of curl is no status
    assert describe(ValueError("x" * 200)) == f"ValueError: {'x' * 120}"


def test_an_error_is_recognised_without_importing_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    error = requests.ConnectionError("no route")
    for name in ("requests", "curl_cffi", "yfinance"):
        monkeypatch.setitem(sys.modules, name, None)  # an import would fail
    assert "cannot be reached" in outage_reason(error, "It")


def test_a_value_can_be_dropped_before_it_expires() -> None:
    cache: ExpiringCache[int] = ExpiringCache()
    cache.put("a", 1, 60)
    cache.drop("a")
    cache.drop("never there")
    assert cache.get("a") is None
