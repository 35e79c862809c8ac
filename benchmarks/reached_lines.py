"""Which tests run a line, and how long they take: what `benchmarks.mutants` asks before it tries a change.

Tests run in a copy of the project, in a fresh process that has imported the large packages already (the fork server of
`multiprocessing`).
"""

import itertools
import json
import multiprocessing
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from coverage import Coverage, CoverageData

LARGE = ["hypothesis", "pandas", "pytest", "scipy.stats", "streamlit", "torch"]  # none of them imports `core`
QUIET = "ignore::pytest.PytestAssertRewriteWarning"  # of packages that are imported already
PLAIN = ("-q", "-p", "no:xdist", "-p", "no:cacheprovider", "-p", "no:cov", "-W", QUIET)
OUTPUT = "tests.txt"
CALM = 60.0  # seconds beyond five times what the tests take, until a change counts as an endless loop: it is noticed

_fresh = multiprocessing.get_context("forkserver")
_fresh.set_forkserver_preload(LARGE)


@dataclass(frozen=True)
class Reached:
    """What the tests of a folder ran: the lines by test and by shared fixture, and the seconds of each test."""

    data: CoverageData
    seconds: dict[str, float]
    users: dict[str, list[str]]  # shared fixture → the tests that it serves

    def tests(self, path: Path, lines: Iterable[int], own: str, most: float) -> list[str]:
        """The names of the tests that run any of these lines: those of the file `own` first, then file by file, the
        quickest file and test first, as many as take `most` seconds. What runs when a module is imported is run by all.
        """
        by_line = self.data.contexts_by_lineno(str(path))
        contexts = {context for line in lines for context in by_line.get(line, [])}
        tests = set(self.seconds) if "" in contexts else set()
        for context in contexts & (self.users.keys() | self.seconds.keys()):
            tests.update(self.users.get(context, [context]))
        of_file: dict[str, float] = defaultdict(float)
        for test in tests:
            of_file[_file(test)] += self.seconds[test]
        files = sorted(of_file, key=lambda file: (file != own, of_file[file]))
        ordered = sorted(tests, key=lambda test: (files.index(_file(test)), self.seconds[test]))
        until = list(itertools.accumulate(self.seconds[test] for test in ordered))
        return [test for test, seconds in zip(ordered, until, strict=True) if seconds <= most or _file(test) == own]

    def passes(self, tests: list[str], copy: Path) -> bool:
        """Whether all these tests pass, in this order, in a copy of the project."""
        seconds = CALM + 5 * sum(self.seconds[test] for test in tests)
        return not tests or _in_fresh_process(_run, (tests, copy), seconds) == 0


def measure(tests: Iterable[str], copy: Path) -> Reached:
    """Run these files and folders of tests once in a copy of the project. RuntimeError if one fails."""
    if _in_fresh_process(_measure, (list(tests), copy), None) != 0:
        raise RuntimeError("the tests fail before anything is changed: " + (copy / OUTPUT).read_text()[-2000:])
    notes = json.loads((copy / "reached.json").read_text())
    data = CoverageData(str(copy / "reached.data"))
    data.read()
    return Reached(data, notes["seconds"], notes["users"])


def _in_fresh_process(target: Callable[..., None], arguments: tuple[Any, ...], seconds: float | None) -> int | None:
    """The exit code, or None for a process that was stopped after so many seconds."""
    process = _fresh.Process(target=target, args=arguments)
    process.start()
    process.join(seconds)
    if process.is_alive() and process.pid:
        os.killpg(process.pid, signal.SIGKILL)
        process.join()
        return None
    return process.exitcode


def _measure(tests: list[str], copy: Path) -> None:
    _enter(copy)
    coverage = Coverage(data_file=str(copy / "reached.data"), source=[str(copy / "core")], config_file=False)
    coverage.start()
    notes = _Notes(coverage)
    code = pytest.main([*PLAIN, *tests], plugins=[notes])
    coverage.stop()
    coverage.save()
    (copy / "reached.json").write_text(json.dumps({"seconds": notes.seconds, "users": notes.users}))
    os._exit(int(code))  # whatever the tests left running ends here


def _run(tests: list[str], copy: Path) -> None:
    _enter(copy)
    files = list(dict.fromkeys(map(_file, tests)))
    os._exit(int(pytest.main([*PLAIN, "-x", *files], plugins=[_Chosen(tests)])))


def _enter(copy: Path) -> None:
    os.setsid()  # one group: it can be stopped with everything that it starts
    os.chdir(copy)
    for name in [name for name in sys.modules if name.split(".")[0] in ("benchmarks", "core", "tests", "ui")]:
        del sys.modules[name]  # those of the project itself, not of the copy
    sys.path.insert(0, str(copy))
    sys.stdout = sys.stderr = (copy / OUTPUT).open("w", buffering=1)  # until the process ends


def _file(test: str) -> str:
    return test.split("::", 1)[0]


class _Notes:
    """Notes the lines by test, those of a fixture that several tests share by fixture, and the seconds."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage = coverage
        self.seconds: dict[str, float] = defaultdict(float)
        self.users: dict[str, list[str]] = defaultdict(list)
        self._under_way = [""]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        for fixtures in item._fixtureinfo.name2fixturedefs.values():  # type: ignore[attr-defined]
            self.users[_name(fixtures[-1])].append(item.nodeid)
        return (yield from self._as(item.nodeid))

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Generator[None, Any, Any]:
        return (yield from self._as(self._under_way[-1] if fixturedef.scope == "function" else _name(fixturedef)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration

    def _as(self, context: str) -> Generator[None, Any, Any]:
        self._under_way.append(context)
        self.coverage.switch_context(context)
        try:
            return (yield)
        finally:
            self._under_way.pop()
            self.coverage.switch_context(self._under_way[-1])


class _Chosen:
    """Only these tests, in this order."""

    def __init__(self, tests: list[str]) -> None:
        self.order = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        chosen = [item for item in items if item.nodeid in self.order]
        items[:] = sorted(chosen, key=lambda item: self.order[item.nodeid])


def _name(fixture: Any) -> str:
    return f"fixture {fixture.baseid}::{fixture.argname}"
