"""The cells of a column as one text, a line each.

A pattern is applied to all of them many times faster than to one after the other. Patterns for such a text take BLANK
for a blank, since a line break separates cells.
"""

import pandas as pd

BLANK = r"[^\S\n]"


def join(column: pd.Series) -> str:
    """Return the texts of a column without blanks around them, a line each; an empty line for a cell without one."""
    try:
        joined = "\n".join(column)
    except TypeError:
        joined = "\n".join(cell if isinstance(cell, str) else "" for cell in column)
    if joined.count("\n") > max(0, len(column) - 1):
        joined = "\n".join(" ".join(cell.split()) if isinstance(cell, str) else "" for cell in column)
    has_blanks = joined[:1] == " " or joined[-1:] == " " or "\n " in joined or " \n" in joined
    return "\n".join(line.strip() for line in joined.split("\n")) if has_blanks else joined


def split(joined: str, index: pd.Index) -> pd.Series:
    """Return the lines of a text that `join` made as a column again."""
    return pd.Series(joined.split("\n") if len(index) else [], index=index, dtype=object)
