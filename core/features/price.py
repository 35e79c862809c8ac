"""Features that are simple arithmetic on the columns of a series: changes, ranges, ratios to a mean."""

import numpy as np
import pandas as pd

from core.features.feature import MONTH, Feature, Parameter, Values, lag_rows, one_row, window_rows

FLOOR = 1e-4  # one basis point: keeps the logarithm of a flat row three to four standard deviations from the others


def raw(inputs: pd.DataFrame, column: str) -> Values:
    """x_t: the column as it is, in its own units."""
    return inputs[column]


def change(inputs: pd.DataFrame, column: str) -> Values:
    """x_t − x_{t−1}, in the column's own units; for series that may be zero or negative."""
    return inputs[column].diff()


def log_change(inputs: pd.DataFrame, steps: int) -> Values:
    """ln(x_t / x_{t−n}) of the one column in `inputs`; x must be above zero."""
    return _ln(inputs.iloc[:, 0]).diff(steps)


def volume_change(inputs: pd.DataFrame, steps: int) -> Values:
    """ln(1 + v_t) − ln(1 + v_{t−n}): finite for a row without trade, too."""
    return np.log1p(inputs["volume"]).diff(steps)


def volume_ratio(inputs: pd.DataFrame, window: int) -> Values:
    """ln(1 + v_t) − ln(1 + mean of v over the last n steps, t included)."""
    mean = inputs["volume"].rolling(window).mean().clip(lower=0.0)  # a running sum may end slightly below zero
    return np.log1p(inputs["volume"]) - np.log1p(mean)


def abs_return(inputs: pd.DataFrame, _: None = None) -> Values:
    """ln max(|r_t|, 0.0001) with r_t = ln(x_t / x_{t−1})."""
    return _ln(log_change(inputs, 1).abs().clip(lower=FLOOR))


def negative_return(inputs: pd.DataFrame, _: None = None) -> Values:
    """min(r_t, 0) with r_t = ln(x_t / x_{t−1}): the leverage term of the HAR literature (Corsi & Renò 2012)."""
    return log_change(inputs, 1).clip(upper=0.0)


def log_range(inputs: pd.DataFrame, _: None = None) -> Values:
    """ln max(ln(high_t / low_t), 0.0001): nearly normal (Alizadeh, Brandt & Diebold 2002)."""
    return _ln(_ln(inputs["high"] / inputs["low"]).clip(lower=FLOOR))


def log_range_mean(inputs: pd.DataFrame, window: int) -> Values:
    """Mean of log_range over the last n steps, t included (the HAR cascade of Corsi 2009, on log ranges)."""
    return log_range(inputs).rolling(window).mean()


def log_volatility(inputs: pd.DataFrame, window: int) -> Values:
    """½ ln(mean of r² over the last n steps), r the log return; the root mean square is floored at 0.0001."""
    mean_square = (log_change(inputs, 1) ** 2).rolling(window).mean()
    return 0.5 * _ln(mean_square.clip(lower=FLOOR**2))


def ma_ratio(inputs: pd.DataFrame, window: int) -> Values:
    """x_t / (mean of x over the last n steps, t included) − 1."""
    level = inputs["level"]
    return level / level.rolling(window).mean() - 1.0


def close_to_open(inputs: pd.DataFrame, _: None = None) -> Values:
    """ln(open_t / close_{t−1}): the jump overnight."""
    return _ln(inputs["open"] / inputs["close"].shift(1))


def close_position(inputs: pd.DataFrame, _: None = None) -> Values:
    """(close_t − low_t) / (high_t − low_t): 0 at the day's low, 1 at its high, 0.5 on a flat day."""
    span = inputs["high"] - inputs["low"]
    return ((inputs["close"] - inputs["low"]) / span.where(span > 0.0)).fillna(0.5)


def _ln(values: Values) -> Values:
    return pd.Series(np.log(values.to_numpy(dtype=np.float64)), index=values.index)


_STEPS = Parameter(default=1, low=1, high=250)


def _column_change(column: str) -> Feature:
    return Feature(
        name=f"{column}_change",
        title=f"{column.capitalize()}, log change",
        family="price",
        text=f"Log change of the {column} over n steps.",
        function=log_change,
        rows=lag_rows,
        parameter=_STEPS,
        needs=(column,),
        positive=(column,),
    )


FEATURES = (
    Feature(
        name="column",
        title="Column",
        family="other",
        parameter="column",
        function=raw,
        text="A column of the data, unchanged.",
    ),
    Feature(
        name="known",
        title="Column, known in the future",
        family="other",
        kind="known",
        parameter="column",
        function=raw,
        text="A column whose future values are known: a plan, a price list, a promotion.",
    ),
    Feature(
        name="change",
        title="Column, change",
        family="other",
        parameter="column",
        function=change,
        rows=one_row,
        text="Difference of a column from its value one step before.",
    ),
    Feature(
        name="return",
        title="Return",
        family="price",
        parameter=_STEPS,
        function=log_change,
        rows=lag_rows,
        needs=("level",),
        positive=("level",),
        text="Log change of the level over n steps.",
    ),
    _column_change("open"),
    _column_change("high"),
    _column_change("low"),
    _column_change("close"),
    Feature(
        name="close_to_open",
        title="Overnight gap",
        family="price",
        function=close_to_open,
        rows=one_row,
        needs=("open", "close"),
        positive=("open", "close"),
        text="Log of the open over the close before.",
    ),
    Feature(
        name="close_position",
        title="Close within the day's range",
        family="price",
        function=close_position,
        needs=("high", "low", "close"),
        text="Position of the close between the day's low (0) and high (1).",
    ),
    Feature(
        name="negative_return",
        title="Negative return",
        family="price",
        function=negative_return,
        rows=one_row,
        needs=("level",),
        positive=("level",),
        text="The log return where it is negative, else 0.",
    ),
    Feature(
        name="momentum",
        title="Momentum",
        family="momentum",
        parameter=MONTH,
        function=log_change,
        rows=lag_rows,
        needs=("level",),
        positive=("level",),
        text="Log change of the level over n steps.",
    ),
    Feature(
        name="ma_ratio",
        title="Level over its moving average",
        family="trend",
        parameter=MONTH,
        function=ma_ratio,
        rows=window_rows,
        needs=("level",),
        positive=("level",),
        text="Level over its mean of n steps, minus 1.",
    ),
    Feature(
        name="abs_return",
        title="Absolute return",
        family="volatility",
        function=abs_return,
        rows=one_row,
        needs=("level",),
        positive=("level",),
        text="Log of the absolute log return.",
    ),
    Feature(
        name="log_range",
        title="Daily range",
        family="volatility",
        function=log_range,
        needs=("high", "low"),
        positive=("high", "low"),
        text="Log of the log ratio of high to low.",
    ),
    Feature(
        name="log_range_mean",
        title="Mean daily range",
        family="volatility",
        parameter=Parameter(default=5, low=2, high=250),
        function=log_range_mean,
        rows=window_rows,
        needs=("high", "low"),
        positive=("high", "low"),
        text="Mean of the log daily range over n steps.",
    ),
    Feature(
        name="log_volatility",
        title="Realised volatility",
        family="volatility",
        parameter=MONTH,
        function=log_volatility,
        rows=lag_rows,
        needs=("level",),
        positive=("level",),
        text="Log of the root mean square log return over n steps.",
    ),
    Feature(
        name="volume_change",
        title="Volume, log change",
        family="volume",
        parameter=_STEPS,
        function=volume_change,
        rows=lag_rows,
        needs=("volume",),
        text="Log change of 1 + volume over n steps.",
    ),
    Feature(
        name="volume_ratio",
        title="Volume over its moving average",
        family="volume",
        parameter=MONTH,
        function=volume_ratio,
        rows=window_rows,
        needs=("volume",),
        text="Log of 1 + volume minus the log of 1 + its mean over n steps.",
    ),
)
