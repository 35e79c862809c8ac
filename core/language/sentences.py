"""Whole sentences with named placeholders, spoken in the language of the screen.

`tr("The {model} is better.", model=name)` is said at once. `message(...)` is the English sentence that remembers how it
was put together: what is stored, cached, logged or raised stays English, and `shown` says it again in the language of
whoever reads it.
"""

import string
from collections.abc import Iterable, Mapping
from typing import Any

from core.language import catalogue
from core.language.choice import ENGLISH, current, use
from core.language.particles import PARTICLES, attach

Values = Mapping[str, Any]


class Message(str):
    """An English sentence and its parts: `key` is the sentence with placeholders, `many` that of a plural with its
    `number`, `values` fill the placeholders. A list of sentences has no key; its values are the sentences by number."""

    key: str
    many: str
    number: int
    values: dict[str, Any]

    def __new__(
        cls, text: str, key: str = "", values: Values | None = None, many: str = "", number: int = 1
    ) -> "Message":
        """The sentence `text`; a copy gets its parts with its other attributes."""
        self = super().__new__(cls, text)
        self.key, self.many, self.number, self.values = key, many, number, dict(values or {})
        return self


def message(key: str, /, **values: Any) -> Message:
    """The English sentence `key` with its placeholders filled; a value that is a message is translated with it."""
    return Message(_fill(key, values, ENGLISH), key, values)


def message_n(one: str, many: str, count: int, /, **values: Any) -> Message:
    """The English sentence `one` if `count` is 1, else `many`; both may hold {count}."""
    values = {"count": _count(count), **values}
    return Message(_fill(one if count == 1 else many, values, ENGLISH), one, values, many, count)


def join(sentences: Iterable[str]) -> Message:
    """Sentences as one text."""
    parts = [sentence for sentence in sentences if sentence]
    if len(parts) == 1 and isinstance(parts[0], Message):
        return parts[0]
    return Message(" ".join(parts), values={str(number): part for number, part in enumerate(parts)})


def shown(text: str) -> str:
    """A message in the language of the screen, whatever it was made in; other text, such as names, as it is."""
    if not isinstance(text, Message):
        return text
    if not text.key:
        return " ".join(shown(part) for part in text.values.values()) if text.values else str(text)
    language = current()
    if language == ENGLISH:
        return str(text)
    spoken = catalogue.load(language)
    template = spoken.ngettext(text.key, text.many, text.number) if text.many else spoken.gettext(text.key)
    return _fill(template, text.values, language)


def mark(key: str) -> str:
    """`key` itself, for the catalogue: a sentence that `tr` says later."""
    return key


def tr(key: str, /, **values: Any) -> str:
    """The sentence `key` in the language of the screen, its placeholders filled."""
    language = current()
    return _fill(catalogue.load(language).gettext(key) if key else "", values, language)


def tr_n(one: str, many: str, count: int, /, **values: Any) -> str:
    """The sentence for one or for many in the language of the screen; both may hold {count}."""
    language = current()
    return _fill(catalogue.load(language).ngettext(one, many, count), {"count": _count(count), **values}, language)


def in_english(text: str) -> str:
    """A message in English: what is written to files and logs."""
    with use(ENGLISH):
        return shown(text)


def _count(count: int) -> str:
    return f"{count:,}"


class _Filler(string.Formatter):
    """Fills placeholders; one with a particle as its format ({model:은}) takes the form that the value asks for."""

    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec in PARTICLES:
            return attach(str(value), format_spec)
        return str(super().format_field(value, format_spec))


_filler = _Filler()


def _fill(template: str, values: Values, language: str) -> str:
    """The template with its values, each message among them in the same language."""
    if not values:
        return template.replace("{{", "{").replace("}}", "}")
    if any(isinstance(value, Message) for value in values.values()):
        with use(language):
            values = {name: shown(value) if isinstance(value, Message) else value for name, value in values.items()}
    return _filler.vformat(template, (), values)
