"""Series of FRED from a local server that answers as it does, through the real FinanceDataReader."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.load import load
from core.data.sources import fred
from core.errors import DataError, SourceError
from core.spec import Data
from tests.data.korea_server import Korea


def test_a_series_comes_whole_with_its_notes(sites: Korea, tmp_path: Path) -> None:
    frame = load(Data(source="fred", symbols=("dgs10",)), tmp_path)
    table = frame["DGS10"]
    assert list(table.columns) == ["value"]
    assert table["value"].tolist() == [3.88, 3.88, 3.95, 3.91]  # the library repeats the value before a holiday
    assert list(table.index) == list(pd.to_datetime(["2023-12-29", "2024-01-01", "2024-01-02", "2024-01-03"]))
    assert frame.attrs["notes"] == [fred.REVISED, fred.REPEATED]
    assert sites.hosts == {"fred.stlouisfed.org:443"}


def test_a_macro_series_is_joined_as_of_the_day_it_was_known(sites: Korea, tmp_path: Path) -> None:
    data = Data(symbols=("SP500",), start="2018-12-01", join=("fred:DGS10@1",))
    with pytest.raises(DataError, match=r"macro\.DGS10 runs from 2023-12-29.*no time in common"):
        load(data, tmp_path)
    frame = load(Data(source="krx", symbols=("005930",), join=("fred:DGS10@1", "fred:UNRATE@1")), tmp_path)
    known = frame["005930"]["macro.DGS10"]
    assert known.tolist() == [3.88, 3.95, 3.91, 3.91]  # 2 January knows the value of 1 January, and so on
    notes = frame.attrs["notes"]
    assert fred.REVISED in notes and notes.count(fred.REVISED) == 1
    assert [note for note in notes if "too early" in note] == [
        "macro.UNRATE may be known too early: figures of its frequency appear about 46 days after their date, and its "
        "lag is 1 day."
    ]


@pytest.mark.parametrize(
    ("mode", "sentence"),
    [
        ("unknown", "FRED has no series 'NOPE'. Look its name up on fred.stlouisfed.org"),
        ("limited", "FRED refuses requests from this address"),
        ("broken", r"FRED is out of order.*HTTP 500"),
        ("page", "FRED answered for NOPE with a page that cannot be read"),
    ],
)
def test_each_failure_is_explained(
    sites: Korea, tmp_path: Path, mode: str, sentence: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sites.mode = mode
    with pytest.raises(SourceError, match=sentence):
        load(Data(source="fred", symbols=("NOPE",)), tmp_path)
    assert capfd.readouterr().out == ""


def test_a_name_that_fred_cannot_have_is_refused_without_asking(sites: Korea, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no series of FRED"):
        load(Data(source="fred", symbols=("DGS10,UNRATE",)), tmp_path)
    assert sites.asked == []


def test_prices_of_shares_and_fred_are_stored_apart(sites: Korea, tmp_path: Path) -> None:
    load(Data(source="fred", symbols=("DGS10",)), tmp_path)
    sites.asked = []
    again = load(Data(source="fred", symbols=("DGS10",)), tmp_path)
    assert sites.asked == [] and np.isfinite(again.to_numpy()).all()
    assert "values of DGS10 were loaded" in again.attrs["notes"][0]
