"""How the runs of a comparison are told apart: a letter, a colour and a dash each."""

from collections.abc import Iterable

from core.charts import style, text
from core.evaluation.verdict import join_words
from core.language import shown

COLOURS = (style.MODEL, style.REFERENCE, style.VIOLET, style.SIENNA)
DASHES = style.DASHES
ROW = 34  # pixels of a row


def label(letter: str, model: str) -> str:
    """A · LSTM: the name of a run in a legend."""
    return f"{letter} · {text.escape(text.model_name(model))}"


def listed(letters: Iterable[str]) -> str:
    """A, B and C, in the language of the screen."""
    names = list(letters)
    return shown(join_words(names, len(names)))
