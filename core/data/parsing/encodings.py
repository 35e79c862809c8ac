"""The encoding of a text: marked, UTF-8, or the one in which its letters are those of one language."""

import re
from collections.abc import Callable
from functools import cache

from core.data.parsing import alphabets
from core.data.parsing.header_words import HEADER_WORDS
from core.data.parsing.role_words import ROLE_WORDS

ENCODINGS = (
    "utf-8",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "cp949",
    "gb18030",
    "shift_jis",
    "cp1251",
    "big5",
    "euc_jp",
    "koi8-r",
    "cp1252",
    "cp1250",
    "cp1253",
    "cp1254",
    "cp1257",
    "latin-1",
)

_HANGUL = re.compile(r"[가-힣]")
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
_HAN = re.compile(r"[一-鿿]")
_ODD = re.compile(r"[\x80-\x9f\ue000-\uf8ff\ufffd｡-ﾟ]")  # controls, private use, the narrow kana of chance bytes
_CYRILLIC_WORD = re.compile(r"[А-ЯЁ]?[а-яё]+|[А-ЯЁ]+")
HEAD = 20_000  # bytes, up to a line's end, that are enough to tell a language


def decode(content: bytes, chosen: str) -> tuple[str, str, bool]:
    """Return the text, its encoding, and whether that is a guess: the chosen one, or the first that fits.

    Without a mark and not UTF-8, the encoding is the one in which the first lines have the most headings of its
    language (see HEADER_WORDS), else one in which every foreign letter belongs to the script of its language.
    """
    marked = ["utf-16"] if content.startswith((b"\xff\xfe", b"\xfe\xff")) else []
    sure = [*([chosen] if chosen in ENCODINGS else []), *marked, *_unmarked_utf16(content), "utf-8"]
    for name in (*sure, *_by_language(content), *_by_alphabet(content), "cp1252"):
        try:
            return content.decode("utf-8-sig" if name == "utf-8" else name), name, name not in sure
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1", True  # has a character for every byte


def _by_language(content: bytes) -> list[str]:
    """Return the encodings that fit the first lines, the likeliest first."""
    head = content[: content.rfind(b"\n", 0, HEAD) + 1] or content[:HEAD]
    texts = {}
    for name in _CHECKS:
        try:
            texts[name] = head.decode(name)
        except UnicodeDecodeError:
            continue
    headings = {name: _headings(text, name) for name, text in texts.items()}
    fitting = [name for name, text in texts.items() if headings[name] or _is_language(text, name)]
    return sorted(fitting, key=lambda name: headings[name], reverse=True)


def _by_alphabet(content: bytes) -> list[str]:
    """Return the encoding of one byte in which the first lines are words of one language; empty if none is."""
    head = content[:HEAD]
    texts = {name: head.decode(name, errors="replace") for name in alphabets.ALPHABETS}
    name = alphabets.likeliest(texts)
    return [name] if name else []


def _headings(text: str, encoding: str) -> int:
    """Return how many cells of the first lines are headings of the language of this encoding."""
    cells = re.split(r"[,;|\t\n]", "\n".join(text.splitlines()[:20]))
    return len({cell.strip(' "\r').lower() for cell in cells} & _foreign_words(_CHECKS[encoding][0]))


@cache
def _foreign_words(language: str) -> frozenset[str]:
    words = {word for column in HEADER_WORDS[language].values() for word in column}
    words |= {word for role in ROLE_WORDS.get(language, {}).values() for word in role}
    return frozenset(word for word in words if not word.isascii())


def _is_language(text: str, encoding: str) -> bool:
    foreign = "".join(letter for letter in text if not letter.isascii())
    return bool(foreign) and not _ODD.search(foreign) and _CHECKS[encoding][1](text)


def _is_korean(text: str) -> bool:
    """Return whether the letters are Hangul, and nearly all syllables those of everyday Korean, as in KS X 1001."""
    syllables = _HANGUL.findall(text)
    usual = [syllable for syllable in syllables if min(syllable.encode("cp949")) > 0xA0]
    return len(usual) > 0.9 * len(syllables) > 0 and not _HAN.search(text) and not _KANA.search(text)


def _is_japanese(text: str) -> bool:
    signs = _HAN.findall(text)
    usual = [sign for sign in signs if sign.encode("euc_jp", errors="ignore")[:1] <= b"\xcf"]  # of the first level
    return bool(_KANA.search(text) or signs) and len(usual) >= 0.8 * len(signs) and not re.search("[А-яΑ-ω]", text)


def _is_chinese(text: str) -> bool:
    """Return whether the letters are those of GB 2312, as everyday Chinese is, and no word mixes them with others."""
    try:
        text.encode("gb2312")
    except UnicodeEncodeError:
        return False
    usual = [sign for sign in _HAN.findall(text) if 0xB0 <= sign.encode("gb2312")[0] <= 0xD7]
    return len(usual) > 0.8 * len(_HAN.findall(text)) > 0 and not re.search(r"[a-z][一-鿿][a-z]", text)


def _is_traditional(text: str) -> bool:
    """Return whether nearly all Chinese letters are the usual ones of Big5, and some are not simplified."""
    signs = _HAN.findall(text)
    usual = [sign for sign in signs if sign.encode("big5")[0] <= 0xC6]
    return len(usual) > 0.9 * len(signs) > 0 and not _KANA.search(text) and not re.search(r"[一-鿿][a-z]+[一-鿿]", text)


def _is_russian(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]+", text) if not word.isascii()]
    return sum(map(len, words)) > 3 and all(_CYRILLIC_WORD.fullmatch(word) for word in words)


def _unmarked_utf16(content: bytes) -> tuple[str, ...]:
    """Return the variant of UTF-16 without a byte order mark: line ends and digits leave a zero in every pair."""
    head = content[:2000]
    if len(head) < 8 or len(content) % 2:
        return ()
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) <= 0.2 * len(head) or min(first, second) > 0.02 * len(head):
        return ()
    return ("utf-16-be",) if first >= second else ("utf-16-le",)


# Encodings in the order in which they are believed, each with the language of its headings and the test of its letters.
_CHECKS: dict[str, tuple[str, Callable[[str], bool]]] = {
    "cp1251": ("Russian", _is_russian),
    "cp949": ("Korean", _is_korean),
    "gb18030": ("Chinese", _is_chinese),
    "shift_jis": ("Japanese", _is_japanese),
    "euc_jp": ("Japanese", _is_japanese),
    "big5": ("Chinese", _is_traditional),
    "koi8-r": ("Russian", _is_russian),
}
