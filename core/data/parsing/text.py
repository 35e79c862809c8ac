"""Delimited text in any encoding: CSV, TSV and the like."""

import csv
import io
import re

from core.data.parsing import encodings, header_rows, large_text
from core.data.parsing.limits import check_cells, check_columns, cut
from core.data.parsing.raw_table import FileFormat, RawTable, Rows, find_names, symbol_rows, with_header
from core.data.parsing.schema import FileSchema
from core.errors import DataError, words
from core.language import message

BOM = b"\xef\xbb\xbf"
_FORCED_TEXT = re.compile(r'^="(.*)"$')  # ="00123": how a file keeps Excel from reading a number
SEPARATORS = ("\t", ";", "|", ",")  # of equally likely ones the first: 1,5 is a number more often than 1;5
_GAPS = re.compile(r"\s+(?!(?:[AP]M)\b)")  # between the cells of a text in columns
HEAD_LENGTH = 1_000_000  # characters of the first lines, if they are long


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the table of a delimited text. Raises DataError for other bytes and for rows that do not fit."""
    text, encoding, guessed = encodings.decode(content, corrections.encoding)
    head = text[: large_text.MIN_LENGTH]
    if "\x00" in text or len(re.findall(r"[\x01-\x08\x0e-\x1f]", head)) > 0.02 * len(head):
        raise DataError(
            message("The file {shown} contains bytes that are not text. Save the table as CSV in UTF-8.", shown=shown)
        )
    if not corrections.separator and _is_aligned(text):
        text = "\n".join(re.sub(_GAPS, "\t", line.strip()) if line.strip() else "" for line in text.splitlines())
    separator = corrections.separator or _find_separator(text)
    check_cells(text.count(separator) + text.count("\n"), shown)
    body = None
    if len(text) >= large_text.MIN_LENGTH and '="' not in text:
        lines, content = _first_lines(text), content.removeprefix(BOM) if encoding == "utf-8" else text.encode()
        text = ""  # twice in memory is enough
        body = _large_table(content, lines, separator, shown, corrections)
        text = "" if body else content.decode()
    table, row_T, decimal = body or (*with_header(_split(text, separator, shown), shown, corrections.header_row), "")
    guess = message("The text is encoded in {encoding}, a guess from its letters. Check the names.", encoding=encoding)
    note = guess if guessed else message("The text is encoded in {encoding}.", encoding=encoding)
    notes = () if encoding == "utf-8" else (note,)
    return RawTable(
        table=table, row_T=row_T, kind="text", separator=separator, encoding=encoding, decimal=decimal, notes=notes
    )


def _find_separator(text: str) -> str:
    """Return the separator that cuts most of the first rows into the same number of cells, two at least."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:50]

    def score(separator: str) -> tuple[int, int]:
        counts = [line.count(separator) for line in lines if separator in line]
        common = max(set(counts), key=lambda count: (counts.count(count), count), default=0)
        return counts.count(common), common

    return max(SEPARATORS, key=score)


def _is_aligned(text: str) -> bool:
    """Return whether blanks alone align the cells of nearly all of the last of the first lines: fixed-width text."""
    lines = [line for line in text[:100_000].splitlines() if line.strip()][:50]
    lines = lines[len(lines) // 3 :]
    if any(mark in line for line in lines for mark in SEPARATORS):
        return False
    counts = [len(re.split(_GAPS, line.strip())) for line in lines]
    common = max(set(counts), key=counts.count, default=0)
    return common > 1 and counts.count(common) > 0.8 * len(counts)


def _large_table(
    content: bytes, lines: str, separator: str, shown: str, corrections: FileSchema
) -> large_text.Body | None:
    """Return the table of a large text in UTF-8, whose header is found in its first lines; None if it is irregular."""
    head = _split(lines, separator, shown)
    if not head[0] or symbol_rows(head[0], corrections.header_row) is not None:
        return None
    names, start = find_names(head, shown, corrections.header_row)
    return large_text.read(content, head[1][start - 1] + 1 if start else 1, names, separator, corrections.decimal)


def _first_lines(text: str) -> str:
    end = 0
    for _ in range(header_rows.SHOWN):
        following = text.find("\n", end) + 1
        if not following or (end and following > HEAD_LENGTH):
            break
        end = following
    return text[: end or len(text)]


def _split(text: str, separator: str, shown: str) -> Rows:
    """Return the filled rows of `text` as stripped cells, and the row number of each, counted from 1."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True)
    has_forced = '="' in text
    rows: list[list[str]] = []
    row_T: list[int] = []
    try:
        for row in reader:
            check_columns(len(row), shown)
            stripped = [cut(cell) for cell in row]
            if has_forced:
                stripped = [_FORCED_TEXT.sub(r"\1", cell) for cell in stripped]
            if any(stripped):
                rows.append(stripped)
                row_T.append(reader.line_num)
    except csv.Error as error:
        raise DataError(
            message(
                "Row {row} of {shown} is not a valid CSV row: {error}. Check its quotes.",
                row=reader.line_num,
                shown=shown,
                error=words(error),
            )
        ) from error
    return rows, row_T


FORMAT = FileFormat(kind="text", magic=b"", read=read)
