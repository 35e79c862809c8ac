"""The bundled series: each loads, keeps the contract and is described truthfully."""

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


@pytest.mark.parametrize("name", SAMPLES)
def test_the_recipe_of_a_sample_gives_windows_in_every_part(name: str) -> None:
    spec = recipe(name.lower())
    frame = load_data(spec.data, Path("unused"))
    assert spec.data.symbols == (name,)
    made = prepare(resolve(spec, frame), frame)
    assert all(len(part) >= 15 for part in (made.splits.train, made.splits.val, made.splits.calib, made.splits.test))
    assert len(made.splits.train) < 9000  # what a slow machine trains on within a minute


def test_a_recipe_sets_what_its_sample_says_and_nothing_else() -> None:
    assert recipe("SP500") == Spec()
    values = to_dict(recipe("GLUCOSE"))
    for path, value in SAMPLES["GLUCOSE"].recipe:
        part, _, leaf = path.partition(".")
        said = values[part][leaf] if leaf else values[part]
        assert said == (list(value) if isinstance(value, tuple) else value)
    assert values["model"]["dropout"] == Spec().model.dropout


def test_a_sample_is_plain_json() -> None:
    plain = json.loads(json.dumps(dataclasses.asdict(SAMPLES["FB"])))
    assert ["model.hidden", 8] in plain["recipe"] and plain["forecasts"].startswith("the volatility")
    assert FIELDS == ("finance", "medicine", "weather", "demand")


def test_an_unknown_recipe_is_answered_as_an_unknown_sample() -> None:
    with pytest.raises(SourceError, match=r"'GOLD'"):
        recipe("GOLD")


def test_the_catalogue_is_read_without_the_packages_behind_it() -> None:
    code = (
        "import sys; from core.data import load; from core.data.sources import samples; samples.load('SP500');"
        "print([m for m in ('arch', 'bokeh_sampledata', 'yfinance', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
