"""The boxes that correct how a file is read: their keys hold the file's digest, so that each file has its own."""

from dataclasses import replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.parsing.encodings import ENCODINGS
from core.data.parsing.schema import FileSchema
from core.data.wording import quote_all
from core.errors import DataError
from core.language import message, shown, tr

NONE = ""  # stands for no symbol column


def correct_layout(found: FileSchema, key: str) -> FileSchema:
    """Which sheet, encoding and header row to read, as corrected; what is left as it was found stays open."""
    if found.kind == "parquet":
        return FileSchema()
    left, right, _ = st.columns(3)
    chosen = FileSchema()
    if found.kind == "excel" and found.sheets:
        sheet = left.selectbox(tr("Sheet"), found.sheets, index=found.sheets.index(found.sheet), key=f"sheet-{key}")
        chosen = replace(chosen, sheet=sheet if sheet != found.sheet else "")
    elif found.kind == "text":
        names = list(dict.fromkeys([*([found.encoding] if found.encoding else []), *ENCODINGS]))
        encoding = left.selectbox(
            tr("Encoding"), names, key=f"encoding-{key}", help=tr("If letters look wrong, try another")
        )
        chosen = replace(chosen, encoding=encoding if encoding != found.encoding else "")
    row = right.number_input(
        tr("Header row"),
        min_value=0,
        value=0,
        key=f"header-{key}",
        help=tr("The row with the names of the columns; 0: found"),
    )
    return replace(chosen, header_row=int(row))


def correct_columns(guessed: FileSchema, key: str, target_box: DeltaGenerator) -> FileSchema:
    """The guess as corrected in the boxes; their keys hold the file's digest, so that each file has its own.

    The column to forecast is chosen in `target_box`, next to the sentence that says what will be forecast.
    """
    left, middle, right = st.columns(3)
    names = list(guessed.columns)
    date = left.selectbox(tr("Dates are in"), names, index=names.index(guessed.date_column), key=f"date-{key}")
    formats = guessed.date_formats if date == guessed.date_column else ()
    form = middle.selectbox(
        tr("Dates are written"), formats or (message("as guessed"),), key=f"form-{key}-{date}", format_func=shown
    )
    decimal = right.selectbox(
        tr("Decimal mark"), (".", ","), index=(".", ",").index(guessed.decimal), format_func=_mark, key=f"decimal-{key}"
    )
    left, right = st.columns(2)
    others = [name for name in names if name != date]
    symbol = left.selectbox(
        tr("Series are named in"),
        [NONE, *others],
        key=f"symbol-{key}-{date}",
        index=1 + others.index(guessed.symbol_column) if guessed.symbol_column in others else 0,
        format_func=_or_none,
    )
    values = [name for name in others if name != symbol]
    aim = target_box.selectbox(
        tr("To forecast"),
        values,
        key=f"target-{key}-{date}-{symbol}",
        index=values.index(guessed.target) if guessed.target in values else 0,
    )
    unused = [name for name in values if guessed.role(name) == "ignore" and name != aim]
    ignored = right.multiselect(
        tr("Leave out"),
        [name for name in values if name != aim],
        default=unused,
        key=f"ignore-{key}-{date}-{symbol}-{aim}",
    )
    ahead = st.multiselect(
        tr("Known in the future"),
        [name for name in values if name != aim and name not in ignored],
        default=[name for name in values if guessed.role(name) == "known" and name not in (aim, *ignored)],
        key=f"known-{key}-{date}-{symbol}-{aim}",
        help=tr("Known future covariates: plans, promotions or holidays, with values after the last outcome"),
    )
    missing = st.multiselect(
        tr("Numbers that mean missing"),
        [_number(value) for value in guessed.missing or ()],
        default=[_number(value) for value in guessed.missing or ()],
        accept_new_options=True,
        key=f"missing-{key}",
        help=tr("Such as -999. Type a number and press Enter"),
    )
    roles = {
        date: "time",
        symbol: "symbol",
        aim: "target",
        **dict.fromkeys(ahead, "known"),
        **dict.fromkeys(ignored, "ignore"),
    }
    return replace(
        guessed,
        date_column=date,
        date_format=form if formats else "",
        decimal=decimal,
        missing=_missing(missing, guessed),
        symbol_column=symbol or None,
        layout="long" if symbol else "wide",
        roles=tuple((name, roles.get(name, "past")) for name in names),
    )


def _missing(texts: list[str], guessed: FileSchema) -> tuple[float, ...] | None:
    """The numbers in these texts; what was found, if they are the same. Raises DataError for other texts."""
    if texts == [_number(value) for value in guessed.missing or ()]:
        return guessed.missing
    try:
        return tuple(map(float, texts))
    except ValueError as error:
        raise DataError(
            message("A number that means missing is written like -999; got {texts}.", texts=quote_all(texts))
        ) from error


def _number(value: float) -> str:
    return f"{value:.15g}"


def _mark(mark: str) -> str:
    return tr("point: 1.5") if mark == "." else tr("comma: 1,5")


def _or_none(name: str) -> str:
    return name or tr("no column: one series")
