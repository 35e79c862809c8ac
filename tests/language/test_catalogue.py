"""The catalogues: complete, with the placeholders of the code, and without English left over."""

import re

import pytest
from babel.messages.pofile import read_po

from core.cli import translations
from core.language import LANGUAGES, catalogue
from core.language.particles import PARTICLES

OTHERS = sorted(LANGUAGES.keys() - {"en"})
NAMES = re.compile(  # of models, people and settings: the same in every language
    r"pip install --no-deps fracast|RMSprop|[A-Za-z]+ & [A-Za-z]+ \d+|[A-Za-z]+ et al\. \d+|SOURCE:NAME#COLUMN@"
)
ENGLISH = re.compile(r"[a-z]+(?: [a-z]+){2,}")  # three words in a row are a sentence that nobody translated


def entries(language):
    with catalogue.path_of(language).open("rb") as file:
        return {entry.id if isinstance(entry.id, str) else entry.id[0]: entry for entry in read_po(file) if entry.id}


@pytest.fixture(scope="module")
def found():
    """Every sentence of the product: key → its plural, empty without one."""
    by_key = {}
    for one in translations.find():
        by_key[one.key] = by_key.get(one.key) or one.many
    return by_key


@pytest.mark.parametrize("language", OTHERS)
def test_every_sentence_is_translated(language, found):
    known = entries(language)
    missing = [key for key in found if key not in known or not all(translations.strings(known[key].string))]
    assert len(found) > 1000
    assert missing == []
    assert sorted(known.keys() - found.keys()) == []  # of the code of before
    assert [key for key, entry in known.items() if entry.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_agree(language, found):
    for key, entry in entries(language).items():
        allowed = translations.placeholders(key) | translations.placeholders(found[key])
        for text in translations.strings(entry.string):
            assert translations.placeholders(text) <= allowed, (key, text)
            lost = translations.placeholders(key) - translations.placeholders(text)
            assert not lost or found[key], (key, text)
            formats = {spec for _, name, spec, _ in translations.string.Formatter().parse(text) if name and spec}
            assert formats <= PARTICLES.keys(), (key, text)


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_sentence_is_left(language):
    left = [
        text
        for entry in entries(language).values()
        for text in translations.strings(entry.string)
        if ENGLISH.search(re.sub(r"\{[^}]*\}", "", NAMES.sub("", text)))
    ]
    assert left == []


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_end_as_sentences(language):
    """Where the English one ends with a full stop, the translation does, and nowhere else in Korean."""
    wrong = [
        (key, text)
        for key, entry in entries(language).items()
        for text in translations.strings(entry.string)
        if key.rstrip().endswith(".") != text.rstrip().endswith(".")
    ]
    assert wrong == []


def test_extraction_finds_every_kind_of_call():
    source = 'tr("One {a}.", a=1)\nmessage_n("{count} row", "{count} rows", 2)\npluralize(3, "fold")\ntr(name)\n'
    found = [(one.key, one.many) for one in translations.find_in(source, "x.py")]
    assert found == [("One {a}.", ""), ("{count} row", "{count} rows"), ("{count} fold", "{count} folds")]


def test_an_untranslated_sentence_is_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "new.py").write_text('tr("A new sentence.")\n')
    missing = translations.update(tmp_path)
    assert missing.keys() == set(OTHERS)
    assert min(missing.values()) > 100  # nothing was translated in this folder
    assert "A new sentence." in (tmp_path / "lookback.pot").read_text()
