"""Text made safe for Markdown: names come from people's files, sentences from the core."""

import re

from core.errors import CoreError, words
from core.language import shown

LINK = re.compile(r"(?i)www(?=\.)|:(?=//)|@")  # where Markdown sees a web or mail address, escaped or not
WORD_JOINER = "\u2060"  # has no width and allows no line break


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it is, an address as no link; a message of the core in the language of the
    screen."""
    parted = LINK.sub(lambda match: match[0] + WORD_JOINER, shown(text))
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", parted)


def of_error(problem: CoreError | str) -> str:
    """The words of an error escaped; `str` of an error would forget that they are a message."""
    return escape(problem if isinstance(problem, str) else words(problem))


def sentence(text: str) -> str:
    """`text` escaped, without a line break inside a p-value."""
    return escape(shown(text).replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0"))
