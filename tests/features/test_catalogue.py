"""Browsing the catalogue, and lists of features by family."""

import pytest

from core.datasets.targets import TARGETS
from core.errors import FeatureError
from core.features import CATALOGUE, catalogue, compute, defaults, parse
from core.features.feature import formula
from core.features.transforms import TRANSFORMS
from core.language import use
from tests.features.conftest import NO_FUTURE, bars

BARS = ("open", "high", "low", "close", "volume")
ENTRIES = catalogue.entries(BARS, "close")


def test_bars_have_the_whole_catalogue_and_each_column_in_its_family():
    of_column = {name for name, feature in CATALOGUE.items() if isinstance(feature.parameter, str)}
    assert {entry.text.partition(":")[0] for entry in ENTRIES} >= CATALOGUE.keys() - of_column
    by_text = {entry.text: entry for entry in ENTRIES}
    assert by_text["column:volume"].family == "volume" and by_text["change:close"].family == "price"
    assert by_text["rsi"].family == "momentum" and "close" in by_text["column:close"].title


def test_a_single_column_has_no_features_of_range_or_volume():
    texts = {entry.text for entry in catalogue.entries(("load",), "load")}
    assert {"rsi", "column:load", "change:load", "weekday"} <= texts
    assert not {"log_range", "volume_change", "column:close"} & texts


def test_only_columns_known_in_the_future_are_offered_as_known():
    texts = {entry.text for entry in catalogue.entries(("load", "plan"), "load", ("plan",))}
    assert "known:plan" in texts and "known:load" not in texts and "column:plan" in texts


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.text)
def test_every_entry_can_be_computed(entry):
    text = catalogue.with_default_number(entry.text)
    assert parse(entry.text)[0].name == parse(text)[0].name
    assert compute(bars(0, 320), (text,), "close", NO_FUTURE)[text].notna().any()
    assert entry.title and entry.description.endswith(".")


def test_a_search_puts_the_name_before_the_title_before_the_description():
    texts = [entry.text for entry in catalogue.search("rsi", ENTRIES)]
    assert texts[0] == "rsi" and "stoch_rsi" in texts
    assert {entry.text for entry in catalogue.search("moving average VOLUME", ENTRIES)} == {"volume_ratio"}
    assert catalogue.search("no such thing", ENTRIES) == ()
    assert {e.text for e in catalogue.search("volatility", ENTRIES)} >= {
        e.text for e in ENTRIES if e.family == "volatility"
    }


def test_expert_entries_have_titles_and_are_found_by_search():
    experts = catalogue.expert_entries()
    hma = next(entry for entry in experts if entry.text == "ta:hma")
    assert len(experts) > 150 and hma.title.startswith("Hull Moving Average") and hma.description.endswith(".")
    assert [entry.text for entry in catalogue.search("hull", (*ENTRIES, *experts))] == ["ta:hma"]
    assert all(entry.title and "Source" not in entry.description[:6] for entry in experts)


def test_outputs_can_be_parsed():
    aroon = next(entry for entry in catalogue.expert_entries() if entry.text == "ta:aroon")
    assert "ta:aroon.aroonu" in catalogue.outputs(aroon)
    assert all(parse(text) for text in catalogue.outputs(aroon))
    assert catalogue.outputs(next(entry for entry in ENTRIES if entry.text == "rsi")) == ("rsi",)


def test_categories_have_a_fixed_order_without_empty_ones():
    assert catalogue.categories(reversed(ENTRIES)) == catalogue.categories(ENTRIES)
    assert catalogue.categories(ENTRIES)[:2] == ("price", "volume")
    assert "macro" not in catalogue.categories(ENTRIES)
    assert catalogue.categories(catalogue.expert_entries()) == (catalogue.EXPERT,)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_starts_with_a_valid_number(name):
    text = catalogue.format_feature("rsi", 21, [(name, catalogue.start_value(TRANSFORMS[name]))])
    assert parse(text)[0].name.startswith(f"rsi|{name}") and parse(text)[1] == 21


def test_a_feature_is_formatted_as_in_a_recipe():
    assert (
        catalogue.format_feature("rsi", 21, [("zscore", 60), ("fracdiff", 0.4), ("log", None)])
        == "rsi:21|zscore:60|fracdiff:0.4|log"
    )
    assert catalogue.format_feature("column:a b") == "column:a b"


def test_duplicates_are_found_and_other_numbers_are_not_duplicates():
    assert catalogue.find_duplicate("rsi:14", ("return", "rsi")) == "rsi"
    assert catalogue.find_duplicate("rsi:21", ("rsi", "rsi:14|zscore:60", "nonsense")) is None
    with pytest.raises(FeatureError, match="There is no feature"):
        catalogue.find_duplicate("nonsense", ())


def test_a_list_is_counted_by_family():
    def counts(chosen):
        return {family: len(members) for family, members in catalogue.group_by_family(chosen).items()}

    assert counts(defaults("ranges", BARS, "close")) == {"price": 2, "volume": 1, "volatility": 4}
    assert counts(("column:volume", "nonsense")) == {"volume": 1, "unknown": 1}
    assert counts(()) == {}
    assert all(counts(defaults(TARGETS[kind].default_features, BARS, "close")) for kind in TARGETS)


def test_features_that_cannot_be_computed_have_a_reason():
    table = bars(0, 320)[["close"]]
    table.iloc[5] = -1.0
    computable, errors = catalogue.select_computable(
        ("column:close", "rsi:14", "log_range", "return", "weekday"), table, "close"
    )
    assert computable == ("column:close", "rsi:14", "weekday")
    assert "'high'" in errors["log_range"] and "<= 0" in errors["return"]


def test_a_formula_is_one_line():
    words = formula(parse("log_range")[0].function)
    assert "\n" not in words and "`" not in words and "high" in words


def test_search_finds_korean_words_and_english_ones():
    with use("ko"):
        found = [entry.text for entry in catalogue.search("상대 강도", ENTRIES)]
        assert found[0] == "rsi" and catalogue.search("relative strength", ENTRIES)[0].text == "rsi"
    assert catalogue.search("상대 강도", ENTRIES) == ()
