"""What strange bytes do: python -m benchmarks.fuzz [--seconds 60] [--target file|recipe|archive|run] [--corpus DIR]

Coverage-guided fuzzing (atheris) of the doors through which bytes of other people come: the reader of files, the recipe
in the address, the archive of a run, and each file of a run that no checksum protects. An input survives if it is read,
or refused with words; lost is one that raises anything else, takes longer than SLOW seconds or more than MEMORY
megabytes. It is kept in the corpus with all that reached new code, and the next call goes on from there.
"""

import argparse
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

SLOW, MEMORY = 20, 4096
CHECKSUMS = {"files", "bytes", "checksum"}
TABLE = b"date;open;close\n31.12.2023;1,5;2\n01.01.2024;1.234,5;3\n02.01.2024;;4\n"
SEEDS = {
    "file": (TABLE, b"\xef\xbb\xbfTime,Load MW\n2024-01-01 00:00,5\n2024-01-01 01:00,6\n", b"PAR1", b"PK\x03\x04"),
    "recipe": (b'{"model.hidden":48,"data.symbols":["AAPL"]}', b'{"features":["rsi:14"],"split.train":0.6}'),
    "archive": (),  # a run is packed for these two
    "run": (),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--target", choices=sorted(SEEDS))
    parser.add_argument("--corpus", type=Path, default=Path("cache/fuzz"))
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.inside:
        _fuzz(options.target, options.corpus, options.seconds)
    if importlib.util.find_spec("atheris") is None:
        print("atheris is not installed: pip install atheris")
        return 2
    lost = 0
    for target in [options.target] if options.target else SEEDS:
        tried, failed = _run(target, options.corpus / target, options.seconds)
        lost += failed
        print(f"{target:8}  tried {tried:,}  survived {tried - failed:,}  lost {failed}", flush=True)
    return 1 if lost else 0


def _run(target: str, corpus: Path, seconds: int) -> tuple[int, int]:
    """The number of inputs that were tried in a process of its own, and 1 if one of them was lost: it ends there."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target] or _of_a_run(target)):
        (corpus / f"seed-{number}").write_bytes(seed)
    command = [sys.executable, "-m", "benchmarks.fuzz", "--inside", "--target", target, "--seconds", str(seconds)]
    done = subprocess.run([*command, "--corpus", str(corpus)], capture_output=True, text=True)
    count = re.search(r"number_of_executed_units: +(\d+)", done.stderr)
    if done.returncode or count is None:
        print(done.stderr[-3000:], file=sys.stderr)
        return int(count[1]) if count else 1, 1
    return int(count[1]), 0


def _of_a_run(target: str) -> list[bytes]:
    """A small run: the archive, or each of its files behind a byte with its number."""
    from core.storage import archive, run_files

    packed = _archive()
    if target == "archive":
        return [packed]
    with tempfile.TemporaryDirectory() as folder:
        archive.unpack(packed, Path(folder))
        return [bytes([number]) + (Path(folder) / name).read_bytes() for number, name in enumerate(run_files.FILES)]


def _archive() -> bytes:
    """A small run as a zip archive."""
    from core import pipeline
    from core.data.load import load
    from core.data.sources import samples
    from core.jobs.local import run
    from core.spec import with_values
    from core.storage import archive, runs

    small = {"train.epochs": 1, "model.hidden": 2, "window.lookback": 5}
    with tempfile.TemporaryDirectory() as folder:
        spec = with_values(samples.recipe("NILE"), small)
        saved = runs.save(run(pipeline.run(spec, load(spec.data, Path(folder))), lambda event: None), Path(folder))
        return archive.pack(saved.id, Path(folder))


def _open(content: bytes, corpus: Path, folder: Path) -> None:
    """A run as an earlier version wrote it, one file of which is this content."""
    from core.storage import run_files

    names = run_files.FILES
    for number, name in enumerate(names):
        sound = (corpus / f"seed-{number}").read_bytes()[1:]
        if name == "run.json":
            meta = json.loads(sound)
            sound = json.dumps({key: meta[key] for key in meta if key not in CHECKSUMS}).encode()
        (folder / name).write_bytes(content[1:] if content and content[0] % len(names) == number else sound)
    run_files.read(folder)


def _doors(corpus: Path, folder: Path) -> dict[str, Callable[[bytes], object]]:
    from core.data.sources import files
    from core.spec import compact
    from core.storage import archive

    return {
        "file": lambda content: files.read(content, "any.csv"),
        "recipe": lambda content: compact.from_text(content.decode("utf-8", "replace")),
        "archive": lambda content: archive.import_run(content, folder),
        "run": lambda content: _open(content, corpus, folder),
    }


def _fuzz(target: str, corpus: Path, seconds: int) -> None:
    """Does not return: libFuzzer ends the process."""
    import atheris

    with atheris.instrument_imports(include=["core"]), tempfile.TemporaryDirectory() as folder:
        from core.errors import CoreError, words

        door = _doors(corpus, Path(folder))[target]

        def one(content: bytes) -> None:
            try:
                door(content)
            except CoreError as error:
                if not words(error):
                    raise AssertionError("an error without words") from error

        limits = [f"-max_total_time={seconds}", f"-timeout={SLOW}", f"-rss_limit_mb={MEMORY}", "-print_final_stats=1"]
        atheris.Setup(["fuzz", *limits, f"-artifact_prefix={corpus}/lost-", str(corpus)], one)
        atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
