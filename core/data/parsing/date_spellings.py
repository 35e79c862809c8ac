"""Dates with words and signs around them: as plain texts that the formats of `date_formats` know, and their zones."""

import re
from dataclasses import dataclass

import pandas as pd

from core.data.parsing import cells, month_names
from core.data.parsing.cells import BLANK
from core.data.parsing.date_formats import shape_of
from core.language import message

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: [AP]M)?"
_OFFSET = r"(?:UTC|GMT)?[+\-−]\d{1,2}(?::?\d{2})?"
_NAME = r"[A-Z]{3,5}(?:/[A-Z]{3,5})?|[A-Z][A-Za-z]+/[\w/+-]+"
_COMMENT = rf"(?:{BLANK}*\((?:[A-Za-z]+{BLANK}?){{2,}}\)|\[[\w/]+\])?"  # GMT+0900 (Korean Standard Time), [Asia/Seoul]
_ZONE = re.compile(
    rf"(?<![\d:])({_CLOCK}|\d{{4}}-\d\d-\d\d(?=Z$|[+-]\d\d:\d\d$)){BLANK}*\(?(?!AM$|PM$)({_OFFSET}|Z|{_NAME})\)?{_COMMENT}$",
    re.MULTILINE,
)
_AFTER_CLOCK = re.compile(r":\d\d[^\n\d:.]|\.\d+-|T\d\d-")
_DASHES = rf"{BLANK}+(?:[-–—~]|to|until|till|bis|à|au|hasta|al){BLANK}+"
_INTERVALS = (
    re.compile(rf"^(\S[^\n]{{4,}}?){_DASHES}(\d[^\n]{{3,}})$", re.MULTILINE),
    re.compile(r"^(\d[^\n/]{6,})/(\d[^\n/]{4,})$", re.MULTILINE),
)
_DURATION = re.compile(r"(?<=\d|Z)/P[\dTHMDWYS]+$", re.MULTILINE)
_LATE = re.compile(r"(?<=\d[ T])24(?=:00(?::00(?:\.0+)?)?$)", re.MULTILINE)  # the midnight after the day

_EAST_ASIAN = (  # 2022년 1월 3일 오후 3:30 and 2022. 1. 3. become 2022/1/3 3:30 PM and 2022.1.3
    (rf"(?<=\d){BLANK}*[년年월月]{BLANK}*(?=\d)", "/"),
    (rf"(?<=\d){BLANK}*[일日월月년年](?={BLANK}|$)", ""),
    (rf"(?<=\d)([-./]){BLANK}+(?=\d)", r"\1"),
    (rf"(?:오후|下午|午後){BLANK}*(\d[\d:]*)", r"\1 PM"),
    (rf"(?:오전|上午|午前){BLANK}*(\d[\d:]*)", r"\1 AM"),
    (rf"(?<=\d)\.(?={BLANK}|$)", ""),
)
_CLOCKS = (
    (rf"(?<=\d),(?={BLANK}*\d{{1,2}}:\d\d)", ""),  # 1/31/2024, 9:30
    (rf"(?<=\d){BLANK}*([AaPp])\.?{BLANK}?[Mm]\.?(?={BLANK}|$)", lambda match: f" {match[1].upper()}M"),
    (rf"(?<=\d)({BLANK})(\d{{1,2}})h(\d\d)$", r"\1\2:\3"),  # 18h30
    (rf"(?<=\d{{4}})({BLANK}+\d\d)\.(\d\d)(?:\.(\d\d))?$", lambda match: ":".join(filter(None, match.groups()))),
    (r"(?<=[A-Za-z/]\d{4}):(?=\d\d:\d\d)", " "),  # 15JAN2024:09:30
    (  # Wed Jan 31 20:19:24 UTC 2024
        rf"([A-Za-z]{{3}}{BLANK}+\d{{1,2}}){BLANK}+({_CLOCK})(?:{BLANK}+({_OFFSET}|{_NAME}))?{BLANK}+(\d{{4}})$",
        lambda match: " ".join(filter(None, (match[1], match[4], match[2], match[3]))),
    ),
)
_AROUND_WORDS = (  # 31. Dezember, 1er janvier, Jan., 31st
    (r"(?<=\d)(?:st|nd|rd|th|er|ère|º|ª|°)(?![^\W\d_])", ""),
    (rf"(?<=\d)\.(?={BLANK}*[^\W\d_]|{BLANK}|$)", ""),
    (r"(?<=[A-Za-z])\.(?![A-Za-z])", ""),
)
_TIDY = ((rf"{BLANK}{{2,}}", " "), (r"^[,. ]+", ""), (r"[,. ]+$", ""), (r" (?=,)", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainDates:
    """The cells of a column as plain dates, the name of the time zone of each ("" for none), and which are 24:00.

    24:00 is written as 00:00 of the same day in `texts`. `notes` say what was assumed.
    """

    texts: pd.Series
    zones: pd.Series | None = None
    late: pd.Series | None = None
    notes: tuple[str, ...] = ()


def has_zone(joined: str) -> bool:
    """Return whether any of these dates, a line each, year first, has a time zone behind it."""
    return "Z" in joined or "+" in joined or _AFTER_CLOCK.search(joined) is not None


def without_shared_zone(joined: str) -> tuple[str, str]:
    """Return a text of dates, a line each, without the zone behind all of them, and that zone; empty if they differ."""
    zone = _ZONE.search(joined[: joined.find("\n") % (len(joined) + 1)])
    behind = joined[zone.end(1) : zone.end()] if zone else ""
    if not zone or f"{joined}\n".count(f"{behind}\n") != joined.count("\n") + 1:
        return joined, ""
    return f"{joined}\n".replace(f"{behind}\n", "\n")[:-1], zone[2].replace("−", "-")


def plain(joined: str, index: pd.Index) -> PlainDates:
    """Return the dates of a column of texts without intervals, zones, weekdays, other languages and ornaments."""
    notes: list[str] = []
    if re.search(r"[년年월月오上下午]|\d[-./][^\S\n]+\d", joined):
        joined = _replace(joined, _EAST_ASIAN)
    if re.search(r"[A-Za-z,]|\d\.\d\d$", joined, re.MULTILINE):
        joined = _replace(joined, _CLOCKS)
    begun = _DURATION.sub("", joined)
    for interval in _INTERVALS:
        begun = interval.sub(_beginning, begun)
    if begun != joined:
        joined = begun
        notes.append(message("The dates are intervals; the beginning of each is its time."))
    marked = _ZONE.sub(r"\1\t\2", joined)
    zones = None
    if marked != joined:
        lines = [line.partition("\t") for line in marked.split("\n")]
        zones = pd.Series([zone.replace("−", "-") for _, _, zone in lines], index=index, dtype=object)
        joined = "\n".join(line for line, _, _ in lines)
    if re.search(r"[^\W\d_]{3}", joined):
        translated, disputes = month_names.translate(_replace(joined, _AROUND_WORDS))
        joined = _replace(translated, _TIDY)
        notes += disputes
    on_time = _LATE.sub("00", joined)
    texts = cells.split(on_time, index)
    late = cells.split(joined, index) != texts if on_time != joined else None
    if late is not None:
        notes.append(message("24:00 is the midnight at which the next day begins."))
    return PlainDates(texts=texts, zones=zones, late=late, notes=tuple(notes))


def _beginning(match: re.Match[str]) -> str:
    """Return the first of two dates that are written alike, or of a date and two clock times; else the whole text."""
    first, last = match.groups()
    one, other = shape_of(first), shape_of(last)
    alike = other == one or other.startswith(f"{one} ") or one.startswith(other) or one.endswith(f" {other}")
    return first if alike else match.group()


def _replace(text: str, changes: tuple) -> str:
    for pattern, replacement in changes:
        text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
    return text
