"""A run as a zip archive: packed for download, and checked before it is believed when it comes back.

An archive may come from anybody. Only regular files with the names of a run's files are unpacked, into a staging folder
of the store, within limits on their number and size. The run opens there before it gets a name of its own.
"""

import io
import os
import re
import shutil
import stat
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

from core.data import frame as frames
from core.errors import CoreError, RunError, words
from core.language import message
from core.storage import atomic, checksums, run_files, run_record
from core.storage.runs import DEFAULT, NAME, find_folder
from core.types import Run

TABLES = ("data.parquet", "forecast.parquet", "explanation.parquet")
ARRAYS = ("weights.safetensors", "state.safetensors")
RECORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}\.json")  # run.json, spec.json, … and what pages add to a run
RESULT = re.compile(r"(artifacts|looks)/[a-z]{1,40}-[0-9a-f]{16}\.json")  # of core.storage.artifacts
TOP = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")  # the folder within the archive, whose name is not used
COLUMNS = {"model", "part", "symbol", "cutoff", "step", "time", "y", "yhat"}  # of every forecast table

MOST_FILES = 5000
MOST_BYTES = 1 << 30  # of all files together
MOST_RATIO = 200  # unpacked bytes for each byte of the archive; text of numbers has about 5
MOST_CELLS = 100_000_000  # of a table: a column that repeats one value takes almost no bytes
CHUNK = 1 << 20
ENCRYPTED = 0x1  # flag of an entry
_FOLDERS = {"artifacts", "looks"}
_UNSOUND = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError)  # of zipfile


def pack(run_id: str, root: Path = DEFAULT) -> bytes:
    """The files of a saved run as a zip archive. Links, and files that are not a run's own, stay out.

    Raises RunError if there is no such run or one of its files cannot be read.
    """
    folder, packed = find_folder(run_id, root), io.BytesIO()
    try:
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in _own_files(folder):
                # A link in place of the file since it was listed is refused by the system.
                with os.fdopen(os.open(folder / name, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0)), "rb") as file:
                    archive.writestr(f"{folder.name}/{name}", file.read())
    except OSError as error:
        raise RunError(
            message("The run {run_id} cannot be packed ({error}).", run_id=run_id, error=error.strerror or error)
        ) from error
    return packed.getvalue()


def import_run(source: bytes | Path, root: Path = DEFAULT) -> Run:
    """Save the run of a zip archive (its bytes, or the path of the file) under `root` as a run of its own.

    It keeps its id if that is free, else it gets a number; no saved run is replaced. Raises RunError, which says what
    is wrong with the archive, and then leaves nothing behind.
    """
    content = source if isinstance(source, bytes) else _read(source)
    with atomic.staging(root, message("The run of the archive")) as folder:
        place = folder / "archive"
        place.mkdir()
        unpack(content, place)
        run = _open(place)

        def fill(target: Path, name: str) -> None:
            for own in _own_files(place):
                (target / own).parent.mkdir(exist_ok=True)
                shutil.copyfile(place / own, target / own)
            run_record.rename(target, name)

        return replace(run, id=atomic.add_folder(root, run.id, fill, message("The run {id}", id=run.id)))


def unpack(content: bytes, folder: Path) -> None:
    """Unpack the files of a run from a zip archive into the empty `folder`. Raises RunError for anything else."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info, name in _checked_names(archive.infolist(), len(content)).items():
                _copy(archive, info, folder / name)
    except _UNSOUND as error:
        raise RunError(
            message(
                "The file is no sound zip archive ({error}). Export or download the run again.",
                error=str(error) or type(error).__name__,
            )
        ) from error


def _read(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size <= MOST_BYTES:
            return path.read_bytes()
    except OSError as error:
        raise RunError(
            message("{file} cannot be read ({error}). Name another file.", file=path, error=error.strerror or error)
        ) from error
    raise RunError(
        message(
            "{file} has {size} MB; an archive has at most {most} MB. Import the archive of one run.",
            file=path,
            size=f"{size / 1e6:,.0f}",
            most=f"{MOST_BYTES / 1e6:,.0f}",
        )
    )


def _checked_names(infos: list[zipfile.ZipInfo], packed_bytes: int) -> dict[zipfile.ZipInfo, str]:
    """The entries that are files, each with the path that it gets in the folder of the run."""
    if len(infos) > MOST_FILES:
        raise RunError(
            message(
                "The archive has {count} entries; a run has at most {most}. Import the archive of one run.",
                count=f"{len(infos):,}",
                most=f"{MOST_FILES:,}",
            )
        )
    total = sum(info.file_size for info in infos)
    if total > MOST_BYTES or total > MOST_RATIO * max(packed_bytes, CHUNK):
        raise RunError(
            message(
                "The archive unpacks to {total} MB from {packed} MB; at most {most} MB, and {ratio} times its own "
                "size, are accepted. It is refused.",
                total=f"{total / 1e6:,.0f}",
                packed=f"{packed_bytes / 1e6:,.1f}",
                most=f"{MOST_BYTES / 1e6:,.0f}",
                ratio=MOST_RATIO,
            )
        )
    top = {info.filename.partition("/")[0] for info in infos if info.filename.partition("/")[0] not in _FOLDERS}
    prefix = f"{top.pop()}/" if len(top) == 1 and all("/" in info.filename for info in infos) else ""
    if prefix and not TOP.fullmatch(prefix[:-1]):
        raise _refused(prefix)
    names: dict[zipfile.ZipInfo, str] = {}
    seen: set[str] = set()
    for info in infos:
        name = info.filename.removeprefix(prefix)
        if _is_folder(info) and name.rstrip("/") in {"", *_FOLDERS} and not info.file_size:
            continue
        if not _is_plain(info) or not _is_own(name):
            raise _refused(info.orig_filename)
        if name in seen:
            raise RunError(
                message("The archive has {name} twice. Export the run again.", name=repr(info.orig_filename[:100]))
            )
        names[info] = name
        seen.add(name)
    return names


def _refused(name: str) -> RunError:
    return RunError(
        message(
            "The archive has an entry that is no file of a run: {name}. Import an archive as `export` writes it.",
            name=repr(name[:100]),
        )
    )


def _is_folder(info: zipfile.ZipInfo) -> bool:
    """As `ZipInfo.is_dir`, which fails on an empty name before Python 3.12."""
    return info.filename.endswith("/")


def _is_plain(info: zipfile.ZipInfo) -> bool:
    """Whether an entry is a regular file, not encrypted nor compressed in an unusual way, with an unaltered name."""
    regular = stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG) and not _is_folder(info)
    usual = info.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) and not info.flag_bits & ENCRYPTED
    return regular and usual and info.orig_filename == info.filename


def _is_own(name: str) -> bool:
    """Whether this is the path of a file within the folder of a run."""
    return name in TABLES or name in ARRAYS or bool(RECORD.fullmatch(name) or RESULT.fullmatch(name))


def _copy(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: Path) -> None:
    """Unpack one file, never more bytes than it announces."""
    path.parent.mkdir(exist_ok=True)
    written = 0
    with archive.open(info) as source, path.open("xb") as target:
        while chunk := source.read(CHUNK):
            written += len(chunk)
            if written > info.file_size:
                raise zipfile.BadZipFile(f"{info.filename} is longer than it says")
            target.write(chunk)


def _own_files(folder: Path) -> list[str]:
    """The paths of the files of a run within its folder; no links, nothing else that lies there."""
    inside = [folder, *(folder / name for name in sorted(_FOLDERS) if not (folder / name).is_symlink())]
    paths = [path for place in inside if place.is_dir() for path in sorted(place.iterdir())]
    names = [path.relative_to(folder).as_posix() for path in paths if path.is_file() and not path.is_symlink()]
    return [name for name in names if _is_own(name)]


def _open(folder: Path) -> Run:
    """The run that was unpacked here, whole, under the id that it names. Raises RunError."""
    if missing := [name for name in run_files.FILES if not (folder / name).is_file()]:
        raise RunError(message("The archive lacks the file {name} of a run. Export the run again.", name=missing[0]))
    for name in TABLES:
        _check_table(folder / name)
    try:
        run = replace(run_files.read(folder), id=checksums.read(folder / run_record.RECORD)["id"])
        frames.check(run.frame)
        if lost := COLUMNS - set(run.forecast.columns):
            raise RunError(message("Its forecast has no column {name}.", name=repr(min(lost))))
        if not isinstance(run.id, str) or not NAME.fullmatch(run.id):
            raise RunError(
                message("Its id is not of the form 20260102-030405-0123abcd: {run_id}.", run_id=repr(run.id)[:60])
            )
    except CoreError as error:
        problem = words(error.__cause__ or error)  # the cause of a damaged file says more
        raise RunError(
            message("The run of the archive cannot be opened ({problem}). Export it again.", problem=problem)
        ) from error
    return run


def _check_table(path: Path) -> None:
    """Refuse a table that says of itself that it would not fit in memory."""
    if not path.is_file():
        return
    from pyarrow import ArrowException
    from pyarrow.parquet import read_metadata

    try:
        about = read_metadata(path)
    except (ArrowException, OSError) as error:
        raise RunError(
            message("Its file {name} is damaged ({error}).", name=path.name, error=str(error)[:200])
        ) from error
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    rows = max(about.num_rows, sum(group.num_rows for group in groups))
    if rows * about.num_columns > MOST_CELLS or sum(group.total_byte_size for group in groups) > MOST_BYTES:
        raise RunError(
            message(
                "Its table {name} has {rows} rows of {columns} columns, more than any run has. It is refused.",
                name=path.name,
                rows=f"{rows:,}",
                columns=about.num_columns,
            )
        )
