"""What the catalogue says about one feature, and what many of them have in common."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

from core.language import Message, message

Family = Literal["price", "volume", "momentum", "volatility", "trend", "calendar", "macro", "news", "other"]
Values: TypeAlias = "pd.Series[float]"  # one value per row of the series, float64

BARS = ("high", "low", "close")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """The whole number after the colon; `low` and `high` are inclusive."""

    default: int
    low: int
    high: int


TWO_WEEKS = Parameter(default=14, low=2, high=250)
MONTH = Parameter(default=20, low=2, high=250)


def no_rows(parameter: object) -> int:
    """0: the first row has a value."""
    return 0


def one_row(parameter: object) -> int:
    """1: the first row has no value, since there is none before it."""
    return 1


def lag_rows(steps: int) -> int:
    """n: a value looks n steps back."""
    return steps


def window_rows(steps: int) -> int:
    """n − 1: a value needs a window of n steps, its own included."""
    return steps - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A named input of a model. A new one is a function and a `Feature` in the list `FEATURES` of its module.

    `function(inputs, parameter)` gets one row per step, in order of time: for a past feature the columns of `needs`,
    without missing values; for a known feature no columns at all. It returns a float64 Series on the same index; the
    first `rows(parameter)` values are NaN. Its docstring is the formula that people see, `text` the description.
    `needs` may name two roles instead of columns: "level" is the series that the run is about, "close" is the closing
    price or, in a table without one, the level. Every column in `positive` has to be above zero.
    """

    name: str
    title: str
    family: Family
    text: str
    function: Callable[[pd.DataFrame, Any], Values]
    kind: Literal["past", "known"] = "past"
    rows: Callable[[Any], int] = no_rows
    parameter: Parameter | Literal["column"] | None = None
    needs: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()


def formula(function: Callable[..., Any]) -> Message:
    """The docstring of a feature's function on one line, without the marks of code."""
    text = function.__doc__ or ""
    return text if isinstance(text, Message) else message(" ".join(inspect.cleandoc(text).replace("`", "").split()))
