"""The rows of a large and regular text, read by Arrow: columns of plain numbers as float64 at once, others as texts."""

from typing import Any

import numpy as np
import pandas as pd

from core.data.parsing import numbers
from core.data.parsing.limits import MAX_LENGTH, cut
from core.types import Floats, Ints

MIN_LENGTH = 1_000_000  # characters from which it pays
EXACT = 2.0**53  # whole numbers beyond lose digits as float64

Body = tuple[pd.DataFrame, Ints, str]  # the columns, the number of each row, the decimal mark


def read(content: bytes, row: int, names: list[str], separator: str, decimal: str) -> Body | None:
    """Return the rows of a text in UTF-8 from row number `row` on, and their decimal mark: `decimal`, found if empty.

    None for rows of unequal length and for cells with line breaks, which Python's reader understands.
    """
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    if f'{separator} "'.encode() in content or b"\n" not in content:
        return None
    start = _line_start(content, row)
    number_T = row + _filled_lines(content[start:])
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(pa.py_buffer(content).slice(start)),
            arrow_csv.ReadOptions(use_threads=False, column_names=names),
            arrow_csv.ParseOptions(delimiter=separator),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), check_utf8=False),
        )
    except (pa.ArrowException, ValueError):
        return None
    if table.num_rows != len(number_T):
        return None
    decimal = decimal or numbers.decimal_mark(_sample(table), separator)
    columns = {name: _convert(table.column(at), decimal) for at, name in enumerate(names)}
    filled_T = np.zeros(len(number_T), dtype=bool)
    for column in columns.values():
        filled_T |= (column != "").to_numpy() if column.dtype == object else column.notna().to_numpy()
    frame = pd.DataFrame(columns, copy=False)
    return (frame, number_T, decimal) if filled_T.all() else (frame[filled_T], number_T[filled_T], decimal)


def _line_start(content: bytes, row: int) -> int:
    start = 0
    for _ in range(row - 1):
        start = content.index(b"\n", start) + 1
    return start


def _filled_lines(content: bytes) -> Ints:
    """Return the numbers, from 0, of the lines that are not empty."""
    end_L = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    length_L = np.diff(np.concatenate([[-1], end_L, [len(content)]])) - 1
    shortest = np.flatnonzero(length_L <= 1)
    stop_L = np.concatenate([[-1], end_L])
    empty = [at for at in shortest if content[stop_L[at] + 1 : stop_L[at] + 1 + length_L[at]] in (b"", b"\r")]
    return np.delete(np.arange(len(length_L)), empty)


def _sample(table: Any) -> pd.DataFrame:
    position = np.unique(np.linspace(0, table.num_rows - 1, numbers.sample_size(table.num_columns)).astype(int))
    sample = table.take(position).to_pandas()
    return sample.apply(lambda column: column.str.strip())


def _convert(column: Any, decimal: str) -> "pd.Series[Any]":
    """Return a column of texts as float64 if all its numbers are plain, so that none is read differently; else it."""
    from pyarrow import compute as pc

    trimmed = pc.utf8_trim_whitespace(column)
    values = _to_floats(trimmed, decimal)
    if values is not None:
        return pd.Series(values)
    texts = trimmed.to_numpy()
    if (pc.max(pc.utf8_length(trimmed)).as_py() or 0) > MAX_LENGTH:
        texts = np.array([cut(text) for text in texts], dtype=object)
    return pd.Series(texts, dtype=object)


def _to_floats(texts: Any, decimal: str) -> Floats | None:
    import pyarrow as pa
    from pyarrow import compute as pc

    missing = pc.is_in(pc.utf8_lower(texts), value_set=pa.array(sorted(numbers.MISSING)))
    filled = pc.if_else(missing, None, texts)
    if filled.null_count == len(filled) or pc.any(pc.match_substring_regex(filled, r"^[+-]?0\d")).as_py():
        return None  # 00123 is a code
    if pc.all(pc.match_substring_regex(filled, f"^{numbers.POINT_GROUPS}$")).as_py():
        return None  # 1.234 may be a thousand
    if decimal == ",":
        if pc.any(pc.match_substring(filled, ".")).as_py():
            return None
        filled = pc.replace_substring(filled, ",", ".")
    try:
        values = filled.cast(pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        return None
    plain = np.count_nonzero(np.isfinite(values)) == len(values) - filled.null_count
    return values if plain and np.nanmax(np.abs(values)) < EXACT else None
