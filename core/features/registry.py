"""The catalogue of features: from a text such as `rsi:14` to a column of numbers."""

import difflib
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from core.errors import FeatureError
from core.features import calendar, flows, indicators, oscillators, price, transforms, trends
from core.features import leaky_example as looking_ahead
from core.features.feature import Family, Feature, Parameter, Values
from core.types import Flags, Floats

CATALOGUE: dict[str, Feature] = {
    f.name: f
    for f in (
        *price.FEATURES,
        *indicators.FEATURES,
        *oscillators.FEATURES,
        *trends.FEATURES,
        *flows.FEATURES,
        *calendar.FEATURES,
    )
}
# The columns that features of one table need, with the rows in which none is missing: taken out once.
Shared: TypeAlias = dict[tuple[Any, ...], tuple[pd.DataFrame, Flags]]
PRICES = ("open", "high", "low", "close", "volume")
_COLUMN_FAMILIES: dict[str, Family] = {name: "volume" if name == "volume" else "price" for name in PRICES}
_JOINED: tuple[tuple[str, Family], ...] = (("macro.", "macro"), ("news.", "news"))  # how joined columns are called


def parse(text: str) -> tuple[Feature, int | str | None]:
    """The feature that `text` names and its parameter.

    Written `rsi:14`, `rsi`, `column:OT`, `weekday`; `ta:hma:30` and `ta:aroon.aroonu:25` for the rest of the library of
    indicators (core.features.ta_indicators); any of them followed by steps, `rsi:14|zscore:60|lag:3`
    (core.features.transforms), which are part of the name of the feature returned.
    Raises FeatureError for an unknown name, with the nearest ones, and for a parameter that does not fit.
    """
    base, steps = transforms.split(text)
    feature, parameter = _base(base)
    return transforms.then(feature, steps), parameter


def rows_needed(features: tuple[str, ...]) -> int:
    """Rows at the start of a series in which at least one of these features has no value yet.

    Raises FeatureError where `parse` does.
    """
    parsed = [parse(text) for text in features]
    return max((feature.rows(parameter) for feature, parameter in parsed), default=0)


def compute(
    table: pd.DataFrame,
    features: tuple[str, ...],
    level: str,
    future: pd.DatetimeIndex,
    ahead: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One float64 column per feature, (T + H rows): the sessions of `table`, then those of `future`.

    `ahead` holds the columns that are known in the future, on times of `future`.
    `table` holds one symbol in time order; `level` names the column that the run is about. Past features are not a
    number in the future rows, known ones have their values there. A session in which a needed column has no value is
    passed over: the features of the next one look back to the last session that has.
    Raises FeatureError for a feature named twice, a missing column, too few rows, and values that allow no logarithm.
    """
    _refuse_repeats(features)
    index = table.index.append(future)
    shared: Shared = {}
    columns = {text: _column(table, text, level, index, ahead, shared) for text in features}
    return pd.DataFrame(columns, index=index, dtype=np.float64)


def available(columns: tuple[str, ...], level: str) -> tuple[str, ...]:
    """Names in the catalogue whose columns are all there, in the order of the catalogue."""
    return tuple(f.name for f in CATALOGUE.values() if not set(_sources(f, None, columns, level).values()) - {*columns})


def defaults(target_kind: str, columns: tuple[str, ...], level: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The features that a recipe without any gets, from the target's kind, the table's columns and its level.

    Daily ranges and volume belong to the close: they are left out where the level is another column. Joined series
    follow as changes and as deviations from their recent mean, news as they are, columns `known` ahead as such.
    Raises FeatureError for a kind of target that is not known.
    """
    others = tuple(c for c in columns if joined(c))
    own = tuple(c for c in columns if c not in {*others, *known} or c == level)
    follow = [text for c in others if c not in known for text in beside(c)]
    return (*_own_defaults(target_kind, own, level), *follow, *(f"known:{c}" for c in known if c in columns))


def joined(column: str) -> bool:
    """Whether this is a column of a series or of news joined to the frame."""
    return column.startswith(tuple(start for start, _ in _JOINED))


def beside(column: str) -> tuple[str, ...]:
    """The usual features of a joined column; none of another."""
    if column.startswith("news."):
        return (f"column:{column}",)
    return (f"change:{column}", f"column:{column}|zscore:60") if column.startswith("macro.") else ()


def _own_defaults(target_kind: str, columns: tuple[str, ...], level: str) -> tuple[str, ...]:
    priced = level == "close"
    ranged = priced and {"high", "low"} <= {*columns}
    traded = ("volume_change",) if priced and "volume" in columns else ()
    if target_kind in {"volatility", "max_drawdown"} and ranged:
        ranges = ("log_range", "log_range_mean:5", "log_range_mean:22")
        return ("return", "abs_return", *ranges, *traded, "negative_return")
    if target_kind in {"volatility", "max_drawdown"}:
        return ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22")
    if target_kind in {"close", "mean_close"}:
        return tuple(f"column:{c}" for c in (PRICES if priced else (level,)) if c in columns)
    if target_kind in {"log_return", "direction"}:
        range_ = ("log_range",) if ranged else ()
        return ("return", *range_, "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist", *traded)
    if target_kind == "column":
        return tuple(f"column:{c}" for c in columns)
    raise FeatureError(f"There are no default features for the target {target_kind!r}. Name the features.")


def families(features: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Family → its features, both in the order in which they are named. A column of a price or of the volume belongs
    to that family, a joined one to macro or news, any other to "other". Raises FeatureError where `parse` does."""
    found: dict[str, tuple[str, ...]] = {}
    for text in features:
        feature, parameter = parse(text)
        family = _column_family(parameter) if isinstance(parameter, str) else feature.family
        found[family] = (*found.get(family, ()), text)
    return found


def _column_family(column: str) -> Family:
    found = next((family for start, family in _JOINED if column.startswith(start)), None)
    return found or _COLUMN_FAMILIES.get(column, "other")


def _base(text: str) -> tuple[Feature, int | str | None]:
    name, colon, value = text.partition(":")
    if name == "ta" and colon:
        from core.features import ta_indicators

        feature, length = ta_indicators.find(value)
        return feature, _parameter(feature, length)
    known = CATALOGUE | looking_ahead.FEATURES
    if name not in known:
        raise FeatureError(
            f"There is no feature {name!r}. {_nearest(name)}A column of the data is written column:NAME."
        )
    return known[name], _parameter(known[name], value if colon else None)


def _nearest(name: str) -> str:
    near = difflib.get_close_matches(name, CATALOGUE, n=3, cutoff=0.5)
    return f"Did you mean {' or '.join(near)}? " if near else f"Known: {', '.join(CATALOGUE)}. "


def _parameter(feature: Feature, value: str | None) -> int | str | None:
    asked = feature.parameter
    if asked == "column":
        if not value:
            raise FeatureError(f"{feature.name} needs the name of a column. Write {feature.name}:NAME.")
        return value
    if isinstance(asked, Parameter):
        return asked.default if value is None else _number(feature.name, asked, value)
    if value is not None:
        raise FeatureError(f"{feature.name} takes no parameter; got {value!r}. Write {feature.name}.")
    return None


def _number(name: str, asked: Parameter, value: str) -> int:
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else -1
    if not asked.low <= number <= asked.high:
        raise FeatureError(
            f"{name} takes a whole number of sessions from {asked.low} to {asked.high}; got {value!r}. "
            f"Write {name}:{asked.default}, for example."
        )
    return number


def _refuse_repeats(features: tuple[str, ...]) -> None:
    seen: dict[tuple[str, int | str | None], str] = {}
    for text in features:
        feature, parameter = parse(text)
        key = (feature.name, parameter)
        if key in seen:
            raise FeatureError(f"The feature {text} is the same as {seen[key]}. Name each feature once.")
        seen[key] = text


def _column(
    table: pd.DataFrame, text: str, level: str, index: pd.Index, ahead: pd.DataFrame | None, shared: Shared
) -> Floats:
    feature, parameter = parse(text)
    if feature.kind == "known" and isinstance(parameter, str):
        return _known_column(table, text, feature, parameter, level, index, ahead)
    if feature.kind == "known":
        _refuse_short(text, feature.rows(parameter), len(index))
        return _values(text, feature, pd.DataFrame(index=index), parameter).to_numpy(dtype=np.float64)
    key = (feature.needs, feature.positive, parameter if isinstance(parameter, str) else None)
    if key not in shared:
        inputs = _inputs(table, text, feature, parameter, level)
        whole_T = ~np.isnan(inputs.to_numpy()).any(axis=1)
        shared[key] = (inputs if whole_T.all() else inputs[whole_T], whole_T)
    inputs, whole_T = shared[key]
    _refuse_short(text, feature.rows(parameter), len(inputs))
    values = _values(text, feature, inputs, parameter)
    full_T = np.full(len(index), np.nan)
    full_T[: len(table)][whole_T] = values.to_numpy(dtype=np.float64)
    return full_T


def _known_column(
    table: pd.DataFrame,
    text: str,
    feature: Feature,
    column: str,
    level: str,
    index: pd.Index,
    ahead: pd.DataFrame | None,
) -> Floats:
    """The column over past and future sessions; not a number where nothing was brought for them."""
    past = _inputs(table, text, feature, column, level)
    later = past.iloc[:0] if ahead is None or column not in ahead else ahead[[column]]
    inputs = pd.concat([past, later]).reindex(index)
    _refuse_short(text, feature.rows(column), int(past[column].notna().sum()))
    return _values(text, feature, inputs, column).to_numpy(dtype=np.float64)


def _values(text: str, feature: Feature, inputs: pd.DataFrame, parameter: int | str | None) -> Values:
    try:
        return feature.function(inputs, parameter)
    except FeatureError as error:
        raise FeatureError(f"{text}: {error}") from error


def _refuse_short(text: str, rows: int, got: int) -> None:
    if got <= rows:
        raise FeatureError(
            f"{text} needs at least {rows + 1} rows with values; got {got}. Load more history or shorten its parameter."
        )


def _sources(feature: Feature, parameter: int | str | None, columns: tuple[str, ...], level: str) -> dict[str, str]:
    """Which column of the table plays each part that the feature needs."""
    if isinstance(parameter, str):
        return {parameter: parameter}
    roles = {"level": level, "close": "close" if "close" in columns else level}
    return {need: roles.get(need, need) for need in feature.needs}


def _inputs(table: pd.DataFrame, text: str, feature: Feature, parameter: int | str | None, level: str) -> pd.DataFrame:
    sources = _sources(feature, parameter, tuple(table.columns), level)
    for source in sources.values():
        if source not in table.columns:
            present = ", ".join(map(str, table.columns))
            bar = f" {transforms.grammar()}" if "|" in source else ""
            raise FeatureError(
                f"{text} needs the column {source!r}; the table has {present}. Choose another feature, "
                f"or data that have it.{bar}"
            )
    inputs = pd.DataFrame({need: table[source] for need, source in sources.items()}).astype(np.float64)
    for need, source in sources.items():
        _refuse_signs(text, inputs[need], source, strict=need in feature.positive, volume=need == "volume")
    return inputs


def _refuse_signs(text: str, values: Values, source: str, *, strict: bool, volume: bool) -> None:
    bad = values <= 0.0 if strict else values < 0.0
    if not (strict or volume) or not bad.any():
        return
    first = values[bad].index[0]
    raise FeatureError(
        f"{text} takes a logarithm or a ratio, and {source} has {int(bad.sum())} values "
        f"{'<= 0' if strict else '< 0'} (first {values[first]:g} at {first}). Use change:{source} or "
        f"column:{source} instead."
    )
