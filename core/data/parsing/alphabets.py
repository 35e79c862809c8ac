"""The letters of the languages that share the encodings of one byte: in which of these a text consists of words."""

import re

# encoding → the letters, beyond ASCII, of each language that is written in it; in order, the first that fits counts
ALPHABETS = {
    "cp1252": (
        *("äöüß", "àâæçéèêëîïôœùûüÿ", "áéíñóúü", "áâãàçéêíóôõúü", "àèéìíòóùú", "åäöé", "åæøéòô", "äëéèïöü"),
        *("çàèéíïóòúü", "áðéíóúýþæö"),
    ),
    "cp1250": ("ąćęłńóśźż", "áčďéěíňóřšťúůýž", "áäčďéíĺľňóôŕšťúýž", "áéíóöőúüű", "ăâîşţ", "čćđšž"),
    "cp1254": ("çğıi̇öşüâîû",),
    "cp1257": ("āčēģīķļņšūž", "ąčęėįšųūž", "äõöüšž"),
    "cp1253": ("αβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰ",),
}
_SIGNS = set("°€£§µ–—‘’“”„…·×±²³«»™©®¢¥ºª½¼¾\ufeff\xa0")
_WORD = re.compile(r"[^\W\d_]+")
_UNUSUAL = re.compile(r"[²³×±ºª](?=[^\W\d_])|[ìò]\w|þ\b|\bð|õ(?!e)|ã(?![oesi]|\b)", re.IGNORECASE)


def likeliest(text_by_encoding: dict[str, str]) -> str:
    """Return the first of these encodings in which each word has the letters of one language; empty if none is."""
    for name, text in text_by_encoding.items():
        foreign = "".join(sorted({sign for sign in text if not sign.isascii()} - _SIGNS))
        if any(not sign.isalpha() for sign in foreign) or (name == "cp1252" and _UNUSUAL.search(text)):
            continue
        words = {word.lower() for word in _WORD.findall(text) if not word.isascii()}
        letters = {
            word: {letter for letter in word if name == "cp1253" or not letter.isascii()} - _SIGNS for word in words
        }
        if all(any(found <= set(alphabet) for alphabet in ALPHABETS[name]) for found in letters.values()):
            return name
    return ""
