"""The app as benchmarks and tests start it: on a free port, with folders of its own."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 60  # s for a server to answer
LOG = "log"  # in its folder: what it printed


@contextmanager
def started(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """The process of the app that is just starting, and its address; its runs, downloads and log are in this folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = os.environ | {"LOOKBACK_RUNS": str(folder / "runs"), "LOOKBACK_CACHE": str(folder / "cache")}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with (folder / LOG).open("w") as log:
        process = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=ROOT)
    try:
        yield process, f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait(process: subprocess.Popen[bytes], url: str, folder: Path) -> None:
    """Return when the app answers. Raises RuntimeError, with what the app printed, if it does not."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {(folder / LOG).read_text()}")


def is_worker(process: psutil.Process) -> bool:
    """Whether this process under a server is one of its workers."""
    return "spawn_main" in command_line(process) or (_forks(process) and not is_fork_server(process))


def is_fork_server(process: psutil.Process) -> bool:
    """Whether this is the process from which workers are forked, which have its command line."""
    try:
        parent = process.parent()
    except psutil.Error:
        return False
    return _forks(process) and (parent is None or not _forks(parent))


def _forks(process: psutil.Process) -> bool:
    return "multiprocessing.forkserver" in command_line(process)


def command_line(process: psutil.Process) -> str:
    """How it was started; empty for one that has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""
