"""Dates as people write them: which column of a text table holds the times, and what they are."""

import re

import numpy as np
import pandas as pd

from core.errors import DataError

NAMES = ("date", "datetime", "date_time", "timestamp", "time", "ds", "day", "period", "month", "week", "year", "datum")
DATES = ("%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%Y.%m.%d", "%d %b %Y", "%d-%b-%Y",
         "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %Y", "%B %Y", "%b-%Y", "%m/%Y", "%Y/%m",
         "%m/%d/%y", "%d/%m/%y", "%d.%m.%y", "%d-%b-%y", "%d %b %y")
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %I:%M %p", " %I:%M:%S %p")
LOOKED_AT = 60  # cells on which the likely formats are chosen

_FORMS = [date + clock for date in DATES for clock in CLOCKS]
_ZONE = re.compile(r"(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)\s*(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$")
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?")


def find(cells: pd.DataFrame) -> str:
    """The name of the column of texts that holds the times: first by its name, then by what its cells say.

    Raises DataError when no column does, naming the columns that came.
    """
    for name in (*_named(cells), *cells.columns):
        column = cells[name]
        if (name in _named(cells) or not _are_numbers(column)) and _share(column) > 0.5:
            return name
    named = _named(cells)
    if named:
        text = next((cell for cell in cells[named[0]] if cell), "nothing")
        raise DataError(f"The column {named[0]!r} holds no dates: its first entry is {text[:40]!r}. "
                        "Write dates like 2024-01-31 or 31.01.2024.")
    came = ", ".join(repr(name[:30]) for name in list(cells.columns)[:12])
    raise DataError(f"There is no date column among {came}. Add a column called 'date' with entries like 2024-01-31.")


def join_clock(cells: pd.DataFrame, name: str) -> pd.DataFrame:
    """`cells` with a separate column of clock times, where there is one, joined to the dates in column `name`."""
    for other in cells.columns:
        if other != name and other.strip("<>").lower() == "time" and cells[other].str.fullmatch(_CLOCK).all():
            return cells.assign(**{name: cells[name] + " " + cells[other]}).drop(columns=other)
    return cells


def parse(texts: pd.Series) -> pd.Series:
    """The times, without a zone, that `texts` say; NaT where a text says none. The clock of a time zone is kept.

    03/04/2024 is read month first or day first: as fits every cell, keeps the rows in order and their step even.
    """
    plain = texts.str.strip().str.replace(_ZONE, r"\1", regex=True)
    if _are_numbers(plain):
        return _from_numbers(plain)
    iso = _read(plain, "ISO8601")
    if iso.notna().mean() > 0.5:
        return iso
    chosen = _format(plain)
    return _read(plain, chosen) if chosen else iso


def is_date(text: str) -> bool:
    """Whether `text` alone can be read as a time; a plain number cannot."""
    return not _NUMBER.fullmatch(text) and bool(parse(pd.Series([text], dtype=object)).notna().all())


def _format(plain: pd.Series) -> str | None:
    """The format that reads most cells; between equals the one that gives the rows an order and an even step."""
    filled = plain[plain.str.contains(r"\d", regex=True)]
    seen = _sample(filled)
    if seen.empty:
        return None
    text = "".join(seen)
    colons, half_day = int(seen.str.count(":").median()), bool(re.search(r"\d\s*[AaPp][Mm]", text))
    fitting = [form for form in _FORMS if form.count(":") == colons and ("%p" in form) == half_day
               and _marks(form) <= set(text)]
    likely = [form for form in fitting if _read(seen, form).notna().mean() > 0.5]
    return max(likely, key=lambda form: _score(_read(filled, form)), default=None)


def _marks(form: str) -> set[str]:
    """The characters without which no text is of this format."""
    return set(re.sub("%[A-Za-z]", "", form))


def _score(times: pd.Series) -> tuple[float, float, bool]:
    steps = np.diff(times.dropna().to_numpy()) / np.timedelta64(1, "s")
    if not len(steps):
        return float(times.notna().mean()), 0.0, False
    order = max(float((steps > 0).mean()), float((steps < 0).mean()))
    middle = np.sort(np.abs(steps))[(len(steps) - 1) // 2]
    return float(times.notna().mean()), order, bool(np.abs(steps).max() <= 5 * middle)


def _read(plain: pd.Series, form: str) -> pd.Series:
    return pd.to_datetime(plain, format=form, errors="coerce", utc=True).dt.tz_localize(None)


def _from_numbers(plain: pd.Series) -> pd.Series:
    """Whole numbers as times by their length: 2024, 202401, 20240131, seconds or milliseconds since 1970."""
    forms = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d"}
    digits = plain.str.split(".").str[0].str.len()
    filled = digits[digits > 0]
    length = int(filled.mode().iloc[0]) if len(filled) else 0
    if length in forms:
        return _read(plain, forms[length])
    per_second = {9: 1, 10: 1, 12: 1e3, 13: 1e3, 16: 1e6, 19: 1e9}.get(length)
    if per_second is None:
        return pd.Series(pd.NaT, index=plain.index, dtype="datetime64[ns]")
    seconds = pd.to_numeric(plain, errors="coerce").astype(np.float64) / per_second
    within = seconds.where(seconds.abs() < 9e9)  # beyond lie times that 64 bits of nanoseconds cannot hold
    return pd.Series(pd.to_datetime((within * 1e3).round(), unit="ms"), index=plain.index)


def _named(cells: pd.DataFrame) -> list[str]:
    plain = {name: re.sub(r"[\s_]+", "_", name.strip().strip("<>").lower()) for name in cells.columns}
    return sorted((name for name in plain if plain[name] in NAMES), key=lambda name: NAMES.index(plain[name]))


def _share(column: pd.Series) -> float:
    """The share of the filled cells, on a sample, that can be read as times."""
    filled = column[column != ""]
    if filled.empty:
        return 0.0
    return float(parse(_sample(filled)).notna().mean())


def _sample(filled: pd.Series) -> pd.Series:
    """At most LOOKED_AT cells, evenly spread."""
    if filled.empty:
        return filled
    return filled.iloc[np.unique(np.linspace(0, len(filled) - 1, LOOKED_AT).astype(int))]


def _are_numbers(column: pd.Series) -> bool:
    filled = column[column != ""]
    return bool(filled.str.fullmatch(_NUMBER).mean() > 0.5) if len(filled) else False
