"""The catalogue of features as people browse it: what fits these columns, search, families, and lists of features."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

import pandas as pd

from core.errors import CoreError, words
from core.features.feature import Family, Parameter
from core.features.registry import CATALOGUE, available, compute, families, parse
from core.features.transforms import FRACTION, TRANSFORMS, Transform
from core.language import message, shown

EXPERT = "expert"  # the category of the other indicators of pandas-ta-classic


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the catalogue. `text` is how the feature is written without a number: rsi, column:OT, ta:hma."""

    text: str
    title: str
    family: str
    description: str


def entries(columns: tuple[str, ...], level: str, known: tuple[str, ...] = ()) -> tuple[Entry, ...]:
    """Return what the catalogue offers for these columns: indicators, then features of one column.

    `known` are the columns that are known in the future.
    """
    names = available(columns, level)
    plain = [_entry(name, name) for name in names if not isinstance(CATALOGUE[name].parameter, str)]
    of_column = [name for name in names if isinstance(CATALOGUE[name].parameter, str)]
    return (
        *plain,
        *(
            _entry(f"{name}:{column}", name, column)
            for name in of_column
            for column in (known if CATALOGUE[name].kind == "known" else columns)
        ),
    )


@cache
def expert_entries() -> tuple[Entry, ...]:
    """Return every other indicator that only looks back, described by pandas-ta-classic (imports that library)."""
    from core.features import ta_indicators
    from core.features.ta_backend import pandas_ta

    indicators = []
    for name, category in ta_indicators.names().items():
        title, description = _split_docstring(inspect.getdoc(getattr(pandas_ta(), name)) or name)
        indicators.append(
            Entry(
                text=f"ta:{name}",
                title=title,
                family=EXPERT,
                description=description or message("An indicator of {category}.", category=category),
            )
        )
    return tuple(sorted(indicators, key=lambda entry: entry.text))


def outputs(entry: Entry) -> tuple[str, ...]:
    """Return how each output of this entry is written: ta:aroon.aroonu, ta:aroon.aroond; a single one as the entry.

    An indicator is measured on its first call, which takes up to a second.
    """
    if entry.family != EXPERT:
        return (entry.text,)
    from core.features import ta_indicators

    several = ta_indicators.outputs(entry.text.removeprefix("ta:"))
    return tuple(f"{entry.text}.{output.label}" for output in several) if len(several) > 1 else (entry.text,)


def categories(entries: Iterable[Entry]) -> tuple[str, ...]:
    """Return the families of these entries, always in the same order."""
    present = {entry.family for entry in entries}
    return tuple(family for family in (*get_args(Family), EXPERT) if family in present)


def search(words: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that contain every word: first by name, then by title, then by description.

    Entries of the same rank keep their order.
    """
    terms = words.lower().split()
    ranked = [(rank, entry) for entry in entries if (rank := _rank(terms, entry)) is not None]
    return tuple(entry for _, entry in sorted(ranked, key=lambda pair: pair[0]))


def format_feature(text: str, number: int | None = None, steps: Iterable[tuple[str, float | None]] = ()) -> str:
    """Return a feature as a recipe has it: ("rsi", 21, [("zscore", 60)]) becomes rsi:21|zscore:60."""
    base = text if number is None else f"{text}:{number}"
    return "|".join([base, *(name if value is None else f"{name}:{value:g}" for name, value in steps)])


def start_value(transform: Transform) -> float | int | None:
    """Return the number that a widget begins with; None if the transform takes none."""
    if transform.number is None:
        return None
    default = transform.default if transform.default is not None else FRACTION
    return transform.number(min(max(default, transform.low), transform.high))


def with_default_number(text: str) -> str:
    """Return the entry `text` with its default number: rsi becomes rsi:14, weekday stays. Raises FeatureError."""
    parameter = parse(text)[0].parameter
    return f"{text}:{parameter.default}" if isinstance(parameter, Parameter) else text


def find_duplicate(text: str, chosen: Iterable[str]) -> str | None:
    """Return the one of `chosen` that is the same feature as `text`, or None; unreadable texts are never the same.

    Raises FeatureError if `text` itself is unreadable.
    """
    feature, parameter = parse(text)
    return next((other for other in chosen if _key(other) == (feature.name, parameter)), None)


def group_by_family(chosen: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return family → its features, always in the same order; unreadable ones under "unknown"."""
    groups: dict[str, tuple[str, ...]] = {}
    for text in chosen:
        family = "unknown" if _key(text) is None else next(iter(families((text,))))
        groups[family] = (*groups.get(family, ()), text)
    return {family: groups[family] for family in (*get_args(Family), "unknown") if family in groups}


def select_computable(chosen: Iterable[str], table: pd.DataFrame, level: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return those of `chosen` that can be computed from `table` (one symbol), and the error of each of the others."""
    computable, errors = [], {}
    for text in chosen:
        try:
            compute(table, (text,), level, pd.DatetimeIndex([]))
            computable.append(text)
        except CoreError as error:
            errors[text] = words(error)
    return tuple(computable), errors


def transforms() -> tuple[str, ...]:
    """Return the names of the transforms, in the order of their registry."""
    return tuple(TRANSFORMS)


def _entry(text: str, name: str, column: str = "") -> Entry:
    feature = CATALOGUE[name]
    family = next(iter(families((text,)))) if column else feature.family
    title = message(feature.title)
    if column:
        title = message("{title}: {column}", title=title, column=column)
    return Entry(text=text, title=title, family=family, description=message(feature.text))


def _split_docstring(document: str) -> tuple[str, str]:
    """Return the title of a docstring, and the first sentence below it if there is one."""
    title, *paragraphs = (" ".join(part.split()) for part in document.split("\n\n"))
    first = paragraphs[0] if paragraphs and not paragraphs[0].startswith(("Source", "Calculation", "Args")) else ""
    sentence = first.partition(". ")[0].rstrip(".")
    return title[:80], f"{sentence}." if sentence else ""


def _rank(terms: list[str], entry: Entry) -> int | None:
    name, title = entry.text.lower(), f"{entry.title} {shown(entry.title)}".lower()  # in English, too
    description = f"{entry.family} {entry.description} {shown(entry.description)}".lower()
    if not all(term in f"{name} {title} {description}" for term in terms):
        return None
    short = name.removeprefix("ta:")
    tests = (short == "_".join(terms), all(term in short for term in terms), all(term in title for term in terms))
    return next((rank for rank, passed in enumerate(tests) if passed), len(tests))


def _key(text: str) -> tuple[str, int | str | None] | None:
    try:
        feature, parameter = parse(text)
    except CoreError:  # typed by hand: `compute` says what is wrong
        return None
    return feature.name, parameter
