"""How much of a file is read: a small file can unpack to more than the memory of a machine."""

from core.errors import DataError
from core.language import message

MAX_CELLS = 25_000_000  # 200 MB of numbers
MAX_COLUMNS = 10_000
MAX_BYTES = 1_000_000_000  # that a compressed file may unpack to
MAX_LENGTH = 200  # characters of a cell that are kept: dates, numbers and names are shorter


def cut(cell: str) -> str:
    """Return a cell without blanks around it; a longer one than any date, number or name ends with three points."""
    cell = cell.strip()
    return cell if len(cell) <= MAX_LENGTH else f"{cell[: MAX_LENGTH - 1]}…"


def check_cells(cells: int, shown: str) -> None:
    """Raise DataError if a file has more cells than are read."""
    if cells > MAX_CELLS:
        raise DataError(
            message(
                "The file {shown} has about {cells} cells; at most {most} are read. Save only the rows and columns "
                "that are needed.",
                shown=shown,
                cells=f"{cells:,}",
                most=f"{MAX_CELLS:,}",
            )
        )


def check_columns(columns: int, shown: str) -> None:
    """Raise DataError if a table has more columns than are read."""
    if columns > MAX_COLUMNS:
        raise DataError(
            message(
                "The file {shown} has {columns} columns; at most {most} are read. Save only the columns that are "
                "needed.",
                shown=shown,
                columns=f"{columns:,}",
                most=f"{MAX_COLUMNS:,}",
            )
        )


def check_bytes(size: int, shown: str) -> None:
    """Raise DataError if a compressed file unpacks to more bytes than are read."""
    if size > MAX_BYTES:
        raise DataError(
            message(
                "The file {shown} unpacks to {size} GB; at most {most} GB are read. Save only the rows and columns "
                "that are needed.",
                shown=shown,
                size=f"{size / 1e9:.1f}",
                most=f"{MAX_BYTES / 1e9:g}",
            )
        )
