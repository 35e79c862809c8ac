"""Months and weekdays in words, in the languages of Europe: translated to the English that date formats know."""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from functools import cache

from core.language import message

LANGUAGES = (  # of those that know equally many words of a column, the first
    *("en", "de", "es", "fr", "it", "pt", "nl", "sv", "nb", "da", "fi", "pl", "cs", "sk", "sl", "hr", "hu", "ro"),
    *("tr", "el", "ru", "uk", "bg", "sr", "et", "lv", "lt", "ca", "gl", "eu", "is", "id"),
)
ENGLISH = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MORE = {  # that the tables lack
    "de": {"mrz": 3, "jänner": 1, "feber": 2},
    "es": {"set": 9, "setiembre": 9},
    "nl": {"maa": 3},
}
FILLERS = {
    *("de", "del", "di", "of", "den", "der", "le", "el", "the", "do", "od", "d", "m", "at", "um", "uhr", "a", "las"),
    *("kl", "klo", "г", "года", "год", "р", "року"),
}

_WORD = re.compile(r"[^\W\d_]+['’.]?")
_ENGLISH = re.compile(r"[^\W\d_]+")
_FIRST_WORD = re.compile(r"^([^\W\d_]+(?:-[^\W\d_]+)?)([.,]*[^\S\n]+|[.,]+)(?=\S)", re.MULTILINE)


def translate(joined: str) -> tuple[str, list[str]]:
    """Return a text of dates, a line each, with its months as Jan to Dec and without weekdays and words like de and of.

    The language is the one that knows most of its words as months; a sentence says if several do and disagree. A text
    without a month is returned as it is.
    """
    counts = Counter(map(plain, _ENGLISH.findall(joined)))
    counts.update(plain(match[1]) for match in _FIRST_WORD.finditer(joined) if "-" in match[1])  # segunda-feira
    known = {name: sum(count for word, count in counts.items() if word in months(name)) for name in LANGUAGES}
    candidates = [name for name in LANGUAGES if known[name] == max(known.values())]
    language = max(candidates, key=lambda name: len(_weekdays(name) & counts.keys()))
    days = _weekdays(language) | _weekdays("en")
    if not known[language]:
        return (_FIRST_WORD.sub(_drop(days, {}), joined) if days & counts.keys() else joined), []
    names = months(language)
    english = {word: ENGLISH[month - 1] for word, month in names.items()}

    def replace(match: re.Match[str]) -> str:
        word = plain(match.group().rstrip(".'’"))
        return english.get(word) or ("" if word in FILLERS else match.group())

    return _WORD.sub(replace, _FIRST_WORD.sub(_drop(days, names), joined)), _dispute(counts, language, candidates)


def _drop(days: frozenset[str], months: dict[str, int]) -> Callable[[re.Match[str]], str]:
    """Return what becomes of the first word of a line: a weekday goes, unless it is the only word for a month."""

    def replace(match: re.Match[str]) -> str:
        word = plain(match.group(1))
        rest = match.string[match.end() : match.string.find("\n", match.end()) % (len(match.string) + 1)]
        others = any(plain(other) in months for other in _ENGLISH.findall(rest))
        return "" if word in days and (word not in months or others) else match.group()

    return replace


def _dispute(counts: Counter[str], language: str, candidates: list[str]) -> list[str]:
    """Return a sentence if another candidate takes one of these words for another month."""
    from babel import Locale

    known = months(language)
    for candidate in candidates:
        for word in counts:
            if word in known and months(candidate).get(word, known[word]) != known[word]:
                names = [
                    message(
                        "{month} in {language}",
                        month=ENGLISH[months(name)[word] - 1],
                        language=Locale(name).english_name,
                    )
                    for name in (language, candidate)
                ]
                return [
                    message(
                        "Check the months: {word} was read as {first}; it is {second}.",
                        word=word,
                        first=names[0],
                        second=names[1],
                    )
                ]
    return []


@cache
def months(language: str) -> dict[str, int]:
    """Return the number of the month for each of its names, their abbreviations and beginnings of three letters on."""
    from babel.dates import get_month_names

    names: dict[str, int] = {plain(word): month for word, month in MORE.get(language, {}).items()}
    full: dict[str, set[int]] = {}
    for context in ("format", "stand-alone"):
        names |= {plain(name): month for month, name in get_month_names("abbreviated", context, language).items()}
        for month, name in get_month_names("wide", context, language).items():
            for length in range(3, len(plain(name)) + 1):
                full.setdefault(plain(name)[:length], set()).add(month)
    return {word: month for word, (month, *others) in full.items() if not others} | names


@cache
def _weekdays(language: str) -> frozenset[str]:
    from babel.dates import get_day_names

    wide, short = get_day_names("wide", "format", language), get_day_names("abbreviated", "format", language)
    names = {*wide.values(), *short.values(), *get_day_names("wide", "stand-alone", language).values()}
    more = {"tues", "wednes", "thur", "thurs"} if language == "en" else set()
    return frozenset({*map(plain, names), *more})


@cache
def plain(word: str) -> str:
    """Return a word in lower case without accents and a full stop: Févr. → fevr."""
    letters = unicodedata.normalize("NFKD", word.lower().rstrip("."))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
