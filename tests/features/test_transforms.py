import numpy as np
import pandas as pd
import pytest

from core.errors import FeatureError
from core.features import check, compute, parse, rows_needed, transforms
from tests.features.conftest import NO_FUTURE, bars

CHAINS = ("log", "diff", "diff:3", "zscore:20", "fracdiff:0.4", "lag:3", "mean:5", "log|diff|mean:4")


def one(table, text, future=NO_FUTURE):
    return compute(table, (text,), "close", future)[text]


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("base", ["column:close", "rsi:14"])
def test_values_start_after_the_rows_of_the_chain_and_only_look_back(base, chain):
    table, text = bars(0, 700), f"{base}|{chain}"
    values, rows = one(table, text), rows_needed((text,))
    assert rows >= rows_needed((base,))
    assert values[:rows].isna().all() and np.isfinite(values[rows:]).all()
    assert check(lambda t: compute(t, (text,), "close", NO_FUTURE), table, cuts=2) == {}


def test_transforms_by_hand():
    table = pd.DataFrame({"x": [1.0, 2.0, 4.0, 8.0, 8.0]}, index=pd.bdate_range("2020-01-01", periods=5))

    def values(chain):
        return compute(table, (f"column:x|{chain}",), "x", NO_FUTURE).iloc[:, 0].to_numpy()

    nan = np.nan
    np.testing.assert_allclose(values("log"), np.log([1, 2, 4, 8, 8]))
    np.testing.assert_allclose(values("diff"), [nan, 1, 2, 4, 0])
    np.testing.assert_allclose(values("diff:2|lag"), [nan, nan, nan, 3, 6])
    np.testing.assert_allclose(values("mean:2"), [nan, 1.5, 3, 6, 8])
    np.testing.assert_allclose(values("zscore:3"), [nan, nan, 5 / np.sqrt(21), 10 / np.sqrt(84), 4 / np.sqrt(48)])


def test_a_fractional_difference_is_the_binomial_series():
    weights = transforms.fraction_weights(0.4)
    np.testing.assert_allclose(weights[:5], [1, -0.4, -0.12, -0.064, -0.0416])
    assert abs(weights[-1]) >= 1e-4
    table = bars(0, 400)
    expected = sum(w * table["close"].iloc[-1 - k] for k, w in enumerate(weights))
    assert one(table, "column:close|fracdiff:0.4").iloc[-1] == pytest.approx(expected, rel=1e-12)
    feature, parameter = parse("column:close|fracdiff:0.4")
    assert feature.rows(parameter) == len(weights) - 1
    assert f"{len(weights)} steps wide" in feature.text
    assert max(len(transforms.fraction_weights(d)) for d in np.arange(0.05, 0.96, 0.05)) < 600


def test_a_flat_period_scores_zero():
    table = bars(0, 120)
    table.iloc[40:80, 3] = 123.4
    values = one(table, "column:close|zscore:20")
    np.testing.assert_array_equal(values[60:80], 0.0)
    assert values.abs().max() <= 19 / np.sqrt(20)


def test_transforms_of_known_features_stay_known():
    table = bars(0, 60)
    future = pd.bdate_range(table.index[-1], periods=6)[1:]
    for text in ("weekday|lag:2", "gap_days|zscore:10", "month_end|diff"):
        assert parse(text)[0].kind == "known"
        values = one(table, text, future)
        assert np.isfinite(values[rows_needed((text,)) :]).all() and len(values) == 65
    assert one(table, "return|lag:5", future)[-5:].isna().all()


def test_a_column_may_have_bars_in_its_name():
    table = bars(0, 60).rename(columns={"open": "a|b"})
    assert transforms.split_transforms("column:a|b|zscore:5|diff") == ("column:a|b", ("zscore:5", "diff"))
    np.testing.assert_array_equal(one(table, "column:a|b|diff"), table["a|b"].diff())
    with pytest.raises(FeatureError, match=r"needs the column 'close\|dif'.*Allowed after a bar: log, diff:1"):
        one(table, "column:close|dif")


def test_the_same_chain_twice_is_refused():
    with pytest.raises(FeatureError, match="is the same as"):
        compute(bars(0, 200), ("rsi|zscore", "rsi:14|zscore:60"), "close", NO_FUTURE)
    compute(bars(0, 200), ("rsi", "rsi|zscore", "rsi|zscore:20", "rsi|lag"), "close", NO_FUTURE)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rsi:14|zscor:60", "Did you mean zscore"),
        ("rsi:14|", "There is no transform ''"),
        ("rsi|log:2", "log takes no number"),
        ("rsi|zscore:2", "from 3 to 1000; got '2'"),
        ("rsi|lag:0", "from 1 to 1000"),
        ("rsi|lag:-1", "whole number"),
        ("rsi|diff:1.5", "whole number"),
        ("rsi|fracdiff", "Write fracdiff:0.4"),
        ("rsi|fracdiff:1", "from 0.05 to 0.95"),
        ("rsi|fracdiff:x", "got 'x'"),
        ("rsi|mean:", "got ''"),
        ("ris|lag", "Did you mean rsi"),
    ],
)
def test_invalid_transforms_are_refused_with_what_is_allowed(text, message):
    with pytest.raises(FeatureError) as error:
        parse(text)
    assert message in str(error.value)


def test_a_logarithm_of_zero_is_refused_with_name_and_date():
    table = bars(0, 30)
    table.iloc[7, 4] = 0.0
    with pytest.raises(FeatureError, match=r"column:volume\|log: .*1 are not \(first 0 at 2015-01-12"):
        one(table, "column:volume|log")


def test_too_few_rows_for_a_chain_are_refused_with_their_number():
    with pytest.raises(FeatureError, match=r"rsi:14\|zscore:60 needs at least 74 rows with values; got 73"):
        one(bars(0, 73), "rsi:14|zscore:60")
    assert np.isfinite(one(bars(0, 74), "rsi:14|zscore:60").iloc[-1])
