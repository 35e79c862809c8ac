"""One process holds a lease; a dead one loses it to one other; nobody needs the clocks of two machines to agree."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from core.errors import RunError
from core.storage import leases
from core.storage.leases import Holder, UnderWay

ROOT = Path(__file__).parents[2]
HOLD = """
import sys
from pathlib import Path
from core.storage import leases
leases.acquire(Path(sys.argv[1]), "job", "busy")
print("held", flush=True)
sys.stdin.readline()
"""


def other(folder: Path) -> subprocess.Popen:
    """Another process that holds the lease until it is killed, or a line is written to it."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline() == "held\n"
    return process


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock of the module, which stands still until it is moved."""
    now = [1000.0]
    monkeypatch.setattr(leases.time, "monotonic", lambda: now[0])
    return now


def write(folder: Path, generation: int = 1, **values) -> Path:
    """A lease that a process elsewhere has written."""
    path = folder / f"job.{generation}.lease"
    holder = Holder(host="elsewhere/boot/pid", pid=1, started="5", token="t" * 16)
    path.write_text(json.dumps(asdict(replace(holder, **values))))
    return path


def test_one_holds_it_and_gives_it_back(tmp_path):
    with leases.acquire(tmp_path, "job", "busy") as lease:
        assert leases.is_mine(leases.holder(tmp_path, "job")) and lease.is_held
        with pytest.raises(UnderWay, match="busy"):
            leases.acquire(tmp_path, "job", "busy")
        leases.acquire(tmp_path, "jobs", "busy").release()  # another name
    assert leases.holder(tmp_path, "job") is None and not lease.is_held and not [*tmp_path.iterdir()]


def test_a_shared_one_goes_with_the_last(tmp_path):
    first, second = (leases.acquire(tmp_path, "job", "busy", share=True) for _ in range(2))
    first.release()
    assert leases.holder(tmp_path, "job") is not None
    second.release()
    assert leases.holder(tmp_path, "job") is None


def test_another_process_is_refused_until_it_is_killed(tmp_path):
    process = other(tmp_path)
    try:
        holder = leases.holder(tmp_path, "job")
        assert holder.pid == process.pid and not leases.is_mine(holder)
        for share in (False, True):
            with pytest.raises(UnderWay):
                leases.acquire(tmp_path, "job", "busy", share)
    finally:
        process.kill()  # nobody has waited for it yet: what is left of it holds nothing either
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert leases.holder(tmp_path, "job") is None
    with leases.acquire(tmp_path, "job", "busy") as lease:
        assert [path.name for path in tmp_path.iterdir()] == [lease.path.name] == ["job.2.lease"]
    process.communicate()


def test_a_process_number_that_was_given_again_holds_nothing(tmp_path):
    write(tmp_path, host=leases._host(), pid=os.getpid(), started="1")
    assert leases.holder(tmp_path, "job") is None


def test_of_many_that_take_over_one_gets_it(tmp_path):
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        write(folder, host=leases._host(), pid=1, started="never")
        start, won = threading.Barrier(4), []

        def take(folder=folder, start=start, won=won) -> None:
            start.wait()
            with suppress(UnderWay):
                won.append(leases.acquire(folder, "job", "busy"))

        threads = [threading.Thread(target=take) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        (lease,) = won
        assert lease.is_held and [path.name for path in folder.iterdir()] == ["job.2.lease"]
        lease.release()


@pytest.mark.parametrize("skew", [-86_400, 0, 86_400])
def test_a_machine_whose_clock_differs_is_judged_by_whether_it_renews(tmp_path, clock, skew):
    path = write(tmp_path)
    at = path.stat().st_mtime + skew
    for beat in range(4):
        os.utime(path, (at + beat, at + beat))
        assert leases.holder(tmp_path, "job").machine == "elsewhere"
        clock[0] += leases.STALE - 1
    clock[0] += 2
    assert leases.holder(tmp_path, "job") is None
    leases.acquire(tmp_path, "job", "busy").release()


def test_one_that_was_killed_while_it_wrote_is_stale_in_time(tmp_path, clock):
    (tmp_path / "job.1.lease").write_text('{"host": "here')
    assert leases.holder(tmp_path, "job") is not None
    clock[0] += leases.STALE + 1
    assert leases.holder(tmp_path, "job") is None


def test_a_holder_that_was_held_up_learns_that_it_was_replaced(tmp_path):
    lost = []
    with leases.acquire(tmp_path, "job", "busy") as lease, leases.acquire(tmp_path, "other", "busy") as kept:
        lease.on_lost, kept.on_lost = (lambda: lost.append("job")), (lambda: lost.append("other"))
        before = lease.path.stat().st_mtime_ns
        os.utime(lease.path, (1, 1))
        leases.renew()
        assert lease.path.stat().st_mtime_ns >= before and lost == []
        write(tmp_path, generation=2)
        leases.renew()
        leases.renew()
        assert lost == ["job"] and not lease.is_held and kept.is_held
    assert (tmp_path / "job.2.lease").exists()


def test_one_that_comes_late_to_a_free_lease_gives_way_to_the_higher_generation(tmp_path, monkeypatch):
    write(tmp_path, generation=5)
    monkeypatch.setattr(leases, "_current", _once(None, leases._current))  # it looked before the other one wrote
    with pytest.raises(UnderWay):
        leases.acquire(tmp_path, "job", "busy")
    assert [path.name for path in tmp_path.iterdir()] == ["job.5.lease"]


def _once(first, then):
    answers = [first]
    return lambda *args: answers.pop() if answers else then(*args)


def test_what_a_dead_one_left_is_removed_and_a_living_one_stays(tmp_path):
    write(tmp_path, host=leases._host(), pid=1, started="never")
    leases.remove_dead(tmp_path, "job")
    assert not [*tmp_path.iterdir()]
    with leases.acquire(tmp_path, "job", "busy") as lease:
        leases.remove_dead(tmp_path, "job")
        assert lease.is_held


def test_a_disk_that_refuses_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(RunError, match="could not be noted"):
        leases.acquire(tmp_path / "file", "job", "busy")
