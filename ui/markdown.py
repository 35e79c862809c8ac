"""Text made safe for Markdown: names come from people's files, sentences from the core."""

import re

from core.errors import CoreError, words
from core.language import shown


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it is; a message of the core in the language of the screen."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", shown(text))


def of_error(problem: CoreError | str) -> str:
    """The words of an error escaped; `str` of an error would forget that they are a message."""
    return escape(problem if isinstance(problem, str) else words(problem))


def sentence(text: str) -> str:
    """`text` escaped, without a line break inside a p-value."""
    return escape(shown(text).replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0"))
