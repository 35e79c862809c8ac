"""Looking through the catalogue and at what a list holds."""

import pytest

from core.datasets.targets import TARGETS
from core.errors import FeatureError
from core.features import CATALOGUE, catalogue, compute, defaults, parse
from core.features.transforms import TRANSFORMS
from tests.features.conftest import NO_FUTURE, bars

BARS = ("open", "high", "low", "close", "volume")
OWN = catalogue.entries(BARS, "close")


def test_bars_are_offered_the_whole_catalogue_and_each_column_in_its_family():
    asking = {name for name, feature in CATALOGUE.items() if isinstance(feature.parameter, str)}
    assert {entry.text.partition(":")[0] for entry in OWN} >= CATALOGUE.keys() - asking
    by_text = {entry.text: entry for entry in OWN}
    assert by_text["column:volume"].family == "volume" and by_text["change:close"].family == "price"
    assert by_text["rsi"].family == "momentum" and "close" in by_text["column:close"].title


def test_a_series_of_one_column_is_offered_nothing_that_needs_a_range_or_volume():
    found = {entry.text for entry in catalogue.entries(("load",), "load")}
    assert {"rsi", "column:load", "change:load", "weekday"} <= found
    assert not {"log_range", "volume_change", "column:close"} & found


def test_only_columns_known_ahead_are_offered_as_known():
    found = {entry.text for entry in catalogue.entries(("load", "plan"), "load", ("plan",))}
    assert "known:plan" in found and "known:load" not in found and "column:plan" in found


@pytest.mark.parametrize("entry", OWN, ids=lambda entry: entry.text)
def test_every_entry_can_be_computed_as_it_is_offered(entry):
    text = catalogue.usually(entry.text)
    assert parse(entry.text)[0].name == parse(text)[0].name
    assert compute(bars(0, 320), (text,), "close", NO_FUTURE)[text].notna().any()
    assert entry.title and entry.caption.endswith(".")


def test_a_search_puts_the_name_before_the_title_before_the_description():
    found = [entry.text for entry in catalogue.find("rsi", OWN)]
    assert found[0] == "rsi" and "stoch_rsi" in found
    assert {entry.text for entry in catalogue.find("moving average VOLUME", OWN)} == {"volume_ratio"}
    assert catalogue.find("no such thing", OWN) == ()
    assert {e.text for e in catalogue.find("volatility", OWN)} >= {e.text for e in OWN if e.family == "volatility"}


def test_experts_are_named_in_words_and_found_beside_the_catalogue():
    experts = catalogue.experts()
    hma = next(entry for entry in experts if entry.text == "ta:hma")
    assert len(experts) > 150 and hma.title.startswith("Hull Moving Average") and hma.caption.endswith(".")
    assert [entry.text for entry in catalogue.find("hull", (*OWN, *experts))] == ["ta:hma"]
    assert all(entry.title and "Source" not in entry.caption[:6] for entry in experts)


def test_outputs_are_written_as_they_are_read():
    aroon = next(entry for entry in catalogue.experts() if entry.text == "ta:aroon")
    assert "ta:aroon.aroonu" in catalogue.outputs(aroon)
    assert all(parse(text) for text in catalogue.outputs(aroon))
    assert catalogue.outputs(next(entry for entry in OWN if entry.text == "rsi")) == ("rsi",)


def test_categories_keep_one_order_and_leave_out_empty_ones():
    assert catalogue.categories(reversed(OWN)) == catalogue.categories(OWN)
    assert catalogue.categories(OWN)[:2] == ("price", "volume")
    assert "macro" not in catalogue.categories(OWN)
    assert catalogue.categories(catalogue.experts()) == (catalogue.EXPERT,)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_every_transform_begins_with_a_number_that_fits(name):
    text = catalogue.written("rsi", 21, [(name, catalogue.start(TRANSFORMS[name]))])
    assert parse(text)[0].name.startswith(f"rsi|{name}") and parse(text)[1] == 21


def test_a_feature_is_written_as_in_a_recipe():
    assert (
        catalogue.written("rsi", 21, [("zscore", 60), ("fracdiff", 0.4), ("log", None)])
        == "rsi:21|zscore:60|fracdiff:0.4|log"
    )
    assert catalogue.written("column:a b") == "column:a b"


def test_the_same_feature_is_known_again_and_another_number_is_another():
    assert catalogue.twin("rsi:14", ("return", "rsi")) == "rsi"
    assert catalogue.twin("rsi:21", ("rsi", "rsi:14|zscore:60", "nonsense")) is None
    with pytest.raises(FeatureError, match="There is no feature"):
        catalogue.twin("nonsense", ())


def test_a_list_is_counted_by_family():
    assert catalogue.summary(defaults("volatility", BARS, "close")) == "7 features: 2 price, 1 volume, 4 volatility"
    assert catalogue.summary(("column:volume", "nonsense")) == "2 features: 1 volume, 1 unknown"
    assert catalogue.summary(("rsi",)) == "1 feature: 1 momentum"
    assert catalogue.summary(()) == "no feature"
    assert all(catalogue.summary(defaults(kind, BARS, "close")) for kind in TARGETS)


def test_what_does_not_fit_is_told_with_its_reason():
    table = bars(0, 320)[["close"]]
    table.iloc[5] = -1.0
    kept, refused = catalogue.fitting(("column:close", "rsi:14", "log_range", "return", "weekday"), table, "close")
    assert kept == ("column:close", "rsi:14", "weekday")
    assert "'high'" in refused["log_range"] and "<= 0" in refused["return"]


def test_a_formula_is_one_line():
    assert "\n" not in catalogue.formula(parse("log_range")[0]) and "high" in catalogue.formula(parse("log_range")[0])
