"""Each bundled series loads, keeps the contract of a frame and matches its description."""

import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.load import load as load_data
from core.data.sources.samples import FIELDS, SAMPLES, load, recipe
from core.datasets.windows import prepare, resolve
from core.errors import SourceError
from core.spec import Spec, to_dict


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_matches_its_description(name: str) -> None:
    sample, table = SAMPLES[name], load(name)
    assert sample.name == name and sample.target in table and table[sample.target].notna().all()
    assert table.index.is_monotonic_increasing and (table.dtypes == np.float64).all()
    assert f"{table.index[0]:%Y-%m}" in sample.text or name in {"SP500", "NASDAQ"}
    if sample.kind == "prices":
        assert (table["close"] > 0).all()
    frame = build({name: table})
    assert 150 < len(frame) <= len(table)


def test_prices_are_consistent_and_adjusted_for_splits() -> None:
    apple = load("AAPL")
    assert (apple["high"] >= apple[["open", "low", "close"]].max(axis=1) - 1e-9).all()
    assert apple["close"].pct_change().abs().max() < 0.6
    before, after = pd.Timestamp("2005-02-25"), pd.Timestamp("2005-02-28")  # two for one
    assert abs(apple["close"][after] / apple["close"][before] - 1) < 0.05


def test_commits_cover_every_day_of_the_week() -> None:
    commits = load("commits")["commits"]
    assert (commits.index.to_series().diff().dropna() == pd.Timedelta(days=1)).all()
    assert commits.sum() == 4916 and (commits == 0).any()


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'.*SP500.*GLUCOSE"):
        load("GOLD")


@pytest.mark.parametrize("name", SAMPLES)
def test_the_recipe_of_a_sample_has_windows_in_every_split(name: str) -> None:
    spec = recipe(name.lower())
    frame = load_data(spec.data, Path("unused"))
    assert spec.data.symbols == (name,)
    splits = prepare(resolve(spec, frame), frame).splits
    assert all(len(split) >= 15 for split in (splits.train, splits.val, splits.calib, splits.test))
    assert len(splits.train) < 9000  # what a slow machine can train on within a minute


def test_a_recipe_differs_from_the_default_only_as_its_sample_says() -> None:
    assert recipe("SP500") == Spec()
    values = to_dict(recipe("GLUCOSE"))
    for path, value in SAMPLES["GLUCOSE"].recipe:
        part, _, leaf = path.partition(".")
        actual = values[part][leaf] if leaf else values[part]
        assert actual == (list(value) if isinstance(value, tuple) else value)
    assert values["model"]["dropout"] == Spec().model.dropout


def test_a_sample_converts_to_json() -> None:
    plain = json.loads(json.dumps(dataclasses.asdict(SAMPLES["FB"])))
    assert ["model.hidden", 8] in plain["recipe"] and plain["forecasts"].startswith("the volatility")
    assert FIELDS == ("finance", "medicine", "weather", "demand")


def test_a_recipe_of_an_unknown_sample_is_refused() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'"):
        recipe("GOLD")


def test_loading_a_sample_imports_no_heavy_package() -> None:
    code = (
        "import sys; from core.data import load; from core.data.sources import samples; samples.load('SP500');"
        "print([m for m in ('arch', 'bokeh_sampledata', 'yfinance', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
