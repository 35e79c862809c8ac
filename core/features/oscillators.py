"""Momentum indicators that swing between bounds or around zero, computed by pandas-ta-classic."""

import pandas as pd

from core.features.feature import BARS, TWO_WEEKS, Feature, Parameter, Values, lag_rows, window_rows
from core.features.ta_backend import fill_undefined, high_low_close, pandas_ta


def stoch_rsi(inputs: pd.DataFrame, length: int) -> Values:
    """Mean over 3 steps of (RSI − L) / (H − L), H and L its extremes of n steps; 0 to 1 (Chande & Kroll 1994)."""
    values = pandas_ta().stochrsi(
        inputs["level"], length=length, rsi_length=length, k=3, d=3, mamode="sma", talib=False
    )
    column = f"STOCHRSIk_{length}_{length}_3_3"
    return fill_undefined(values, inputs, rows=2 * length + 1, neutral=50.0, column=column) / 100


def tsi(inputs: pd.DataFrame, _: None = None) -> Values:
    """EMA₁₃(EMA₂₅(x_t − x_{t−1})) / EMA₁₃(EMA₂₅|x_t − x_{t−1}|), −1 to 1 (Blau 1991)."""
    values = pandas_ta().tsi(inputs["level"], fast=13, slow=25, signal=13, scalar=100, mamode="ema", drift=1)
    return fill_undefined(values, inputs, rows=37, column="TSI_13_25_13") / 100


def ultimate(inputs: pd.DataFrame, _: None = None) -> Values:
    """(4 a₇ + 2 a₁₄ + a₂₈) / 7, a_n = Σ buying pressure / Σ true range over n steps; 0 to 1 (Williams 1985)."""
    values = pandas_ta().uo(
        *high_low_close(inputs), fast=7, medium=14, slow=28, fast_w=4.0, medium_w=2.0, slow_w=1.0, drift=1, talib=False
    )
    return fill_undefined(values, inputs, rows=28, neutral=50.0) / 100


def trix(inputs: pd.DataFrame, length: int) -> Values:
    """e_t / e_{t−1} − 1, e the EMA of the EMA of the EMA of x over n steps each (Hutson 1983)."""
    values = pandas_ta().trix(inputs["level"], length=length, signal=9, scalar=100, drift=1, talib=False)
    return fill_undefined(values, inputs, rows=3 * length - 2, column=f"TRIX_{length}_9") / 100


def fisher(inputs: pd.DataFrame, length: int) -> Values:
    """½ ln((1 + v) / (1 − v)), smoothed, v the position of (high + low) / 2 in its range of n, in ±1 (Ehlers 2002)."""
    values = pandas_ta().fisher(inputs["high"], inputs["low"], length=length, signal=1)
    return fill_undefined(values, inputs, rows=length - 1, column=f"FISHERT_{length}_1")


def awesome(inputs: pd.DataFrame, _: None = None) -> Values:
    """(mean₅ − mean₃₄ of (high + low) / 2) / close."""
    values = pandas_ta().ao(inputs["high"], inputs["low"], fast=5, slow=34)
    return fill_undefined(values, inputs, rows=33) / inputs["close"]


def balance_of_power(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close − open) / (high − low), −1 to 1; 0 for a flat bar (Livshin 2001)."""
    values = pandas_ta().bop(inputs["open"], *high_low_close(inputs), scalar=1, talib=False)
    return fill_undefined(values, inputs, rows=0)


def coppock(inputs: pd.DataFrame, _: None = None) -> Values:
    """Weighted mean over 10 steps of the sum of the changes over 11 and over 14, as fractions (Coppock 1962)."""
    values = pandas_ta().coppock(inputs["level"], length=10, fast=11, slow=14)
    return fill_undefined(values, inputs, rows=23) / 100


def up_share(inputs: pd.DataFrame, length: int) -> Values:
    """Share of the last n steps in which x rose: the psychological line over 100."""
    values = pandas_ta().psl(inputs["level"], length=length, scalar=100, drift=1)
    return fill_undefined(values, inputs, rows=length) / 100


FEATURES = (
    Feature(
        name="stoch_rsi",
        title="Stochastic RSI",
        family="momentum",
        parameter=TWO_WEEKS,
        function=stoch_rsi,
        rows=lambda n: 2 * n + 1,
        needs=("level",),
        text="Position of the RSI in its own range of n steps, mean of 3, 0 to 1.",
    ),
    Feature(
        name="tsi",
        title="True strength index",
        family="momentum",
        function=tsi,
        rows=lambda _: 37,
        needs=("level",),
        text="Change smoothed twice, over its absolute value smoothed twice, −1 to 1.",
    ),
    Feature(
        name="ultimate",
        title="Ultimate oscillator",
        family="momentum",
        function=ultimate,
        rows=lambda _: 28,
        needs=BARS,
        text="Buying pressure in the true range of 7, 14 and 28 steps, 0 to 1.",
    ),
    Feature(
        name="trix",
        title="TRIX",
        family="momentum",
        parameter=Parameter(default=15, low=2, high=150),
        function=trix,
        rows=lambda n: 3 * n - 2,
        needs=("level",),
        positive=("level",),
        text="Change of the level smoothed three times over n steps.",
    ),
    Feature(
        name="fisher",
        title="Fisher transform",
        family="momentum",
        parameter=Parameter(default=9, low=2, high=250),
        function=fisher,
        rows=window_rows,
        needs=("high", "low"),
        text="Position of the middle price in its range of n steps, transformed to be nearly normal.",
    ),
    Feature(
        name="awesome",
        title="Awesome oscillator",
        family="momentum",
        function=awesome,
        rows=lambda _: 33,
        needs=BARS,
        positive=("close",),
        text="Middle price of 5 steps minus that of 34, over the close.",
    ),
    Feature(
        name="balance_of_power",
        title="Balance of power",
        family="momentum",
        function=balance_of_power,
        needs=("open", *BARS),
        text="Close minus open over high minus low, −1 to 1.",
    ),
    Feature(
        name="coppock",
        title="Coppock curve",
        family="momentum",
        function=coppock,
        rows=lambda _: 23,
        needs=("level",),
        positive=("level",),
        text="Weighted mean of 10 steps of the changes over 11 and 14.",
    ),
    Feature(
        name="up_share",
        title="Share of rising steps",
        family="momentum",
        parameter=Parameter(default=12, low=2, high=250),
        function=up_share,
        rows=lag_rows,
        needs=("level",),
        text="Share of the last n steps in which the level rose, 0 to 1.",
    ),
)
