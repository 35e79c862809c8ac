"""Indicators of technical analysis, computed by pandas-ta-classic and divided into units that need no price."""

import pandas as pd

from core.features.feature import Feature, Parameter, Values
from core.features.ta_backend import answered, bars, library, mean_volume, settled

FLAT = 1e-9  # a band narrower than this share of the level is rounding noise


def rsi(inputs: pd.DataFrame, length: int) -> Values:
    """Relative strength, 0 to 1: gains / (gains + losses), both Wilder means of n changes; 0.5 where nothing moved."""
    values = library().rsi(inputs["level"], length=length, scalar=100, drift=1, talib=False)
    return settled(values, inputs, rows=length, neutral=50.0) / 100


def macd_hist(inputs: pd.DataFrame, _: None = None) -> Values:
    """(MACD − its 9-session EMA) / level, with MACD = EMA of 12 − EMA of 26 sessions (Appel 1979)."""
    level = inputs["level"]
    values = library().macd(level, fast=12, slow=26, signal=9, talib=False)
    return settled(values, inputs, rows=33, column="MACDh_12_26_9") / level


def bb_percent(inputs: pd.DataFrame, length: int) -> Values:
    """Place within the Bollinger bands (mean ± 2 deviations of n sessions): 0 lower, 1 upper, 0.5 where flat."""
    bands = _bands(inputs, length)
    place = settled(bands, inputs, rows=length - 1, neutral=0.5, column=f"BBP_{length}_2.0")
    return place.mask(bands[f"BBB_{length}_2.0"].abs() <= 100 * FLAT, 0.5)


def bb_width(inputs: pd.DataFrame, length: int) -> Values:
    """(upper − lower) / mean of the Bollinger bands over n sessions: four deviations as a share of the level."""
    return settled(_bands(inputs, length), inputs, rows=length - 1, column=f"BBB_{length}_2.0") / 100


def atr_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """Average true range over close: Wilder mean of max(high − low, |high − c|, |low − c|), c the close before."""
    values = library().atr(*bars(inputs), length=length, mamode="rma", drift=1, talib=False)
    return settled(values, inputs, rows=length) / inputs["close"]


def roc(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / x_{t−n} − 1, a fraction."""
    values = library().roc(inputs["level"], length=length, scalar=100, talib=False)
    return settled(values, inputs, rows=length) / 100


def stoch_k(inputs: pd.DataFrame, length: int) -> Values:
    """Mean over 3 sessions of (close − L) / (H − L), with H the highest high and L the lowest low of n; 0 to 1."""
    values = library().stoch(*bars(inputs), k=length, d=1, smooth_k=3, mamode="sma", talib=False)
    return settled(values, inputs, rows=length + 1, column=f"STOCHk_{length}_1_3") / 100


def williams(inputs: pd.DataFrame, length: int) -> Values:
    """(close − H) / (H − L), H the highest high and L the lowest low of n: −1 at the low, 0 at the high."""
    values = library().willr(*bars(inputs), length=length, talib=False)
    return settled(values, inputs, rows=length - 1, neutral=-50.0) / 100


def cci(inputs: pd.DataFrame, length: int) -> Values:
    """(p − mean p) / (1.5 · mean absolute deviation of p), p = (high + low + close) / 3 over n: Lambert's over 100."""
    values = library().cci(*bars(inputs), length=length, c=0.015, talib=False)
    return settled(values, inputs, rows=length - 1) / 100


def adx(inputs: pd.DataFrame, length: int) -> Values:
    """Average directional index, 0 (no trend) to 1: Wilder mean of |D⁺ − D⁻| / (D⁺ + D⁻) (Wilder 1978)."""
    values = library().adx(*bars(inputs), length=length, lensig=length, scalar=100, mamode="rma", drift=1, talib=False)
    return settled(values, inputs, rows=2 * length - 1, column=f"ADX_{length}") / 100


def mfi(inputs: pd.DataFrame, length: int) -> Values:
    """Money flow, 0 to 1: price × volume of the rising sessions among the last n over that of all; 0.5 without any."""
    values = library().mfi(*bars(inputs), inputs["volume"], length=length, drift=1, talib=False)
    return (settled(values, inputs, rows=length, neutral=50.0) / 100).clip(0.0, 1.0)


def obv_change(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the on-balance volume (± v_t, the sign of the return) over the mean volume of n sessions.

    The running total itself depends on the day at which the data begin, its change does not.
    """
    total = library().obv(inputs["level"], inputs["volume"], talib=False)
    return settled(total.diff() / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def _bands(inputs: pd.DataFrame, length: int) -> pd.DataFrame:
    bands = library().bbands(inputs["level"], length=length, std=2.0, ddof=0, mamode="sma", talib=False)
    return answered(bands, inputs, length - 1)


def _window(length: int) -> int:
    return length - 1


def _lag(length: int) -> int:
    return length


_TWO_WEEKS = Parameter(default=14, low=2, high=250)
_MONTH = Parameter(default=20, low=2, high=250)
_BARS = ("high", "low", "close")

FEATURES = (
    Feature(
        name="rsi",
        title="Relative strength index",
        family="momentum",
        kind="past",
        parameter=_TWO_WEEKS,
        function=rsi,
        rows=_lag,
        needs=("level",),
        text="Share of gains in the movement of n sessions, 0 to 1.",
    ),
    Feature(
        name="macd_hist",
        title="MACD histogram",
        family="trend",
        kind="past",
        function=macd_hist,
        rows=lambda _: 33,
        needs=("level",),
        positive=("level",),
        text="MACD (12, 26) minus its signal line (9), over the level.",
    ),
    Feature(
        name="bb_percent",
        title="Place in the Bollinger bands",
        family="volatility",
        kind="past",
        parameter=_MONTH,
        function=bb_percent,
        rows=_window,
        needs=("level",),
        text="0 at the lower and 1 at the upper Bollinger band of n sessions.",
    ),
    Feature(
        name="bb_width",
        title="Width of the Bollinger bands",
        family="volatility",
        kind="past",
        parameter=_MONTH,
        function=bb_width,
        rows=_window,
        needs=("level",),
        positive=("level",),
        text="Width of the Bollinger bands of n sessions over their middle.",
    ),
    Feature(
        name="atr_ratio",
        title="Average true range",
        family="volatility",
        kind="past",
        parameter=_TWO_WEEKS,
        function=atr_ratio,
        rows=_lag,
        needs=_BARS,
        positive=("close",),
        text="Average true range of n sessions over the close.",
    ),
    Feature(
        name="roc",
        title="Rate of change",
        family="momentum",
        kind="past",
        parameter=Parameter(default=10, low=1, high=250),
        function=roc,
        rows=_lag,
        needs=("level",),
        positive=("level",),
        text="Change of the level over n sessions as a fraction.",
    ),
    Feature(
        name="stoch_k",
        title="Stochastic %K",
        family="momentum",
        kind="past",
        parameter=_TWO_WEEKS,
        function=stoch_k,
        rows=lambda n: n + 1,
        needs=_BARS,
        text="Place of the close in the range of n sessions, mean of 3, 0 to 1.",
    ),
    Feature(
        name="williams",
        title="Williams %R",
        family="momentum",
        kind="past",
        parameter=_TWO_WEEKS,
        function=williams,
        rows=_window,
        needs=_BARS,
        text="Place of the close below the highest high of n sessions, −1 to 0.",
    ),
    Feature(
        name="cci",
        title="Commodity channel index",
        family="momentum",
        kind="past",
        parameter=_MONTH,
        function=cci,
        rows=_window,
        needs=_BARS,
        text="Distance of the typical price from its mean of n sessions in mean deviations, over 1.5.",
    ),
    Feature(
        name="adx",
        title="Average directional index",
        family="trend",
        kind="past",
        parameter=_TWO_WEEKS,
        function=adx,
        rows=lambda n: 2 * n - 1,
        needs=_BARS,
        text="Strength of the trend, 0 to 1.",
    ),
    Feature(
        name="mfi",
        title="Money flow index",
        family="volume",
        kind="past",
        parameter=_TWO_WEEKS,
        function=mfi,
        rows=_lag,
        needs=(*_BARS, "volume"),
        text="Share of rising sessions in the money traded in n, 0 to 1.",
    ),
    Feature(
        name="obv_change",
        title="On-balance volume, change",
        family="volume",
        kind="past",
        parameter=_MONTH,
        function=obv_change,
        rows=lambda n: max(1, n - 1),
        needs=("level", "volume"),
        text="Volume with the sign of the return, over the mean volume of n sessions.",
    ),
)
