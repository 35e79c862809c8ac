"""Every text that a page draws: headings, labels, tooltips, placeholders, options, captions and texts for screen
readers."""

import json
import re
from collections.abc import Container, Iterator
from typing import Any

from google.protobuf.message import Message
from streamlit.testing.v1 import AppTest

UNSEEN = re.compile(  # fields that hold no words: names of widgets, icons, addresses, data, styles
    r"(\b|_)(ids?|icon|url|page|script_hash|form|autocomplete|query_string|theme|editing_mode|css|format|key|language|colou?r|mode|type)$"
)
WORDS = ("text", "ticktext", "name", "data", "hovertemplate", "label", "help", "displayValue")  # in a chart or table
NAMES = re.compile(  # of people, models, files and settings, the same in every language
    r"Lookback|Language|English|Diebold–Mariano|Platt|S&P|Samsung|Excel|Parquet|LightGBM|[a-z0-9_]+(:[a-z0-9_]+)+"
)
WORD = re.compile(r"[A-Za-z]*[a-z]{2,}")
SENTENCE = re.compile(r"[a-z]+(?: [a-z]+){2,}")


def english(app: AppTest) -> list[str]:
    """The texts in which English is left: without any Korean, or with three English words in a row."""
    return [text for text in texts(app) if _is_english(_plain(text))]


def broken(app: AppTest) -> list[str]:
    """The texts in which Markdown takes two asterisks for letters: a sign before them and a particle after them."""
    return [text for text in texts(app) if re.search(r"[^\w\s*]\*\*[가-힣]", text)]


def texts(app: AppTest) -> list[str]:
    """Every text of the page and of its sidebar, each once."""
    blocks = [app.main, app.sidebar, *app.get("dialog")]
    return list(dict.fromkeys(text for block in blocks for text in _of_block(block)))


def _of_block(block: Any) -> Iterator[str]:
    yield from _of_proto(getattr(block, "proto", None))
    for child in getattr(block, "children", {}).values():
        yield from _of_block(child)


def _of_proto(proto: Any) -> Iterator[str]:
    """The strings of a message and of the messages in it, apart from those that nobody sees."""
    if not isinstance(proto, Message) or proto.DESCRIPTOR.name == "Html":
        return
    for field, value in proto.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for part in [value] if isinstance(value, Message) else value:
                yield from _of_proto(part)
        elif field.type == field.TYPE_STRING and not UNSEEN.search(field.name):
            for text in [value] if isinstance(value, str) else value:
                yield from strings(json.loads(text), WORDS) if text.startswith("{") else [text]


def strings(value: Any, names: Container[str], name: str = "") -> Iterator[str]:
    """The strings under these names in the JSON of a chart, or of the columns of a table."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from strings(part, names, key)
    elif isinstance(value, list):
        for part in value:
            yield from strings(part, names, name)
    elif isinstance(value, str) and name in names:
        yield value


def _plain(text: str) -> str:
    """`text` without the marks of Markdown and without names."""
    text = re.sub(r"%\{[^}]*\}|<[^>]*>", "", text)
    text = re.sub(r":material/\w+:|:?[a-z]*-?badge\[|:[a-z]+\[|\\|`[^`]*`", "", text)
    return NAMES.sub("", text)


def _is_english(text: str) -> bool:
    korean = re.search("[가-힣]", text)
    return bool(SENTENCE.search(text) or (not korean and WORD.search(text)))
