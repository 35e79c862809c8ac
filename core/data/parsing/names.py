"""The names of a file's columns: dates in one column, prices under their usual names."""

from dataclasses import replace

import pandas as pd

from core.data.parsing import bars, clocks, date_parts, dates, headings, numbers, wide_dates
from core.data.parsing.raw_table import RawTable
from core.data.parsing.sampling import sample_rows


def name_columns(raw: RawTable) -> RawTable:
    """Return the table with its dates in one column and its prices under their names; the notes say what changed."""
    turned = wide_dates.turn(raw.table, raw.row_T) or date_parts.turn(raw.table, raw.row_T)
    if turned is not None:
        table, row_T, note = turned
        raw = replace(raw, table=table, row_T=row_T, notes=(*raw.notes, note))
    table = date_parts.join_periods(clocks.join_dates(raw.table))
    joined = date_parts.describe(raw.table, table)
    table, named = bars.name(table)
    numeric = _numeric_names(table, raw) if headings.has_close(table.columns) else []
    renamed, notes = headings.rename_prices(numeric)
    return replace(raw, table=table.rename(columns=renamed), notes=(*raw.notes, *filter(None, (joined, named)), *notes))


def _numeric_names(table: pd.DataFrame, raw: RawTable) -> list[str]:
    """Return the names of the columns of numbers that are no times."""
    sample = sample_rows(table, numbers.sample_size(len(table.columns)))
    decimal = raw.decimal or numbers.decimal_mark(sample, raw.separator)
    return [
        name
        for name in sample.columns
        if numbers.parse(sample[name], decimal) is not None and not dates.is_epoch(sample[name])
    ]
