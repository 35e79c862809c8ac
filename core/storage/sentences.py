"""How the English sentences of a saved record were put together, so that the screen can say them in its language.

A record keeps its sentences as English text, which needs nothing else to be read. Next to it stand their parts: an
older version leaves them alone, and a sentence without parts, of an older version, is shown in English.
"""

from dataclasses import fields, is_dataclass, replace
from typing import Any

from core.language import Message

Parts = dict[str, Any]


def parts_of(record: Any) -> dict[str, Parts]:
    """The parts of every message in a record, by its English text."""
    if isinstance(record, Message):
        return {str(record): _to_parts(record)}
    found: dict[str, Parts] = {}
    for entry in _entries(record):
        found |= parts_of(entry)
    return found


def restore(record: Any, parts: dict[str, Parts]) -> Any:
    """The record with each sentence that has parts as a message again."""
    if isinstance(record, str):
        return _from_parts(record, parts[record]) if record in parts else record
    if is_dataclass(record) and not isinstance(record, type):
        changed = {field.name: restore(getattr(record, field.name), parts) for field in fields(record)}
        return replace(record, **changed)
    if isinstance(record, dict):
        return {name: restore(entry, parts) for name, entry in record.items()}
    if isinstance(record, tuple):
        return tuple(restore(entry, parts) for entry in record)
    return record


def _entries(record: Any) -> list[Any]:
    if is_dataclass(record) and not isinstance(record, type):
        return [getattr(record, field.name) for field in fields(record)]
    if isinstance(record, dict):
        return list(record.values())
    return list(record) if isinstance(record, tuple | list) else []


def _to_parts(sentence: Message) -> Parts:
    values = {
        name: {"text": str(value), **_to_parts(value)} if isinstance(value, Message) else str(value)
        for name, value in sentence.values.items()
    }
    return {"key": sentence.key, "many": sentence.many, "number": sentence.number, "values": values}


def _from_parts(text: str, parts: Parts) -> Message:
    values = {
        name: _from_parts(value["text"], value) if isinstance(value, dict) else value
        for name, value in parts["values"].items()
    }
    return Message(text, parts["key"], values, parts["many"], parts["number"])
