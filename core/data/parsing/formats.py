"""The formats of files that can be read, told apart by how a file begins, whatever its name."""

from core.data.parsing import excel, parquet, text
from core.data.parsing.raw_table import FileFormat, RawTable, empty_file
from core.data.parsing.schema import FileSchema
from core.errors import DataError
from core.language import message

FORMATS: tuple[FileFormat, ...] = (parquet.FORMAT, excel.FORMAT, text.FORMAT)  # text fits any file and comes last
UNREADABLE = {
    b"%PDF": message("a PDF"),
    b"\x1f\x8b": message("a gzip file"),
    b"\xd0\xcf\x11\xe0": message("an old Excel file"),
    b"\x89PNG": message("a picture"),
}


def read(content: bytes, shown: str, corrections: FileSchema) -> RawTable:
    """Return the table of a file; `shown` is its name for messages. Raises DataError if it has none."""
    if not content.strip():
        raise empty_file(shown)
    for magic, kind in UNREADABLE.items():
        if content.startswith(magic):
            raise DataError(
                message(
                    "The file {shown} is {kind}, not a table. Save the table as CSV and load that.",
                    shown=shown,
                    kind=kind,
                )
            )
    return _format(content).read(content, shown, corrections)


def kind(content: bytes) -> str:
    """Return the kind of a file: parquet, excel or text."""
    return _format(content).kind


def _format(content: bytes) -> FileFormat:
    return next(file_format for file_format in FORMATS if content.startswith(file_format.magic))
