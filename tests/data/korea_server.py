"""A local server that answers as the sites behind FinanceDataReader do: Naver, KRX, its store of files, and FRED."""

import contextlib
import threading
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

from core.data.sources import fred, krx
from tests.data.yahoo_server import Answer, Yahoo, certificate, serving

HOSTS = ("fchart.stock.naver.com", "raw.githubusercontent.com", "fred.stlouisfed.org")
SESSIONS = [  # the last one is halted: Naver repeats the close and has zeros for the rest
    ("20240102", 78200, 79800, 78200, 79600, 17142847),
    ("20240103", 78500, 78800, 77000, 77000, 21753644),
    ("20240104", 76100, 77300, 76100, 76600, 15324439),
    ("20240105", 0, 0, 0, 76600, 0),
]
LISTING = """,Code,ISU_CD,Name,Market,Dept,Close,Open,Marcap,MarketId
0,005930,KR7005930003,삼성전자,KOSPI,,76600,76100,457,STK
1,373220,KR7373220003,LG에너지솔루션,KOSPI,,415000,416000,97,STK
2,207940,KR7207940008,삼성바이오로직스,KOSPI,,744000,744000,53,STK
3,247540,KR7247540008,에코프로비엠,KOSDAQ,,288000,290000,28,KSQ
4,028260,KR7028260008,삼성물산,KOSPI,,128000,128000,23,STK
"""
RATES = "observation_date,{}\n2023-12-29,3.88\n2024-01-01,.\n2024-01-02,3.95\n2024-01-03,3.91\n"
MONTHS = "observation_date,UNRATE\n2023-10-01,3.9\n2023-11-01,3.7\n2023-12-01,3.7\n"
FAILING = {"limited": 429, "broken": 500}


class Korea(Yahoo):
    """Answers as `mode` says; `lost_years` of an index answer with this status instead of their file."""

    def answerer(self) -> type[BaseHTTPRequestHandler]:
        return Sites

    def reset(self) -> None:
        super().reset()
        self.lost_years: dict[int, int] = {}
        self.sessions = SESSIONS


class Sites(Answer):
    server: Korea

    def status(self) -> int:
        parts = urlsplit(self.path)
        if self.server.mode == "unknown" and "fred" in parts.path:
            return 404
        year = Path(parts.path).stem
        return self.server.lost_years.get(int(year), 200) if year.isdigit() else FAILING.get(self.server.mode, 200)

    def headers_of(self, path: str) -> dict[str, str]:
        is_file = "fredgraph" in path and self.server.mode == "ok"
        return {"Content-Disposition": 'attachment; filename="fredgraph.csv"'} if is_file else {}

    def answer(self, path: str, query: dict[str, list[str]]) -> str:
        if self.server.mode == "page":
            return "<html>Please log in</html>"
        if self.server.mode in FAILING:
            return "<html>Sorry</html>"
        if "fredgraph" in path:
            name = query["id"][0]
            return (
                "<html>FRED</html>"
                if self.server.mode == "unknown"
                else MONTHS
                if name == "UNRATE"
                else RATES.format(name)
            )
        if "sise.nhn" in path:
            rows = [] if self.server.mode == "unknown" else self.server.sessions
            items = "".join(f'<item data="{"|".join(map(str, row))}" />\n' for row in rows)
            return f'<protocol><chartdata symbol="{query["symbol"][0]}" count="6000">\n{items}</chartdata></protocol>'
        if "executeForResourceBundle" in path:
            return '{"result": {"output": [{"max_work_dt": "20240105"}]}}'
        return LISTING if "/listing/" in path else index_of(int(Path(path).stem))


def index_of(year: int) -> str:
    """The file of one year of an index: two sessions."""
    days = (
        f"{year}-01-05,{year},{year + 1},{year - 1},{year},1000",
        f"{year}-06-05,{year},{year + 2},{year - 1},{year},0",
    )
    return "\n".join(["Date,Open,High,Low,Close,Volume", *days, ""])


def last_year() -> int:
    """The last year whose file is whole at any time of the year."""
    return pd.Timestamp.now(tz="Asia/Seoul").year - 1


@contextlib.contextmanager
def asked(server: Korea, authority: Path, patch: pytest.MonkeyPatch) -> Iterator[Korea]:
    """Reset the server, and send what this process asks to it during the block, with nothing remembered."""
    proxy = f"http://127.0.0.1:{server.server_port}"
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"):
        patch.setenv(name, proxy)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"):
        patch.setenv(name, str(authority))
    for name in ("NO_PROXY", "no_proxy", "SSL_CERT_DIR"):
        patch.delenv(name, raising=False)
    patch.setattr(urllib.request, "_opener", None)  # it keeps the proxy of the first request of this process
    server.reset()
    forget()
    yield server
    server.release.set()
    forget()
    for thread in threading.enumerate():
        if thread.name == "download":
            thread.join()


def forget() -> None:
    """Forget failures and answers of both services."""
    krx.KRX.failures.clear()
    fred.FRED.failures.clear()
    krx.SHARES.answers.clear()


@contextlib.contextmanager
def korea(folder: Path) -> Iterator[tuple[Korea, Path]]:
    """Run a server with a certificate of its own during the block; with the file of the authority that signed it."""
    authority, tls = certificate(folder, HOSTS)
    with serving(tls, Korea) as server:
        yield server, authority
