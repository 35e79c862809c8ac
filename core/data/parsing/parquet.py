"""Parquet files: their columns as they are typed."""

import io
from typing import Any

import numpy as np
import pandas as pd

from core.data.parsing.limits import check_bytes, check_cells, check_columns, cut
from core.data.parsing.raw_table import FileFormat, RawTable, unique_names
from core.data.parsing.schema import FileSchema
from core.data.wording import quote
from core.errors import DataError
from core.language import message


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the columns of a Parquet file by their types alone, without the metadata of pandas.

    Raises DataError for a broken file, for one that is too large, and for one without rows.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        opened = pq.ParquetFile(io.BytesIO(content), arrow_extensions_enabled=False)
        _check(opened.metadata, shown)
        fields = list(opened.schema_arrow)
        texts = [field.name for field in fields if _is_text(field.type)]
        readable = [field.name for field in fields if _is_readable(field.type)]
        opened = pq.ParquetFile(io.BytesIO(content), arrow_extensions_enabled=False, read_dictionary=texts)
        arrow = opened.read(columns=readable)  # each text once, however often it occurs
        while any(pa.types.is_struct(field.type) for field in arrow.schema):  # bar.close, of a bar with a close
            arrow = arrow.flatten()
        leaves = [name.rpartition(".")[2] for name in arrow.column_names]
        is_nested = len(arrow.column_names) > len(readable)
        names = unique_names(leaves if is_nested and len({*leaves}) == len(leaves) else arrow.column_names)
        columns = {
            name: _convert(column) if _is_readable(column.type) else None
            for name, column in zip(names, arrow.columns, strict=True)
        }
        columns |= {str(field.name): None for field in fields if field.name not in readable}
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise DataError(
            message(
                "The file {shown} begins like a Parquet file, but cannot be read as one ({error}). Write it again.",
                shown=shown,
                error=type(error).__name__,
            )
        ) from error
    table = pd.DataFrame({name: column for name, column in columns.items() if column is not None})
    if table.empty:
        raise DataError(
            message(
                "The Parquet file {shown} has no rows of numbers, times or text. At least 2 rows are needed.",
                shown=shown,
            )
        )
    unused = [quote(name) for name, column in columns.items() if column is None]
    notes = (
        (
            message(
                "Columns left out, being neither numbers nor times nor text: {columns}.", columns=", ".join(unused[:6])
            ),
        )
        if unused
        else ()
    )
    return RawTable(table=table, row_T=np.arange(1, len(table) + 1), kind="parquet", notes=notes)


def _check(metadata: Any, shown: str) -> None:
    check_columns(metadata.num_columns, shown)
    check_cells(metadata.num_rows * metadata.num_columns, shown)
    check_bytes(sum(metadata.row_group(group).total_byte_size for group in range(metadata.num_row_groups)), shown)


def time_zone(content: bytes, column: str) -> str:
    """Return the time zone of a column of times; empty if it has none."""
    import pyarrow.parquet as pq

    schema = pq.read_schema(io.BytesIO(content))
    names = unique_names([str(name) for name in schema.names])
    kind = schema.field(names.index(column)).type if column in names else None
    return getattr(kind, "tz", None) or ""


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    kind = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_readable(kind: Any) -> bool:
    """Return whether a column holds texts, times or numbers, or a structure with a part that does."""
    import pyarrow as pa

    if pa.types.is_struct(kind):
        return any(_is_readable(kind.field(at).type) for at in range(kind.num_fields))
    return _is_text(kind) or _is_plain(kind)


def _is_plain(kind: Any) -> bool:
    """Return whether a type is that of times or numbers, or of nothing at all."""
    import pyarrow as pa

    kinds = pa.types
    checks = (kinds.is_date, kinds.is_timestamp, kinds.is_integer, kinds.is_floating, kinds.is_boolean)
    return any(check(kind) for check in (*checks, kinds.is_decimal, kinds.is_null))


def _convert(column: Any) -> "pd.Series[Any]":
    """Return an Arrow column as texts, float64 or times without a zone."""
    import pyarrow as pa

    kind = column.type
    if _is_text(kind):
        return _convert_texts(column)
    if pa.types.is_date(kind):
        return pd.Series(column.cast(pa.timestamp("ms")).to_numpy())
    if pa.types.is_timestamp(kind):
        return column.to_pandas(ignore_metadata=True).dt.tz_localize(None)
    if pa.types.is_null(kind):
        return pd.Series([""] * len(column), dtype=object)
    return pd.Series(column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False), dtype=np.float64)


def _convert_texts(column: Any) -> "pd.Series[Any]":
    """Return texts without blanks around them, each distinct one as one object."""
    import pyarrow as pa

    parts = []
    for chunk in column.chunks:
        encoded = chunk if pa.types.is_dictionary(chunk.type) else chunk.dictionary_encode()
        distinct = [cut(value.as_py() or "") for value in encoded.dictionary]
        positions = encoded.indices.fill_null(len(distinct)).to_numpy()
        parts.append(np.array([*distinct, ""], dtype=object)[positions])
    return pd.Series(np.concatenate(parts) if parts else [], dtype=object)


FORMAT = FileFormat(kind="parquet", magic=b"PAR1", read=read)
