"""Dates as people write them: which column of a text table holds the times, and what they are."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.errors import DataError

NAMES = ("date", "datetime", "date_time", "timestamp", "time", "ds", "day", "period", "month", "week", "year", "datum")
DATES = (
    "%m/%d/%Y",
    "%d/%m/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%d %b %Y",
    "%d-%b-%Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%b %d %Y",
    "%B %d %Y",
    "%b %Y",
    "%B %Y",
    "%b-%Y",
    "%m/%Y",
    "%Y/%m",
    "%Y%m%d",
    "%YM%m",
    "%m/%d/%y",
    "%d/%m/%y",
    "%d.%m.%y",
    "%d-%b-%y",
    "%d %b %y",
)
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
LOOKED_AT = 60  # cells on which the likely formats are chosen

_FORMS = [date + clock for date in DATES for clock in CLOCKS]
_SHOWN = pd.Timestamp("2017-07-31 21:45:30.5")
_ISO, _QUARTER = "year first, like 2017-07-31", "year and quarter, like 2017Q3"
_DIGITS = {
    4: "years, like 2017",
    5: "day numbers of Excel, like 42947",
    6: "year and month, like 201707",
    8: "year, month, day, like 20170731",
    9: "seconds since 1970",
    10: "seconds since 1970",
    12: "milliseconds since 1970",
    13: "milliseconds since 1970",
    16: "microseconds since 1970",
    19: "nanoseconds since 1970",
}
_PER_SECOND = {
    "seconds since 1970": 1.0,
    "milliseconds since 1970": 1e3,
    "microseconds since 1970": 1e6,
    "nanoseconds since 1970": 1e9,
}
_ZONE = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$")
_WEEKDAY = re.compile(r"^(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?[.,]*\s+", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


def find(cells: pd.DataFrame) -> str:
    """The name of the column of texts that holds the times: first by its name, then by what its cells say.

    Raises DataError when no column does, naming the columns that came.
    """
    typed = [name for name in cells.columns if pd.api.types.is_datetime64_any_dtype(cells[name])]
    if typed:
        return next((name for name in _named(cells) if name in typed), typed[0])
    for name in (*_named(cells), *cells.columns):
        column = cells[name]
        if (name in _named(cells) or not _are_numbers(column)) and _share(column) > 0.5:
            return name
    named = _named(cells)
    if named:
        text = next((str(cell) for cell in cells[named[0]] if cell), "nothing")
        raise DataError(
            f"The column {named[0]!r} holds no dates: its first entry is {text[:40]!r}. "
            "Write dates like 2024-01-31 or 31.01.2024."
        )
    came = ", ".join(repr(name[:30]) for name in list(cells.columns)[:12])
    raise DataError(f"There is no date column among {came}. Add a column called 'date' with entries like 2024-01-31.")


def join_clock(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """`cells` with a separate column of clock times, where there is one, joined to the dates in column `name`."""
    for other in cells.columns:
        if (
            other == name
            or other.strip("<>").lower() != "time"
            or cells[other].dtype != object
            or cells[name].dtype != object
        ):
            continue
        if cells[other].str.fullmatch(_CLOCK).all():
            return cells.assign(**{name: cells[name] + " " + cells[other]}).drop(columns=other)
    return cells


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The times of a column, NaT where a cell says none; the way they are written, in words; what else would fit."""

    times: pd.Series
    words: str
    others: tuple[str, ...] = ()  # every reading that fits most cells, the chosen one first
    notes: tuple[str, ...] = ()


def read(column: pd.Series, words: str = "") -> Reading:
    """The times, without a zone, of a column of texts, numbers or times: read as `words` say where they are given.

    03/04/2024 is read month first or day first: as fits every cell, keeps the rows in order and their step even. The
    clock of a time zone is kept. Raises DataError when `words` name no way to write dates.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return Reading(times=column, words="times", others=("times",))
    plain = _plain(column)
    others, said = _fitting(plain), _zones(column)
    if words and words not in _WAYS:
        raise DataError(f"{words!r} is no way in which dates are read. Choose one of: {', '.join(others) or _ISO}.")
    chosen = words or (others[0] if others else _ISO)
    said += _doubt(plain, others) if (chosen,) == others[:1] else []
    return Reading(
        times=_read(plain, chosen), words=chosen, notes=tuple(said), others=tuple(dict.fromkeys((chosen, *others)))
    )


def is_date(text: str) -> bool:
    """Whether `text` alone can be read as a time; a plain number cannot."""
    return not _NUMBER.fullmatch(text) and bool(read(pd.Series([text], dtype=object)).times.notna().all())


def _plain(column: pd.Series) -> pd.Series:
    """The cells as texts without zones, days of the week and full stops after a month."""
    if column.dtype != object:
        return column.map(lambda value: "" if np.isnan(value) else f"{value:.0f}").astype(object)
    plain = column.str.strip().str.replace(_ZONE, r"\1", regex=True).str.replace(_WEEKDAY, "", regex=True)
    return plain.str.replace(r"([A-Za-z])\.(?=\s)", r"\1", regex=True).str.replace(r"\bSept\b", "Sep", regex=True)


def _fitting(plain: pd.Series) -> tuple[str, ...]:
    """The ways that read most cells, the likeliest first: the one that gives the rows an order and an even step."""
    filled = plain[plain.str.contains(r"\d", regex=True)]
    seen = _sample(filled)
    if seen.empty:
        return ()
    if _are_numbers(plain):
        digits = filled.str.split(".").str[0].str.lstrip("+-").str.len()
        way = _DIGITS.get(int(digits.mode().iloc[0]))
        return (way,) if way else ()
    for way in (_ISO, _QUARTER):
        if _read(seen, way).notna().mean() > 0.5:
            return (way,)
    could = _possible(seen)
    likely = [way for way, form in _WAYS.items() if form in could and _read(seen, way).notna().mean() > 0.5]
    if len(likely) < 2:
        return tuple(likely)
    return tuple(sorted(likely, key=lambda way: _score(_read(filled, way)), reverse=True))


def _possible(seen: pd.Series) -> set[str]:
    """The formats that have the shape of one of these texts."""
    shapes = {_shape(text) for text in seen}
    return {form for form in _FORMS if _SHAPES[form] in shapes}


def _shape(text: str) -> str:
    """Every run of digits as 9, of letters as a, of blanks as one: Jul 31, 2017 is "a 9, 9"."""
    return re.sub(r"\s+", " ", re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", text)))


def _doubt(plain: pd.Series, others: tuple[str, ...]) -> list[str]:
    """A sentence where day first and month first both read every date."""
    times = [_read(plain, way) for way in others[:2]]
    if len(times) < 2 or times[0].notna().sum() != times[1].notna().sum() or times[0].equals(times[1]):
        return []
    example = next(cell for cell, one, other in zip(plain, *times, strict=True) if one != other and cell)
    said = f"Dates like {example[:30]} can be {others[0].split(',')[0]} or {others[1].split(',')[0]}"
    if _score(times[0]) == _score(times[1]):
        return [f"{said}, and nothing in the file decides; {others[0].split(',')[0]} was taken. Check it."]
    return [f"{said}; {others[0].split(',')[0]} was taken, since it keeps the rows in order and their step even."]


def _zones(column: pd.Series) -> list[str]:
    if column.dtype != object:
        return []
    named = sorted(set(column.str.strip().str.extract(_ZONE)[1].dropna()))
    if not named:
        return []
    kind = "Times of several zones" if len(named) > 1 else "A time zone"
    return [
        f"{kind} ({', '.join(named[:4])}) came with the dates; the clock of each row was kept and the zone dropped."
    ]


def _score(times: pd.Series) -> tuple[float, float, bool]:
    steps = np.diff(times.dropna().to_numpy()) / np.timedelta64(1, "s")
    if not len(steps):
        return float(times.notna().mean()), 0.0, False
    order = max(float((steps > 0).mean()), float((steps < 0).mean()))
    middle = np.sort(np.abs(steps))[(len(steps) - 1) // 2]
    return float(times.notna().mean()), order, bool(np.abs(steps).max() <= 5 * middle)


def _in_words(form: str) -> str:
    """A format of strptime as a person would say it: day first, like 31.07.2017."""
    first = min(re.findall("%[mbBdYy]", form), key=form.index)
    part = {"%m": "month", "%b": "month", "%B": "month", "%d": "day"}.get(first, "year")
    return f"{part} first, like {_SHOWN.strftime(form)}"


_WAYS = {_ISO: "", _QUARTER: ""} | {_in_words(form): form for form in _FORMS} | dict.fromkeys(_DIGITS.values(), "")
_SHAPES = {form: _shape(_SHOWN.strftime(form)) for form in _FORMS}


def _read(plain: pd.Series, way: str) -> pd.Series:
    if way in _DIGITS.values():
        return _from_digits(plain, way)
    if way == _QUARTER:
        parts = plain.str.extract(r"^(\d{4})[-\s]?[Qq]([1-4])$")
        plain = parts[0] + "-" + (pd.to_numeric(parts[1]) * 3 - 2).map("{:02.0f}".format)
    form = _WAYS[way] or "ISO8601"
    return pd.to_datetime(plain, format=form, errors="coerce", utc=True).dt.tz_localize(None)


def _from_digits(plain: pd.Series, way: str) -> pd.Series:
    """Numbers as times: 2024, 202401, 20240131, day numbers of Excel, or counts since 1970."""
    forms = {_DIGITS[4]: "%Y", _DIGITS[6]: "%Y%m", _DIGITS[8]: "%Y%m%d"}
    if way in forms:
        whole = plain.str.replace(r"\.0*$", "", regex=True)
        return pd.to_datetime(whole, format=forms[way], errors="coerce", utc=True).dt.tz_localize(None)
    value = pd.to_numeric(plain, errors="coerce").astype(np.float64)
    seconds = (value - 25569) * 86400 if way == _DIGITS[5] else value / _PER_SECOND[way]  # 25569 is 1970-01-01
    within = seconds.where(seconds.abs() < 9e9)  # beyond lie times that 64 bits of nanoseconds cannot hold
    return pd.Series(pd.to_datetime((within * 1e3).round(), unit="ms"), index=plain.index)


def _named(cells: pd.DataFrame) -> list[str]:
    plain = {name: re.sub(r"[\s_]+", "_", name.strip().strip("<>").lower()) for name in cells.columns}
    return sorted((name for name in plain if plain[name] in NAMES), key=lambda name: NAMES.index(plain[name]))


def _share(column: pd.Series) -> float:
    """The share of the filled cells, on a sample, that can be read as times."""
    filled = column[(column != "") & column.notna()]
    return 0.0 if filled.empty else float(read(_sample(filled)).times.notna().mean())


def _sample(filled: pd.Series) -> pd.Series:
    """At most LOOKED_AT cells, evenly spread."""
    if filled.empty:
        return filled
    return filled.iloc[np.unique(np.linspace(0, len(filled) - 1, LOOKED_AT).astype(int))]


def _are_numbers(column: pd.Series) -> bool:
    if column.dtype != object:
        return True
    filled = column[column != ""]
    return bool(filled.str.fullmatch(_NUMBER).mean() > 0.5) if len(filled) else False
