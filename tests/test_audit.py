"""The audit of the locked packages, against a local server that answers as the vulnerability database does."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOCK = "jinja2==3.1.2 --hash=sha256:" + 64 * "0" + "\nnumpy==2.4.6 --hash=sha256:" + 64 * "1" + "\n"
FIXED = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.3"}]}
FINDING = {
    "id": "GHSA-h5c8-rqwp-cp95",
    "aliases": ["CVE-2024-22195"],
    "summary": "HTML attribute injection",
    "published": "2024-01-11T15:20:48Z",
    "affected": [{"package": {"name": "jinja2", "ecosystem": "PyPI"}, "ranges": [FIXED]}],
}


class Database(BaseHTTPRequestHandler):
    """One finding, in one version of one package."""

    def do_POST(self) -> None:
        query = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        vulnerable = (query["package"]["name"], query["version"]) == ("jinja2", "3.1.2")
        content = json.dumps({"vulns": [FINDING]} if vulnerable else {}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def database() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Database)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()


def audit(folder: Path, url: str, lock: str = LOCK) -> tuple[int, str]:
    (folder / "lock").write_text(lock)
    options = ["--lock", folder / "lock", "--record", folder / "record.json", "--url", url]
    done = subprocess.run([sys.executable, ROOT / ".ci/audit.py", *options], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_vulnerable_package_is_named_also_from_the_record_when_the_database_is_away(tmp_path: Path, database: str):
    code, text = audit(tmp_path, database)
    assert code == 1 and "jinja2 3.1.2: " in text and "fixed in 3.1.3" in text and "2 packages, 1 with" in text
    away = "http://127.0.0.1:9/v1/query"
    assert audit(tmp_path, away)[0] == 1
    code, text = audit(tmp_path, away, LOCK.replace("2.4.6", "2.4.7"))
    assert code == 0 and text.startswith("NOT AUDITED")  # the record is of other versions


def test_sound_packages_pass(tmp_path: Path, database: str):
    code, text = audit(tmp_path, database, LOCK.replace("3.1.2", "3.1.6"))
    assert code == 0 and "2 packages, 0 with known vulnerabilities" in text


def test_without_an_answer_nothing_is_claimed(tmp_path: Path):
    code, text = audit(tmp_path, "http://127.0.0.1:9/v1/query")
    assert code == 0 and text.startswith("NOT AUDITED")
