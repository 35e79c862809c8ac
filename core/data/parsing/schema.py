"""How a file is read: its format, how it writes dates and numbers, and the role of each column."""

from dataclasses import dataclass, field

from core.data.frame import column_name

ROLES = ("time", "symbol", "target", "past", "known", "ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSchema:
    """How a file was read. Handed back with changes, it says how to read the file again.

    In such a correction an empty `separator`, `encoding`, `sheet`, `decimal`, `date_column` or `date_format` is found
    again, as are a `header_row` of 0, the role of a column without an entry in `roles`, and `missing` if it is None.
    `thousands` follows from `decimal`.
    """

    kind: str = ""  # text, excel or parquet, by the content and never by the name
    separator: str = ""  # between the cells of a text
    encoding: str = ""  # of a text
    sheet: str = ""  # of a workbook
    sheets: tuple[str, ...] = ()  # every sheet of the workbook
    header_row: int = 0  # the row with the names of the columns, as people count; 0: it was found
    decimal: str = ""  # "." or ","
    thousands: str = ""  # the mark between groups of digits, if there is one
    missing: tuple[float, ...] | None = None  # numbers that stand for no value, like -999; empty: none; None: found
    date_column: str = ""
    date_format: str = ""  # in words, one of `date_formats`
    date_formats: tuple[str, ...] = ()  # every format that fits most dates, the chosen one first
    layout: str = ""  # wide: one series; long: one series for each value of the symbol column
    symbol_column: str | None = None  # the column that names the series
    roles: tuple[tuple[str, str], ...] = ()  # (column, one of ROLES), in the order of the file
    notes: tuple[str, ...] = field(default=(), compare=False)  # a sentence on each thing inferred or left out

    def role(self, column: str) -> str | None:
        """Return the role of `column`; None if it has no entry."""
        return dict(self.roles).get(column)

    def column_with(self, role: str) -> str | None:
        """Return the first column with this role; None if there is none."""
        return next((column for column, of_column in self.roles if of_column == role), None)

    @property
    def target(self) -> str | None:
        """The column to forecast."""
        return self.column_with("target")

    @property
    def known(self) -> tuple[str, ...]:
        """The columns whose values are known in the future, under the names that they have in the tables."""
        return tuple(column_name(column) for column, role in self.roles if role == "known")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file, in its order."""
        return tuple(column for column, _ in self.roles)
