"""Text made safe for Markdown: names come from people's files, sentences from the core."""

import re


def escape(text: str) -> str:
    """`text` so that Markdown shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:])", r"\\\1", text)


def sentence(text: str) -> str:
    """`text` escaped, without a line break inside a p-value."""
    return escape(text.replace("p = ", "p\u00a0=\u00a0").replace("p < ", "p\u00a0<\u00a0"))
