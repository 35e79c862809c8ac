"""The workers take orders only from their own server."""

import logging
import socket
import subprocess
import sys

import dask
import psutil
import pytest
from distributed import LocalCluster, Security

from core.jobs import cluster
from core.jobs.queue import Queue

from . import sample_jobs
from .patience import over

INTRUDER = """
import asyncio, sys
from distributed import Client, Security

async def attempt(address, security, path):
    async with Client(address, security=security, timeout=3, asynchronous=True) as client:
        await client.run_on_scheduler(lambda: open(path, "w").close())
        await client.submit(lambda: open(path, "w").close())

if __name__ == "__main__":
    *ports, path = sys.argv[1:]
    for port in ports:
        for scheme, security in (("tcp", Security(require_encryption=False)), ("tls", Security.temporary())):
            try:
                asyncio.run(asyncio.wait_for(attempt(f"{scheme}://127.0.0.1:{port}", security, path), 4))
            except Exception as error:
                print("refused", scheme, port, type(error).__name__)
"""


def listening() -> list[int]:
    """The ports on which this process and its children listen."""
    me = psutil.Process()
    return [
        connection.laddr.port
        for process in (me, *me.children(recursive=True))
        for connection in process.net_connections(kind="inet")
        if connection.status == "LISTEN"
    ]


@pytest.fixture
def ports():
    """The ports of a queue with two workers that are both up."""
    before = set(listening())
    queue = Queue.open(workers=2, address="")
    over(queue, queue.submit(sample_jobs.count, 1, title="Count"))
    over(queue, queue.submit(sample_jobs.count, 1, title="Count"))
    link = queue._dispatcher.link
    link.start_all_workers()
    link.client.wait_for_workers(2, timeout=60)
    yield sorted(set(listening()) - before)
    queue.close()


def test_nothing_runs_without_the_certificate(ports, tmp_path):
    path = tmp_path / "ran"
    attempt = subprocess.run(
        [sys.executable, "-c", INTRUDER, *map(str, ports), str(path)], capture_output=True, text=True, timeout=120
    )
    assert attempt.returncode == 0, attempt.stdout + attempt.stderr
    assert attempt.stdout.count("refused") == 2 * len(ports)
    assert not path.exists()


def test_no_port_answers_http(ports):
    assert len(ports) == 5  # the scheduler, two workers and their two nannies
    for port in ports:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
            line.sendall(b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            try:
                assert not line.recv(100).startswith(b"HTTP")
            except ConnectionError:
                continue


@pytest.fixture
def existing(request):
    """An existing cluster, with or without TLS."""
    security = Security.temporary() if request.param else Security()
    with LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        host="127.0.0.1",
        security=security,
        scheduler_kwargs={"dashboard": False, "dashboard_address": "127.0.0.1:0"},
        worker_dashboard_address=None,
        silence_logs=logging.CRITICAL,
    ) as local:
        yield local.scheduler_address, security


@pytest.mark.parametrize("existing", [False], indirect=True)
def test_an_existing_cluster_without_tls_is_used_with_a_warning_and_left_running(existing, caplog):
    address, _ = existing
    for _ in range(2):  # the first to disconnect does not end it
        queue = Queue.open(address=address)
        assert over(queue, queue.submit(sample_jobs.count, 3, title="There")).status == "done"
        queue.close()
    assert [
        record.getMessage()
        for record in caplog.records
        if "without TLS" in record.getMessage() and address in record.getMessage()
    ]


@pytest.mark.parametrize("existing", [True], indirect=True)
def test_an_existing_cluster_is_reached_with_the_certificates_of_the_settings(existing, caplog, monkeypatch):
    address, security = existing
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 3)
    refused = Queue.open(address=address)
    job = over(refused, refused.submit(sample_jobs.count, 3, title="There"))
    assert (job.status, job.error_kind, job.traceback) == ("failed", "JobError", None)
    assert "distributed.comm.tls" in job.error
    refused.close()
    tls = {
        "distributed.comm.tls.ca-file": security.tls_ca_file,
        "distributed.comm.tls.client.key": security.tls_client_key,
        "distributed.comm.tls.client.cert": security.tls_client_cert,
    }
    with dask.config.set(tls):
        queue = Queue.open(address=address)
        assert over(queue, queue.submit(sample_jobs.count, 3, title="There")).status == "done"
        queue.close()
    assert not [record for record in caplog.records if "without TLS" in record.getMessage()]
