"""The catalogues of translated sentences: .po files, compiled when a language is first spoken."""

import gettext
import io
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "locale"
DOMAIN = "lookback"


def path_of(language: str) -> Path:
    """The catalogue of a language."""
    return FOLDER / language / "LC_MESSAGES" / f"{DOMAIN}.po"


@cache
def load(language: str) -> gettext.NullTranslations:
    """The sentences of a language; one without a catalogue, such as English, speaks the sentences of the code.

    Fuzzy entries are guesses of a tool and are not spoken.
    """
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    path = path_of(language)
    if not path.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
