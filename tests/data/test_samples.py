"""The bundled series: each loads, keeps the contract and is described truthfully."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.samples import SAMPLES, load
from core.errors import SourceError


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_is_what_its_entry_says(name: str) -> None:
    sample, table = SAMPLES[name], load(name)
    assert sample.name == name and sample.target in table and table[sample.target].notna().all()
    assert table.index.is_monotonic_increasing and (table.dtypes == np.float64).all()
    assert f"{table.index[0]:%Y-%m}" in sample.text or name in {"SP500", "NASDAQ"}
    if sample.kind == "prices":
        assert (table["close"] > 0).all()
    frame = build({name: table})
    assert 150 < len(frame) <= len(table)


def test_prices_keep_their_order_and_show_no_split() -> None:
    apple = load("AAPL")
    assert (apple["high"] >= apple[["open", "low", "close"]].max(axis=1) - 1e-9).all()
    assert apple["close"].pct_change().abs().max() < 0.6
    before, after = pd.Timestamp("2005-02-25"), pd.Timestamp("2005-02-28")  # two for one
    assert abs(apple["close"][after] / apple["close"][before] - 1) < 0.05


def test_commits_count_every_day_of_the_week() -> None:
    commits = load("commits")["commits"]
    assert (commits.index.to_series().diff().dropna() == pd.Timedelta(days=1)).all()
    assert commits.sum() == 4916 and (commits == 0).any()


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'.*SP500.*GLUCOSE"):
        load("GOLD")


def test_the_catalogue_is_read_without_the_packages_behind_it() -> None:
    code = ("import sys; from core.data import load, samples; samples.load('SP500');"
            "print([m for m in ('arch', 'bokeh_sampledata', 'yfinance', 'torch') if m in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
