"""What was made of a file that a person brought, in words that they can correct."""

from dataclasses import dataclass, field

from core.data.frame import column_name

ROLES = ("time", "symbol", "target", "past", "known", "ignore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How a file was read. Handed back changed, it says how to read it again.

    In a correction an empty `separator`, `encoding`, `decimal`, `date` or `date_format` is guessed anew, and a column
    that has no entry in `roles` keeps the role that is guessed. `thousands` follows from `decimal`.
    """

    kind: str = ""  # text, excel or parquet, by content and never by name
    separator: str = ""  # between the cells of a text
    encoding: str = ""
    decimal: str = ""  # "." or ","
    thousands: str = ""  # the mark between groups of digits, where there is one
    date: str = ""  # the column of the times
    date_format: str = ""  # in words, one of `date_formats`
    date_formats: tuple[str, ...] = ()  # every reading that fits most dates, the chosen one first
    layout: str = ""  # wide: one series; long: one series for each value of the symbol column
    symbol: str | None = None  # the column that names the series
    roles: tuple[tuple[str, str], ...] = ()  # (column, one of ROLES), in the order of the file
    notes: tuple[str, ...] = field(default=(), compare=False)  # a sentence for each thing guessed or dropped

    def role(self, column: str) -> str | None:
        """The role of `column`; None where nothing is said of it."""
        return dict(self.roles).get(column)

    @property
    def target(self) -> str | None:
        """The column to forecast."""
        return next((column for column, role in self.roles if role == "target"), None)

    @property
    def known(self) -> tuple[str, ...]:
        """The columns whose values are known ahead, as the tables call them."""
        return tuple(column_name(column) for column, role in self.roles if role == "known")

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column of the file, in its order."""
        return tuple(column for column, _ in self.roles)
