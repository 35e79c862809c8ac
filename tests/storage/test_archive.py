"""A packed run holds a run and nothing else; an archive of somebody else is checked before anything of it is kept."""

import hashlib
import io
import json
import stat
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import RunError
from core.storage import archive, checksums, run_files, runs
from core.types import Run


@pytest.fixture(scope="module")
def home(finished: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one saved run; tests read it only."""
    root = tmp_path_factory.mktemp("home")
    runs.save(finished, root)
    return root


@pytest.fixture(scope="module")
def packed(finished: Run, home: Path) -> bytes:
    return archive.pack(finished.id, home)


def files_of(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as opened:
        return {info.filename: opened.read(info) for info in opened.infolist()}


def zip_of(entries: dict[str | zipfile.ZipInfo, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as written, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a duplicate name
        for name, content in entries.items():
            written.writestr(name, content)
    return buffer.getvalue()


def sealed(entries: dict[str, bytes], run_id: str, **values: object) -> dict[str, bytes]:
    """The files of a run with the checksums of what they are now: who writes an archive can write those too."""
    meta = json.loads(entries[f"{run_id}/run.json"]) | values
    for name in meta["files"]:
        content = entries[f"{run_id}/{name}"]
        meta["files"][name], meta["bytes"][name] = hashlib.sha256(content).hexdigest(), len(content)
    return entries | {f"{run_id}/run.json": checksums.seal(meta)}


def refused(content: bytes | Path, words: str, root: Path) -> None:
    """An archive is refused in these words, and nothing of it is left."""
    with pytest.raises(RunError, match=words):
        archive.import_run(content, root)
    assert [path for path in root.rglob("*") if path.is_file()] == []
    assert not [path for path in root.parent.iterdir() if path != root and path.name.startswith("evil")]


def test_an_archive_comes_back_as_the_run_that_it_was(finished: Run, packed: bytes, tmp_path: Path) -> None:
    came = archive.import_run(packed, tmp_path)
    assert came.id == finished.id
    loaded = runs.load(finished.id, tmp_path)
    pd.testing.assert_frame_equal(loaded.forecast, finished.forecast, check_exact=True)
    np.testing.assert_array_equal(loaded.explanation.values_NHF, finished.explanation.values_NHF)
    assert [line.id for line in runs.list_all(tmp_path)] == [finished.id]
    assert (tmp_path / finished.id).stat().st_mode & 0o777 == 0o755


def test_an_imported_run_never_replaces_another(finished: Run, packed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "run.zip"
    path.write_bytes(packed)
    names = [archive.import_run(path, tmp_path / "runs").id for _ in range(2)]
    assert names == [finished.id, f"{finished.id}-2"]
    assert [runs.load(name, tmp_path / "runs").id for name in names] == names


def test_results_within_the_run_travel_with_it(finished: Run, tmp_path: Path) -> None:
    runs.save(finished, tmp_path / "a")
    runs.save_record(finished.id, "trust", {"x": 1}, tmp_path / "a")
    runs.save_record(finished.id, f"artifacts/day-{'0' * 16}", {"y": 2}, tmp_path / "a")
    archive.import_run(archive.pack(finished.id, tmp_path / "a"), tmp_path / "b")
    place = tmp_path / "b" / finished.id
    assert checksums.read(place / "trust.json") == {"x": 1}
    assert checksums.read(place / "artifacts" / f"day-{'0' * 16}.json") == {"y": 2}


@pytest.mark.parametrize("wrap", [lambda name, run: f"other-{run}/{name}", lambda name, run: name])
def test_an_archive_that_was_packed_again_opens(finished: Run, packed: bytes, tmp_path: Path, wrap) -> None:
    inner = {name.partition("/")[2]: content for name, content in files_of(packed).items()}
    again = {wrap(name, finished.id): content for name, content in inner.items()}
    folder = {f"{wrap('', finished.id)}": b""} if wrap("", "x") else {}
    assert archive.import_run(zip_of(folder | again), tmp_path).id == finished.id


def test_links_and_foreign_files_stay_out_of_a_packed_run(finished: Run, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a password")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / f"day-{'1' * 16}.json").write_text("a password")
    folder = tmp_path / "runs" / runs.save(finished, tmp_path / "runs").id
    (folder / "trust.json").symlink_to(secret)
    (folder / "artifacts").symlink_to(tmp_path / "elsewhere")
    (folder / "notes.txt").write_text("a password")
    packed = archive.pack(finished.id, tmp_path / "runs")
    assert {name.partition("/")[2] for name in files_of(packed)} == {
        *run_files.FILES,
        "explanation.json",
        "explanation.parquet",
    }


def test_a_run_whose_file_is_a_link_does_not_open(finished: Run, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / runs.save(finished, tmp_path / "runs").id
    (folder / "forecast.parquet").rename(tmp_path / "forecast.parquet")
    (folder / "forecast.parquet").symlink_to(tmp_path / "forecast.parquet")
    with pytest.raises(RunError, match=r"forecast\.parquet is missing"):
        runs.load(finished.id, tmp_path / "runs")


def test_a_run_folder_that_is_a_link_is_no_run(finished: Run, tmp_path: Path) -> None:
    runs.save(finished, tmp_path / "elsewhere")
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / finished.id).symlink_to(tmp_path / "elsewhere" / finished.id)
    for action in (runs.load, runs.delete, archive.pack):
        with pytest.raises(RunError, match="no run called"):
            action(finished.id, tmp_path / "runs")
    assert runs.list_all(tmp_path / "runs") == ()


@pytest.mark.parametrize(
    "name",
    [
        "../evil.json",
        "RUN/../../evil.json",
        "/tmp/evil.json",
        "C:\\evil.json",
        "RUN\\..\\evil.json",
        "RUN/sub/evil.json",
        "RUN/evil.py",
        "RUN/weights.pkl",
        "RUN/.hidden.json",
        "RUN/artifacts/evil.json",
        "RUN/artifacts/../evil.json",
        "RUN/evil\n.json",
        "RUN/other.parquet",
        "__MACOSX/RUN/._run.json",
        "RUN//run.json",
        "RUN/spec.json/",
    ],
)
def test_an_entry_that_is_no_file_of_a_run_is_refused(packed: bytes, tmp_path: Path, name: str, finished: Run) -> None:
    entries = files_of(packed) | {name.replace("RUN", finished.id): b"{}"}
    refused(zip_of(entries), "no file of a run", tmp_path / "runs")


def test_a_name_cut_short_by_a_null_byte_is_refused(packed: bytes, tmp_path: Path, finished: Run) -> None:
    entries = files_of(packed) | {f"{finished.id}/evil.jsonXevil": b"{}"}
    refused(zip_of(entries).replace(b"evil.jsonXevil", b"evil.json\0evil"), "no file of a run", tmp_path / "runs")


def test_an_entry_without_a_name_is_refused(packed: bytes, tmp_path: Path) -> None:
    nameless = zip_of({"Xnameless": b"{}"} | files_of(packed)).replace(b"Xnameless", b"\0nameless")
    refused(nameless, "no file of a run", tmp_path / "runs")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR])
def test_links_and_devices_are_refused(packed: bytes, tmp_path: Path, finished: Run, kind: int) -> None:
    link = zipfile.ZipInfo(f"{finished.id}/trust.json")
    link.external_attr = (kind | 0o777) << 16
    refused(zip_of(files_of(packed) | {link: b"/etc/passwd"}), "no file of a run", tmp_path / "runs")


def test_a_name_that_comes_twice_is_refused(packed: bytes, tmp_path: Path, finished: Run) -> None:
    entries = files_of(packed) | {zipfile.ZipInfo(f"{finished.id}/run.json"): b"{}"}
    refused(zip_of(entries), "twice", tmp_path / "runs")


def test_two_runs_in_one_archive_are_refused(packed: bytes, tmp_path: Path) -> None:
    entries = files_of(packed)
    refused(zip_of(entries | {f"other/{name}": content for name, content in entries.items()}), "no file", tmp_path)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(packed: bytes, tmp_path: Path, method: int) -> None:
    refused(zip_of(files_of(packed), method), "no file of a run", tmp_path / "runs")


def test_an_encrypted_archive_is_refused(packed: bytes, tmp_path: Path) -> None:
    content = bytearray(packed)
    at = content.find(b"PK\x01\x02")
    content[at + 8] |= 1  # in the central directory
    refused(bytes(content), "no file of a run", tmp_path / "runs")


def test_a_bomb_is_refused_by_what_it_announces(packed: bytes, tmp_path: Path, finished: Run) -> None:
    entries = files_of(packed) | {f"{finished.id}/trust.json": bytes(archive.MOST_RATIO * 2 * archive.CHUNK)}
    refused(zip_of(entries), "times its own size", tmp_path / "runs")


def test_a_bomb_that_announces_less_is_refused(packed: bytes, tmp_path: Path, finished: Run) -> None:
    zeros = bytes(4 * archive.CHUNK)
    content = bytearray(zip_of(files_of(packed) | {f"{finished.id}/trust.json": zeros}))
    size, small = len(zeros).to_bytes(4, "little"), (9).to_bytes(4, "little")
    assert content.count(size) == 2
    refused(bytes(content.replace(size, small)), "no sound zip archive", tmp_path / "runs")


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bytes) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 3)
    refused(packed, "at most 3", tmp_path / "runs")


def test_too_large_a_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bytes) -> None:
    (tmp_path / "run.zip").write_bytes(packed)
    monkeypatch.setattr(archive, "MOST_BYTES", 100)
    refused(tmp_path / "run.zip", "at most", tmp_path / "runs")


@pytest.mark.parametrize("content", [b"", b"PK", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_archive_of_a_run_is_refused(tmp_path: Path, content: bytes) -> None:
    refused(content, r"no sound zip archive|lacks the file run\.json", tmp_path / "runs")


def test_a_changed_byte_is_noticed(packed: bytes, tmp_path: Path, finished: Run) -> None:
    content = bytearray(zip_of(files_of(packed), zipfile.ZIP_STORED))
    content[content.find(files_of(packed)[f"{finished.id}/weights.safetensors"]) + 300] ^= 1
    refused(bytes(content), "no sound zip archive", tmp_path / "runs")


@pytest.mark.parametrize("name", run_files.FILES)
def test_a_file_that_is_missing_or_damaged_is_named(packed: bytes, tmp_path: Path, finished: Run, name: str) -> None:
    entries = files_of(packed)
    content = entries.pop(f"{finished.id}/{name}")
    refused(zip_of(entries), f"lacks the file {name}", tmp_path / "runs")
    refused(
        zip_of(entries | {f"{finished.id}/{name}": content[:20]}), r"cannot be opened|is damaged", tmp_path / "runs"
    )


def test_data_that_are_not_those_of_the_run_are_refused(packed: bytes, tmp_path: Path, finished: Run) -> None:
    entries, name, buffer = files_of(packed), f"{finished.id}/data.parquet", io.BytesIO()
    frame = pd.read_parquet(io.BytesIO(entries[name]))
    frame.iloc[5, 1] += 1
    frame.to_parquet(buffer, index=False)
    entries[name] = buffer.getvalue()
    refused(zip_of(entries), r"data\.parquet is not as it was saved", tmp_path / "runs")
    refused(zip_of(sealed(entries, finished.id)), "does not hold the data", tmp_path / "runs")


@pytest.mark.parametrize("run_id", ["../../evil", "", 7, None, "20260102-030405-0123abcd/../x"])
def test_an_id_that_is_none_is_refused(packed: bytes, tmp_path: Path, finished: Run, run_id: object) -> None:
    entries = sealed(files_of(packed), finished.id, id=run_id)
    refused(zip_of(entries), "id is not of the form", tmp_path / "runs")


def test_a_table_larger_than_memory_is_refused_unread(
    packed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_CELLS", 100)
    monkeypatch.setattr(run_files, "read", lambda folder: pytest.fail("it was read"))
    refused(packed, "more than any run has", tmp_path / "runs")


def test_a_forecast_without_its_columns_is_refused(packed: bytes, tmp_path: Path, finished: Run) -> None:
    entries, name, buffer = files_of(packed), f"{finished.id}/forecast.parquet", io.BytesIO()
    pd.read_parquet(io.BytesIO(entries[name])).drop(columns="yhat").to_parquet(buffer)
    entries = sealed(entries | {name: buffer.getvalue()}, finished.id)
    refused(zip_of(entries), "no column 'yhat'", tmp_path / "runs")


def test_an_imported_run_has_checksums_under_its_new_name(finished: Run, packed: bytes, tmp_path: Path) -> None:
    entries, name = files_of(packed), f"{finished.id}/run.json"
    plain = {
        key: value for key, value in json.loads(entries[name]).items() if key not in ("files", "bytes", "checksum")
    }
    for content in (packed, zip_of(entries | {name: json.dumps(plain).encode()})):  # and of an earlier version
        came = archive.import_run(content, tmp_path)
        meta = checksums.read(tmp_path / came.id / "run.json")
        assert meta["id"] == came.id and {"explanation.json", "weights.safetensors"} <= meta["files"].keys()
        assert runs.load(came.id, tmp_path).id == came.id


def test_checksums_that_name_files_of_elsewhere_are_refused(finished: Run, packed: bytes, tmp_path: Path) -> None:
    files = json.loads(files_of(packed)[f"{finished.id}/run.json"])["files"] | {"../../secret": "0" * 64}
    entries = files_of(packed)
    meta = json.loads(entries[f"{finished.id}/run.json"]) | {"files": files}
    entries[f"{finished.id}/run.json"] = checksums.seal(meta)
    refused(zip_of(entries), r"run\.json is not as it was saved", tmp_path / "runs")


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    refused(tmp_path / "no.zip", "No such file", tmp_path / "runs")
    assert [*tmp_path.iterdir()] == []
