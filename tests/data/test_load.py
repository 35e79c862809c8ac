"""Samples, Yahoo, uploads and plain tables become frames, clipped to the dates of the recipe."""

from pathlib import Path

import pandas as pd
import pytest

from core.data.frame import check, digest, symbols
from core.data.load import from_tables, from_upload, load
from core.data.sources import files, histories, uploads, yahoo
from core.errors import DataError, SourceError
from core.spec import Data

DAYS = pd.bdate_range("2024-01-01", periods=10)


def test_samples_are_clipped_and_combined(tmp_path: Path) -> None:
    frame = load(Data(symbols=("sp500", "WTI"), start="2010-01-01", end="2010-12-31"), tmp_path)
    check(frame)
    assert symbols(frame) == ("SP500", "WTI") and frame.attrs["notes"] == []
    assert frame.index[0] == pd.Timestamp("2010-01-04") and frame.index[-1] == pd.Timestamp("2010-12-31")
    assert digest(frame) == digest(load(Data(symbols=("SP500", "WTI"), start="2010-01-01", end="2010-12-31"), tmp_path))


def test_yahoo_frames_carry_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetch(names: tuple[str, ...], *_: object) -> dict[str, histories.History]:
        table = pd.DataFrame({"close": range(10)}, index=DAYS, dtype=float)
        return {
            name: histories.History(table=table, age_seconds=9e4, stale=True, note=f"{name} is old.") for name in names
        }

    monkeypatch.setattr(yahoo, "fetch", fetch)
    frame = load(Data(source="yahoo", symbols=("AAPL", "IBM")), tmp_path)
    check(frame)
    assert frame.attrs["notes"] == ["AAPL is old.", "IBM is old."]


def test_a_recipe_on_a_file_needs_the_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no file was given"):
        load(Data(source="file"), tmp_path)


def test_unknown_samples_and_dates_without_data_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no sample 'NOPE'"):
        load(Data(symbols=("NOPE",)), tmp_path)
    with pytest.raises(DataError, match="FB has no row from its start to 2010-01-01; it runs from 2012-05-18"):
        load(Data(symbols=("FB",), end="2010-01-01"), tmp_path)


def test_files_and_uploads_become_frames(tmp_path: Path) -> None:
    tables, _ = files.read(b"date,OT\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n", "mine.csv")
    data = Data(source="file", symbols=("MINE",), start="2024-01-02")
    frame = from_tables(tables, data)
    check(frame)
    assert list(frame.columns) == [("MINE", "OT")] and len(frame) == 2
    upload = uploads.save(from_tables(tables), tmp_path / "uploads")
    assert digest(from_upload(upload, data, tmp_path)) == digest(frame)
    assert len(from_tables({"A": pd.DataFrame({"close": range(10)}, index=DAYS)})) == 10
