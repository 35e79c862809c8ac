"""A model card as plain frozen data, its words in the language of the screen."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows of written cells under `heads`; `marked` is the row of the model, if it is one of them."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marked: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part of a card: sentences, pairs of a label and a value, and a table. `name` is that of its charts."""

    name: str
    title: str
    sentences: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model card: the run, its verdict (`tone` is good, none or bad), titled alarms, and its sections in order."""

    run_id: str
    created: str
    title: str
    tone: str
    verdict: str
    alarms: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
