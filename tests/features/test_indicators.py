import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import FeatureError
from core.features import compute, indicators, ta_backend
from tests.features.conftest import NO_FUTURE, bars


def one(table, text):
    return compute(table, (text,), "close", NO_FUTURE)[text].to_numpy()


def wilder(values, length):
    """Mean of the first `length` values, then m + (v − m) / length."""
    mean = np.full(len(values), np.nan)
    mean[length - 1] = np.mean(values[:length])
    for i in range(length, len(values)):
        mean[i] = mean[i - 1] + (values[i] - mean[i - 1]) / length
    return mean


def ema(values, length):
    """Mean of the first `length` values, then weights of 2 / (length + 1)."""
    mean = np.full(len(values), np.nan)
    mean[length - 1] = np.mean(values[:length])
    for i in range(length, len(values)):
        mean[i] = mean[i - 1] + (values[i] - mean[i - 1]) * 2 / (length + 1)
    return mean


def test_rsi_is_the_share_of_gains(table):
    moves = np.diff(table["close"])
    gains, losses = wilder(np.maximum(moves, 0), 14), wilder(np.maximum(-moves, 0), 14)
    np.testing.assert_allclose(one(table, "rsi:14")[1:], gains / (gains + losses), rtol=1e-9)


def test_macd_histogram(table):
    close = table["close"].to_numpy()
    macd = (ema(close, 12) - ema(close, 26))[25:]
    np.testing.assert_allclose(one(table, "macd_hist")[25:], (macd - ema(macd, 9)) / close[25:], atol=1e-12)


def test_atr_is_wilders_mean_of_the_true_range(table):
    high, low, close = (table[c].to_numpy() for c in ("high", "low", "close"))
    true = np.maximum(high[1:], close[:-1]) - np.minimum(low[1:], close[:-1])
    np.testing.assert_allclose(one(table, "atr_ratio:5")[1:], wilder(true, 5) / close[1:], rtol=1e-9)


def test_bollinger_bands(table):
    close = table["close"]
    mean, deviation = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    np.testing.assert_allclose(one(table, "bb_percent:20"), (close - mean + 2 * deviation) / (4 * deviation), atol=1e-6)
    np.testing.assert_allclose(one(table, "bb_width:20"), 4 * deviation / mean, atol=1e-9)


def test_ranges_and_rates(table):
    high, low, close = table["high"], table["low"], table["close"]
    top, bottom = high.rolling(10).max(), low.rolling(10).min()
    np.testing.assert_allclose(one(table, "williams:10"), (close - top) / (top - bottom), atol=1e-12)
    np.testing.assert_allclose(
        one(table, "stoch_k:10"), ((close - bottom) / (top - bottom)).rolling(3).mean(), atol=1e-12
    )
    np.testing.assert_allclose(one(table, "roc:7"), close / close.shift(7) - 1, atol=1e-12)


def test_cci_is_in_mean_deviations(table):
    price = table[["high", "low", "close"]].mean(axis=1)
    spread = price.rolling(20).apply(lambda p: np.abs(p - p.mean()).mean(), raw=True)
    np.testing.assert_allclose(one(table, "cci:20"), (price - price.rolling(20).mean()) / (1.5 * spread), atol=1e-9)


def test_obv_change_is_the_signed_volume(table):
    volume = table["volume"]
    expected = np.sign(table["close"].diff()) * volume / volume.rolling(10).mean()
    np.testing.assert_allclose(one(table, "obv_change:10")[9:], expected[9:], rtol=1e-9)


def test_means_and_lines_by_hand(table):
    close, volume = table["close"], table["volume"]
    np.testing.assert_allclose(one(table, "ema_ratio:10"), close / ema(close.to_numpy(), 10) - 1, atol=1e-12)
    weighted = (close * volume).rolling(10).sum() / volume.rolling(10).sum()
    np.testing.assert_allclose(one(table, "vwma_ratio:10"), close / weighted - 1, atol=1e-12)
    line = close.rolling(10).apply(lambda x: np.polyfit(np.arange(10), x, 1)[0], raw=True)
    np.testing.assert_allclose(one(table, "slope:10"), line / close, atol=1e-12)
    np.testing.assert_allclose(
        one(table, "detrended:10"), (close - close.rolling(10).mean().shift(6)) / close, atol=1e-12
    )
    path = close.diff().abs().rolling(10).sum()
    np.testing.assert_allclose(one(table, "efficiency:10"), close.diff(10).abs() / path, atol=1e-9)
    np.testing.assert_allclose(one(table, "up_share:10")[10:], (close.diff() > 0).rolling(10).mean()[10:], atol=1e-12)


def test_flows_by_hand(table):
    high, low, close, volume = (table[c] for c in ("high", "low", "close", "volume"))
    position, mean = (2 * close - high - low) / (high - low), volume.rolling(10).mean()
    flow = (position * volume).rolling(10).sum() / volume.rolling(10).sum()
    np.testing.assert_allclose(one(table, "money_flow:10"), flow, atol=1e-9)
    np.testing.assert_allclose(one(table, "ad_change:10")[9:], (position * volume / mean)[9:], atol=1e-6)
    np.testing.assert_allclose(one(table, "price_volume:10")[9:], (close.pct_change() * volume / mean)[9:], atol=1e-6)
    force = (close.diff() * volume).to_numpy()[1:]
    np.testing.assert_allclose(one(table, "force:10")[1:], ema(force, 10) / (close * mean)[1:], atol=1e-9)


def test_ranges_and_their_breaks_by_hand(table):
    high, low, close = table["high"], table["low"], table["close"]
    np.testing.assert_allclose(one(table, "balance_of_power"), (close - table["open"]) / (high - low), atol=1e-12)
    middle = (high + low) / 2
    np.testing.assert_allclose(
        one(table, "awesome"), (middle.rolling(5).mean() - middle.rolling(34).mean()) / close, atol=1e-12
    )
    old = high.rolling(11).apply(np.argmax, raw=True) - low.rolling(11).apply(np.argmin, raw=True)
    np.testing.assert_allclose(one(table, "aroon:10"), old / 10, atol=1e-12)
    near = (high.rolling(9).max() + low.rolling(9).min() + high.rolling(26).max() + low.rolling(26).min()) / 4
    cloud = (near + (high.rolling(52).max() + low.rolling(52).min()) / 2).shift(26) / 2
    np.testing.assert_allclose(one(table, "cloud"), 1 - cloud / close, atol=1e-12)


@pytest.mark.parametrize(
    ("text", "rising", "falling"),
    [("rsi:14", 1.0, 0.0), ("mfi:14", 1.0, 0.0), ("adx:14", 1.0, 1.0), ("stoch_k:14", 1.0, 0.0)],
)
def test_a_straight_line_reaches_the_ends_of_the_scale(text, rising, falling):
    line = np.linspace(100.0, 200.0, 80)
    for level, expected in ((line, rising), (line[::-1], falling)):
        table = pd.DataFrame(
            {"high": level, "low": level, "close": level, "volume": 10.0},
            index=pd.bdate_range("2020-01-01", periods=80),
        )
        assert one(table, text)[-1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("text", "middle"),
    [
        ("rsi:14", 0.5),
        ("bb_percent:20", 0.5),
        ("williams:14", -0.5),
        ("mfi:14", 0.5),
        ("cci:20", 0.0),
        ("macd_hist", 0.0),
    ],
)
def test_a_flat_series_is_in_the_middle_of_the_scale(text, middle):
    table = bars(0, 60)
    table.iloc[:] = [100.0, 100.0, 100.0, 100.0, 0.0]
    np.testing.assert_allclose(one(table, text)[40:], middle, atol=1e-12)


def test_an_indicator_without_a_result_says_how_many_rows_it_needs():
    inputs = pd.DataFrame({"level": [1.0, 2.0, 3.0]}, index=pd.bdate_range("2020-01-01", periods=3))
    with pytest.raises(FeatureError, match="at least 15 rows; got 3"):
        indicators.rsi(inputs, 14)


def test_the_library_is_imported_on_first_use_and_compiles_into_a_private_folder(tmp_path):
    code = (
        "import sys, core.features as f; assert 'pandas_ta_classic' not in sys.modules; "
        "from core.features import ta_backend; ta_backend.pandas_ta(); "
        "import os; print(os.environ['NUMBA_CACHE_DIR'])"
    )
    clean = {k: v for k, v in os.environ.items() if k != "NUMBA_CACHE_DIR"} | {"TMPDIR": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], env=clean, capture_output=True, text=True, check=True
    )
    folder = Path(run.stdout.strip())
    assert folder.parent == tmp_path and stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_cache_folder_that_others_can_write_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = Path(ta_backend._private_folder())
    assert ta_backend._private_folder() == str(folder)
    folder.chmod(0o777)
    assert ta_backend._private_folder() != str(folder)
    folder.rmdir()
    folder.symlink_to(tmp_path / "elsewhere")
    assert ta_backend._private_folder() != str(folder)
