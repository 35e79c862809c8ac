"""The plain tables in a file that a person brings: how it is read is inferred, said in words, and can be corrected."""

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.parsing import (
    clocks,
    dates,
    formats,
    headings,
    layout,
    names,
    number_notes,
    numbers,
    parquet,
    placeholders,
    roles,
)
from core.data.parsing import values as column_values
from core.data.parsing.raw_table import RawTable
from core.data.parsing.schema import ROLES, FileSchema
from core.data.wording import quote, quote_all
from core.errors import DataError
from core.language import message

MAX_BLANK = 0.25  # rows without a date at the ends of a file, per row with one
TOTALS = {"total", "totals", "grand total", "sum", "average", "mean", "summe", "gesamt", "합계", "평균", "总计", "合計"}


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
    remark_T = _blank_ends(parsed) & undated_T if undated_T.any() else undated_T
    dates.check_complete((undated_T & ~total_T & ~remark_T).to_numpy(), parsed.date_text_T, parsed.raw.row_T)
    dated = parsed.time_T.notna().to_numpy()
    time_T = pd.DatetimeIndex(parsed.time_T[dated]).as_unit("ns")
    values = parsed.values[dated]
    if parsed.symbol_T is None:
        table, notes = layout.series_table(values, time_T, message("the file {shown}", shown=shown))
        tables = {layout.symbol_from_file_name(name): table}
    else:
        tables, notes = layout.by_symbol(values, time_T, parsed.symbol_T[dated], shown)
    if remark_T.any():
        first = parsed.raw.row_T[np.argmax(remark_T.to_numpy())]
        notes.append(
            message(
                "Rows without a date at the ends of the file were left out, though they have numbers: {count}, first "
                "row {first}.",
                count=f"{np.count_nonzero(remark_T):,}",
                first=first,
            )
        )
    empty = np.count_nonzero(~dated & ~total_T & ~remark_T)
    if empty:
        notes.append(message("Rows without a date and without numbers were left out: {count}.", count=f"{empty:,}"))
    if total_T.any():
        notes.append(
            message("Rows of totals and averages were left out: {count}.", count=f"{np.count_nonzero(total_T):,}")
        )
    return tables, replace(parsed.schema, notes=(*parsed.schema.notes, *notes))


def _blank_ends(parsed: _ParsedFile) -> pd.Series:
    """Return which rows have an empty date and stand before the first date or after the last, if they are few.

    Those are totals and the rows of a patient or device; a lost date in the middle is an error.
    """
    dated = np.flatnonzero(parsed.time_T.notna())
    blank_T = parsed.date_text_T.astype(str).str.strip() == ""
    position_T = np.arange(len(blank_T))
    ends_T = (position_T < dated[0]) | (position_T > dated[-1]) if len(dated) else np.zeros(len(blank_T), bool)
    return blank_T & ends_T if (blank_T & ends_T).sum() <= MAX_BLANK * len(dated) else blank_T & False


def infer_schema(content: bytes, name: str, corrections: FileSchema | None = None) -> FileSchema:
    """Return how a file would be read, even if some of its rows still have errors. Raises DataError."""
    return _parse(content, quote(name, 60), corrections or FileSchema()).schema


def infer_layout(content: bytes, name: str) -> FileSchema:
    """Return the kind of a file, its encoding and its sheets as far as they can be found, also without a table."""
    try:
        raw = formats.read(content, quote(name, 60), FileSchema())
    except DataError:
        return FileSchema(kind=formats.kind(content))
    return FileSchema(kind=raw.kind, encoding=raw.encoding, sheet=raw.sheet, sheets=raw.sheets)


def read_single(content: bytes, name: str) -> pd.DataFrame:
    """Return the plain table of a file with one series. Raises DataError, also for a file with several series."""
    tables, schema = read(content, name)
    if len(tables) > 1:
        times = len(set().union(*(table.index for table in tables.values())))
        raise DataError(
            message(
                "The {rows} rows of {name} have {times} different times: it holds {series} series, named in "
                "{symbol_column}. Save one series per file.",
                rows=sum(map(len, tables.values())),
                name=quote(name, 60),
                times=times,
                series=len(tables),
                symbol_column=repr(schema.symbol_column),
            )
        )
    return next(iter(tables.values()))


def read_path(path: Path, corrections: FileSchema | None = None) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    """Return what `read` does for the file at `path`. Raises DataError if there is no such file or it is not valid."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataError(
            message(
                "The file {path} cannot be read: {error}. Check the path.", path=repr(str(path)), error=error.strerror
            )
        ) from error
    return read(content, path.name, corrections)


def _parse(content: bytes, shown: str, corrections: FileSchema) -> _ParsedFile:
    raw = names.name_columns(formats.read(content, shown, corrections))
    named = (*corrections.columns, *filter(None, (corrections.symbol_column,)))
    raw = replace(raw, table=layout.join_again(raw.table, named))
    _check_corrections(corrections, raw.table)
    date_column = corrections.date_column or corrections.column_with("time") or dates.find_column(raw.table)
    table, clock_notes = clocks.join_clock(raw.table, date_column)
    decimal = corrections.decimal or raw.decimal or numbers.decimal_mark(table, raw.separator)
    parsed_dates = dates.parse(
        table[date_column],
        corrections.date_format,
        decimal == "," or headings.are_day_first(raw.table),
        parquet.time_zone(content, date_column) if raw.kind == "parquet" else "",
    )
    symbol_column = corrections.symbol_column or (
        corrections.column_with("symbol")
        if corrections.roles
        else layout.find_symbol_column(table, parsed_dates.times, date_column)
    )
    if symbol_column is None and not corrections.roles:
        table, symbol_column = layout.join_symbols(table, parsed_dates.times, date_column)
    rest = table.drop(columns=[date_column, *([symbol_column] if symbol_column and symbol_column in table else [])])
    values, left_out = column_values.numeric_columns(rest, decimal, corrections, shown)
    unreadable_notes = column_values.unreadable_notes(rest[list(values.columns)], values, raw.row_T)
    values, missing, missing_notes = placeholders.clear(values, corrections.missing)
    values, suspended_notes = placeholders.clear_suspended(values)
    used = rest[list(values.columns)]
    if corrections.role("adj_close") in (None, "ignore"):
        values = headings.adjust(values)
    adjusted = len(values.columns) < len(used.columns)
    notes = [
        message(
            "The times are in the column {date_column}, {format}.",
            date_column=quote(date_column),
            format=parsed_dates.format,
        ),
        *raw.notes,
        *parsed_dates.notes,
        *number_notes.describe(used, decimal, parsed_dates.format.startswith("day first, like 31.07")),
        *unreadable_notes,
        *missing_notes,
        *suspended_notes,
        *clock_notes,
    ]
    if symbol_column:
        notes.append(message("The column {symbol_column} names the series.", symbol_column=quote(symbol_column)))
    if adjusted:
        left_out["adj_close"] = message("it is the close now")
        notes.append(
            message("The adjusted close was taken for the close, and open, high and low were scaled by its factor.")
        )
    if column_values.MORE_DATES in left_out.values():
        notes.append(
            message("Of several columns of dates, {date_column} gives the times.", date_column=quote(date_column))
        )
    if left_out:
        notes.append(message("Columns left out: {columns}.", columns=column_values.list_reasons(left_out)))
    schema = FileSchema(
        kind=raw.kind,
        separator=raw.separator,
        encoding=raw.encoding,
        sheet=raw.sheet,
        sheets=raw.sheets,
        header_row=corrections.header_row,
        decimal=decimal,
        thousands=numbers.thousands_mark(used, decimal),
        missing=missing or corrections.missing,
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


def _check_corrections(corrections: FileSchema, table: pd.DataFrame) -> None:
    """Raise DataError for a correction with a column or a role that does not exist."""
    date_column, symbol_column = corrections.date_column, corrections.symbol_column
    for column, role in (
        *corrections.roles,
        *([(date_column, "time")] if date_column else []),
        *([(symbol_column, "symbol")] if symbol_column else []),
    ):
        if role not in ROLES:
            raise DataError(
                message(
                    "{role} is not a role of a column. Choose one of: {roles}.", role=repr(role), roles=", ".join(ROLES)
                )
            )
        if column not in table.columns:
            raise DataError(
                message(
                    "There is no column {column} in the file. There are: {columns}. Choose one.",
                    column=quote(column),
                    columns=quote_all(table.columns),
                )
            )
    if date_column and date_column == symbol_column:
        raise DataError(
            message(
                "The column {date_column} cannot both hold the times and name the series. Choose two columns.",
                date_column=quote(date_column),
            )
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
    known = [column for column in used if corrections.role(column) == "known"]
    ends_known = symbol_column is None and bool(values[target].notna()[time_T == time_T.max()].any())
    if not corrections.roles and not ends_known:  # a single series that ends with its outcome has no plans
        symbol_T = layout.symbol_names(cells[symbol_column]) if symbol_column else pd.Series("", index=values.index)
        rows = time_T.dropna().sort_values(kind="stable").index
        dated = values.loc[rows].set_axis(time_T[rows])
        groups = dated.groupby(symbol_T[rows].to_numpy())
        known = [*roles.known_ahead((table[~table.index.duplicated()] for _, table in groups), target)]
    fixed = dict.fromkeys(known, "known") | {date_column: "time", symbol_column: "symbol", target: "target"}
    return tuple((name, fixed.get(name) or ("past" if name in used else "ignore")) for name in map(str, cells.columns))
