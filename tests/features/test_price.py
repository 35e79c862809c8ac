import numpy as np
import pandas as pd
import pytest

from core.features import compute
from tests.features.conftest import NO_FUTURE

TABLE = pd.DataFrame(
    {
        "open": [10.0, 11.0, 12.0, 9.0],
        "high": [12.0, 12.0, 12.0, 10.0],
        "low": [9.0, 10.0, 12.0, 8.0],
        "close": [11.0, 12.0, 12.0, 9.0],
        "volume": [100.0, 0.0, 50.0, 50.0],
    },
    index=pd.bdate_range("2020-01-01", periods=4),
)
NAN = np.nan
LN = np.log


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("column:volume", [100.0, 0.0, 50.0, 50.0]),
        ("change:volume", [NAN, -100.0, 50.0, 0.0]),
        ("return", [NAN, LN(12 / 11), 0.0, LN(9 / 12)]),
        ("return:2", [NAN, NAN, LN(12 / 11), LN(9 / 12)]),
        ("momentum:2", [NAN, NAN, LN(12 / 11), LN(9 / 12)]),
        ("open_change", [NAN, LN(1.1), LN(12 / 11), LN(0.75)]),
        ("high_change:3", [NAN, NAN, NAN, LN(10 / 12)]),
        ("low_change", [NAN, LN(10 / 9), LN(1.2), LN(8 / 12)]),
        ("volume_change", [NAN, LN(1 / 101), LN(51), 0.0]),
        ("volume_ratio:2", [NAN, LN(1 / 51), LN(51 / 26), 0.0]),
        ("abs_return", [NAN, LN(LN(12 / 11)), LN(1e-4), LN(LN(12 / 9))]),
        ("negative_return", [NAN, 0.0, 0.0, LN(0.75)]),
        ("log_range", [LN(LN(12 / 9)), LN(LN(1.2)), LN(1e-4), LN(LN(1.25))]),
        (
            "log_range_mean:2",
            [NAN, (LN(LN(12 / 9)) + LN(LN(1.2))) / 2, (LN(LN(1.2)) + LN(1e-4)) / 2, (LN(1e-4) + LN(LN(1.25))) / 2],
        ),
        ("log_volatility:2", [NAN, NAN, LN(LN(12 / 11) / np.sqrt(2)), LN(LN(12 / 9) / np.sqrt(2))]),
        ("ma_ratio:2", [NAN, 12 / 11.5 - 1, 0.0, 9 / 10.5 - 1]),
        ("close_to_open", [NAN, 0.0, 0.0, LN(9 / 12)]),
        ("close_position", [2 / 3, 1.0, 0.5, 0.5]),
    ],
)
def test_values_by_hand(text, expected):
    np.testing.assert_allclose(compute(TABLE, (text,), "close", NO_FUTURE)[text], expected, rtol=1e-12, atol=1e-12)
