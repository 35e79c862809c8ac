"""In which formats the dates of a column can be read, and which of them is the likeliest."""

import re

import numpy as np
import pandas as pd

from core.data.parsing.date_formats import DIGITS, ISO, MIXED, PERIODS, WRITTEN, WRITTEN_BY_SHAPE, DateFormat, shape_of
from core.data.parsing.sampling import sample_rows

SAMPLE_CELLS = 60  # on which the formats that are worth a try are chosen
IN_ORDER = 0.9  # share of the steps in one direction in a file that has an order
NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE]\+?\d+)?")
MONTH_AND_YEAR = re.compile(r"[a-zA-Z]+[-/ ]\d\d")  # or a day, of no year
_LIKE_PERIODS = re.compile(
    r"\d{3}[-/.]\d|\d{4}[-/.\s]*(?:[QqTtHhSsWw第]|\d{1,4}\D*$)|[QqTtHhSs]\w*\.?\s*[1-4]|[1-4][-.\s]*[QqTtHhSs]|[Ff][Yy]"
)


def find(texts: pd.Series, day_first: bool) -> dict[str, pd.Series]:
    """Return the times in each format that fits most cells, by its name, the likeliest first.

    That is the one with the rows in order and an even step; among equals one with the day first if `day_first`. If no
    format does well, mixtures of two are tried.
    """
    filled = texts[texts != ""]
    sample = sample_rows(filled, SAMPLE_CELLS)
    sample = sample[sample.str.contains(r"\d", regex=True)]
    if sample.empty:
        return {}
    readings: dict[str, pd.Series] = {each.name: each.parse(texts) for each in _likely_formats(sample)}
    shapes = {shape_of(text) for text in sample}
    mixed = [each for each in MIXED if {*each.shape.split("|")} <= shapes]
    if len(readings) == 1 and not mixed and is_complete(readings, texts):
        return readings if not _are_days_of_no_year(filled, *readings.values()) else {}
    rank = {name: (plausibility(times), day_first and name.startswith("day")) for name, times in readings.items()}
    best = max((each for each, _ in rank.values()), default=(0.0, 0.0, False))
    for each in mixed if best[:2] < (1, 1) else []:
        times = each.parse(texts)
        plausible = plausibility(times)
        if plausible > best and plausible[1] >= IN_ORDER:
            readings[each.name], rank[each.name] = times, (plausible, False)
    return {name: readings[name] for name in sorted(readings, key=lambda name: rank[name], reverse=True)}


def is_complete(readings: dict[str, pd.Series], texts: pd.Series) -> bool:
    """Return whether the first reading gives a time to every filled cell."""
    return bool(readings) and not (next(iter(readings.values())).isna() & (texts != "")).any()


def are_numbers(column: pd.Series) -> bool:
    """Return whether most of the filled cells of a column, in a sample, are plain numbers."""
    if column.dtype != object:
        return True
    filled = sample_rows(column[column != ""], SAMPLE_CELLS)
    return bool(filled.str.fullmatch(NUMBER).mean() > 0.5) if len(filled) else False


def plausibility(times: pd.Series) -> tuple[float, float, bool]:
    """Return the share of cells that fit, the share of steps in one direction, and whether the steps are even."""
    steps = np.diff(times.dropna().to_numpy()) / np.timedelta64(1, "s")
    if not len(steps):
        return float(times.notna().mean()), 0.0, False
    order = max(float((steps > 0).mean()), float((steps < 0).mean()))
    middle = np.sort(np.abs(steps))[(len(steps) - 1) // 2]
    return float(times.notna().mean()), order, bool(np.abs(steps).max() <= 5 * middle)


def _likely_formats(sample: pd.Series) -> list[DateFormat]:
    """Return the formats that fit most of these cells."""

    def share(each: DateFormat) -> float:
        return float(each.parse(sample).notna().mean())

    if are_numbers(sample):
        if pointed := [each for each in WRITTEN_BY_SHAPE["9.9"] if share(each) == 1]:  # 2023.01
            return pointed
        digits = pd.to_numeric(sample, errors="coerce").dropna().abs().map("{:.0f}".format).str.len()
        forms = DIGITS.get(int(digits.mode().iloc[0]), ()) if len(digits) else ()
        fits = [share(each) for each in forms]
        return [forms[fits.index(max(fits))]] if forms and max(fits) > 0.5 else list(forms[:1])
    for each in (ISO, *(PERIODS if sample.map(_LIKE_PERIODS.match).notna().any() else ())):
        if share(each) > 0.5:
            return [each]
    shapes = {shape_of(text) for text in sample}
    return [each for each in WRITTEN if each.shape in shapes and share(each) > 0.5]


def _are_days_of_no_year(filled: pd.Series, times: pd.Series) -> bool:
    """Return whether cells read as a month and a year are a month and a day: Jan-30, Jan-31, Feb-01.

    Most rows then repeat the month of the row before, and not all rows have the same month.
    """
    if not sample_rows(filled, SAMPLE_CELLS).str.fullmatch(MONTH_AND_YEAR).all():
        return False
    month_T = times.loc[filled[filled != filled.shift()].index].dt.month
    return bool(
        month_T.nunique() > 1
        and (month_T.diff() == 0).mean() > 0.5
        and pd.to_numeric(filled.str[-2:], errors="coerce").max() < 32
    )
