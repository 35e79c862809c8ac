"""Dates and clock times that stand in several columns: year, month, day, hour, or a date and a time beside it."""

import re

import numpy as np
import pandas as pd

from core.data.parsing import headings
from core.data.parsing.sampling import sample_rows
from core.language import message

HOURS = {
    "hour",
    "hr",
    "he",
    "hours",
    "hour ending",
    "delivery hour",
    "operating hour",
    "hour of day",
    "opr hr",
    "stunde",
    "heure",
    "시",
    "시각",
    "時",
    "час",
}
HOURS |= {"delivery hour", "operating hour", "hour of day", "opr hr"}
CLOCKS = {"time", "timestamp", "clock", "zeit", "uhrzeit", "heure", "hora", "ora", "hhmm", "hhmmss", "время"}
CLOCKS |= {
    "tijd",
    "czas",
    "saat",
    "tid",
    "time of trade",
    "시간",
    "체결시간",
    "시각",
    "时间",
    "時間",
    "時刻",
    "local time",
    "time of day",
    "trade time",
}
CLOCKS |= {"tijd", "czas", "saat", "tid", "time of trade"}
PARTS = {  # of a date, by heading
    "year": {"year", "yr", "yyyy", "jahr", "année", "año", "연도", "년", "年"},
    "month": {"month", "mo", "mon", "mm", "monat", "mois", "mes", "월", "月"},
    "day": {"day", "dy", "dd", "tag", "jour", "día", "일", "日"},
    "day of the year": {"doy", "day of year", "dayofyear"},
}

SAMPLE_ROWS = 1000  # that show whether dates have clock times
_WITH_COLONS = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s*[AaPp]\.?[Mm]\.?)?")
_WITH_POINTS = re.compile(r"\d{2}\.\d{2}\.\d{2}")
_WHOLE = re.compile(r"\d+(?:\.0*)?")


def join_dates(cells: pd.DataFrame) -> pd.DataFrame:
    """Return `cells` with the dates that stand in columns such as year, month and day in one column `date`, the first.

    A file that has a column `date`, or no whole numbers of these ranges, is returned as it is.
    """
    found: dict[str, str] = {}
    for name in cells.columns:
        part = next((part for part, words in PARTS.items() if headings.plain(name) in words), "")
        found.setdefault(part, name)
    if "date" in cells or "year" not in found:
        return cells
    parts = ("day of the year",) if "day of the year" in found else ("month", "day") if "day" in found else ("month",)
    if not {*parts} <= found.keys():
        return cells
    number_T = {part: _whole_numbers(cells[found[part]]) for part in ("year", *parts)}
    limits = {"year": (1600, 2300), "month": (1, 12), "day": (1, 31), "day of the year": (1, 366)}
    if any(
        not values.dropna().between(*limits[part]).all() or values.isna().any() for part, values in number_T.items()
    ):
        return cells
    text_T = number_T["year"].map("{:04.0f}".format)
    for part in parts[:2]:
        text_T = text_T + number_T[part].map("-{:02.0f}".format)
    if parts == ("day of the year",):
        first_T = pd.to_datetime(number_T["year"].map("{:04.0f}-01-01".format))
        text_T = (first_T + pd.to_timedelta(number_T[parts[0]] - 1, unit="D")).dt.strftime("%Y-%m-%d")
    rest = cells.drop(columns=[found[part] for part in ("year", *parts)])
    rest.insert(0, "date", text_T.astype(object))
    return rest


def join_clock(cells: pd.DataFrame, date_name: str) -> tuple[pd.DataFrame, list[str]]:
    """Return `cells` with a column of clock times appended to the dates in `date_name`, and a sentence on it.

    Hours 0 to 23 or 1 to 24, 930, 093000, 18.00.00, 9:30 and 9:30 AM are clock times; 24:00 is the midnight that
    follows. Dates that have a clock time already, or are no texts of days, stay as they are.
    """
    sample = sample_rows(cells[date_name], SAMPLE_ROWS)
    if sample.dtype != object or sample.str.contains(r"\d:\d|\d{10}").any():
        return cells, []
    for name in cells.columns.drop(date_name):
        text_T = clock_texts(cells[name], name)
        if text_T is not None:
            joined = cells.assign(**{date_name: cells[date_name] + (" " + text_T).where(text_T != "", "")})
            return joined.drop(columns=name), [message("The clock times of a separate column were added to the dates.")]
    return cells, []


def clock_texts(column: pd.Series, name: str) -> pd.Series | None:
    """Return the clock times of a column as texts like 18:30:00; None if it holds none, by its cells and its name."""
    heading = headings.plain(name)
    if column.dtype == object:
        filled = column[column != ""]
        if not len(filled):
            return None
        if filled.map(_WITH_COLONS.fullmatch).notna().all():
            with_half = column.str.upper().str.replace(r"\s*([AP])\.?M\.?$", r" \1M", regex=True)
            return with_half if heading in CLOCKS | HOURS or _repeats(filled) else None
        if filled.map(_WITH_POINTS.fullmatch).notna().all():
            return column.str.replace(".", ":")
    if heading not in CLOCKS | HOURS:
        return None
    number_T = _whole_numbers(column)
    top = number_T.max()
    if number_T.isna().any() or (number_T < 0).any():
        return None
    if heading in HOURS and top <= 24:
        return number_T.map("{:02.0f}:00:00".format).astype(object)
    digits_T = number_T.map("{:06.0f}".format if top > 2400 else "{:04.0f}00".format)
    hour_T, minute_T, second_T = (digits_T.str[at : at + 2] for at in (0, 2, 4))
    if top <= 24 or hour_T.max() > "24" or minute_T.max() > "59" or second_T.max() > "59" or top >= 1e6:
        return None
    return (hour_T + ":" + minute_T + ":" + second_T).astype(object)


def _repeats(texts: pd.Series) -> bool:
    return texts.nunique() < len(texts)


def _whole_numbers(column: pd.Series) -> pd.Series:
    if column.dtype == object:
        column = column.where(column.map(_WHOLE.fullmatch, na_action="ignore").notna())
    values = pd.to_numeric(column, errors="coerce").astype(np.float64)
    return values.where(values == values.round())
