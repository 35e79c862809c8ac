import numpy as np
import pandas as pd
import pytest

from core.datasets.targets import TARGETS
from core.errors import FeatureError
from core.features import CATALOGUE, Parameter, available, compute, defaults, families, parse, rows_needed
from tests.features.conftest import NO_FUTURE, bars, everything

ALL = everything("volume")


@pytest.mark.parametrize("text", ALL)
def test_a_feature_has_title_description_and_formula(text):
    feature, _ = parse(text)
    assert feature.title and feature.text.endswith(".") and len(feature.function.__doc__) > 20
    assert feature.family in {"price", "volume", "momentum", "volatility", "trend", "calendar", "other"}


@pytest.mark.parametrize("text", ALL)
def test_values_start_exactly_after_the_rows_needed(table, text):
    values = compute(table, (text,), "close", NO_FUTURE)[text]
    rows = rows_needed((text,))
    assert len(values) == len(table) and values.dtype == np.float64
    assert values[:rows].isna().all()
    assert np.isfinite(values[rows:]).all()


def extremes(end):
    """Return every feature with a number, at the lowest or the highest value allowed."""
    numbered = [f for f in CATALOGUE.values() if isinstance(f.parameter, Parameter)]
    return [f"{f.name}:{getattr(f.parameter, end)}" for f in numbered]


@pytest.mark.parametrize("text", [*extremes("low"), *extremes("high")])
def test_the_ends_of_the_allowed_range_work(text):
    table = bars(2, 520)
    values = compute(table, (text,), "close", NO_FUTURE)[text]
    rows = rows_needed((text,))
    assert values[:rows].isna().all() and np.isfinite(values[rows:]).all()


@pytest.mark.parametrize("text", ALL)
def test_later_rows_do_not_change_a_value(table, text):
    future = pd.bdate_range(table.index[-1], periods=4)[1:]
    before = compute(table, (text,), "close", future)[text]
    for rows in (60, 151, 300):
        changed = table.copy()
        changed.iloc[rows:] = bars(9, len(table)).iloc[rows:] * 1.7
        after = compute(changed, (text,), "close", future)[text]
        np.testing.assert_allclose(after[:rows], before[:rows], rtol=1e-12, atol=1e-12)
        if CATALOGUE[text.partition(":")[0]].kind == "past":
            assert not np.array_equal(after[rows:], before[rows:], equal_nan=True)


def test_only_known_features_have_future_values(table):
    future = pd.bdate_range(table.index[-1], periods=6)[1:]
    ahead = pd.DataFrame({"volume": np.arange(5.0)}, index=future)
    values = compute(table, ALL, "close", future, ahead)
    assert values["known:volume"].tolist() == [*table["volume"], *range(5)]
    assert compute(table, ("known:volume",), "close", future)["known:volume"][-5:].isna().all()
    assert values.index.equals(table.index.append(future))
    for text in ALL:
        known = parse(text)[0].kind == "known"
        assert values[text][-5:].notna().all() == known and values[text][-5:].isna().all() != known


@pytest.mark.parametrize("text", ALL)
def test_flat_and_untraded_periods_have_finite_values(text):
    table = bars(3, 200)
    table.iloc[60:120] = [50.0, 50.0, 50.0, 50.0, 0.0]
    values = compute(table, (text,), "close", NO_FUTURE)[text]
    assert np.isfinite(values[rows_needed((text,)) :]).all()
    assert values.abs().max() <= 20 or text.partition(":")[0] in {"column", "change", "known"}


@pytest.mark.parametrize("text", ALL)
def test_a_missing_row_only_affects_itself(text):
    table = bars(4, 200)
    with_gaps = table.copy()
    with_gaps.iloc[[90, 91, 140]] = np.nan
    values = compute(with_gaps, (text,), "close", NO_FUTURE)[text]
    if parse(text)[0].kind == "past":
        assert values.iloc[[90, 91, 140]].isna().all()
        without = compute(table.drop(table.index[[90, 91, 140]]), (text,), "close", NO_FUTURE)[text]
        np.testing.assert_array_equal(values.dropna(), without.dropna())
    elif text == "known:volume":
        assert np.flatnonzero(values.isna()).tolist() == [90, 91, 140]
    else:
        assert values[1:].notna().all()


def test_the_level_replaces_a_missing_close():
    table = bars(5, 60)
    renamed = table[["high", "low", "close"]].rename(columns={"close": "OT"})
    names = ("return:3", "close_position", "rsi:14")
    pd.testing.assert_frame_equal(compute(renamed, names, "OT", NO_FUTURE), compute(table, names, "close", NO_FUTURE))


def test_another_level_does_not_replace_the_close():
    table = bars(5, 60).assign(index=np.arange(1.0, 61.0))
    values = compute(table, ("return", "close_position"), "index", NO_FUTURE)
    assert values["return"].iloc[1] == pytest.approx(np.log(2.0))
    expected = compute(table, ("close_position",), "close", NO_FUTURE)["close_position"]
    np.testing.assert_array_equal(values["close_position"], expected)


def test_parse_reads_names_and_parameters():
    assert parse("rsi") == (CATALOGUE["rsi"], 14)
    assert parse(" rsi:21 ") == (CATALOGUE["rsi"], 21)
    assert parse("column:a:b c") == (CATALOGUE["column"], "a:b c")
    assert parse("weekday") == (CATALOGUE["weekday"], None)
    assert rows_needed(("rsi:21", "weekday", "return")) == 21
    assert rows_needed(()) == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ris:14", "Did you mean rsi"),
        ("ma_ration", "ma_ratio"),
        ("OT", "column:NAME"),
        ("rsi:1", "from 2 to 250; got '1'"),
        ("rsi:251", "from 2 to 250"),
        ("rsi:", "got ''"),
        ("rsi:14.0", "whole number"),
        ("rsi:1_4", "whole number"),
        ("rsi:-14", "whole number"),
        ("weekday:3", "takes no parameter"),
        ("column", "needs the name of a column"),
        ("column:", "needs the name of a column"),
        ("", "There is no feature ''"),
    ],
)
def test_invalid_features_are_refused(text, message):
    with pytest.raises(FeatureError) as error:
        parse(text)
    assert message in str(error.value)


def test_a_missing_column_is_named_with_those_there():
    with pytest.raises(FeatureError, match="close_position needs the column 'low'; the table has high, close"):
        compute(bars(0, 30)[["high", "close"]], ("close_position",), "close", NO_FUTURE)
    with pytest.raises(FeatureError, match="change:OT needs the column 'OT'"):
        compute(bars(0, 30), ("change:OT",), "close", NO_FUTURE)


def test_a_level_without_a_logarithm_is_refused_with_its_first_date():
    table = bars(0, 30)
    table.iloc[[7, 9], 3] = [-37.5, 0.0]
    with pytest.raises(FeatureError) as error:
        compute(table, ("return",), "close", NO_FUTURE)
    assert "close has 2 values <= 0 (first -37.5 at 2015-01-12" in str(error.value)
    assert "change:close or column:close" in str(error.value)
    assert compute(table, ("change:close",), "close", NO_FUTURE).iloc[1:].notna().all(axis=None)


def test_negative_volume_is_refused():
    table = bars(0, 30)
    table.iloc[3, 4] = -5.0
    with pytest.raises(FeatureError, match="volume has 1 values < 0"):
        compute(table, ("volume_change",), "close", NO_FUTURE)


@pytest.mark.parametrize("text", [t for t in ALL if rows_needed((t,))])
def test_too_few_rows_are_refused_with_their_number(text):
    rows = rows_needed((text,))
    with pytest.raises(FeatureError, match=f"{text} needs at least {rows + 1} rows with values; got {rows}"):
        compute(bars(0, rows), (text,), "close", NO_FUTURE)
    assert np.isfinite(compute(bars(0, rows + 1), (text,), "close", NO_FUTURE)[text].iloc[-1])


def test_repeated_features_are_refused():
    with pytest.raises(FeatureError, match="rsi:14 is the same as rsi"):
        compute(bars(0, 30), ("rsi", "rsi:14"), "close", NO_FUTURE)


BARS = ("open", "high", "low", "close", "volume")


@pytest.mark.parametrize(
    ("kind", "columns", "level", "expected"),
    [
        (
            "volatility",
            BARS,
            "close",
            (
                "return",
                "abs_return",
                "log_range",
                "log_range_mean:5",
                "log_range_mean:22",
                "volume_change",
                "negative_return",
            ),
        ),
        (
            "volatility",
            ("close",),
            "close",
            ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22"),
        ),
        ("close", BARS, "close", tuple(f"column:{c}" for c in BARS)),
        ("close", ("a", "OT"), "OT", ("column:OT", "change:a", "column:a|zscore:60")),
        (
            "log_return",
            BARS,
            "close",
            ("return", "log_range", "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist", "volume_change"),
        ),
        ("direction", ("x",), "x", ("return", "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist")),
        ("mean_close", BARS, "close", tuple(f"column:{c}" for c in BARS)),
        (
            "max_drawdown",
            BARS,
            "close",
            (
                "return",
                "abs_return",
                "log_range",
                "log_range_mean:5",
                "log_range_mean:22",
                "volume_change",
                "negative_return",
            ),
        ),
        (
            "max_drawdown",
            ("x",),
            "x",
            ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22"),
        ),
        ("column", ("HUFL", "OT"), "OT", ("column:HUFL", "column:OT")),
    ],
)
def test_defaults_follow_the_target_and_the_columns(kind, columns, level, expected):
    assert defaults(TARGETS[kind].default_features, columns, level) == expected


@pytest.mark.parametrize("kind", TARGETS)
@pytest.mark.parametrize("columns", [BARS, ("close",), ("close", "volume"), ("high", "low", "close")])
def test_defaults_compute_on_bars(table, kind, columns):
    chosen = defaults(TARGETS[kind].default_features, columns, "close")
    values = compute(table[list(columns)], chosen, "close", NO_FUTURE)
    assert np.isfinite(values.iloc[rows_needed(chosen) :]).all(axis=None)


def test_defaults_of_an_unknown_target_are_refused():
    with pytest.raises(FeatureError, match="'yield'"):
        defaults("yield", BARS, "close")


def test_available_features_depend_on_the_columns():
    assert {"return", "rsi", "weekday", "column"} <= set(available(("OT",), "OT"))
    assert not {"log_range", "volume_change"} & set(available(("OT",), "OT"))
    assert set(available(BARS, "close")) == set(CATALOGUE)


def test_families_keep_the_order_and_classify_columns():
    groups = families(("weekday", "rsi:14|lag:3", "column:close", "column:OT", "return", "change:volume", "tsi"))
    assert groups == {
        "calendar": ("weekday",),
        "momentum": ("rsi:14|lag:3", "tsi"),
        "price": ("column:close", "return"),
        "other": ("column:OT",),
        "volume": ("change:volume",),
    }
    assert list(groups) == ["calendar", "momentum", "price", "other", "volume"]
    with pytest.raises(FeatureError, match="Did you mean rsi"):
        families(("ris",))


def test_every_family_has_a_choice():
    count = families(tuple(name for name, f in CATALOGUE.items() if f.parameter != "column"))
    assert {family: len(names) >= 5 for family, names in count.items()} == dict.fromkeys(count, True)
    assert {*count} == {"price", "momentum", "trend", "volatility", "volume", "calendar"}
