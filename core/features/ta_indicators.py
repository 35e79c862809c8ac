"""Every other indicator of pandas-ta-classic that only looks back: `ta:hma:30`, `ta:aroon.aroonu:25`.

What the library does not document is measured once per indicator, on an artificial series: which of its outputs have a
value in every row, their units, the rows that they need, and whether they are running totals.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import numpy as np
import pandas as pd

from core.errors import FeatureError, words
from core.features.feature import Family, Feature, Parameter, Values
from core.features.ta_backend import EXCLUDED, mean_volume, pandas_ta
from core.language import message

LENGTH = Parameter(default=20, low=2, high=250)
VOLUME_WINDOW = 20  # steps whose mean volume is the unit of an output that is measured in volume
START = 900  # rows cut from the start of the artificial series, to see which outputs depend on them
_BARS = {"open_": "open", "high": "high", "low": "low", "close": "close", "volume": "volume"}
_FAMILIES: dict[str, Family] = {
    "overlap": "trend",
    "cycles": "trend",
    "performance": "momentum",
    "statistics": "volatility",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """One column that an indicator returns, in units of price ** `price` · volume ** `volume`; `running` totals are
    differenced, since they depend on where the data begin."""

    label: str
    position: int
    price: int
    volume: int
    running: bool


@cache
def names() -> dict[str, str]:
    """Return name → category of each indicator on offer; candle patterns are not, as they compile for minutes."""
    return {
        name: category
        for category, members in pandas_ta().Category.items()
        if category != "candles"
        for name in members
        if name not in EXCLUDED and _inputs(name)
    }


def parse(text: str) -> tuple[Feature, str | None]:
    """Return the feature that `hma`, `hma:30`, `aroon.aroonu:25` or `aroon.2:25` names, and the text of its length.

    Without an output the first usable one is meant. Raises FeatureError for an unknown or excluded indicator and for
    an unknown output.
    """
    head, colon, length = text.partition(":")
    name, _, label = head.partition(".")
    if name in EXCLUDED:
        raise FeatureError(
            message(
                "ta:{name} is not offered: {reason}. Choose another indicator.",
                name=name,
                reason=message(EXCLUDED[name]),
            )
        )
    if name not in names():
        raise FeatureError(
            message(
                "There is no indicator {name} that needs bars only. Write ta:NAME or ta:NAME.OUTPUT, with one of: "
                "{names}.",
                name=repr(name),
                names=", ".join(sorted(names())),
            )
        )
    known = {output.label: output for output in outputs(name)}
    by_number = {str(output.position + 1): output for output in known.values()}
    output = (known | by_number).get(label) if label else next(iter(known.values()), None)
    if output is None:
        raise FeatureError(
            message(
                "ta:{name} has no output {label}. There are: {known}. Choose one.",
                name=name,
                label=repr(label),
                known=", ".join(known) or message("none"),
            )
        )
    return _feature(name, output), length if colon else None


@cache
def outputs(name: str) -> tuple[Output, ...]:
    """Return the outputs of an indicator that have a value in every row after the first ones and that do not depend on
    where the data begin; measured with the default length."""
    bars = random_walk_bars(1600)
    double_price, double_volume = bars.copy(), bars.copy()
    double_price[["open", "high", "low", "close"]] *= 2.0
    double_volume["volume"] *= 2.0
    full, late, at_double_price, at_double_volume = (
        compute_outputs(name, table, LENGTH.default) for table in (bars, bars.iloc[START:], double_price, double_volume)
    )
    usable = []
    for position, label in enumerate(_labels(full)):
        running = not _same_end(full.iloc[:, position], late.iloc[:, position])
        values, late_values, price_values, volume_values = (
            (table.iloc[:, position].diff() if running else table.iloc[:, position]).iloc[-300:]
            for table in (full, late, at_double_price, at_double_volume)
        )
        if _is_complete(full.iloc[:, position]) and _same_end(values, late_values):
            usable.append(
                Output(
                    label=label,
                    position=position,
                    price=_power(values, price_values),
                    volume=_power(values, volume_values),
                    running=running,
                )
            )
    return tuple(usable)


@cache
def _feature(name: str, output: Output) -> Feature:
    needs = _needs(name, output)
    level = "close" if "close" in needs else "level"
    suffix = f".{output.label}" if len(outputs(name)) > 1 else ""

    def values(inputs: pd.DataFrame, length: int | None) -> Values:
        """One output of an indicator of pandas-ta-classic, over price and mean volume if it is measured in them."""
        return _fill_undefined(_column(name, output, inputs, level, length), rows(length))

    @cache
    def rows(length: int | None) -> int:
        return _rows(name, output, level, length)

    category = names()[name]
    family = _FAMILIES.get(category, category if category in get_args(Family) else "other")
    return Feature(
        name=f"ta:{name}{suffix}",
        title=f"{name}{suffix} (pandas-ta-classic)",
        family=family,  # type: ignore[arg-type]
        text=message("The indicator {name} of pandas-ta-classic{unit}.", name=f"{name}{suffix}", unit=_unit(output)),
        function=values,
        rows=rows,
        parameter=LENGTH if _has_length(name) else None,
        needs=needs,
        positive=(level,) if output.price else (),
    )


def _column(name: str, output: Output, inputs: pd.DataFrame, level: str, length: int | None) -> Values:
    values = compute_outputs(name, inputs, length).iloc[:, output.position]
    if output.running:
        values = values.diff()
    if output.price:
        values = values / inputs[level] ** output.price
    if output.volume:
        values = values / mean_volume(inputs, VOLUME_WINDOW) ** output.volume
    return values


def _fill_undefined(values: Values, rows: int) -> Values:
    """Return the values with 0 / 0, for a period without movement or trade, replaced by the last value before it."""
    values = values.where(np.isfinite(values)).ffill().fillna(0.0)
    values.iloc[:rows] = np.nan
    return values


def compute_outputs(name: str, inputs: pd.DataFrame, length: int | None) -> pd.DataFrame:
    """Return what the indicator computes as float64 columns on the rows of `inputs`.

    Raises FeatureError if it fails or returns nothing.
    """
    function = getattr(pandas_ta(), name)
    parameters = inspect.signature(function).parameters
    columns = inputs.rename(columns={"level": "close"}) if "close" not in inputs else inputs
    settings: dict[str, Any] = {key: columns[column] for key, column in _inputs(name).items() if column in columns}
    settings |= {"length": length} if "length" in parameters else {}
    settings |= {"talib": False} if "talib" in parameters else {}
    try:
        with np.errstate(all="ignore"):
            result = function(**settings)
    except Exception as error:  # foreign code: whatever fails there, it is this indicator on these rows
        raise FeatureError(
            message(
                "The indicator {name} failed on {rows} rows ({error}). Load more history, shorten its length or "
                "choose another.",
                name=name,
                rows=len(inputs),
                error=words(error),
            )
        ) from error
    if result is None:
        raise FeatureError(
            message(
                "The indicator {name} returns nothing for {rows} rows. Load more history or shorten its length.",
                name=name,
                rows=len(inputs),
            )
        )
    table = result.to_frame() if isinstance(result, pd.Series) else result
    return table.iloc[: len(inputs)].astype(np.float64)


@cache
def _inputs(name: str) -> dict[str, str]:
    """Return argument → column of the bars that the indicator takes; empty if it needs anything else, too."""
    parameters = inspect.signature(getattr(pandas_ta(), name)).parameters.values()
    if any(p.name not in _BARS and p.default is p.empty and p.kind is not p.VAR_KEYWORD for p in parameters):
        return {}
    return {p.name: _BARS[p.name] for p in parameters if p.name in _BARS}


def _needs(name: str, output: Output) -> tuple[str, ...]:
    """Return the columns that an output needs; the level replaces the close if the indicator takes no other price."""
    columns = tuple(_inputs(name).values())
    ranged = {"open", "high", "low"} & {*columns}
    needs = columns if ranged else tuple("level" if c == "close" else c for c in columns)
    if output.price and not {"level", "close"} & {*needs}:
        needs = (*needs, "close")
    return (*needs, "volume") if output.volume and "volume" not in needs else needs


def _has_length(name: str) -> bool:
    return "length" in inspect.signature(getattr(pandas_ta(), name)).parameters


def _labels(table: pd.DataFrame) -> list[str]:
    """Return the words of the column names without their numbers, or 1, 2, 3 if two columns have the same words."""
    words = ["_".join(p for p in str(c).split("_") if not p[:1].isdigit()).lower() for c in table.columns]
    return words if len(set(words)) == len(words) else [str(i + 1) for i in range(len(words))]


def _is_complete(values: Values) -> bool:
    finite_T = np.isfinite(values.to_numpy())
    return bool(finite_T.any() and finite_T[finite_T.argmax() :].all())


def _same_end(full: Values, late: Values) -> bool:
    last, late_last = full.to_numpy()[-300:], late.to_numpy()[-300:]
    return np.allclose(last, late_last, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(last), initial=0.0), equal_nan=True)


def _power(values: Values, doubled: Values) -> int:
    """Return the n for which doubling the unit multiplies the values by 2ⁿ; 0 if there is none."""
    scale = 1e-9 * float(values.abs().max())
    return next((n for n in (0, 1, 2, -1, -2) if np.allclose(doubled, values * 2.0**n, rtol=1e-6, atol=scale)), 0)


def _rows(name: str, output: Output, level: str, length: int | None) -> int:
    """Return the rows before the first value on the artificial series; more if the library needs a longer one."""
    table = random_walk_bars(600 + 8 * (length or 0)).rename(columns={"close": level})
    needs = [*_needs(name, output)]
    finite_T = np.isfinite(_column(name, output, table[needs], level, length).to_numpy())
    rows = int(finite_T.argmax())
    while rows < len(table) and not _has_value(name, output, table[needs].iloc[: rows + 1], level, length):
        rows += 1
    return rows


def _has_value(name: str, output: Output, inputs: pd.DataFrame, level: str, length: int | None) -> bool:
    try:
        values = _column(name, output, inputs, level, length)
    except FeatureError:
        return False
    return bool(np.isfinite(values.iloc[-1]))


def _unit(output: Output) -> str:
    """The clauses that say in which unit an output is; empty for one without a unit."""
    price = ""
    if output.price:
        price = message(", over the price to the power {power}", power=output.price)
        price = message(", over the price") if output.price == 1 else price
    return message(
        "{differenced}{price}{volume}",
        differenced=message(", differenced") if output.running else "",
        price=price,
        volume=message(", over the mean volume of {steps} steps", steps=VOLUME_WINDOW) if output.volume else "",
    )


@cache
def random_walk_bars(count: int) -> pd.DataFrame:
    """Return the artificial series: `count` days of a random walk, always the same. Do not change it: it is cached."""
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
    open_ = close * np.exp(rng.normal(0.0, 0.004, count))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, count)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, count)))
    index = pd.bdate_range("2000-01-03", periods=count, name="time")
    volume = rng.lognormal(12.0, 0.5, count).round()
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)
