"""Parquet files: their columns as they are typed."""

import io
from typing import Any

import numpy as np
import pandas as pd

from core.data.parsing.raw_table import FileFormat, RawTable, check_size, unique_names
from core.data.parsing.schema import FileSchema
from core.data.wording import quote
from core.errors import DataError


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the columns of a Parquet file by their types alone, without the metadata of pandas.

    Raises DataError for a broken file and for one without rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(io.BytesIO(content), arrow_extensions_enabled=False)
        check_size(opened.metadata.num_rows * opened.metadata.num_columns, shown)
        arrow = opened.read()
        names = unique_names([str(name) for name in arrow.column_names])
        columns = {name: _convert(arrow.column(position)) for position, name in enumerate(names)}
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise DataError(
            f"The file {shown} begins like a Parquet file, but cannot be read as one "
            f"({type(error).__name__}). Write it again."
        ) from error
    table = pd.DataFrame({name: column for name, column in columns.items() if column is not None})
    if table.empty:
        raise DataError(f"The Parquet file {shown} has no rows of numbers, times or text. At least 2 rows are needed.")
    unused = [quote(name) for name, column in columns.items() if column is None]
    notes = (f"Columns left out, being neither numbers nor times nor text: {', '.join(unused[:6])}.",) if unused else ()
    return RawTable(table=table, row_T=list(range(1, len(table) + 1)), kind="parquet", notes=notes)


def time_zone(content: bytes, column: str) -> str:
    """Return the time zone of a column of times; empty if it has none."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(content))
    names = unique_names([str(name) for name in schema.names])
    kind = schema.field(names.index(column)).type if column in names else None
    return getattr(kind, "tz", None) or ""


def _convert(column: Any) -> pd.Series | None:
    """Return an Arrow column as texts, float64 or times without a zone; None for lists, bytes and the like."""
    import pyarrow as pa

    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series([value.strip() if value else "" for value in column.to_pylist()], dtype=object)
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("ms")).to_numpy())
    if pa.types.is_timestamp(kind):
        return column.to_pandas(ignore_metadata=True).dt.tz_localize(None)
    if (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_decimal(kind)
    ):
        return pd.Series(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)
    return pd.Series([""] * len(column), dtype=object) if pa.types.is_null(kind) else None


FORMAT = FileFormat(magic=b"PAR1", read=read)
