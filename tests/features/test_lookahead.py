import numpy as np
import pandas as pd
import pytest

from core.data.sources import samples
from core.errors import FeatureError
from core.features import CATALOGUE, available, check, compute, guard
from core.features.ta_backend import pandas_ta
from tests.features.conftest import NO_FUTURE, bars, everything


def close_only(function):
    return lambda table: pd.DataFrame({"x": function(table["close"])})


@pytest.mark.parametrize(
    ("function", "rows"),
    [
        (lambda c: c.rolling(21, center=True).mean(), 10),
        (lambda c: c.shift(-3), 3),
        (lambda c: c.shift(-1).ffill(), 1),
        (lambda c: pandas_ta().dpo(c, length=20, centered=True), 11),
        (lambda c: pandas_ta().sma(c, length=5, offset=-4), 4),
        (lambda c: pandas_ta().rsi(c, length=14, offset=-1), 1),
    ],
)
def test_the_distance_of_a_look_ahead_is_measured(table, function, rows):
    assert check(close_only(function), table) == {"x": rows}


def test_the_chikou_span_looks_ahead_and_the_rest_of_the_cloud_does_not(table):
    def ichimoku(t):
        return pandas_ta().ichimoku(t["high"], t["low"], t["close"], tenkan=9, kijun=26, senkou=52, as_dataframe=True)

    assert check(ichimoku, table) == {"ICS_26": 26}


@pytest.mark.parametrize(("name", "columns"), [("tos_stdevall", ("close",)), ("vp", ("close", "volume"))])
def test_indicators_of_the_whole_series_are_found(table, name, columns):
    def of_whole_series(t):
        values = getattr(pandas_ta(), name)(*(t[c] for c in columns))
        return values.set_axis(t.index[: len(values)])

    assert max(check(of_whole_series, table).values()) > 1


@pytest.mark.parametrize(
    "function",
    [
        lambda c: (c - c.mean()) / c.std(),
        lambda c: (c - c.min()) / (c.max() - c.min()),
        lambda c: c.rank(pct=True),
        lambda c: c / c.iloc[-1],
        lambda c: c * 0 + np.linspace(0, 1, len(c)),
        lambda c: c.resample("MS").transform("last"),
    ],
)
def test_statistics_of_the_whole_sample_are_found(table, function):
    assert check(close_only(function), table)["x"] > 1


def test_early_extremes_of_the_sample_are_found():
    table = bars(0, 320)
    table.iloc[20, 3], table.iloc[30, 3] = 1.0, 1000.0
    assert "x" in check(close_only(lambda c: (c - c.min()) / (c.max() - c.min())), table)


def test_a_backward_fill_is_found_in_gaps_and_in_the_warm_up(table):
    with_gaps = table.copy()
    with_gaps.iloc[[50, 203, 204], 3] = np.nan
    assert check(close_only(lambda c: c.bfill()), with_gaps) == {"x": 2}
    assert check(close_only(lambda c: c.interpolate()), with_gaps) == {"x": 2}
    assert check(close_only(lambda c: c.ffill()), with_gaps) == {}
    assert check(close_only(lambda c: c.rolling(14).mean().bfill()), table) == {"x": 1}


def test_a_feature_that_drops_its_unknown_rows_is_found(table):
    assert check(lambda t: pd.DataFrame({"x": t["close"].shift(-2)}).dropna(), table) == {"x": 2}


def test_the_catalogue_does_not_look_ahead(table):
    assert check(lambda t: compute(t, everything("open"), "close", NO_FUTURE), table, cuts=1) == {}


@pytest.mark.parametrize("name", samples.SAMPLES)
def test_the_catalogue_does_not_look_ahead_on_any_sample(name):
    table, level = samples.load(name).dropna().iloc[-1000:], samples.SAMPLES[name].target
    table = table[~table.index.duplicated()]
    roles = {"level": level, "close": level} | {c: c for c in table.columns}
    positive = {role for role, column in roles.items() if (table[column] > 0).all()}
    chosen = tuple(
        f"{f.name}:{level}" if f.parameter == "column" else f.name
        for f in map(CATALOGUE.get, available(tuple(table.columns), level))
        if {*f.positive} <= positive
    )
    assert len(chosen) >= 15
    assert check(lambda t: compute(t, chosen, level, NO_FUTURE), table, cuts=1) == {}


def test_the_catalogue_does_not_look_ahead_on_missing_values():
    table = bars(6, 320)
    table.iloc[[100, 190, 191, 250], 4] = np.nan
    assert check(lambda t: compute(t, everything("volume"), "close", NO_FUTURE), table, cuts=2) == {}


def test_only_features_that_look_ahead_are_named(table):
    def mixed(t):
        close = t["close"]
        centred = close.rolling(5, center=True).mean()
        return pd.DataFrame({"ok": close.diff(), "centred": centred, "lead": close.shift(-1)})

    assert check(mixed, table) == {"centred": 2, "lead": 1}
    with pytest.raises(FeatureError, match=r"2 features look ahead: centred \(by 2 rows or more\), lead \(by 1 row or"):
        guard(mixed, table)


def test_guard_passes_features_of_the_past(table):
    lengths = []

    def of_past(t):
        lengths.append(len(t))
        return pd.DataFrame({"x": t["close"].diff()})

    guard(of_past, table, cuts=3)
    assert lengths == [320, 160, 213, 266, 320]


def test_beginnings_that_are_too_short_are_skipped():
    def long(t):
        return compute(t, ("momentum:180",), "close", NO_FUTURE)

    assert check(long, bars(0, 200)) == {}
    with pytest.raises(FeatureError, match="needs at least 181 rows"):
        check(long, bars(0, 100))
    with pytest.raises(FeatureError, match="at least 10 rows; got 9"):
        check(long, bars(0, 9))
