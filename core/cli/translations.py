"""Collects the sentences of the screen into the catalogues: `python -m core.cli.translations`.

Sentences stand in calls of `tr`, `message`, `mark` and their plurals; titles, labels and help stand in the registries,
so that a new feature, model or parameter is found without being marked.
"""

import ast
import io
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from core.language import LANGUAGES, catalogue
from core.language.choice import ENGLISH

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = ("app.py", "core", "pages", "ui")
SENTENCES, PLURALS, NOUNS = {"tr", "message", "mark"}, {"tr_n", "message_n"}, {"pluralize", "counted", "plural"}
TERM = "_term"  # of ui.glossary: its name and its explanation
STEPS = ("step", "minute", "hour", "day", "week", "month", "quarter", "year", "epoch")  # core.data.quality.step_noun
HEADER: dict[str, Any] = {
    "project": "Lookback",
    "version": "",
    "header_comment": "# Sentences of Lookback, under the licence of the project.",
    "last_translator": "Lookback",
    "language_team": "Lookback",
    "msgid_bugs_address": "",
    "charset": "utf-8",
    "fuzzy": False,
}
DATES = ('"POT-Creation-Date', '"PO-Revision-Date', '"Generated-By')  # would change with every call


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A sentence of the product, its plural if it has one, and the file or registry where it stands."""

    key: str
    many: str = ""
    place: str


def find(root: Path = ROOT) -> Iterator[Found]:
    """Every sentence of the screen, those of the code in the order of files and lines, then those of registries."""
    for name in CODE:
        top = root / name
        for path in [top] if top.is_file() else sorted(top.rglob("*.py")):
            yield from find_in(path.read_text(encoding="utf-8"), path.relative_to(root).as_posix())
    for noun in STEPS:
        yield Found(key=f"{{count}} {noun}", many=f"{{count}} {noun}s", place="core/data/quality.py")
        yield Found(key=noun, place="core/data/quality.py")
        yield Found(key=f"{noun}s", place="core/data/quality.py")
    yield from _of_registries()
    yield from _of_features()


def find_in(source: str, place: str) -> Iterator[Found]:
    """The sentences of one module."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        name = getattr(call.func, "id", getattr(call.func, "attr", ""))
        first, second = _text(call.args[:1]), _text(call.args[1:2])
        if name in SENTENCES and first:
            yield Found(key=first, place=place)
        elif name in PLURALS and first:
            yield Found(key=first, many=second, place=place)
        elif name in NOUNS and second:
            yield Found(key=f"{{count}} {second}", many=f"{{count}} {second}s", place=place)
        elif name == TERM:
            yield from (Found(key=key, place=place) for key in (first, second))


def update(root: Path = ROOT) -> dict[str, int]:
    """Write the template and bring every catalogue up to date; returns how many sentences each language lacks.

    A translation stays with its sentence. One whose sentence has gone is dropped; nothing is guessed.
    """
    from babel.messages.catalog import Catalog
    from babel.messages.pofile import read_po

    template, missing = _template(find(root)), {}
    _write(catalogue.FOLDER / f"{catalogue.DOMAIN}.pot", template)
    for language in LANGUAGES.keys() - {ENGLISH}:
        path, known = catalogue.path_of(language), Catalog(locale=language)
        if path.is_file():
            known = read_po(io.BytesIO(path.read_bytes()), locale=language)
        fresh = Catalog(locale=language, **HEADER)
        for entry in template:
            if entry.id:
                fresh.add(entry.id, _known(known, entry.id), locations=entry.locations)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write(path, fresh)
        missing[language] = len([entry for entry in fresh if entry.id and not all(strings(entry.string))])
    return missing


def strings(translation: str | Iterable[str] | None) -> tuple[str, ...]:
    """The forms of a translation: one, or one for each plural of the language."""
    return (translation or "",) if translation is None or isinstance(translation, str) else tuple(translation)


def placeholders(text: str) -> set[str]:
    """The names in braces of a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _template(everything: Iterable[Found]) -> Any:
    from babel.messages.catalog import Catalog

    template = Catalog(**HEADER)
    places: dict[str, list[str]] = {}
    plurals: dict[str, str] = {}
    for found in everything:
        places.setdefault(found.key, []).append(found.place)
        plurals.setdefault(found.key, found.many)
        plurals[found.key] = plurals[found.key] or found.many
    for key, many in plurals.items():
        unique = dict.fromkeys(places[key])
        template.add((key, many) if many else key, locations=[(place, None) for place in unique])  # type: ignore[misc]
    return template


def _known(known: Any, key: str | tuple[str, str]) -> Any:
    """The translation that the catalogue has of a sentence; empty if it has none of this form."""
    old = known.get(key[0] if isinstance(key, tuple) else key)
    plural = isinstance(key, tuple)
    if old is None or isinstance(old.id, tuple | list) != plural:
        return ("",) if plural else ""
    return old.string


def _of_registries() -> Iterator[Found]:
    """Titles, labels, descriptions and units of what a recipe can choose from, and of what the screen lists."""
    from core.baselines.registry import BASELINES
    from core.charts.data.quality_marks import MARK_STYLES
    from core.charts.explanation.similar_windows import NUMERALS
    from core.data.sources.registry import SOURCES
    from core.data.sources.samples import SAMPLES
    from core.datasets.split import TITLES as SPLITS
    from core.datasets.targets import TARGETS
    from core.evaluation.backtest.plan import Plan
    from core.evaluation.descriptions import SCORES
    from core.evaluation.residuals import DAYS
    from core.explain.importance import IMPORTANCE_METHODS
    from core.explain.methods import METHODS as EXPLANATIONS
    from core.features.feature import Family
    from core.intervals.methods import METHODS
    from core.models.kinds import MODELS
    from core.spec import PARTS, Spec
    from core.spec.fields import fields_of

    for name in PARTS:
        for _, field in fields_of(getattr(Spec(), name)):
            yield from _words([field], ("label", "help", "empty"), f"spec.{name}")
            yield from (Found(key=one.replace("_", " "), place=f"spec.{name}") for one in field.options)
    for _, field in fields_of(Spec()):
        yield from _words([field], ("label", "help", "empty"), "spec")
    for _, field in fields_of(Plan):
        yield from _words([field], ("label", "help", "empty"), "backtest.plan")
        yield from (Found(key=one, place="backtest.plan") for one in field.options)
    registries: tuple[tuple[str, Mapping[str, Any], tuple[str, ...]], ...] = (
        ("baselines", BASELINES, ("title", "phrase", "equation")),
        ("models", MODELS, ("title", "text")),
        ("targets", TARGETS, ("title", "formula", "unit", "score_unit", "untradable")),
        ("intervals", METHODS, ("title", "description")),
        ("scores", SCORES, ("text",)),
        ("importance methods", IMPORTANCE_METHODS, ("title", "number", "unit")),
        ("explanation methods", EXPLANATIONS, ("title", "text", "unit")),
        ("sources", SOURCES, ("title",)),
        ("samples", SAMPLES, ("title", "text", "field", "interval", "forecasts")),
    )
    for place, registry, names in registries:
        yield from _words(registry.values(), names, place)
    for kind in TARGETS.values():
        yield Found(key=kind.title.lower(), place="targets")
        if kind.position:
            yield Found(key=kind.position.rule, place="targets")
        if kind.unit.startswith("%"):
            yield Found(key=f"{{value}} {kind.unit}", place="targets")
    yield from (Found(key=family, place="features") for family in get_args(Family))
    for name, *_ in MARK_STYLES.values():
        yield Found(key=f"{{count}} {name}", many=f"{{count}} {name}s", place="core/charts/data/quality_marks.py")
    yield from (
        Found(key=one, place="core/evaluation/residuals.py") for one in ("weekday", "hour", "year", *NUMERALS, *DAYS)
    )
    yield from (Found(key=title, place="splits") for title in SPLITS.values())


def _of_features() -> Iterator[Found]:
    """What features and their transforms are called, what they are and how they are computed; series to join."""
    from core.data.covariates import MACRO_SERIES
    from core.data.sources.fred import WELL_KNOWN
    from core.features import leaky_example
    from core.features.feature import formula
    from core.features.registry import CATALOGUE
    from core.features.transforms import TRANSFORMS

    for feature in (*CATALOGUE.values(), *leaky_example.FEATURES):
        yield from _words([feature], ("title", "text"), "features")
        yield Found(key=formula(feature.function), place="features")
        if feature.parameter == "column":
            yield Found(key=feature.title.replace("Column", "{column}", 1), place="features")
    for transform in TRANSFORMS.values():
        yield Found(key=transform.title, place="transforms")
        yield Found(key=formula(transform.function), place="transforms")
    yield from _words(MACRO_SERIES, ("title",), "macro series")
    yield from (Found(key=title, place="macro series") for title, _ in WELL_KNOWN.values())


def _words(records: Iterable[Any], names: tuple[str, ...], place: str) -> Iterator[Found]:
    for record in records:
        for name in names:
            if key := getattr(record, name, ""):
                yield Found(key=key, place=place)


def _write(path: Path, content: Any) -> None:
    from babel.messages.pofile import write_po

    written = io.BytesIO()
    write_po(written, content, width=110)
    lines = [line for line in written.getvalue().decode().splitlines() if not line.startswith(DATES)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _text(nodes: list[ast.expr]) -> str:
    """The text of a literal; empty for anything else."""
    node = nodes[0] if nodes else None
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


if __name__ == "__main__":
    for language, count in update().items():
        print(f"{language}: {count} sentences without a translation")
