"""The commands that take a run elsewhere and bring one in: report, script, export and import."""

import argparse
from pathlib import Path

from core.cli.commands import Answer
from core.errors import SpecError
from core.storage import archive
from core.storage import runs as store


def report(options: argparse.Namespace) -> Answer:
    from core.report import report as reports

    saved = store.load(options.run, options.runs)
    return _write(options, reports.build(saved).encode())


def script(options: argparse.Namespace) -> Answer:
    """The script and, unless its series comes with Lookback, the series of the run next to it."""
    from core.report import script as scripts

    saved = store.load(options.run, options.runs)
    data = options.to.with_name(f"{options.to.stem}-data.parquet")
    values, text = _write(options, scripts.write(saved, data.name).encode())
    if scripts.comes_with_lookback(saved):
        return values | {"data": None}, text
    _write_file(data, store.read_series_file(saved.id, options.runs))
    return values | {"data": str(data)}, f"{text} Its series is in {data}; keep the two together."


def export(options: argparse.Namespace) -> Answer:
    return _write(options, archive.pack(options.run, options.runs))


def import_(options: argparse.Namespace) -> Answer:
    came = archive.import_run(options.file, options.runs)
    line = store.summarize(came.id, options.runs)
    values = {
        "run_id": came.id,
        "file": str(options.file),
        "created": line.created,
        "symbols": line.symbols,
        "target": line.target,
        "horizon": line.horizon,
        "model": line.model,
        "data_digest": came.data_digest,
        "skill": line.skill,
        "verdict": line.verdict,
        "explained": came.explanation is not None,
    }
    what = f"{line.model} on {', '.join(line.symbols)}, {line.target}, horizon {line.horizon}, trained {line.created}"
    return values, f"Imported {what}.\n{line.verdict}\nSaved as {came.id}."


def _write(options: argparse.Namespace, content: bytes) -> Answer:
    _write_file(options.to, content)
    return {"run_id": options.run, "file": str(options.to), "bytes": len(content)}, f"Wrote {options.to}."


def _write_file(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SpecError(f"{path} cannot be written ({error.strerror}). Name another file.") from error
