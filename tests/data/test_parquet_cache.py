"""A table on disk is either complete or absent."""

from pathlib import Path

import pandas as pd
import pytest

from core.data import parquet_cache


def table(value: float) -> pd.DataFrame:
    return pd.DataFrame({"close": [value, 2.0]}, index=pd.date_range("2024-01-01", periods=2, name="time"))


def test_a_table_replaces_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "new" / "one.parquet"
    parquet_cache.write(table(1.0), path)
    parquet_cache.write(table(3.0), path)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table(3.0), check_freq=False)
    assert list(path.parent.iterdir()) == [path]


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "one.parquet"
    parquet_cache.write(table(1.0), path)

    def write_half(self: pd.DataFrame, part: Path, **_: object) -> None:
        part.write_bytes(b"PAR1")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="No space"):
        patch.setattr(pd.DataFrame, "to_parquet", write_half)
        parquet_cache.write(table(3.0), path)
    assert list(tmp_path.iterdir()) == [path] and pd.read_parquet(path)["close"].iloc[0] == 1.0


def test_missing_and_damaged_files_have_no_table(tmp_path: Path) -> None:
    path = tmp_path / "one.parquet"
    assert parquet_cache.read(path) is None and parquet_cache.age(path) == 0.0
    path.write_bytes(b"PAR1 half a file")
    assert parquet_cache.read(path) is None and 0.0 <= parquet_cache.age(path) < 60.0
