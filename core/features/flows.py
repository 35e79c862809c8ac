"""Indicators of money flowing in and out and of how far the price swings, computed by pandas-ta-classic."""

import pandas as pd

from core.features.feature import Feature, Parameter, Values
from core.features.ta_backend import answered, bars, library, mean_volume, settled


def keltner_place(inputs: pd.DataFrame, length: int) -> Values:
    """(close − m) / (2 r), m and r the exponential means over n of close and true range: ±1 on the Keltner channel."""
    found = answered(library().kc(*bars(inputs), length=length, scalar=2.0, tr=True, mamode="ema"), inputs, length)
    middle, upper = found[f"KCBe_{length}_2.0"], found[f"KCUe_{length}_2.0"]
    width = (upper - middle).where(upper - middle > 1e-9 * middle.abs())
    return settled((inputs["close"] - middle) / width, inputs, rows=length)


def ulcer(inputs: pd.DataFrame, length: int) -> Values:
    """Root mean square over n sessions of the fall from the highest level of n, a fraction (Martin 1987)."""
    values = library().ui(inputs["level"], length=length, scalar=100)
    return settled(values, inputs, rows=2 * length - 2) / 100


def mass_index(inputs: pd.DataFrame, _: None = None) -> Values:
    """Mean over 25 sessions of EMA₉ / EMA₉(EMA₉) of high − low, minus 1: above 0 as ranges widen (Dorsey 1992)."""
    values = library().massi(inputs["high"], inputs["low"], fast=9, slow=25)
    return settled(values, inputs, rows=40, neutral=25.0) / 25 - 1.0


def relative_volatility(inputs: pd.DataFrame, length: int) -> Values:
    """Share of the deviation of n sessions that fell on rising ones, exponential mean of n; 0 to 1 (Dorsey 1993)."""
    values = library().rvi(
        inputs["level"], length=length, scalar=100, refined=False, thirds=False, mamode="ema", drift=1
    )
    return settled(values, inputs, rows=2 * length - 2, neutral=50.0) / 100


def money_flow(inputs: pd.DataFrame, length: int) -> Values:
    """Σ place · volume / Σ volume over n sessions, place of the close in its day from −1 to 1 (Chaikin)."""
    values = library().cmf(*bars(inputs), inputs["volume"], length=length)
    return settled(
        values.where(mean_volume(inputs, length).notna()) if values is not None else None, inputs, rows=length - 1
    )


def ad_change(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the accumulation/distribution line (place of the close in its day · v_t) over the mean volume of n."""
    total = answered(library().ad(*bars(inputs), inputs["volume"], talib=False), inputs, 1)
    return settled(total.diff() / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def force(inputs: pd.DataFrame, length: int) -> Values:
    """Exponential mean over n of (x_t − x_{t−1}) · v_t, over level and mean volume of n (Elder 1993)."""
    values = library().efi(inputs["level"], inputs["volume"], length=length, mamode="ema", drift=1)
    scale = inputs["level"] * mean_volume(inputs, length)
    return settled(answered(values, inputs, length) / scale, inputs, rows=length)


def price_volume(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the price-volume trend: (x_t / x_{t−1} − 1) · v_t over the mean volume of n sessions."""
    total = answered(library().pvt(inputs["level"], inputs["volume"], drift=1), inputs, 1)
    moved = total.diff().fillna(total) / 100  # the running total itself begins with its first change
    return settled(moved / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def volume_oscillator(inputs: pd.DataFrame, _: None = None) -> Values:
    """EMA₁₂ / EMA₂₆ of the volume, minus 1."""
    values = library().pvo(inputs["volume"], fast=12, slow=26, signal=9, scalar=100)
    return settled(values, inputs, rows=25, column="PVO_12_26_9") / 100


def klinger(inputs: pd.DataFrame, _: None = None) -> Values:
    """(EMA₃₄ − EMA₅₅ of the volume, signed by the change of (high + low + close) / 3), over the mean volume of 55."""
    values = library().kvo(*bars(inputs), inputs["volume"], fast=34, slow=55, signal=13, mamode="ema")
    flow = settled(values, inputs, rows=66, column="KVO_34_55_13")
    return settled(flow / mean_volume(inputs, 55), inputs, rows=66)


def vwma_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / (Σ v x / Σ v over n sessions) − 1; 0 where nothing was traded in any of them."""
    mean = answered(library().vwma(inputs["level"], inputs["volume"], length=length), inputs, length - 1)
    traded = mean_volume(inputs, length).notna()
    return settled((inputs["level"] / mean - 1.0).where(traded), inputs, rows=length - 1)


_TWO_WEEKS = Parameter(default=14, low=2, high=250)
_MONTH = Parameter(default=20, low=2, high=250)
_BARS = ("high", "low", "close")

FEATURES = (
    Feature(
        name="keltner_place",
        title="Place in the Keltner channel",
        family="volatility",
        kind="past",
        parameter=_MONTH,
        function=keltner_place,
        rows=lambda n: n,
        needs=_BARS,
        text="Close minus its exponential mean of n sessions in units of two true ranges.",
    ),
    Feature(
        name="ulcer",
        title="Ulcer index",
        family="volatility",
        kind="past",
        parameter=_TWO_WEEKS,
        function=ulcer,
        rows=lambda n: 2 * n - 2,
        needs=("level",),
        positive=("level",),
        text="Root mean square fall from the highest level of n sessions.",
    ),
    Feature(
        name="mass_index",
        title="Mass index",
        family="volatility",
        kind="past",
        function=mass_index,
        rows=lambda _: 40,
        needs=("high", "low"),
        text="Above 0 when the day's ranges of 25 sessions widen.",
    ),
    Feature(
        name="relative_volatility",
        title="Relative volatility index",
        family="volatility",
        kind="past",
        parameter=_TWO_WEEKS,
        function=relative_volatility,
        rows=lambda n: 2 * n - 2,
        needs=("level",),
        text="Share of the volatility of n sessions that fell on rising ones, 0 to 1.",
    ),
    Feature(
        name="money_flow",
        title="Chaikin money flow",
        family="volume",
        kind="past",
        parameter=_MONTH,
        function=money_flow,
        rows=lambda n: n - 1,
        needs=(*_BARS, "volume"),
        text="Place of the close in its day, weighted by the volume of n sessions, −1 to 1.",
    ),
    Feature(
        name="ad_change",
        title="Accumulation/distribution, change",
        family="volume",
        kind="past",
        parameter=_MONTH,
        function=ad_change,
        rows=lambda n: max(1, n - 1),
        needs=(*_BARS, "volume"),
        text="Volume signed by the place of the close in its day, over the mean volume of n sessions.",
    ),
    Feature(
        name="force",
        title="Force index",
        family="volume",
        kind="past",
        parameter=Parameter(default=13, low=2, high=250),
        function=force,
        rows=lambda n: n,
        needs=("level", "volume"),
        positive=("level",),
        text="Smoothed change times volume over level and mean volume of n sessions.",
    ),
    Feature(
        name="price_volume",
        title="Price-volume trend, change",
        family="volume",
        kind="past",
        parameter=_MONTH,
        function=price_volume,
        rows=lambda n: max(1, n - 1),
        needs=("level", "volume"),
        positive=("level",),
        text="Return times volume over the mean volume of n sessions.",
    ),
    Feature(
        name="volume_oscillator",
        title="Volume oscillator",
        family="volume",
        kind="past",
        function=volume_oscillator,
        rows=lambda _: 25,
        needs=("volume",),
        text="Exponential mean of the volume of 12 sessions over that of 26, minus 1.",
    ),
    Feature(
        name="klinger",
        title="Klinger oscillator",
        family="volume",
        kind="past",
        function=klinger,
        rows=lambda _: 66,
        needs=(*_BARS, "volume"),
        text="Signed volume of 34 sessions minus that of 55, over the mean volume.",
    ),
    Feature(
        name="vwma_ratio",
        title="Level over its volume-weighted mean",
        family="volume",
        kind="past",
        parameter=_MONTH,
        function=vwma_ratio,
        rows=lambda n: n - 1,
        needs=("level", "volume"),
        positive=("level",),
        text="Level over its volume-weighted mean of n sessions, minus 1.",
    ),
)
