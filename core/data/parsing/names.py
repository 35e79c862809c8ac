"""The names of a file's columns: dates in one column, prices under their usual names."""

from dataclasses import replace

import pandas as pd

from core.data.parsing import clocks, dates, headings, numbers, wide_dates
from core.data.parsing.raw_table import RawTable
from core.data.parsing.sampling import sample_rows
from core.data.wording import quote


def name_columns(raw: RawTable) -> RawTable:
    """Return the table with its dates in one column and its prices under their names; the notes say what changed."""
    turned = wide_dates.turn(raw.table, raw.row_T)
    if turned is not None:
        table, row_T, note = turned
        raw = replace(raw, table=table, row_T=row_T, notes=(*raw.notes, note))
    table = clocks.join_dates(raw.table)
    parts = [quote(name) for name in raw.table.columns if name not in table]
    bars = _name_bars(table)
    named = (
        () if bars is table else ("Without a header, the columns were taken for bars: time, open, high, low, close.",)
    )
    table = bars
    joined = (f"The dates were put together from the columns {', '.join(parts)}.",) if parts else ()
    numeric = _numeric_names(table, raw) if headings.has_close(table.columns) else []
    renamed, notes = headings.rename_prices(numeric)
    return replace(raw, table=table.rename(columns=renamed), notes=(*raw.notes, *joined, *named, *notes))


def _numeric_names(table: pd.DataFrame, raw: RawTable) -> list[str]:
    """Return the names of the columns of numbers that are no times."""
    sample = sample_rows(table, numbers.sample_size(len(table.columns)))
    decimal = raw.decimal or numbers.decimal_mark(sample, raw.separator)
    return [
        name
        for name in sample.columns
        if numbers.parse(sample[name], decimal) is not None and not dates.is_epoch(sample[name])
    ]


def _name_bars(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table without a header, with times since 1970 and bars as exchanges write them, named so."""
    names = [f"column_{position + 1}" for position in range(len(table.columns))]
    if list(table.columns) != names or len(names) < 6 or not dates.is_epoch(table["column_1"]):
        return table
    bars = table[names[1:5]].apply(pd.to_numeric, errors="coerce")
    first, high, low, last = (bars[name] for name in bars)
    if not ((low <= first) & (first <= high) & (low <= last) & (last <= high)).all():
        return table
    ends = ["close_time"] if len(names) > 6 and dates.is_epoch(table["column_7"]) else []
    return table.set_axis(["time", "open", "high", "low", "close", "volume", *ends, *names[6 + len(ends) :]], axis=1)
