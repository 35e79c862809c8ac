"""What survives a failing disk: python -m benchmarks.disk_faults [--smallest]

A store of finished runs is worked on while the n-th disk call fails, for every n: with an error of a full, broken or
read-only disk, or with half a file written and the process killed. Then saved files are corrupted one by one: bits
flipped, cut short, replaced by {}, deleted, swapped with another run's. Lost is a finished run that no longer opens or
opens with other numbers, a raw error in place of words, and a corruption that opens or is listed as if nothing were.
"""

import argparse
import errno
import hashlib
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd

from core import pipeline
from core import spec as specs
from core.backtest import fold
from core.data import load
from core.data.sources import samples
from core.datasets.windows import resolve
from core.errors import CoreError
from core.evaluation.backtest.plan import Plan
from core.events import Checkpoint
from core.jobs.local import run as exhaust
from core.spec import with_values
from core.storage import archive, backtests, checkpoints, experiment_log, forecast_log, runs, summaries, trash
from core.storage.finish import finish
from core.storage.serialize import dumps
from core.types import CHECKPOINT_FORMAT, Run

TINY = {"model.hidden": 4, "train.epochs": 1, "train.ensemble": 1, "train.device": "cpu", "window.lookback": 10}
ERRORS = (errno.ENOSPC, errno.EIO, errno.EROFS)
KILL = 0  # in place of an error: half a file is written, and nothing more happens
FLIPS = 24  # bits of each file
CALLS = (
    *((Path, name) for name in ("write_bytes", "write_text", "replace", "rename", "mkdir", "unlink", "touch")),
    *((Path, "open"), (pd.DataFrame, "to_parquet"), (tempfile, "mkdtemp"), (shutil, "copyfile"), (shutil, "rmtree")),
)


class Killed(BaseException):
    """The process is gone: nothing cleans up after it."""


@dataclass(slots=True)
class Disk:
    """A disk whose call number `fails` fails with an error; after KILL every other one does too."""

    fails: int
    error: int
    calls: int = 0

    @property
    def failed(self) -> bool:
        return self.calls >= self.fails

    def call(self, real: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
        if real.__name__ == "open" and not {*"wax+"} & {*(arguments[1] if len(arguments) > 1 else "r")}:
            return real(*arguments, **named)
        self.calls += 1
        if self.failed and self.error == KILL:
            if self.calls == self.fails:
                self._write_half(real, arguments)
            raise Killed
        if self.calls == self.fails:
            self._write_half(real, arguments)
            if named.get("ignore_errors"):
                return None
            raise OSError(self.error, errno.errorcode[self.error])
        return real(*arguments, **named)

    def _write_half(self, real: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
        if real.__name__ in ("write_bytes", "write_text") and self.error != errno.EROFS:
            with suppress(OSError):
                real(arguments[0], arguments[1][: len(arguments[1]) // 2])


@contextmanager
def failing(disk: Disk) -> Iterator[None]:
    """The block on this disk."""
    patches = []
    for owner, name in CALLS:
        real = getattr(owner, name)

        def replacement(*arguments: Any, _real: Callable[..., Any] = real, **named: Any) -> Any:
            return disk.call(_real, *arguments, **named)

        patches.append(patch.object(owner, name, replacement))
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()


@dataclass(slots=True, kw_only=True)
class Tally:
    """How many faults were tried, and what was lost to which."""

    tried: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)

    def count(self, what: str, detail: str, problems: list[str]) -> None:
        self.tried[what] += 1
        self.lost += [f"{what}, {detail}: {problem}" for problem in problems]


def numbers(run: Run) -> str:
    """A digest of what a run says, apart from its explanation."""
    sha = hashlib.sha256(specs.canonical(run.spec).encode() + dumps(run.evaluation).encode() + run.created.encode())
    sha.update(dumps(run.history).encode() + dumps(run.rows).encode() + run.data_digest.encode())
    for arrays in (run.weights, run.state):
        for name, value in sorted(arrays.items()):
            sha.update(name.encode() + np.ascontiguousarray(value).tobytes())
    sha.update(pd.util.hash_pandas_object(run.forecast.astype({"symbol": str})).to_numpy().tobytes())
    return sha.hexdigest()


def explained(run: Run) -> str | None:
    """A digest of the explanation of a run."""
    if run.explanation is None:
        return None
    return hashlib.sha256(run.explanation.values_NHF.tobytes() + run.explanation.method.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """A folder with two finished runs and what belongs to them, which is copied for every fault."""

    root: Path
    first: Run
    second: Run
    newer: Run  # the first one with another explanation
    packed: bytes
    backtest: str
    result: Any
    checkpoint: Checkpoint


def build(root: Path, settings: dict[str, Any]) -> Store:
    """Train and save everything that is worked on."""
    spec = with_values(samples.recipe("NILE"), settings)
    frame = load.load(spec.data, root / "cache")
    first = exhaust(pipeline.run(spec, frame), lambda event: None)
    second = exhaust(pipeline.run(with_values(spec, {"seed": 1}), frame), lambda event: None)
    home = root / "runs"
    first, second = (finish(one, None, home)[0] for one in (first, second))
    full, plan = resolve(spec, frame), Plan(folds=2)
    backtest_id = backtests.create(full, plan, frame, home)
    result = exhaust(fold(full, frame, plan, 1), lambda event: None)
    backtests.save_fold(backtest_id, home, result)
    state = {"format": CHECKPOINT_FORMAT, "member": 1}
    checkpoint = Checkpoint(arrays={"x": np.arange(500.0)}, state=state)
    checkpoints.save(checkpoint, first.spec, first.data_digest, None, home)
    assert first.explanation is not None
    newer = replace(first, explanation=replace(first.explanation, method="exact"))
    packed = archive.pack(first.id, home)
    return Store(
        root=home, first=first, second=second, newer=newer, packed=packed, backtest=backtest_id, result=result,
        checkpoint=checkpoint,
    )  # fmt: skip


def actions(store: Store) -> dict[str, Callable[[Path], Any]]:
    """What is done to the store while the disk fails."""
    first, newer = store.first, store.newer.explanation
    assert newer is not None
    return {
        "save": lambda root: finish(first, checkpoints.key(first.spec, first.data_digest), root),
        "explain": lambda root: runs.save_explanation(first.id, newer, root),
        "record": lambda root: runs.save_record(first.id, "note", {"a": 1}, root),
        "delete": lambda root: runs.delete(store.second.id, root),
        "trash": lambda root: trash.restore(trash.delete([store.second.id], root), root),
        "import": lambda root: archive.import_run(store.packed, root),
        "checkpoint": lambda root: checkpoints.save(store.checkpoint, first.spec, first.data_digest, None, root),
        "fold": lambda root: backtests.save_fold(store.backtest, root, store.result),
        "list": runs.list_all,
    }


def try_faults(store: Store, tally: Tally, place: Path, only: Collection[str] = ()) -> None:
    """Every action, or `only` these, with every disk call failing in every way."""
    for name, act in actions(store).items():
        for error in (*ERRORS, KILL) if not only or name in only else ():
            at, disk = 0, Disk(fails=0, error=error)
            while at == 0 or disk.failed:
                at += 1
                disk, root = Disk(fails=at, error=error), _copy(store, place)
                problems = list[str]()
                with failing(disk):
                    try:
                        act(root)
                    except (CoreError, Killed):
                        pass
                    except Exception as raw:
                        problems.append(f"raw {type(raw).__name__}: {raw}")
                if disk.failed:
                    problems += check(store, root, deleted=name in ("delete", "trash"))
                    tally.count(name, f"call {at}, {errno.errorcode.get(error, 'kill')}", problems)


def check(store: Store, root: Path, deleted: bool = False) -> list[str]:
    """What is lost of the finished runs, their logs and the backtest in a store."""
    problems, known = list[str](), {numbers(one): one for one in (store.first, store.second)}
    explanations = {None, explained(store.first), explained(store.second), explained(store.newer)}
    listed = {line.id: line.problem for line in runs.list_all(root)}
    for one in (store.first, store.second):
        if one.id not in listed and not (deleted and one is store.second):
            problems.append(f"{one.id} is gone")
    for run_id in listed:
        try:
            opened = runs.load(run_id, root)
        except Exception as error:
            problems.append(f"{run_id} does not open: {error}")
            continue
        if numbers(opened) not in known or explained(opened) not in explanations or listed[run_id]:
            problems.append(f"{run_id} opens with other numbers, or is listed as damaged")
    if experiment_log.load(root).damaged or not forecast_log.load(root).intact:
        problems.append("a log is damaged")
    try:
        backtests.load(store.backtest, root)
    except CoreError as error:
        problems.append(str(error))
    return problems


def try_corruptions(store: Store, tally: Tally, place: Path, flips: int) -> None:
    """Every file of a run, a backtest and a log, corrupted in every way."""
    chance, folder = random.Random(0), store.root / store.first.id
    for path in sorted(store.root.rglob("*")):
        name = path.relative_to(store.root)
        if not path.is_file() or name.parts[0] in (store.second.id, ".track", ".visitors") or path.name.startswith("."):
            continue
        content, other = path.read_bytes(), store.root / store.second.id / path.name
        damages: dict[str, bytes | None] = {"cut": content[: len(content) // 2], "empty": b"", "{}": b"{}"}
        damages["deleted"] = None
        if path.parent == folder and other.is_file() and other.read_bytes() != content:
            damages["swapped"] = other.read_bytes()
        for at in sorted({0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(flips))}):
            damages[f"bit of byte {at}"] = _flip(content, at, chance.randrange(8))
        for damage, changed in damages.items():
            root = _copy(store, place)
            (root / name).unlink()
            if changed is not None:
                (root / name).write_bytes(changed)
            kind = "bit" if damage.startswith("bit") else damage
            tally.count(f"corrupt: {kind}", f"{name} {damage}", noticed(store, root, name))


def noticed(store: Store, root: Path, name: Path) -> list[str]:
    """What opens as if nothing were, of what has this damaged file."""
    if name.parts[0] == store.first.id:
        listed = next(line for line in runs.list_all(root) if line.id == store.first.id)
        with suppress(CoreError):
            runs.load(store.first.id, root)
            return ["it opens"]
        return [] if listed.problem else ["it is listed as sound"]
    before, after = (_others(store, one) for one in (store.root, root))
    return [f"{what} opens with other numbers" for what in before if after[what] not in (None, before[what])]


def _others(store: Store, root: Path) -> dict[str, str | None]:
    """What the backtest, the checkpoint and the experiment log say; None for what does not open."""
    said: dict[str, str | None] = {"backtest": None, "checkpoint": None, "log": None}
    with suppress(CoreError):
        opened = backtests.load(store.backtest, root)
        tables = [one.table.to_json() + dumps(one, omit=("table",)) for one in opened.results]
        said["backtest"] = "".join([specs.canonical(opened.spec), dumps(opened.plan), *tables]) if tables else None
    state = checkpoints.load(store.first.spec, store.first.data_digest, root)
    said["checkpoint"] = None if state is None else dumps([state.arrays["x"], state.state])
    log = experiment_log.load(root)
    said["log"] = None if len(log.evaluations) < 2 else dumps(log.evaluations)
    return said


def _flip(content: bytes, at: int, bit: int) -> bytes:
    flipped = bytearray(content)
    flipped[at] ^= 1 << bit
    return bytes(flipped)


def _copy(store: Store, place: Path) -> Path:
    root = place / "copy"
    shutil.rmtree(root, ignore_errors=True)
    summaries._known.clear()
    summaries._problems.clear()
    return Path(shutil.copytree(store.root, root))


def main() -> int:
    """Try, and print tried / survived / lost. Returns 1 if anything is lost."""
    parser = argparse.ArgumentParser(description=__doc__.split(":", 1)[0])
    parser.add_argument("--smallest", action="store_true", help="one action, and two bits of each file")
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        store = build(Path(folder), TINY)
        try_faults(store, tally, Path(folder), ("explain",) if options.smallest else ())
        try_corruptions(store, tally, Path(folder), 0 if options.smallest else FLIPS)
    for what, count in tally.tried.items():
        lost = sum(line.startswith(f"{what},") for line in tally.lost)
        print(f"{what:20} tried {count:5}  survived {count - lost:5}  lost {lost:3}")
    for line in tally.lost[:40]:
        print(f"LOST {line}")
    print(f"tried {tally.tried.total()}, survived {tally.tried.total() - len(tally.lost)}, lost {len(tally.lost)}")
    return int(bool(tally.lost))


if __name__ == "__main__":
    sys.exit(main())
