"""Looking through the catalogue: what there is for these columns, by family and by search, and what a list holds."""

import inspect
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import get_args

import pandas as pd

from core.errors import CoreError
from core.features.feature import Family, Feature, Parameter
from core.features.registry import CATALOGUE, available, compute, families, parse
from core.features.transforms import TRANSFORMS, Transform

EXPERT = "expert"  # the category of what pandas-ta-classic has beside the catalogue
FRACTION = 0.4  # what a transform with a fraction and no usual value starts from


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the catalogue. `text` is how the feature is written without a number: rsi, column:OT, ta:hma."""

    text: str
    title: str
    family: str
    caption: str


def entries(columns: tuple[str, ...], level: str, known: tuple[str, ...] = ()) -> tuple[Entry, ...]:
    """What the catalogue offers for these columns, `known` of them ahead of time; columns follow the indicators."""
    names = available(columns, level)
    plain = [_entry(name, name) for name in names if not isinstance(CATALOGUE[name].parameter, str)]
    asking = [name for name in names if isinstance(CATALOGUE[name].parameter, str)]
    return (
        *plain,
        *(
            _entry(f"{name}:{column}", name, column)
            for name in asking
            for column in (known if CATALOGUE[name].kind == "known" else columns)
        ),
    )


@cache
def experts() -> tuple[Entry, ...]:
    """Every other indicator that looks back alone, in the words of pandas-ta-classic (brings that library)."""
    from core.features import ta_indicators
    from core.features.ta_backend import library

    made = []
    for name, category in ta_indicators.names().items():
        title, says = _words(inspect.getdoc(getattr(library(), name)) or name)
        made.append(
            Entry(text=f"ta:{name}", title=title, family=EXPERT, caption=says or f"An indicator of {category}.")
        )
    return tuple(sorted(made, key=lambda entry: entry.text))


def outputs(entry: Entry) -> tuple[str, ...]:
    """How each output of this entry is written: ta:aroon.aroonu, ta:aroon.aroond; itself where it has one alone.

    An indicator is measured the first time, which takes up to a second.
    """
    if entry.family != EXPERT:
        return (entry.text,)
    from core.features import ta_indicators

    found = ta_indicators.outputs(entry.text.removeprefix("ta:"))
    return tuple(f"{entry.text}.{output.label}" for output in found) if len(found) > 1 else (entry.text,)


def categories(found: Iterable[Entry]) -> tuple[str, ...]:
    """The families of these entries, in one order always."""
    held = {entry.family for entry in found}
    return tuple(family for family in (*get_args(Family), EXPERT) if family in held)


def find(words: str, among: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries in which every word stands: first those that are called so, then those whose title says it, then
    those that are described so; each in the order given."""
    asked = words.lower().split()
    ranked = [(rank, entry) for entry in among if (rank := _rank(asked, entry)) is not None]
    return tuple(entry for _, entry in sorted(ranked, key=lambda pair: pair[0]))


def written(text: str, number: int | None = None, steps: Iterable[tuple[str, float | None]] = ()) -> str:
    """A feature as it stands in a recipe: ("rsi", 21, [("zscore", 60)]) gives rsi:21|zscore:60."""
    base = text if number is None else f"{text}:{number}"
    return "|".join([base, *(name if value is None else f"{name}:{value:g}" for name, value in steps)])


def start(transform: Transform) -> float | int | None:
    """The number at which a person begins; None where the transform takes none."""
    if transform.number is None:
        return None
    usual = transform.default if transform.default is not None else FRACTION
    return transform.number(min(max(usual, transform.low), transform.high))


def usually(text: str) -> str:
    """The entry `text` with its usual number written out: rsi gives rsi:14, weekday stays. Raises FeatureError."""
    parameter = parse(text)[0].parameter
    return f"{text}:{parameter.default}" if isinstance(parameter, Parameter) else text


def formula(feature: Feature) -> str:
    """What the feature's function says of itself, on one line."""
    return " ".join((inspect.getdoc(feature.function) or "").split())


def twin(text: str, chosen: Iterable[str]) -> str | None:
    """The one of `chosen` that is the same feature as `text`, if there is one; texts that cannot be read differ.

    Raises FeatureError when `text` itself cannot be read.
    """
    feature, parameter = parse(text)
    return next((other for other in chosen if _key(other) == (feature.name, parameter)), None)


def grouped(chosen: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Family → its features, in one order of families always; under "unknown" those that cannot be read."""
    found: dict[str, tuple[str, ...]] = {}
    for text in chosen:
        family = "unknown" if _key(text) is None else next(iter(families((text,))))
        found[family] = (*found.get(family, ()), text)
    return {family: found[family] for family in (*get_args(Family), "unknown") if family in found}


def summary(chosen: Iterable[str]) -> str:
    """How many features there are and of which families: 3 features: 1 price, 2 volatility."""
    groups = grouped(chosen)
    count = sum(map(len, groups.values()))
    said = ", ".join(f"{len(held)} {family}" for family, held in groups.items())
    return f"{count} feature{'' if count == 1 else 's'}: {said}" if count else "no feature"


def fitting(chosen: Iterable[str], table: pd.DataFrame, level: str) -> tuple[tuple[str, ...], dict[str, str]]:
    """Those of `chosen` that can be computed from `table` (one symbol), and why each of the others cannot."""
    kept, refused = [], {}
    for text in chosen:
        try:
            compute(table, (text,), level, pd.DatetimeIndex([]))
            kept.append(text)
        except CoreError as problem:
            refused[text] = str(problem)
    return tuple(kept), refused


def transforms() -> tuple[str, ...]:
    """The names of the transforms, in the order of their table."""
    return tuple(TRANSFORMS)


def _entry(text: str, name: str, column: str = "") -> Entry:
    feature = CATALOGUE[name]
    family = next(iter(families((text,)))) if column else feature.family
    title = f"{feature.title}: {column}" if column else feature.title
    return Entry(text=text, title=title, family=family, caption=feature.text)


def _words(document: str) -> tuple[str, str]:
    """The title of a docstring, and the first sentence below it where there is one."""
    title, *paragraphs = (" ".join(part.split()) for part in document.split("\n\n"))
    first = paragraphs[0] if paragraphs and not paragraphs[0].startswith(("Source", "Calculation", "Args")) else ""
    sentence = first.partition(". ")[0].rstrip(".")
    return title[:80], f"{sentence}." if sentence else ""


def _rank(asked: list[str], entry: Entry) -> int | None:
    name, title, says = entry.text.lower(), entry.title.lower(), f"{entry.family} {entry.caption}".lower()
    if not all(word in f"{name} {title} {says}" for word in asked):
        return None
    short = name.removeprefix("ta:")
    tests = (short == "_".join(asked), all(word in short for word in asked), all(word in title for word in asked))
    return next((rank for rank, held in enumerate(tests) if held), len(tests))


def _key(text: str) -> tuple[str, int | str | None] | None:
    try:
        feature, parameter = parse(text)
    except CoreError:  # typed by hand: whoever computes it says what is wrong
        return None
    return feature.name, parameter
