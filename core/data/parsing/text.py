"""Delimited text in any encoding: CSV, TSV and the like."""

import csv
import io
import re

from core.data.parsing.raw_table import FileFormat, RawTable, Rows, with_header
from core.data.parsing.schema import FileSchema
from core.errors import DataError

SEPARATORS = ("\t", ";", "|", ",")  # of equally likely ones the first: 1,5 is a number more often than 1;5
ENCODINGS = ("utf-8", "utf-16", "cp1252", "latin-1")


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the table of a delimited text. Raises DataError for other bytes and for rows that do not fit."""
    text, encoding = _decode(content, corrections.encoding)
    if "\x00" in text or len(re.findall(r"[\x01-\x08\x0e-\x1f]", text)) > 0.02 * len(text):
        raise DataError(f"The file {shown} contains bytes that are not text. Save the table as CSV in UTF-8.")
    separator = corrections.separator or _find_separator(text)
    table, row_T = with_header(_split(text, separator, shown), shown)
    notes = () if encoding == "utf-8" else (f"The text is encoded in {encoding}.",)
    return RawTable(table=table, row_T=row_T, kind="text", separator=separator, encoding=encoding, notes=notes)


def _decode(content: bytes, chosen: str) -> tuple[str, str]:
    """Return the text and its encoding: the chosen one, or the first that fits."""
    has_mark = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    likely = [name for name in ENCODINGS[:3] if has_mark or name != "utf-16"]
    for name in (
        *([chosen] if chosen in ENCODINGS else []),
        *(["utf-16"] if has_mark else []),
        *_unmarked_utf16(content),
        *likely,
    ):
        try:
            return content.decode("utf-8-sig" if name == "utf-8" else name), name
        except UnicodeDecodeError:
            continue
    return content.decode("latin-1"), "latin-1"  # has a character for every byte


def _unmarked_utf16(content: bytes) -> tuple[str, ...]:
    """Return the variant of UTF-16 without a byte order mark, in which nearly every second byte is zero."""
    head = content[:2000]
    if len(head) < 8 or len(content) % 2:
        return ()
    first, second = head[0::2].count(0), head[1::2].count(0)
    if max(first, second) <= 0.35 * len(head):
        return ()
    return ("utf-16-be",) if first >= second else ("utf-16-le",)


def _find_separator(text: str) -> str:
    """Return the separator that cuts most of the first rows into the same number of cells, two at least."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:50]

    def score(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines if separator in line]
        common = max(set(counts), key=lambda count: (counts.count(count), count), default=0)
        return counts.count(common), common

    return max(SEPARATORS, key=score)


def _split(text: str, separator: str, shown: str) -> Rows:
    """Return the filled rows of `text` as stripped cells, and the row number of each, counted from 1."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    rows: list[list[str]] = []
    row_T: list[int] = []
    try:
        for row in reader:
            stripped = [cell.strip() for cell in row]
            if any(stripped):
                rows.append(stripped)
                row_T.append(reader.line_num)
    except csv.Error as error:
        raise DataError(
            f"Row {reader.line_num} of {shown} is not a valid CSV row: {error}. Check its quotes."
        ) from error
    return rows, row_T


FORMAT = FileFormat(magic=b"", read=read)
