"""The upload of a file: how it was read, and the boxes that correct that."""

import hashlib
from dataclasses import replace

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data import load
from core.data.frame import column_name
from core.data.parsing.schema import FileSchema
from core.data.sources import files, uploads
from core.datasets import levels, row_notes
from core.errors import CoreError
from core.spec import Data
from ui import cache, markdown, messages, session

KINDS = ["csv", "tsv", "txt", "parquet", "xlsx"]
NONE = ""  # stands for no symbol column


def choose() -> tuple[Data, str] | None:
    """The data of an uploaded file, as guessed and corrected, and the digest under which they are kept.

    None without a file that can be read: then the page shows why, and the choice made before stays. The target comes
    first among the columns.
    """
    file = st.file_uploader(
        "A file with a date column and numeric columns",
        KINDS,
        key="file",
        help="CSV, TSV, Excel or Parquet; one series, or several with a column that names them",
    )
    if file is None:
        return _choose_stored()
    content = file.getvalue()
    try:
        guess = _guess(content, file.name)
        sentence, box = st.columns([3, 2], vertical_alignment="bottom")
        corrected = _correct(guess, hashlib.sha256(content).hexdigest()[:8], box)
        tables, schema = _read(content, file.name, corrected)
        series = load.from_tables({name: _target_first(table, schema.target) for name, table in tables.items()})
        digest = uploads.save(series, cache.DOWNLOADS / "uploads")
    except CoreError as problem:
        messages.error(problem)
        return None
    aim = levels.suggest_target(series, column_name(schema.target), schema.known)
    same = session.upload() == digest and session.recipe().data.known_future == schema.known
    aim = session.recipe().target if same else aim  # the Train page may have changed it
    sentence.markdown(f"**{markdown.escape(row_notes.describe_target(aim, pd.DatetimeIndex(series.index)))}**")
    for note in schema.notes:
        st.caption(markdown.escape(note))
    st.session_state["upload-target"] = schema.target
    return Data(source="file", symbols=tuple(tables), known_future=schema.known), digest


def target() -> str | None:
    """The column to forecast of the last upload."""
    return st.session_state.get("upload-target")


def _choose_stored() -> tuple[Data, str] | None:
    """The last upload, if the recipe uses it."""
    digest = session.upload()
    if session.recipe().data.source == "file" and digest:
        return session.recipe().data, digest
    st.info("The file stays on this machine. Its separator, dates and numbers are guessed; you can correct the guess.")
    return None


@st.cache_data(show_spinner="Reading the file …", ttl=600, max_entries=8)
def _guess(content: bytes, name: str) -> FileSchema:
    return files.infer_schema(content, name)


@st.cache_data(show_spinner="Reading the file …", ttl=600, max_entries=8)
def _read(content: bytes, name: str, corrected: FileSchema) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    return files.read(content, name, corrected)


def _correct(guessed: FileSchema, key: str, target_box: DeltaGenerator) -> FileSchema:
    """The guess as corrected in the boxes; their keys hold the file's digest, so that each file has its own.

    The column to forecast is chosen in `target_box`, next to the sentence that says what will be forecast.
    """
    with st.expander("How the file is read", expanded=False, icon=":material/tune:"):
        left, middle, right = st.columns(3)
        names = list(guessed.columns)
        date = left.selectbox("Dates are in", names, index=names.index(guessed.date_column), key=f"date-{key}")
        formats = guessed.date_formats if date == guessed.date_column else ()
        form = middle.selectbox("Dates are written", formats or ("as guessed",), key=f"form-{key}-{date}")
        decimal = right.selectbox(
            "Decimal mark", (".", ","), index=(".", ",").index(guessed.decimal), format_func=_mark, key=f"decimal-{key}"
        )
        left, right = st.columns(2)
        others = [name for name in names if name != date]
        symbol = left.selectbox(
            "Series are named in",
            [NONE, *others],
            key=f"symbol-{key}-{date}",
            index=1 + others.index(guessed.symbol_column) if guessed.symbol_column in others else 0,
            format_func=_or_none,
        )
        values = [name for name in others if name != symbol]
        aim = target_box.selectbox(
            "To forecast",
            values,
            key=f"target-{key}-{date}-{symbol}",
            index=values.index(guessed.target) if guessed.target in values else 0,
        )
        unused = [name for name in values if guessed.role(name) == "ignore" and name != aim]
        ignored = right.multiselect(
            "Leave out",
            [name for name in values if name != aim],
            default=unused,
            key=f"ignore-{key}-{date}-{symbol}-{aim}",
        )
        ahead = st.multiselect(
            "Known in the future",
            [name for name in values if name != aim and name not in ignored],
            default=[name for name in values if guessed.role(name) == "known" and name not in (aim, *ignored)],
            key=f"known-{key}-{date}-{symbol}-{aim}",
            help="Known future covariates: plans, promotions or holidays, with values after the last outcome",
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
        symbol_column=symbol or None,
        layout="long" if symbol else "wide",
        roles=tuple((name, roles.get(name, "past")) for name in names),
    )


def _target_first(table: pd.DataFrame, name: str | None) -> pd.DataFrame:
    return table[[name, *(other for other in table.columns if other != name)]] if name in table.columns else table


def _mark(mark: str) -> str:
    return {".": "point: 1.5", ",": "comma: 1,5"}[mark]


def _or_none(name: str) -> str:
    return name or "no column: one series"
