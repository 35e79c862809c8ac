"""Indicators of volume, money flow and volatility, computed by pandas-ta-classic."""

import pandas as pd

from core.features.feature import BARS, MONTH, TWO_WEEKS, Feature, Parameter, Values, lag_rows, window_rows
from core.features.ta_backend import fill_undefined, high_low_close, mean_volume, pandas_ta, require_result


def keltner_place(inputs: pd.DataFrame, length: int) -> Values:
    """(close − m) / (2 r), m and r exponential means over n of close and true range: ±1 at the Keltner channel."""
    channel = require_result(
        pandas_ta().kc(*high_low_close(inputs), length=length, scalar=2.0, tr=True, mamode="ema"), inputs, length
    )
    middle, upper = channel[f"KCBe_{length}_2.0"], channel[f"KCUe_{length}_2.0"]
    width = (upper - middle).where(upper - middle > 1e-9 * middle.abs())
    return fill_undefined((inputs["close"] - middle) / width, inputs, rows=length)


def ulcer(inputs: pd.DataFrame, length: int) -> Values:
    """Root mean square over n steps of the drawdown from the highest level of n, a fraction (Martin 1987)."""
    values = pandas_ta().ui(inputs["level"], length=length, scalar=100)
    return fill_undefined(values, inputs, rows=2 * length - 2) / 100


def mass_index(inputs: pd.DataFrame, _: None = None) -> Values:
    """Mean over 25 steps of EMA₉ / EMA₉(EMA₉) of high − low, minus 1: above 0 as ranges widen (Dorsey 1992)."""
    values = pandas_ta().massi(inputs["high"], inputs["low"], fast=9, slow=25)
    return fill_undefined(values, inputs, rows=40, neutral=25.0) / 25 - 1.0


def relative_volatility(inputs: pd.DataFrame, length: int) -> Values:
    """Share of the standard deviation of n steps in rising ones, exponential mean of n; 0 to 1 (Dorsey 1993)."""
    values = pandas_ta().rvi(
        inputs["level"], length=length, scalar=100, refined=False, thirds=False, mamode="ema", drift=1
    )
    return fill_undefined(values, inputs, rows=2 * length - 2, neutral=50.0) / 100


def money_flow(inputs: pd.DataFrame, length: int) -> Values:
    """Σ p · volume / Σ volume over n steps, p the position of the close in its bar from −1 to 1 (Chaikin)."""
    values = pandas_ta().cmf(*high_low_close(inputs), inputs["volume"], length=length)
    return fill_undefined(
        values.where(mean_volume(inputs, length).notna()) if values is not None else None, inputs, rows=length - 1
    )


def ad_change(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the accumulation/distribution line (position of the close in its bar · v_t) over mean volume of n."""
    total = require_result(pandas_ta().ad(*high_low_close(inputs), inputs["volume"], talib=False), inputs, 1)
    return fill_undefined(total.diff() / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def force(inputs: pd.DataFrame, length: int) -> Values:
    """Exponential mean over n of (x_t − x_{t−1}) · v_t, over level and mean volume of n (Elder 1993)."""
    values = pandas_ta().efi(inputs["level"], inputs["volume"], length=length, mamode="ema", drift=1)
    scale = inputs["level"] * mean_volume(inputs, length)
    return fill_undefined(require_result(values, inputs, length) / scale, inputs, rows=length)


def price_volume(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the price-volume trend: (x_t / x_{t−1} − 1) · v_t over the mean volume of n steps."""
    total = require_result(pandas_ta().pvt(inputs["level"], inputs["volume"], drift=1), inputs, 1)
    change = total.diff().fillna(total) / 100  # the running total begins with its first change
    return fill_undefined(change / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def volume_oscillator(inputs: pd.DataFrame, _: None = None) -> Values:
    """EMA₁₂ / EMA₂₆ of the volume, minus 1."""
    values = pandas_ta().pvo(inputs["volume"], fast=12, slow=26, signal=9, scalar=100)
    return fill_undefined(values, inputs, rows=25, column="PVO_12_26_9") / 100


def klinger(inputs: pd.DataFrame, _: None = None) -> Values:
    """(EMA₃₄ − EMA₅₅ of the volume, signed by the change of (high + low + close) / 3), over the mean volume of 55."""
    values = pandas_ta().kvo(*high_low_close(inputs), inputs["volume"], fast=34, slow=55, signal=13, mamode="ema")
    flow = fill_undefined(values, inputs, rows=66, column="KVO_34_55_13")
    return fill_undefined(flow / mean_volume(inputs, 55), inputs, rows=66)


def vwma_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / (Σ v x / Σ v over n steps) − 1; 0 if nothing was traded in them."""
    mean = require_result(pandas_ta().vwma(inputs["level"], inputs["volume"], length=length), inputs, length - 1)
    traded = mean_volume(inputs, length).notna()
    return fill_undefined((inputs["level"] / mean - 1.0).where(traded), inputs, rows=length - 1)


FEATURES = (
    Feature(
        name="keltner_place",
        title="Position in the Keltner channel",
        family="volatility",
        parameter=MONTH,
        function=keltner_place,
        rows=lag_rows,
        needs=BARS,
        text="Close minus its exponential mean of n steps, in units of two true ranges.",
    ),
    Feature(
        name="ulcer",
        title="Ulcer index",
        family="volatility",
        parameter=TWO_WEEKS,
        function=ulcer,
        rows=lambda n: 2 * n - 2,
        needs=("level",),
        positive=("level",),
        text="Root mean square drawdown from the highest level of n steps.",
    ),
    Feature(
        name="mass_index",
        title="Mass index",
        family="volatility",
        function=mass_index,
        rows=lambda _: 40,
        needs=("high", "low"),
        text="Above 0 as the ranges of 25 steps widen.",
    ),
    Feature(
        name="relative_volatility",
        title="Relative volatility index",
        family="volatility",
        parameter=TWO_WEEKS,
        function=relative_volatility,
        rows=lambda n: 2 * n - 2,
        needs=("level",),
        text="Share of the volatility of n steps in rising ones, 0 to 1.",
    ),
    Feature(
        name="money_flow",
        title="Chaikin money flow",
        family="volume",
        parameter=MONTH,
        function=money_flow,
        rows=window_rows,
        needs=(*BARS, "volume"),
        text="Position of the close in its bar, weighted by the volume of n steps, −1 to 1.",
    ),
    Feature(
        name="ad_change",
        title="Accumulation/distribution, change",
        family="volume",
        parameter=MONTH,
        function=ad_change,
        rows=lambda n: max(1, n - 1),
        needs=(*BARS, "volume"),
        text="Volume times the position of the close in its bar, over the mean volume of n steps.",
    ),
    Feature(
        name="force",
        title="Force index",
        family="volume",
        parameter=Parameter(default=13, low=2, high=250),
        function=force,
        rows=lag_rows,
        needs=("level", "volume"),
        positive=("level",),
        text="Smoothed change times volume over level and mean volume of n steps.",
    ),
    Feature(
        name="price_volume",
        title="Price-volume trend, change",
        family="volume",
        parameter=MONTH,
        function=price_volume,
        rows=lambda n: max(1, n - 1),
        needs=("level", "volume"),
        positive=("level",),
        text="Return times volume over the mean volume of n steps.",
    ),
    Feature(
        name="volume_oscillator",
        title="Volume oscillator",
        family="volume",
        function=volume_oscillator,
        rows=lambda _: 25,
        needs=("volume",),
        text="Exponential mean of the volume of 12 steps over that of 26, minus 1.",
    ),
    Feature(
        name="klinger",
        title="Klinger oscillator",
        family="volume",
        function=klinger,
        rows=lambda _: 66,
        needs=(*BARS, "volume"),
        text="Signed volume of 34 steps minus that of 55, over the mean volume.",
    ),
    Feature(
        name="vwma_ratio",
        title="Level over its volume-weighted mean",
        family="volume",
        parameter=MONTH,
        function=vwma_ratio,
        rows=window_rows,
        needs=("level", "volume"),
        positive=("level",),
        text="Level over its volume-weighted mean of n steps, minus 1.",
    ),
)
