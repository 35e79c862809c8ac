"""Names on the screen: titles of records, and different features under different names."""

import re
from dataclasses import replace

import pandas as pd
import pytest

from core.data.load import from_tables
from core.datasets.targets import TARGETS
from core.features import catalogue
from core.spec import Spec, with_values
from core.storage import runs
from core.storage.runs import Summary
from ui import cache, names


@pytest.mark.parametrize(
    ("code", "parts"),
    [
        ("rsi:14", ("Relative strength index", "14")),
        ("column:OT", ("OT",)),
        ("rsi:14|zscore:60|lag:3", ("Relative strength index", "14", "zscore 60", "lag 3")),
    ],
)
def test_a_feature_is_named_by_its_record_parameter_and_transforms(code, parts):
    assert all(part in names.feature(code) for part in parts) and names.feature(code) != code


def test_different_features_have_different_names():
    columns = ("open", "high", "low", "close", "volume", "macro.vix")
    codes = [entry.text for entry in catalogue.entries(columns, "close", ("promo",))]
    codes += [f"{catalogue.with_default_number(code)}|zscore:60" for code in codes]
    assert len({names.feature(code) for code in codes}) == len(codes)


def test_what_is_no_feature_keeps_its_text():
    assert names.feature("nonsense:1") == "nonsense:1"
    assert names.code("column:a`b") == "column\\:a\\`b"


def test_a_recipe_in_one_line():
    assert names.recipe(Spec()) == "LSTM on SP500: realised volatility, 5 steps ahead"
    values = {"target.kind": "column", "target.column": "OT", "target.horizon": 1, "model.kind": "nlinear"}
    assert names.recipe(with_values(Spec(), values)) == "NLinear on SP500: OT, 1 step ahead"
    assert names.recipe(Spec(), "day").endswith("5 days ahead")


def test_the_list_of_runs_has_no_unnamed_column():
    line = Summary(id="x", symbols=("GLUCOSE",), target="column", horizon=12, model="transformer")
    assert names.summary(line) == "Transformer on GLUCOSE, 12 steps ahead"
    line = replace(line, column="glucose", source="sample")
    assert names.summary(line) == "Transformer on GLUCOSE: glucose, 12 steps ahead"


def test_a_series_that_is_no_price_is_named_in_no_words_of_markets():
    assert names.are_prices("yahoo", ["AAPL"], ["open", "close"]) and names.are_prices("sample", ["SP500"], ["close"])
    assert not names.are_prices("file", ["BEER"], ["beer"])
    titles = {
        kind: names.target(kind, priced=False, column="beer") for kind in TARGETS if not TARGETS[kind].only_column
    }
    assert titles["column"] == "Level of beer" and titles["log_return"] == "Change"
    assert len({*titles.values()}) == len(titles)
    assert not [title for title in titles.values() if re.search("return|price|volatil|drawdown|clos", title, re.I)]
    assert names.target("log_return") == "Log return"


def test_steps_without_a_name_say_how_long_they_last():
    index = pd.date_range("2020-01-01", periods=40, freq="5min", name="time")
    frame = from_tables({"A": pd.DataFrame({"x": 1.0}, index=index)})
    assert names.span(frame, 12) == "1 hour"


def test_the_list_of_runs_calls_a_step_by_the_frequency_of_the_series(idle, finished):
    saved = runs.save(finished, cache.RUNS)
    assert names.summary(cache.summary(saved.id)).endswith(", 5 days ahead")
