"""Every other indicator of pandas-ta-classic that looks back alone: `ta:hma:30`, `ta:aroon.aroonu:25`.

What the library does not say is measured once an indicator, on an artificial series: which of its outputs have a value
in every session, their units, the rows that they need, and whether they are running totals.
"""

import inspect
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features.feature import Family, Feature, Parameter, Values
from core.features.ta_backend import library, mean_volume

LENGTH = Parameter(default=20, low=2, high=250)
VOLUME_WINDOW = 20  # sessions whose mean volume is the unit of an output that is measured in volume
START = 900  # rows that the artificial series loses at its start, to see which outputs notice
EXCLUDED = {
    "beta": "it needs a second series",
    "correl": "it needs a second series",
    "cpr": "its virgin levels look ahead",
    "dpo": "centred, it looks ahead; use detrended",
    "drawdown": "it depends on the day at which the data begin; use ulcer",
    "ichimoku": "its chikou span looks ahead; use cloud",
    "supertrend": "its line begins with a made-up value; use supertrend_distance",
    "td_seq": "it has values in some sessions alone",
    "tos_stdevall": "it fits one line to the whole series",
    "vp": "it sorts the whole series by price",
}
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
    differenced, since they depend on the day at which the data begin."""

    label: str
    position: int
    price: int
    volume: int
    running: bool


@cache
def names() -> dict[str, str]:
    """Name → category of each indicator that can be chosen; candle patterns are left out, they compile for minutes."""
    return {
        name: category
        for category, found in library().Category.items()
        if category != "candles"
        for name in found
        if name not in EXCLUDED and _inputs(name)
    }


def find(text: str) -> tuple[Feature, str | None]:
    """The feature that `hma`, `hma:30`, `aroon.aroonu:25` or `aroon.2:25` names, and the text of its length.

    Without an output the first usable one is meant. Raises FeatureError for an unknown or excluded indicator and for
    an output that it does not have.
    """
    head, colon, length = text.partition(":")
    name, _, label = head.partition(".")
    if name in EXCLUDED:
        raise FeatureError(f"ta:{name} is left out: {EXCLUDED[name]}.")
    if name not in names():
        raise FeatureError(
            f"There is no indicator {name!r} that needs bars alone. Write ta:NAME or ta:NAME.OUTPUT, "
            f"with one of: {', '.join(sorted(names()))}."
        )
    known = {output.label: output for output in outputs(name)}
    by_number = {str(output.position + 1): output for output in known.values()}
    output = (known | by_number).get(label) if label else next(iter(known.values()), None)
    if output is None:
        raise FeatureError(f"ta:{name} has no output {label!r}. There are: {', '.join(known) or 'none'}.")
    return _feature(name, output), length if colon else None


@cache
def outputs(name: str) -> tuple[Output, ...]:
    """The outputs of an indicator that have a value in every session after the first ones and forget where the data
    began; measured with its usual length."""
    table = trial(1600)
    prices, volumes = table.copy(), table.copy()
    prices[["open", "high", "low", "close"]] *= 2.0
    volumes["volume"] *= 2.0
    full, late, dear, busy = (run(name, part, LENGTH.default) for part in (table, table.iloc[START:], prices, volumes))
    found = []
    for i, label in enumerate(_labels(full)):
        running = not _forgets(full.iloc[:, i], late.iloc[:, i])
        x, again, dear_x, busy_x = (
            (part.iloc[:, i].diff() if running else part.iloc[:, i]).iloc[-300:] for part in (full, late, dear, busy)
        )
        if not _whole(full.iloc[:, i]) or not _forgets(x, again):
            continue
        found.append(
            Output(label=label, position=i, price=_power(x, dear_x), volume=_power(x, busy_x), running=running)
        )
    return tuple(found)


@cache
def _feature(name: str, output: Output) -> Feature:
    needs = _needs(name, output)
    level = "close" if "close" in needs else "level"
    several = f".{output.label}" if len(outputs(name)) > 1 else ""

    def values(inputs: pd.DataFrame, length: int | None) -> Values:
        """One output of an indicator of pandas-ta-classic, over price and mean volume where it is measured in them."""
        return _settled(_column(name, output, inputs, level, length), rows(length))

    @cache
    def rows(length: int | None) -> int:
        return _rows(name, output, level, length)

    category = names()[name]
    family = _FAMILIES.get(category, category if category in get_args(Family) else "other")
    return Feature(
        name=f"ta:{name}{several}",
        title=f"{name}{several} (pandas-ta-classic)",
        kind="past",
        family=family,  # type: ignore[arg-type]
        text=f"The indicator {name}{several} of pandas-ta-classic{_unit(output)}.",
        function=values,
        rows=rows,
        parameter=LENGTH if _has_length(name) else None,
        needs=needs,
        positive=(level,) if output.price else (),
    )


def _column(name: str, output: Output, inputs: pd.DataFrame, level: str, length: int | None) -> Values:
    values = run(name, inputs, length).iloc[:, output.position]
    if output.running:
        values = values.diff()
    if output.price:
        values = values / inputs[level] ** output.price
    if output.volume:
        values = values / mean_volume(inputs, VOLUME_WINDOW) ** output.volume
    return values


def _settled(values: Values, rows: int) -> Values:
    """The last value before stands in where a stretch without movement or trade leaves 0 / 0."""
    values = values.where(np.isfinite(values)).ffill().fillna(0.0)
    values.iloc[:rows] = np.nan
    return values


def run(name: str, inputs: pd.DataFrame, length: int | None) -> pd.DataFrame:
    """What the indicator returns, as float64 columns on the rows of `inputs`; FeatureError when it returns nothing."""
    function = getattr(library(), name)
    asked = inspect.signature(function).parameters
    columns = inputs.rename(columns={"level": "close"}) if "close" not in inputs else inputs
    settings: dict[str, Any] = {key: columns[column] for key, column in _inputs(name).items() if column in columns}
    settings |= {"length": length} if "length" in asked else {}
    settings |= {"talib": False} if "talib" in asked else {}
    try:
        with np.errstate(all="ignore"):
            result = function(**settings)
    except Exception as error:  # foreign code: whatever it is that fails there, it is this indicator on these rows
        raise FeatureError(
            f"The indicator {name} failed on {len(inputs)} rows ({error}). Load more history, shorten "
            "its length or choose another."
        ) from error
    if result is None:
        raise FeatureError(
            f"The indicator {name} has no answer for {len(inputs)} rows. Load more history or shorten its length."
        )
    found = result.to_frame() if isinstance(result, pd.Series) else result
    return found.iloc[: len(inputs)].astype(np.float64)


@cache
def _inputs(name: str) -> dict[str, str]:
    """Argument → column of the bars that the indicator takes; empty when it needs something else too."""
    asked = inspect.signature(getattr(library(), name)).parameters.values()
    if any(a.name not in _BARS and a.default is a.empty and a.kind is not a.VAR_KEYWORD for a in asked):
        return {}
    return {a.name: _BARS[a.name] for a in asked if a.name in _BARS}


def _needs(name: str, output: Output) -> tuple[str, ...]:
    """The level stands for the close of an indicator that takes no other price."""
    columns = tuple(_inputs(name).values())
    ranged = {"open", "high", "low"} & {*columns}
    needs = columns if ranged else tuple("level" if c == "close" else c for c in columns)
    if output.price and not {"level", "close"} & {*needs}:
        needs = (*needs, "close")
    return (*needs, "volume") if output.volume and "volume" not in needs else needs


def _has_length(name: str) -> bool:
    return "length" in inspect.signature(getattr(library(), name)).parameters


def _labels(found: pd.DataFrame) -> list[str]:
    """The words before the numbers of the column names, or 1, 2, 3 where two columns share theirs."""
    words = ["_".join(p for p in str(c).split("_") if not p[:1].isdigit()).lower() for c in found.columns]
    return words if len(set(words)) == len(words) else [str(i + 1) for i in range(len(words))]


def _whole(values: Values) -> bool:
    finite_T = np.isfinite(values.to_numpy())
    return bool(finite_T.any() and finite_T[finite_T.argmax() :].all())


def _forgets(full: Values, late: Values) -> bool:
    last, again = full.to_numpy()[-300:], late.to_numpy()[-300:]
    return np.allclose(last, again, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(last), initial=0.0), equal_nan=True)


def _power(values: Values, doubled: Values) -> int:
    """The n for which twice the unit gives 2ⁿ times the values; 0 where there is none."""
    scale = 1e-9 * float(values.abs().max())
    return next((n for n in (0, 1, 2, -1, -2) if np.allclose(doubled, values * 2.0**n, rtol=1e-6, atol=scale)), 0)


def _rows(name: str, output: Output, level: str, length: int | None) -> int:
    """Rows before the first value on the artificial series; more where the library refuses so short a one."""
    table = trial(600 + 8 * (length or 0)).rename(columns={"close": level})
    needs = [*_needs(name, output)]
    finite_T = np.isfinite(_column(name, output, table[needs], level, length).to_numpy())
    rows = int(finite_T.argmax())
    while rows < len(table) and not _answers(name, output, table[needs].iloc[: rows + 1], level, length):
        rows += 1
    return rows


def _answers(name: str, output: Output, inputs: pd.DataFrame, level: str, length: int | None) -> bool:
    try:
        values = _column(name, output, inputs, level, length)
    except FeatureError:
        return False
    return bool(np.isfinite(values.iloc[-1]))


def _unit(output: Output) -> str:
    said = [", differenced"] if output.running else []
    said += [f", over the price{'' if output.price == 1 else f' to the power {output.price}'}"] if output.price else []
    said += [f", over the mean volume of {VOLUME_WINDOW} sessions"] if output.volume else []
    return "".join(said)


@cache
def trial(count: int) -> pd.DataFrame:
    """The artificial series: `count` sessions of a random walk, always the same; nobody may change them."""
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0.0, 0.01, count)))
    open_ = close * np.exp(rng.normal(0.0, 0.004, count))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, count)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, count)))
    index = pd.bdate_range("2000-01-03", periods=count, name="time")
    volume = rng.lognormal(12.0, 0.5, count).round()
    return pd.DataFrame({"open": open_, "high": high, "low": low, "close": close, "volume": volume}, index=index)
