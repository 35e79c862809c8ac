import numpy as np
import pandas as pd
import pytest

from core.errors import FeatureError
from core.features import check, compute, families, parse, rows_needed, ta_indicators
from tests.features.conftest import NO_FUTURE, bars

MIXED = (
    "ta:hma:30",
    "ta:aroon.aroonu:25",
    "ta:mmar.2",
    "ta:variance",
    "ta:obv",
    "ta:kvo",
    "ta:eom",
    "ta:efi:5",
    "ta:pvt",
    "ta:wad",
    "ta:vwap",
    "ta:bop",
    "ta:macd.macdh",
    "ta:t3:40",
    "ta:squeeze",
    "ta:pvo",
)


@pytest.mark.parametrize("category", sorted(set(ta_indicators.names().values())))
def test_every_indicator_only_looks_back(category):
    chosen = [name for name, of_name in ta_indicators.names().items() if of_name == category]

    def everything(table):
        tables = {name: ta_indicators.compute_outputs(name, table, 20) for name in chosen}
        return pd.DataFrame({f"{name} {i}": f.iloc[:, i] for name, f in tables.items() for i in range(f.shape[1])})

    assert check(everything, bars(0, 300), cuts=1) == {}


def test_many_indicators_are_offered_and_none_that_looks_ahead():
    assert len(ta_indicators.names()) > 150
    assert not set(ta_indicators.EXCLUDED) & set(ta_indicators.names())
    assert not any(name.startswith("cdl_") for name in ta_indicators.names())


@pytest.mark.parametrize("text", MIXED)
def test_values_start_after_the_rows_needed(text):
    table = bars(0, 320)
    values, rows = compute(table, (text,), "close", NO_FUTURE)[text], rows_needed((text,))
    assert values[:rows].isna().all() and np.isfinite(values[rows:]).all()
    short = compute(table[: rows + 1], (text,), "close", NO_FUTURE)[text]
    assert np.isfinite(short.iloc[-1])
    with pytest.raises(FeatureError, match=f"needs at least {rows + 1} rows"):
        compute(table[:rows], (text,), "close", NO_FUTURE)


@pytest.mark.parametrize("text", MIXED)
def test_values_do_not_depend_on_the_units_of_price_and_volume(text):
    table = bars(0, 320)
    scaled = table * [8.0, 8.0, 8.0, 8.0, 4.0]
    values, again = (compute(t, (text,), "close", NO_FUTURE)[text] for t in (table, scaled))
    np.testing.assert_allclose(values, again, rtol=1e-6, atol=1e-9)


def test_features_of_the_library_do_not_look_ahead():
    assert check(lambda t: compute(t, MIXED, "close", NO_FUTURE), bars(1, 600), cuts=1) == {}


def test_running_totals_are_differenced_and_levels_divided():
    table = bars(0, 320)
    values = compute(table, ("ta:obv", "ta:sma:10", "ta:sma"), "close", NO_FUTURE)
    signed = np.sign(table["close"].diff()) * table["volume"] / table["volume"].rolling(20).mean()
    np.testing.assert_allclose(values["ta:obv"][20:], signed[20:], rtol=1e-9)
    np.testing.assert_allclose(values["ta:sma:10"], table["close"].rolling(10).mean() / table["close"], rtol=1e-9)
    np.testing.assert_allclose(values["ta:sma"], table["close"].rolling(20).mean() / table["close"], rtol=1e-9)


def test_flat_and_untraded_periods_have_finite_values():
    table = bars(3, 320)
    table.iloc[200:260] = [50.0, 50.0, 50.0, 50.0, 0.0]
    values = compute(table, MIXED, "close", NO_FUTURE)
    assert np.isfinite(values.iloc[rows_needed(MIXED) :]).all(axis=None)


def test_an_indicator_of_one_price_takes_any_level_and_transforms():
    table = bars(5, 120)[["close"]].rename(columns={"close": "OT"})
    values = compute(table, ("ta:hma:9|zscore:20",), "OT", NO_FUTURE)
    assert np.isfinite(values.iloc[rows_needed(("ta:hma:9|zscore:20",)) :]).all(axis=None)
    assert parse("ta:hma:9|lag")[0].name == "ta:hma|lag:1"
    assert families(("ta:hma", "ta:obv", "ta:stdev")) == {
        "trend": ("ta:hma",),
        "volume": ("ta:obv",),
        "volatility": ("ta:stdev",),
    }


def test_an_output_has_a_name_and_a_number():
    assert parse("ta:aroon.aroonu:25") == parse("ta:aroon.2:25")
    assert parse("ta:aroon")[0].name == "ta:aroon.aroond"
    with pytest.raises(FeatureError, match="is the same as"):
        compute(bars(0, 60), ("ta:aroon.aroonu", "ta:aroon.2:20"), "close", NO_FUTURE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ta:hmaa", "There is no indicator 'hmaa'"),
        ("ta:cdl_doji", "There is no indicator"),
        ("ta:", "There is no indicator ''"),
        ("ta:dpo:20", "use detrended"),
        ("ta:ichimoku", "chikou span looks ahead"),
        ("ta:tos_stdevall", "whole series"),
        ("ta:aroon.up", "There are: aroond, aroonu, aroonosc"),
        ("ta:hma:1", "from 2 to 250; got '1'"),
        ("ta:hma:-20", "whole number"),
        ("ta:bop:5", "takes no parameter"),
        ("ta", "There is no feature 'ta'"),
    ],
)
def test_invalid_indicators_are_refused(text, message):
    with pytest.raises(FeatureError) as error:
        parse(text)
    assert message in str(error.value)


def test_an_indicator_that_fails_or_returns_nothing_is_reported():
    with pytest.raises(FeatureError, match="indicator kvo returns nothing for 30 rows"):
        ta_indicators.compute_outputs("kvo", bars(0, 30), None)
    with pytest.raises(FeatureError, match="The indicator hma failed on 40 rows"):
        ta_indicators.compute_outputs("hma", bars(0, 40)[["open"]], 9)
