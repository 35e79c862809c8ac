"""The plain tables in a file that a person brings: how it is read is inferred, said in words, and can be corrected."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.parsing import clocks, dates, formats, headings, layout, numbers, roles, wide_dates
from core.data.parsing.raw_table import RawTable
from core.data.parsing.sampling import sample_rows
from core.data.parsing.schema import ROLES, FileSchema
from core.data.wording import quote, quote_all
from core.errors import DataError
from core.types import Ints

ROW_NUMBERS = {"column_1", "Unnamed: 0", "__index_level_0__"}  # names of a column of row numbers

TOTALS = {"total", "totals", "grand total", "sum", "average", "mean", "summe", "gesamt", "합계", "평균", "总计", "合計"}
NUMBERED = {"no", "no.", "#", "nr", "nr.", "row", "index", "번호", "序号"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _ParsedFile:
    """The rows of a file with the meaning of each column."""

    raw: RawTable
    values: pd.DataFrame  # the numeric columns that are used, float64
    time_T: pd.Series
    date_text_T: pd.Series  # the dates as they are written
    symbol_T: pd.Series | None
    schema: FileSchema


def read(
    content: bytes, name: str, corrections: FileSchema | None = None
) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    """Return the plain tables (T, columns) of a CSV, TSV, Excel or Parquet file by symbol, and how it was read.

    Each table has sorted unique times named "time" and float64 columns; missing cells stay NaN. `corrections` is the
    schema of an earlier call with what a person changed in it. `name` is for messages, and the symbol of a file without
    a symbol column. Raises DataError that says in one sentence, with row and column, what to correct.
    """
    shown = quote(name, 60)
    parsed = _parse(content, shown, corrections or FileSchema())
    total_T = parsed.date_text_T.astype(str).str.strip(" :").str.lower().isin(TOTALS)
    undated_T = parsed.time_T.isna() & parsed.values.notna().any(axis=1)
    dates.check_complete((undated_T & ~total_T).to_numpy(), parsed.date_text_T, parsed.raw.row_T)
    dated = parsed.time_T.notna().to_numpy()
    time_T = pd.DatetimeIndex(parsed.time_T[dated]).as_unit("ns")
    values = parsed.values[dated]
    if parsed.symbol_T is None:
        table, notes = layout.series_table(values, time_T, f"the file {shown}")
        tables = {layout.symbol_from_file_name(name): table}
    else:
        tables, notes = layout.by_symbol(values, time_T, parsed.symbol_T[dated], shown)
    empty = np.count_nonzero(~dated & ~total_T)
    if empty:
        notes.append(f"Rows without a date and without numbers were left out: {empty:,}.")
    if total_T.any():
        notes.append(f"Rows of totals and averages were left out: {np.count_nonzero(total_T):,}.")
    return tables, replace(parsed.schema, notes=(*parsed.schema.notes, *notes))


def infer_schema(content: bytes, name: str, corrections: FileSchema | None = None) -> FileSchema:
    """Return how a file would be read, even if some of its rows still have errors. Raises DataError."""
    return _parse(content, quote(name, 60), corrections or FileSchema()).schema


def read_single(content: bytes, name: str) -> pd.DataFrame:
    """Return the plain table of a file with one series. Raises DataError, also for a file with several series."""
    tables, schema = read(content, name)
    if len(tables) > 1:
        times = len(set().union(*(table.index for table in tables.values())))
        raise DataError(
            f"The {sum(map(len, tables.values()))} rows of {quote(name, 60)} have {times} different times: it "
            f"holds {len(tables)} series, named in {schema.symbol_column!r}. Save one series per file."
        )
    return next(iter(tables.values()))


def read_path(path: Path, corrections: FileSchema | None = None) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    """Return what `read` does for the file at `path`. Raises DataError if there is no such file or it is not valid."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"The file {str(path)!r} cannot be read: {error.strerror}. Check the path.") from error
    return read(content, path.name, corrections)


def _parse(content: bytes, shown: str, corrections: FileSchema) -> _ParsedFile:
    raw = _name_columns(formats.read(content, shown, corrections))
    _check_corrections(corrections, raw.table)
    date_column = corrections.date_column or corrections.column_with("time") or dates.find_column(raw.table)
    table, clock_notes = clocks.join_clock(raw.table, date_column)
    parsed_dates = dates.parse(table[date_column], corrections.date_format)
    symbol_column = corrections.symbol_column or (
        corrections.column_with("symbol")
        if corrections.roles
        else layout.find_symbol_column(table, parsed_dates.times, date_column)
    )
    rest = table.drop(columns=[date_column, *([symbol_column] if symbol_column and symbol_column in table else [])])
    decimal = corrections.decimal or raw.decimal or numbers.decimal_mark(table, raw.separator)
    values, left_out = _numeric_columns(rest, decimal, corrections, shown)
    used = rest[list(values.columns)]
    if corrections.role("adj_close") in (None, "ignore"):
        values = headings.adjust(values)
    adjusted = len(values.columns) < len(used.columns)
    notes = [
        f"The times are in the column {quote(date_column)}, {parsed_dates.format}.",
        *raw.notes,
        *parsed_dates.notes,
        *numbers.notes(used, decimal),
        *_unreadable_cell_notes(used[list(values.columns)], values, raw.row_T),
    ]
    notes += clock_notes
    if symbol_column:
        notes.append(f"The column {quote(symbol_column)} names the series.")
    if adjusted:
        left_out["adj_close"] = "it is the close now"
        notes.append("The adjusted close was taken for the close, and open, high and low were scaled by its factor.")
    if left_out:
        notes.append(
            f"Columns left out: {', '.join(f'{quote(column)} ({reason})' for column, reason in left_out.items())}."
        )
    schema = FileSchema(
        kind=raw.kind,
        separator=raw.separator,
        encoding=raw.encoding,
        sheet=raw.sheet,
        sheets=raw.sheets,
        header_row=corrections.header_row,
        decimal=decimal,
        thousands=numbers.thousands_mark(used, decimal),
        date_column=date_column,
        date_format=parsed_dates.format,
        date_formats=parsed_dates.formats,
        layout="long" if symbol_column else "wide",
        symbol_column=symbol_column,
        roles=_roles(table, parsed_dates.times, date_column, symbol_column, values, corrections),
        notes=tuple(notes),
    )
    return _ParsedFile(
        raw=raw,
        values=values,
        time_T=parsed_dates.times,
        date_text_T=table[date_column],
        symbol_T=layout.symbol_names(table[symbol_column]) if symbol_column else None,
        schema=schema,
    )


def _name_columns(raw: RawTable) -> RawTable:
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


def _check_corrections(corrections: FileSchema, table: pd.DataFrame) -> None:
    """Raise DataError for a correction with a column or a role that does not exist."""
    date_column, symbol_column = corrections.date_column, corrections.symbol_column
    for column, role in (
        *corrections.roles,
        *([(date_column, "time")] if date_column else []),
        *([(symbol_column, "symbol")] if symbol_column else []),
    ):
        if role not in ROLES:
            raise DataError(f"{role!r} is not a role of a column. Choose one of: {', '.join(ROLES)}.")
        if column not in table.columns:
            raise DataError(
                f"There is no column {quote(column)} in the file. There are: {quote_all(table.columns)}. Choose one."
            )
    if date_column and date_column == symbol_column:
        raise DataError(
            f"The column {quote(date_column)} cannot both hold the times and name the series. Choose two columns."
        )


def _roles(
    cells: pd.DataFrame,
    time_T: pd.Series,
    date_column: str,
    symbol_column: str | None,
    values: pd.DataFrame,
    corrections: FileSchema,
) -> tuple[tuple[str, str], ...]:
    used = list(values.columns)
    target = corrections.target if corrections.target in used else roles.main_column(values)
    if corrections.roles:
        known = [column for column in used if corrections.role(column) == "known"]
    else:
        symbol_T = layout.symbol_names(cells[symbol_column]) if symbol_column else pd.Series("", index=values.index)
        rows = time_T.dropna().sort_values(kind="stable").index
        dated = values.loc[rows].set_axis(time_T[rows])
        groups = dated.groupby(symbol_T[rows].to_numpy())
        known = [*roles.known_ahead((table[~table.index.duplicated()] for _, table in groups), target)]
    fixed = dict.fromkeys(known, "known") | {date_column: "time", symbol_column: "symbol", target: "target"}
    return tuple((name, fixed.get(name) or ("past" if name in used else "ignore")) for name in map(str, cells.columns))


def _numeric_columns(
    cells: pd.DataFrame, decimal: str, corrections: FileSchema, shown: str
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return the numeric columns as float64, and the reason why each other column is left out."""
    used, left_out = {}, {}
    for name in map(str, cells.columns):
        column, role = numbers.parse(cells[name], decimal), corrections.role(name)
        if column is None:
            if role == "target":
                raise DataError(
                    f"The column {quote(name)} of {shown} is to be forecast and holds no numbers. Choose "
                    "another target."
                )
            left_out[name] = "text" if numbers.is_filled(cells[name]).any() else "empty"
        elif role in (None, "ignore") and _counts_rows(name, column):
            left_out[name] = "row numbers"
        elif role in (None, "ignore") and "time" in name.lower() and dates.is_epoch(cells[name]):
            left_out[name] = "times"
        elif role == "ignore" and not (name == "adj_close" and "close" in cells):  # it is part of the close
            left_out[name] = "as asked"
        else:
            used[name] = column
    if not used:
        raise DataError(
            f"The file {shown} has no column of numbers besides the dates; it has {quote_all(left_out)}. Add one."
        )
    return pd.DataFrame(used, index=cells.index), left_out


def _unreadable_cell_notes(cells: pd.DataFrame, values: pd.DataFrame, row_T: Ints) -> list[str]:
    """Return a sentence on each column with cells that are filled but not numeric."""
    notes = []
    for name in cells.columns[[kind == np.dtype(object) for kind in cells.dtypes]]:
        rows = np.flatnonzero((numbers.is_filled(cells[name]) & values[name].isna()).to_numpy())
        if len(rows):
            first = f"{quote(cells[name].iloc[rows[0]])} in row {row_T[rows[0]]}"
            notes.append(f"Cells of {quote(name)} without a number count as missing: {len(rows):,}, first {first}.")
    return notes


def _counts_rows(name: str, column: pd.Series) -> bool:
    """Return whether a column without a name, or named like a number, holds row numbers: 0, 1, 2, …, no series."""
    if name not in ROW_NUMBERS and name.lower() not in NUMBERED:
        return False
    steps = column.diff().iloc[1:]
    return len(steps) > 0 and bool(((steps == 1) | (steps == -1)).all())
