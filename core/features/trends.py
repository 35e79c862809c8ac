"""Trend indicators: age, strength and distance of the price from the trend, computed by pandas-ta-classic."""

import numpy as np
import pandas as pd

from core.features.feature import BARS, MONTH, TWO_WEEKS, Feature, Parameter, Values, lag_rows, one_row, window_rows
from core.features.ta_backend import fill_undefined, high_low_close, pandas_ta, require_result


def aroon(inputs: pd.DataFrame, length: int) -> Values:
    """(steps since the lowest low − steps since the highest high of n) / n, −1 to 1 (Chande 1995)."""
    values = pandas_ta().aroon(inputs["high"], inputs["low"], length=length, scalar=100, talib=False)
    return fill_undefined(values, inputs, rows=length, column=f"AROONOSC_{length}") / 100


def vortex(inputs: pd.DataFrame, length: int) -> Values:
    """(Σ|high_t − low_{t−1}| − Σ|low_t − high_{t−1}|) / Σ true range over n steps (Botes & Siepman 2010)."""
    values = require_result(pandas_ta().vortex(*high_low_close(inputs), length=length, drift=1), inputs, length)
    return fill_undefined(values[f"VTXP_{length}"] - values[f"VTXM_{length}"], inputs, rows=length)


def choppiness(inputs: pd.DataFrame, length: int) -> Values:
    """log₁₀(Σ true range / (highest high − lowest low)) / log₁₀ n over n steps: near 0 trending, near 1 sideways."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a window in which the price does not move
        values = pandas_ta().chop(*high_low_close(inputs), length=length, atr_length=1, ln=False, scalar=100)
    return fill_undefined(values, inputs, rows=length, neutral=50.0) / 100


def psar_distance(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close − stop) / close, stop the parabolic stop-and-reverse with step 0.02 up to 0.2 (Wilder 1978)."""
    stops = require_result(
        pandas_ta().psar(*high_low_close(inputs), af0=0.02, af=0.02, max_af=0.2, talib=False), inputs, 1
    )
    stop = stops["PSARl_0.02_0.2"].fillna(stops["PSARs_0.02_0.2"])
    return fill_undefined((inputs["close"] - stop) / inputs["close"], inputs, rows=1)


def supertrend_distance(inputs: pd.DataFrame, length: int) -> Values:
    """(close − line) / close, line the band (high + low) / 2 ± 3 average true ranges of n on the side of the trend."""
    values = pandas_ta().supertrend(*high_low_close(inputs), length=length, multiplier=3.0)
    line = fill_undefined(values, inputs, rows=length, column=f"SUPERT_{length}_3.0")
    return (inputs["close"] - line) / inputs["close"]


def ema_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / e_t − 1, e the exponential mean with weight 2 / (n + 1), starting from the mean of the first n."""
    mean = pandas_ta().ema(inputs["level"], length=length, talib=False)
    return fill_undefined(inputs["level"] / require_result(mean, inputs, length - 1) - 1.0, inputs, rows=length - 1)


def kama_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / k_t − 1, k the mean that is fast (2) in a straight move of n steps, slow (30) in noise (Kaufman 1995)."""
    mean = pandas_ta().kama(inputs["level"], length=length, fast=2, slow=30, drift=1, talib=False)
    return fill_undefined(
        inputs["level"] / require_result(mean, inputs, _adaptive(length)) - 1.0, inputs, rows=_adaptive(length)
    )


def slope(inputs: pd.DataFrame, length: int) -> Values:
    """Slope per step of the least-squares line through the last n levels, over the level."""
    values = pandas_ta().linregslope(inputs["level"], length=length, talib=False)
    return fill_undefined(values, inputs, rows=length - 1) / inputs["level"]


def detrended(inputs: pd.DataFrame, length: int) -> Values:
    """(x_t − mean of n steps, as it was n / 2 + 1 steps ago) / x_t: the detrended price that only looks back."""
    values = pandas_ta().dpo(inputs["level"], length=length, centered=False)
    return fill_undefined(values, inputs, rows=length + length // 2) / inputs["level"]


def efficiency(inputs: pd.DataFrame, length: int) -> Values:
    """|x_t − x_{t−n}| / Σ|x_i − x_{i−1}| over n steps: 1 for a straight move, 0 for noise (Kaufman 1995)."""
    values = pandas_ta().er(inputs["level"], length=length, drift=1)
    return fill_undefined(values, inputs, rows=length)


def cloud(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close − middle of the Ichimoku cloud) / close; today's cloud was drawn 26 steps ago (9, 26, 52).

    The chikou span, the close 26 steps later, is left out: it looks ahead.
    """
    spans = pandas_ta().ichimoku(
        *high_low_close(inputs), tenkan=9, kijun=26, senkou=52, include_chikou=False, as_dataframe=True
    )
    lines = require_result(spans, inputs, 77)
    return fill_undefined((inputs["close"] - (lines["ISA_9"] + lines["ISB_26"]) / 2) / inputs["close"], inputs, rows=77)


def _adaptive(length: int) -> int:
    return max(length - 1, 29)  # the library needs the 30 steps of the slow mean


_SHORT = Parameter(default=10, low=2, high=250)

FEATURES = (
    Feature(
        name="aroon",
        title="Aroon oscillator",
        family="trend",
        parameter=Parameter(default=25, low=2, high=250),
        function=aroon,
        rows=lag_rows,
        needs=("high", "low"),
        text="Whether the highest high or the lowest low of n steps is more recent, −1 to 1.",
    ),
    Feature(
        name="vortex",
        title="Vortex",
        family="trend",
        parameter=TWO_WEEKS,
        function=vortex,
        rows=lag_rows,
        needs=BARS,
        text="Upward minus downward movement of n steps over their true range.",
    ),
    Feature(
        name="choppiness",
        title="Choppiness",
        family="trend",
        parameter=TWO_WEEKS,
        function=choppiness,
        rows=lag_rows,
        needs=BARS,
        text="Path of n steps compared with their range: near 0 trending, near 1 sideways.",
    ),
    Feature(
        name="psar_distance",
        title="Distance to the parabolic stop",
        family="trend",
        function=psar_distance,
        rows=one_row,
        needs=BARS,
        positive=("close",),
        text="Close minus the parabolic stop-and-reverse, over the close.",
    ),
    Feature(
        name="supertrend_distance",
        title="Distance to the supertrend",
        family="trend",
        parameter=_SHORT,
        function=supertrend_distance,
        rows=lag_rows,
        needs=BARS,
        positive=("close",),
        text="Close minus the supertrend line (3 true ranges of n steps), over the close.",
    ),
    Feature(
        name="ema_ratio",
        title="Level over its exponential mean",
        family="trend",
        parameter=MONTH,
        function=ema_ratio,
        rows=window_rows,
        needs=("level",),
        positive=("level",),
        text="Level over its exponential mean of n steps, minus 1.",
    ),
    Feature(
        name="kama_ratio",
        title="Level over its adaptive mean",
        family="trend",
        parameter=_SHORT,
        function=kama_ratio,
        rows=_adaptive,
        needs=("level",),
        positive=("level",),
        text="Level over Kaufman's adaptive mean of n steps, minus 1.",
    ),
    Feature(
        name="slope",
        title="Slope of the trend line",
        family="trend",
        parameter=MONTH,
        function=slope,
        rows=window_rows,
        needs=("level",),
        positive=("level",),
        text="Slope per step of the line through n levels, over the level.",
    ),
    Feature(
        name="detrended",
        title="Detrended price",
        family="trend",
        parameter=MONTH,
        function=detrended,
        rows=lambda n: n + n // 2,
        needs=("level",),
        positive=("level",),
        text="Level minus its mean of n steps as it was n / 2 + 1 steps ago, over the level.",
    ),
    Feature(
        name="efficiency",
        title="Efficiency ratio",
        family="trend",
        parameter=_SHORT,
        function=efficiency,
        rows=lag_rows,
        needs=("level",),
        text="Net move of n steps over the length of their path, 0 to 1.",
    ),
    Feature(
        name="cloud",
        title="Distance to the Ichimoku cloud",
        family="trend",
        function=cloud,
        rows=lambda _: 77,
        needs=BARS,
        positive=("close",),
        text="Close minus the middle of the Ichimoku cloud (9, 26, 52), over the close.",
    ),
)
