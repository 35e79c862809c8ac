"""Indicators of trend: its age, its strength and the distance of the price from it, by pandas-ta-classic."""

import numpy as np
import pandas as pd

from core.features.feature import Feature, Parameter, Values
from core.features.ta_backend import answered, bars, library, settled


def aroon(inputs: pd.DataFrame, length: int) -> Values:
    """(sessions since the lowest low − sessions since the highest high of n) / n, −1 to 1 (Chande 1995)."""
    values = library().aroon(inputs["high"], inputs["low"], length=length, scalar=100, talib=False)
    return settled(values, inputs, rows=length, column=f"AROONOSC_{length}") / 100


def vortex(inputs: pd.DataFrame, length: int) -> Values:
    """(Σ|high_t − low_{t−1}| − Σ|low_t − high_{t−1}|) / Σ true range over n sessions (Botes & Siepman 2010)."""
    values = answered(library().vortex(*bars(inputs), length=length, drift=1), inputs, length)
    return settled(values[f"VTXP_{length}"] - values[f"VTXM_{length}"], inputs, rows=length)


def choppiness(inputs: pd.DataFrame, length: int) -> Values:
    """log₁₀(Σ true range / (highest high − lowest low)) / log₁₀ n over n sessions: near 0 trending, near 1 sideways."""
    with np.errstate(divide="ignore", invalid="ignore"):  # a stretch without any range has none to compare
        values = library().chop(*bars(inputs), length=length, atr_length=1, ln=False, scalar=100)
    return settled(values, inputs, rows=length, neutral=50.0) / 100


def psar_distance(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close − stop) / close, stop the parabolic stop-and-reverse with step 0.02 up to 0.2 (Wilder 1978)."""
    stops = answered(library().psar(*bars(inputs), af0=0.02, af=0.02, max_af=0.2, talib=False), inputs, 1)
    stop = stops["PSARl_0.02_0.2"].fillna(stops["PSARs_0.02_0.2"])
    return settled((inputs["close"] - stop) / inputs["close"], inputs, rows=1)


def supertrend_distance(inputs: pd.DataFrame, length: int) -> Values:
    """(close − line) / close, line the band (high + low) / 2 ± 3 average true ranges of n on the side of the trend."""
    values = library().supertrend(*bars(inputs), length=length, multiplier=3.0)
    line = settled(values, inputs, rows=length, column=f"SUPERT_{length}_3.0")
    return (inputs["close"] - line) / inputs["close"]


def ema_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / e_t − 1, e the exponential mean with weight 2 / (n + 1), begun with the mean of the first n."""
    mean = library().ema(inputs["level"], length=length, talib=False)
    return settled(inputs["level"] / answered(mean, inputs, length - 1) - 1.0, inputs, rows=length - 1)


def kama_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / k_t − 1, k the mean that is fast (2) in a clean move of n sessions, slow (30) in noise (Kaufman 1995)."""
    mean = library().kama(inputs["level"], length=length, fast=2, slow=30, drift=1, talib=False)
    return settled(inputs["level"] / answered(mean, inputs, _adaptive(length)) - 1.0, inputs, rows=_adaptive(length))


def slope(inputs: pd.DataFrame, length: int) -> Values:
    """Slope per session of the least-squares line through the last n levels, over the level."""
    values = library().linregslope(inputs["level"], length=length, talib=False)
    return settled(values, inputs, rows=length - 1) / inputs["level"]


def detrended(inputs: pd.DataFrame, length: int) -> Values:
    """(x_t − mean of n sessions, as it was n / 2 + 1 sessions ago) / x_t: the detrended price that looks back alone."""
    values = library().dpo(inputs["level"], length=length, centered=False)
    return settled(values, inputs, rows=length + length // 2) / inputs["level"]


def efficiency(inputs: pd.DataFrame, length: int) -> Values:
    """|x_t − x_{t−n}| / Σ|x_i − x_{i−1}| over n sessions: 1 for a straight move, 0 for noise (Kaufman 1995)."""
    values = library().er(inputs["level"], length=length, drift=1)
    return settled(values, inputs, rows=length)


def cloud(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close − middle of the Ichimoku cloud) / close; the cloud of today was drawn 26 sessions ago (9, 26, 52).

    The chikou span, the close of 26 sessions later, is left out: it looks ahead.
    """
    spans = library().ichimoku(*bars(inputs), tenkan=9, kijun=26, senkou=52, include_chikou=False, as_dataframe=True)
    lines = answered(spans, inputs, 77)
    return settled((inputs["close"] - (lines["ISA_9"] + lines["ISB_26"]) / 2) / inputs["close"], inputs, rows=77)


def _adaptive(length: int) -> int:
    return max(length - 1, 29)  # the library wants the 30 sessions of the slow mean


_TWO_WEEKS = Parameter(default=14, low=2, high=250)
_MONTH = Parameter(default=20, low=2, high=250)
_SHORT = Parameter(default=10, low=2, high=250)
_BARS = ("high", "low", "close")

FEATURES = (
    Feature(
        name="aroon",
        title="Aroon oscillator",
        family="trend",
        kind="past",
        parameter=Parameter(default=25, low=2, high=250),
        function=aroon,
        rows=lambda n: n,
        needs=("high", "low"),
        text="Whether the highest high or the lowest low of n sessions is the younger, −1 to 1.",
    ),
    Feature(
        name="vortex",
        title="Vortex",
        family="trend",
        kind="past",
        parameter=_TWO_WEEKS,
        function=vortex,
        rows=lambda n: n,
        needs=_BARS,
        text="Upward minus downward movement of n sessions over their true range.",
    ),
    Feature(
        name="choppiness",
        title="Choppiness",
        family="trend",
        kind="past",
        parameter=_TWO_WEEKS,
        function=choppiness,
        rows=lambda n: n,
        needs=_BARS,
        text="How little n sessions went anywhere: near 0 trending, near 1 sideways.",
    ),
    Feature(
        name="psar_distance",
        title="Distance to the parabolic stop",
        family="trend",
        kind="past",
        function=psar_distance,
        rows=lambda _: 1,
        needs=_BARS,
        positive=("close",),
        text="Close minus the parabolic stop-and-reverse, over the close.",
    ),
    Feature(
        name="supertrend_distance",
        title="Distance to the supertrend",
        family="trend",
        kind="past",
        parameter=_SHORT,
        function=supertrend_distance,
        rows=lambda n: n,
        needs=_BARS,
        positive=("close",),
        text="Close minus the supertrend line (3 true ranges of n sessions), over the close.",
    ),
    Feature(
        name="ema_ratio",
        title="Level over its exponential mean",
        family="trend",
        kind="past",
        parameter=_MONTH,
        function=ema_ratio,
        rows=lambda n: n - 1,
        needs=("level",),
        positive=("level",),
        text="Level over its exponential mean of n sessions, minus 1.",
    ),
    Feature(
        name="kama_ratio",
        title="Level over its adaptive mean",
        family="trend",
        kind="past",
        parameter=_SHORT,
        function=kama_ratio,
        rows=_adaptive,
        needs=("level",),
        positive=("level",),
        text="Level over Kaufman's adaptive mean of n sessions, minus 1.",
    ),
    Feature(
        name="slope",
        title="Slope of the trend line",
        family="trend",
        kind="past",
        parameter=_MONTH,
        function=slope,
        rows=lambda n: n - 1,
        needs=("level",),
        positive=("level",),
        text="Slope a session of the line through n levels, over the level.",
    ),
    Feature(
        name="detrended",
        title="Detrended price",
        family="trend",
        kind="past",
        parameter=_MONTH,
        function=detrended,
        rows=lambda n: n + n // 2,
        needs=("level",),
        positive=("level",),
        text="Level minus its mean of n sessions as it was n / 2 + 1 sessions ago, over the level.",
    ),
    Feature(
        name="efficiency",
        title="Efficiency ratio",
        family="trend",
        kind="past",
        parameter=_SHORT,
        function=efficiency,
        rows=lambda n: n,
        needs=("level",),
        text="Net move of n sessions over the path that led there, 0 to 1.",
    ),
    Feature(
        name="cloud",
        title="Distance to the Ichimoku cloud",
        family="trend",
        kind="past",
        function=cloud,
        rows=lambda _: 77,
        needs=_BARS,
        positive=("close",),
        text="Close minus the middle of the Ichimoku cloud (9, 26, 52), over the close.",
    ),
)
