"""A flipped bit in a sealed record, in a file that it names or in a safetensors file never opens as something else."""

import itertools
from pathlib import Path

import numpy as np
import pytest

from core.errors import RunError
from core.storage import checksums, tensors

RECORDS = ({}, {"a": 1}, {"a": [1, 2], "b": {"x": None, "y": "ü"}})


@pytest.mark.parametrize(("values", "indent"), [*itertools.product(RECORDS, (1, None))])
def test_no_flipped_bit_changes_what_a_record_says(values: dict, indent: int | None) -> None:
    content = checksums.seal(values, indent)
    assert checksums.unseal(content, "record") == values
    for at, bit in itertools.product(range(len(content)), range(8)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        try:
            read = checksums.unseal(bytes(flipped), "record")
        except (checksums.Damaged, ValueError):
            continue
        # Only the name of the checksum was hit: a record of an earlier version says the same and something unknown.
        assert {name: read[name] for name in values} == values and checksums.SEAL not in read


def test_a_record_that_names_files_needs_its_checksum(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    content = checksums.seal(checksums.of_files(tmp_path, ["file"]))
    for at, bit in itertools.product(range(len(content)), range(8)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        with pytest.raises((checksums.Damaged, ValueError)):
            checksums.unseal(bytes(flipped), "record")


def test_files_are_compared_with_their_record(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    values = checksums.of_files(tmp_path, ["file"])
    checksums.check(tmp_path, values, ["file"])
    path.write_bytes(b"Content")
    checksums.check(tmp_path, values, ["file"], most=3)  # by its size alone
    with pytest.raises(checksums.Damaged, match="Its file file is not as it was saved"):
        checksums.check(tmp_path, values, ["file"])
    path.write_bytes(b"content, and more")
    with pytest.raises(checksums.Damaged):
        checksums.check(tmp_path, values, ["file"], most=3)
    with pytest.raises(checksums.Damaged, match="other"):
        (tmp_path / "other").touch()
        checksums.check(tmp_path, values, ["other"])
    checksums.check(tmp_path, {}, ["other"])  # of an earlier version


def test_no_flipped_bit_changes_the_arrays_of_a_file() -> None:
    arrays, words = {"x_N": np.arange(3.0)}, {"state": "{}"}
    content = tensors.to_bytes(arrays, words)
    assert tensors.words(content).items() >= words.items()
    np.testing.assert_array_equal(tensors.from_bytes(content)["x_N"], arrays["x_N"])
    hits = 0
    for at, bit in itertools.product(range(len(content)), range(8)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << bit
        try:
            read = tensors.from_bytes(bytes(flipped))
        except Exception:  # whatever the reader raises, it is noticed
            continue
        hits += 1
        np.testing.assert_array_equal(read["x_N"], arrays["x_N"])  # the name of the checksum, or of the words, was hit
    assert hits < 250
    with pytest.raises(RunError, match="not as it was saved"):
        tensors.from_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_a_list_is_sealed_as_well() -> None:
    for values in ([], [1, {"a": 2}]):
        content = checksums.seal(values, indent=None)
        assert checksums.unseal(content, "x.json") == values
    with pytest.raises(checksums.Damaged):
        checksums.unseal(content.replace(b"2", b"3", 1), "x.json")
