"""Well-known indicators of technical analysis, computed by pandas-ta-classic and scaled to units without a price."""

import pandas as pd

from core.features.feature import BARS, MONTH, TWO_WEEKS, Feature, Parameter, Values, lag_rows, window_rows
from core.features.ta_backend import fill_undefined, high_low_close, mean_volume, pandas_ta, require_result

FLAT = 1e-9  # bands narrower than this share of the level are rounding noise


def rsi(inputs: pd.DataFrame, length: int) -> Values:
    """Relative strength, 0 to 1: gains / (gains + losses), both Wilder means of n changes; 0.5 if nothing moved."""
    values = pandas_ta().rsi(inputs["level"], length=length, scalar=100, drift=1, talib=False)
    return fill_undefined(values, inputs, rows=length, neutral=50.0) / 100


def macd_hist(inputs: pd.DataFrame, _: None = None) -> Values:
    """(MACD − its 9-step EMA) / level, with MACD = EMA of 12 − EMA of 26 steps (Appel 1979)."""
    level = inputs["level"]
    values = pandas_ta().macd(level, fast=12, slow=26, signal=9, talib=False)
    return fill_undefined(values, inputs, rows=33, column="MACDh_12_26_9") / level


def bb_percent(inputs: pd.DataFrame, length: int) -> Values:
    """Position in the Bollinger bands (mean ± 2 standard deviations of n steps): 0 lower, 1 upper, 0.5 if flat."""
    bands = _bands(inputs, length)
    position = fill_undefined(bands, inputs, rows=length - 1, neutral=0.5, column=f"BBP_{length}_2.0")
    return position.mask(bands[f"BBB_{length}_2.0"].abs() <= 100 * FLAT, 0.5)


def bb_width(inputs: pd.DataFrame, length: int) -> Values:
    """(upper − lower) / mean of the Bollinger bands over n steps: four standard deviations as a share of the level."""
    return fill_undefined(_bands(inputs, length), inputs, rows=length - 1, column=f"BBB_{length}_2.0") / 100


def atr_ratio(inputs: pd.DataFrame, length: int) -> Values:
    """Average true range over close: Wilder mean of max(high − low, |high − c|, |low − c|), c the previous close."""
    values = pandas_ta().atr(*high_low_close(inputs), length=length, mamode="rma", drift=1, talib=False)
    return fill_undefined(values, inputs, rows=length) / inputs["close"]


def roc(inputs: pd.DataFrame, length: int) -> Values:
    """x_t / x_{t−n} − 1, a fraction."""
    values = pandas_ta().roc(inputs["level"], length=length, scalar=100, talib=False)
    return fill_undefined(values, inputs, rows=length) / 100


def stoch_k(inputs: pd.DataFrame, length: int) -> Values:
    """Mean over 3 steps of (close − L) / (H − L), with H the highest high and L the lowest low of n; 0 to 1."""
    values = pandas_ta().stoch(*high_low_close(inputs), k=length, d=1, smooth_k=3, mamode="sma", talib=False)
    return fill_undefined(values, inputs, rows=length + 1, column=f"STOCHk_{length}_1_3") / 100


def williams(inputs: pd.DataFrame, length: int) -> Values:
    """(close − H) / (H − L), H the highest high and L the lowest low of n: −1 at the low, 0 at the high."""
    values = pandas_ta().willr(*high_low_close(inputs), length=length, talib=False)
    return fill_undefined(values, inputs, rows=length - 1, neutral=-50.0) / 100


def cci(inputs: pd.DataFrame, length: int) -> Values:
    """(p − mean p) / (1.5 · mean absolute deviation of p), p = (high + low + close) / 3 over n: Lambert's over 100."""
    values = pandas_ta().cci(*high_low_close(inputs), length=length, c=0.015, talib=False)
    return fill_undefined(values, inputs, rows=length - 1) / 100


def adx(inputs: pd.DataFrame, length: int) -> Values:
    """Average directional index, 0 (no trend) to 1: Wilder mean of |D⁺ − D⁻| / (D⁺ + D⁻) (Wilder 1978)."""
    values = pandas_ta().adx(
        *high_low_close(inputs), length=length, lensig=length, scalar=100, mamode="rma", drift=1, talib=False
    )
    return fill_undefined(values, inputs, rows=2 * length - 1, column=f"ADX_{length}") / 100


def mfi(inputs: pd.DataFrame, length: int) -> Values:
    """Money flow, 0 to 1: price × volume of the rising steps among the last n over that of all; 0.5 without trade."""
    values = pandas_ta().mfi(*high_low_close(inputs), inputs["volume"], length=length, drift=1, talib=False)
    return (fill_undefined(values, inputs, rows=length, neutral=50.0) / 100).clip(0.0, 1.0)


def obv_change(inputs: pd.DataFrame, window: int) -> Values:
    """Change of the on-balance volume (± v_t, the sign of the return) over the mean volume of n steps.

    The running total itself depends on where the data begin, its change does not.
    """
    total = pandas_ta().obv(inputs["level"], inputs["volume"], talib=False)
    return fill_undefined(total.diff() / mean_volume(inputs, window), inputs, rows=max(1, window - 1))


def _bands(inputs: pd.DataFrame, length: int) -> pd.DataFrame:
    bands = pandas_ta().bbands(inputs["level"], length=length, std=2.0, ddof=0, mamode="sma", talib=False)
    return require_result(bands, inputs, length - 1)


FEATURES = (
    Feature(
        name="rsi",
        title="Relative strength index",
        family="momentum",
        parameter=TWO_WEEKS,
        function=rsi,
        rows=lag_rows,
        needs=("level",),
        text="Share of gains in the moves of n steps, 0 to 1.",
    ),
    Feature(
        name="macd_hist",
        title="MACD histogram",
        family="trend",
        function=macd_hist,
        rows=lambda _: 33,
        needs=("level",),
        positive=("level",),
        text="MACD (12, 26) minus its signal line (9), over the level.",
    ),
    Feature(
        name="bb_percent",
        title="Position in the Bollinger bands",
        family="volatility",
        parameter=MONTH,
        function=bb_percent,
        rows=window_rows,
        needs=("level",),
        text="0 at the lower and 1 at the upper Bollinger band of n steps.",
    ),
    Feature(
        name="bb_width",
        title="Width of the Bollinger bands",
        family="volatility",
        parameter=MONTH,
        function=bb_width,
        rows=window_rows,
        needs=("level",),
        positive=("level",),
        text="Width of the Bollinger bands of n steps over their middle.",
    ),
    Feature(
        name="atr_ratio",
        title="Average true range",
        family="volatility",
        parameter=TWO_WEEKS,
        function=atr_ratio,
        rows=lag_rows,
        needs=BARS,
        positive=("close",),
        text="Average true range of n steps over the close.",
    ),
    Feature(
        name="roc",
        title="Rate of change",
        family="momentum",
        parameter=Parameter(default=10, low=1, high=250),
        function=roc,
        rows=lag_rows,
        needs=("level",),
        positive=("level",),
        text="Change of the level over n steps as a fraction.",
    ),
    Feature(
        name="stoch_k",
        title="Stochastic %K",
        family="momentum",
        parameter=TWO_WEEKS,
        function=stoch_k,
        rows=lambda n: n + 1,
        needs=BARS,
        text="Position of the close in the range of n steps, mean of 3, 0 to 1.",
    ),
    Feature(
        name="williams",
        title="Williams %R",
        family="momentum",
        parameter=TWO_WEEKS,
        function=williams,
        rows=window_rows,
        needs=BARS,
        text="Distance of the close from the highest high, over the range of n steps, −1 to 0.",
    ),
    Feature(
        name="cci",
        title="Commodity channel index",
        family="momentum",
        parameter=MONTH,
        function=cci,
        rows=window_rows,
        needs=BARS,
        text="Distance of the typical price from its mean of n steps in mean deviations, over 1.5.",
    ),
    Feature(
        name="adx",
        title="Average directional index",
        family="trend",
        parameter=TWO_WEEKS,
        function=adx,
        rows=lambda n: 2 * n - 1,
        needs=BARS,
        text="Strength of the trend, 0 to 1.",
    ),
    Feature(
        name="mfi",
        title="Money flow index",
        family="volume",
        parameter=TWO_WEEKS,
        function=mfi,
        rows=lag_rows,
        needs=(*BARS, "volume"),
        text="Share of rising steps in the money traded over n steps, 0 to 1.",
    ),
    Feature(
        name="obv_change",
        title="On-balance volume, change",
        family="volume",
        parameter=MONTH,
        function=obv_change,
        rows=lambda n: max(1, n - 1),
        needs=("level", "volume"),
        text="Volume with the sign of the return, over the mean volume of n steps.",
    ),
)
