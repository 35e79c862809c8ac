"""The registry of features: from a text such as `rsi:14` to a column of numbers."""

import difflib
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from core.errors import FeatureError, words
from core.features import (
    calendar,
    carry,
    checks,
    indicators,
    leaky_example,
    oscillators,
    price,
    transforms,
    trends,
    volume_volatility,
)
from core.features.feature import Family, Feature, Values
from core.features.parameters import parse_parameter
from core.language import join, message
from core.spec.fields import either
from core.types import Floats, Ints

CATALOGUE: dict[str, Feature] = {
    f.name: f
    for f in (
        *price.FEATURES,
        *indicators.FEATURES,
        *oscillators.FEATURES,
        *trends.FEATURES,
        *volume_volatility.FEATURES,
        *calendar.FEATURES,
    )
}
PRICES = ("open", "high", "low", "close", "volume")
PRICE_LEVEL = "close"  # a level of this name is a price
_NOT_OFFERED: dict[str, Feature] = {f.name: f for f in leaky_example.FEATURES}  # can be named, not chosen from a list
_COLUMN_FAMILIES: dict[str, Family] = {name: "volume" if name == "volume" else "price" for name in PRICES}
_COVARIATE_FAMILIES: dict[str, Family] = {"macro.": "macro", "news.": "news"}  # by the beginning of a column's name
# The rows of one table in which no column that a feature needs is missing, and which of them counts at each row, by
# what decides them: shared, so that they are selected once.
Shared: TypeAlias = dict[tuple[Any, ...], tuple[pd.DataFrame, Ints]]


def parse(text: str) -> tuple[Feature, int | str | None]:
    """Return the feature that `text` names and its parameter.

    Written `rsi:14`, `rsi`, `column:OT`, `weekday`; `ta:hma:30` and `ta:aroon.aroonu:25` for the other indicators of
    pandas-ta-classic (core.features.ta_indicators); any of them followed by transforms, `rsi:14|zscore:60|lag:3`
    (core.features.transforms), which become part of the name of the feature.
    Raises FeatureError for an unknown name, with the nearest ones, and for a parameter that does not fit.
    """
    base, chain = transforms.split_transforms(text)
    feature, parameter = _parse_base(base)
    return transforms.apply_transforms(feature, chain), parameter


def rows_needed(features: tuple[str, ...]) -> int:
    """Return the rows at the start of a series in which at least one of these features has no value yet.

    Raises FeatureError as `parse` does.
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
    """Return one float64 column per feature, (T + H rows): the rows of `table`, then the times of `future`.

    `table` has one symbol in order of time; `level` names the column that the run is about; `ahead` has the columns
    that are known in the future, on times of `future`. Past features are NaN in the future rows, known ones have their
    values there. A row in which a needed column has no value is skipped: the features of the next row look back to the
    last row that has one. Between the values of a column of lower frequency its features keep their last value
    (core.features.carry).
    Raises FeatureError for a repeated feature, a missing column, too few rows, and values without a logarithm.
    """
    _check_repetitions(features)
    index = table.index.append(future)
    shared: Shared = {}
    columns = {text: _column(table, text, level, index, ahead, shared) for text in features}
    return pd.DataFrame(columns, index=index, dtype=np.float64)


def available(columns: tuple[str, ...], level: str) -> tuple[str, ...]:
    """Return the names in the catalogue whose columns are all present, in the order of the catalogue."""
    return tuple(f.name for f in CATALOGUE.values() if not set(_sources(f, None, columns, level).values()) - {*columns})


def defaults(group: str, columns: tuple[str, ...], level: str, known: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the features of a recipe that names none, by its target's group, the table's columns and its level.

    `group` is ranges (for a spread), levels, returns or columns (all of them).

    Daily ranges and volume belong to the close: they are left out if the level is another column. Past covariates, and
    columns of the series that are no prices, are added as changes and as deviations from their recent mean, news as it
    is, and so are the columns `known` in the future. Raises FeatureError for an unknown group.
    """
    covariates = tuple(c for c in columns if is_covariate(c))
    own = tuple(c for c in columns if c not in {*covariates, *known} or c == level)
    of_covariates = [text for c in covariates if c not in known for text in covariate_defaults(c)]
    of_known = (f"known:{c}" for c in known if c in columns)
    others = [] if group == "columns" else [c for c in own if c not in {*PRICES, level}]
    of_others = [text for c in others for text in _as_covariate(c)]
    return (*_group_defaults(group, own, level), *of_others, *of_covariates, *of_known)


def is_covariate(column: str) -> bool:
    """Return whether this is a column of a past covariate or of news, joined to the series."""
    return column.startswith(tuple(_COVARIATE_FAMILIES))


def covariate_defaults(column: str) -> tuple[str, ...]:
    """Return the default features of a past covariate; none for another column."""
    if column.startswith("news."):
        return (f"column:{column}",)
    return _as_covariate(column) if column.startswith("macro.") else ()


def _as_covariate(column: str) -> tuple[str, ...]:
    """Return a column of unknown level as its change and its deviation from the recent mean."""
    return (f"change:{column}", f"column:{column}|zscore:60")


def _group_defaults(group: str, columns: tuple[str, ...], level: str) -> tuple[str, ...]:
    is_price = level == PRICE_LEVEL
    has_range = is_price and {"high", "low"} <= {*columns}
    volume = ("volume_change",) if is_price and "volume" in columns else ()
    if group == "ranges" and has_range:
        ranges = ("log_range", "log_range_mean:5", "log_range_mean:22")
        return ("return", "abs_return", *ranges, *volume, "negative_return")
    if group == "ranges":
        return ("return", "abs_return", "negative_return", "log_volatility:5", "log_volatility:22")
    if group == "levels":
        return tuple(f"column:{c}" for c in (PRICES if is_price else (level,)) if c in columns)
    if group == "returns":
        daily_range = ("log_range",) if has_range else ()
        return ("return", *daily_range, "ma_ratio:5", "ma_ratio:20", "rsi:14", "macd_hist", *volume)
    if group == "columns":
        return tuple(f"column:{c}" for c in columns)
    raise FeatureError(
        f"There are no default features called {group!r}; there are ranges, levels, returns and columns."
    )


def families(features: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """Return family → its features, both in the order in which they are named.

    A column of a price or of the volume belongs to that family, a covariate to macro or news, any other column to
    "other". Raises FeatureError as `parse` does.
    """
    groups: dict[str, tuple[str, ...]] = {}
    for text in features:
        feature, parameter = parse(text)
        family = _column_family(parameter) if isinstance(parameter, str) else feature.family
        groups[family] = (*groups.get(family, ()), text)
    return groups


def _column_family(column: str) -> Family:
    of_covariate = next((family for start, family in _COVARIATE_FAMILIES.items() if column.startswith(start)), None)
    return of_covariate or _COLUMN_FAMILIES.get(column, "other")


def _parse_base(text: str) -> tuple[Feature, int | str | None]:
    name, colon, value = text.partition(":")
    if name == "ta" and colon:
        from core.features import ta_indicators

        feature, length = ta_indicators.parse(value)
        return feature, parse_parameter(feature, length)
    named = CATALOGUE.get(name) or _NOT_OFFERED.get(name)
    if named is None:
        near = difflib.get_close_matches(name, CATALOGUE, n=3, cutoff=0.5)
        hint = (
            message("Did you mean {names}?", names=either(near))
            if near
            else message("Known: {known}.", known=", ".join(CATALOGUE))
        )
        unknown = message("There is no feature {name}.", name=repr(name))
        raise FeatureError(join([unknown, hint, message("A column of the data is written column:NAME.")]))
    return named, parse_parameter(named, value if colon else None)


def _check_repetitions(features: tuple[str, ...]) -> None:
    texts: dict[tuple[str, int | str | None], str] = {}
    for text in features:
        feature, parameter = parse(text)
        key = (feature.name, parameter)
        if key in texts:
            raise FeatureError(
                message(
                    "The feature {text} is the same as {other}. Name each feature once.", text=text, other=texts[key]
                )
            )
        texts[key] = text


def _column(
    table: pd.DataFrame, text: str, level: str, index: pd.Index, ahead: pd.DataFrame | None, shared: Shared
) -> Floats:
    feature, parameter = parse(text)
    if feature.kind == "known" and isinstance(parameter, str):
        return _known_column(table, text, feature, parameter, level, index, ahead)
    if feature.kind == "known":
        checks.check_rows(text, feature.rows(parameter), len(index))
        return _values(text, feature, pd.DataFrame(index=index), parameter).to_numpy(dtype=np.float64)
    key = (feature.needs, feature.positive, parameter if isinstance(parameter, str) else None)
    if key not in shared:
        inputs = _inputs(table, text, feature, parameter, level)
        complete_T = ~np.isnan(inputs.to_numpy()).any(axis=1)
        source_T = carry.source_rows(inputs, complete_T)
        position_T = np.where(source_T < 0, -1, np.cumsum(complete_T)[source_T] - 1)
        shared[key] = (inputs if complete_T.all() else inputs[complete_T], position_T)
    inputs, position_T = shared[key]
    checks.check_rows(text, feature.rows(parameter), len(inputs))
    values = _values(text, feature, inputs, parameter).to_numpy(dtype=np.float64)
    full_T = np.full(len(index), np.nan)
    full_T[: len(table)][position_T >= 0] = values[position_T[position_T >= 0]]
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
    """Return the column over past and future rows; NaN where the future value is not given."""
    past = _inputs(table, text, feature, column, level)
    later = past.iloc[:0] if ahead is None or column not in ahead else ahead[[column]]
    inputs = pd.concat([past, later]).reindex(index)
    checks.check_rows(text, feature.rows(column), int(past[column].notna().sum()))
    return _values(text, feature, inputs, column).to_numpy(dtype=np.float64)


def _values(text: str, feature: Feature, inputs: pd.DataFrame, parameter: int | str | None) -> Values:
    try:
        return feature.function(inputs, parameter)
    except FeatureError as error:
        raise FeatureError(message("{feature}: {error}", feature=text, error=words(error))) from error


def _sources(feature: Feature, parameter: int | str | None, columns: tuple[str, ...], level: str) -> dict[str, str]:
    """Return which column of the table plays each role that the feature needs."""
    if isinstance(parameter, str):
        return {parameter: parameter}
    roles = {"level": level, "close": "close" if "close" in columns else level}
    return {need: roles.get(need, need) for need in feature.needs}


def _inputs(table: pd.DataFrame, text: str, feature: Feature, parameter: int | str | None, level: str) -> pd.DataFrame:
    sources = _sources(feature, parameter, tuple(table.columns), level)
    for source in sources.values():
        if source not in table.columns:
            present = ", ".join(map(str, table.columns))
            hint = transforms.grammar() if "|" in source else ""
            missing = message(
                "{text} needs the column {source}; the table has {present}. Choose another feature, or data with "
                "this column.",
                text=text,
                source=repr(source),
                present=present,
            )
            raise FeatureError(join([missing, hint]))
    inputs = pd.DataFrame({need: table[source] for need, source in sources.items()}).astype(np.float64)
    for need, source in sources.items():
        checks.check_signs(text, inputs[need], source, positive=need in feature.positive, volume=need == "volume")
    return inputs
