"""What the catalogue says about one feature."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import pandas as pd

Family = Literal["price", "volume", "momentum", "volatility", "trend", "calendar", "macro", "news", "other"]
Values: TypeAlias = "pd.Series[float]"  # one row per session, float64


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """The whole number after the colon; `low` and `high` are inclusive."""

    default: int
    low: int
    high: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """A named column that a model may see.

    `function(inputs, parameter)` gets one row per session, in time order: the columns of `needs` without holes for a
    past feature, no columns at all for a known one. It returns one float64 Series on the same index.
    `needs` may name two roles instead of columns: "level" is the series that the run is about, "close" is the closing
    price or, in a table without one, the level. Every column in `positive` must be above zero.
    """

    name: str
    title: str
    family: Family
    kind: Literal["past", "known"]
    text: str
    function: Callable[[pd.DataFrame, Any], Values]
    rows: Callable[[Any], int]  # rows before the first value
    parameter: Parameter | Literal["column"] | None = None
    needs: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
