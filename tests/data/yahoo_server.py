"""A local server that answers like Yahoo: over plain HTTP, or as a proxy that stands in for every host over TLS."""

import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd
import pytest
from curl_cffi import requests

ROOT = Path(__file__).parents[2]
MONDAY = pd.Timestamp("2024-01-08")
HOSTS = ("*.yahoo.com", "*.finance.yahoo.com")
STATUS = {"unknown": 404, "limited": 429, "broken": 500, "out of order": 500}
PAGES = {"limited": "Too Many Requests", "broken": "<html>oops</html>", "page": "<html>Please log in</html>"}
QUOTES = [
    {
        "symbol": "AAPL",
        "shortname": "Apple",
        "longname": "Apple Inc.",
        "exchange": "NMS",
        "exchDisp": "NASDAQ",
        "quoteType": "EQUITY",
        "typeDisp": "Equity",
        "isYahooFinance": True,
    },
    {"symbol": "APC.DE", "shortname": "APPLE INC", "exchange": "GER", "quoteType": "EQUITY"},
    {"name": "a company without a ticker", "isYahooFinance": False},
    {"symbol": "NOT A TICKER", "shortname": "what cannot be asked for"},
]
STREAM = [
    {
        "id": "3",
        "content": {
            "title": " Apple shares plunge ",
            "pubDate": "2024-01-09T21:30:00Z",
            "summary": "Why.",
            "displayTime": "2024-01-09T22:00:00Z",
            "provider": {"displayName": "Wire"},
        },
    },
    {"id": "2", "content": {"title": "Buy this now", "pubDate": "2024-01-09T15:00:00Z"}, "ad": [{"id": "ad"}]},
    {"id": "1", "content": {"title": "Apple beats estimates", "pubDate": "2024-01-08T14:30:00Z", "displayTime": None}},
    {"id": "0", "content": {"title": "Without a time"}},
    {"id": "-", "content": None},
]

# One process imports everything and then forks once per server: seven imports would take seven times as long.
FORK = """
for folder, port, deadline_s in json.loads(sys.argv[1]):
    if os.fork() == 0:
        os.environ["HTTPS_PROXY"] = os.environ["HTTP_PROXY"] = f"http://127.0.0.1:{port}"
        (Path(folder) / "answer.json").write_text(json.dumps(ask(Path(folder), deadline_s)))
        os._exit(0)
while True:
    try:
        assert os.wait()[1] == 0
    except ChildProcessError:
        break
"""


class Yahoo(ThreadingHTTPServer):
    """Answers every request as `mode` says: ok, delisted, unknown, limited, broken, page, hanging, …"""

    daemon_threads = True

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), self.answerer())
        self.tls = tls
        self.reset()

    def answerer(self) -> type[BaseHTTPRequestHandler]:
        return Answer

    def reset(self) -> None:
        self.mode, self.zone, self.stream = "ok", "America/New_York", STREAM
        self.times = [MONDAY + pd.Timedelta(days=at, hours=9.5) for at in range(5)]
        self.asked: list[str] = []
        self.hosts: set[str] = set()
        self.release = threading.Event()


class Answer(BaseHTTPRequestHandler):
    server: Yahoo

    def handle(self) -> None:
        with contextlib.suppress(OSError):  # the client has hung up
            super().handle()

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.connection.close()

    def do_CONNECT(self) -> None:
        """Accept to tunnel the connection, and be its other end."""
        self.server.hosts.add(self.path)
        self.send_response(200)
        self.end_headers()
        self.connection = self.server.tls.wrap_socket(self.connection, server_side=True)
        self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", buffering=0)
        self.close_connection = False

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.server.asked.append(parts.path)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.server.mode == "hanging":
            self.server.release.wait(8)
        body = self.answer(parts.path, parse_qs(parts.query)).encode()
        self.send_response(self.status())
        for name, value in self.headers_of(parts.path).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def answer(self, path: str, query: dict[str, list[str]]) -> str:
        mode, errors = self.server.mode, {"unknown": "Not Found", "out of order": "Internal Server Error"}
        if mode in PAGES:
            return PAGES[mode]
        if mode in errors:
            error = {"code": errors[mode], "description": "No data found, symbol may be delisted"}
            return json.dumps({"chart" if "/chart/" in path else "finance": {"result": None, "error": error}})
        if path.endswith("/search"):
            return json.dumps({"quotes": QUOTES if "app" in query["q"][0].lower() else [], "news": []})
        if path.endswith("/ncp"):
            return json.dumps({"data": {"tickerStream": {"stream": self.server.stream}}, "status": "OK"})
        if "/chart/" not in path:
            return "crumb"
        body = chart(path.rsplit("/", 1)[1], self.server.times, self.server.zone)
        if mode == "delisted":
            del body["chart"]["result"][0]["timestamp"]
            body["chart"]["result"][0]["indicators"] = {"quote": [{}], "adjclose": [{}]}
        return json.dumps(body)

    def status(self) -> int:
        return STATUS.get(self.server.mode, 200)

    def headers_of(self, path: str) -> dict[str, str]:
        return {}

    def log_message(self, format: str, *args: object) -> None:
        return


def chart(ticker: str, times: list[pd.Timestamp], place: str) -> dict:
    """Return a chart answer on the wall clock of `place`: close 100, 101, …, adjusted close half of it."""
    stamps = [int(at.tz_localize(place).timestamp()) for at in times]
    close = [100.0 + at for at in range(len(times))]
    zone = {"timezone": "EST", "gmtoffset": -18000, "start": stamps[0], "end": stamps[-1] + 1}
    meta = {
        "currency": "USD",
        "symbol": ticker,
        "instrumentType": "EQUITY",
        "exchangeTimezoneName": place,
        "timezone": "EST",
        "gmtoffset": -18000,
        "regularMarketTime": stamps[-1],
        "priceHint": 2,
        "firstTradeDate": stamps[0],
        "dataGranularity": "1d",
        "range": "max",
        "validRanges": ["1d", "max"],
        "currentTradingPeriod": {"pre": zone, "regular": zone, "post": zone},
        "tradingPeriods": [[zone]],
    }
    quote = {
        "open": close,
        "high": [v + 1 for v in close],
        "low": [v - 1 for v in close],
        "close": close,
        "volume": [1000] * len(times),
    }
    split = {"date": stamps[-1], "numerator": 2, "denominator": 1, "splitRatio": "2:1"}
    events = {"dividends": {str(stamps[0]): {"amount": 0.5, "date": stamps[0]}}, "splits": {str(stamps[-1]): split}}
    result = {
        "meta": meta,
        "timestamp": stamps,
        "events": events,
        "indicators": {"quote": [quote], "adjclose": [{"adjclose": [v / 2 for v in close]}]},
    }
    return {"chart": {"result": [result], "error": None}}


class Redirected(requests.Session):
    """A session of curl_cffi that sends every request to one local server."""

    port = 0

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> requests.Response:
        parts = urlsplit(url)
        return super().request(method, f"http://127.0.0.1:{self.port}{parts.path}?{parts.query}", *args, **kwargs)


@contextlib.contextmanager
def serving(tls: ssl.SSLContext | None = None, kind: type[Yahoo] = Yahoo) -> Iterator[Yahoo]:
    """Run a server on its own port during the block."""
    server = kind(tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    thread.join()
    server.server_close()


@contextlib.contextmanager
def redirected(server: Yahoo) -> Iterator[Yahoo]:
    """Reset the server, and point the yfinance of this process to it during the block."""
    import yfinance

    session = Redirected()
    session.port = server.server_port
    server.reset()
    data = yfinance.data.YfData(session=session)
    data._cookie_strategy, data._crumb, data._cookie = "basic", None, None
    yfinance.data.YfData.cache_get.cache_clear()
    yield server
    server.mode = "ok"
    server.release.set()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join()


def certificate(folder: Path, hosts: tuple[str, ...] = HOSTS) -> tuple[Path, ssl.SSLContext]:
    """Return the certificate file of a throw-away authority, and a server context that it signed for these hosts."""
    if shutil.which("openssl") is None:
        pytest.fail("This test makes certificates with the command `openssl`, which is missing. Install openssl.")
    (folder / "san").write_text(f"subjectAltName={','.join(f'DNS:{host}' for host in hosts)}\n")
    new = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes"
    for command in (
        f"{new} -x509 -days 2 -subj /CN=Throw-away -keyout ca.key -out ca.pem",
        f"{new} -subj /CN=yahoo.com -keyout server.key -out server.csr",
        "openssl x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-extfile san -out server.pem",
    ):
        done = subprocess.run(command.split(), cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    return folder / "ca.pem", context


def ask_all(
    script: str, home: Path, authority: Path, servers: dict[str, Yahoo], deadlines: dict[str, float]
) -> dict[str, dict]:
    """Return what `ask(folder, deadline_s)` returns in a clean process for each server, and the requests it sent."""
    for mode in servers:
        (home / mode).mkdir()
    cases = [[str(home / mode), server.server_port, deadlines[mode]] for mode, server in servers.items()]
    clean = {"PATH": os.environ["PATH"], "HOME": str(home), "REQUESTS_CA_BUNDLE": str(authority)}
    done = subprocess.run(
        [sys.executable, "-c", script + FORK, json.dumps(cases)],
        cwd=ROOT,
        env=clean,
        timeout=60,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return {
        mode: json.loads((home / mode / "answer.json").read_text())
        | {"hosts": server.hosts, "asked": server.asked, "kept": len(list((home / mode).glob("*.parquet")))}
        for mode, server in servers.items()
    }
