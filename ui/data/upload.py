"""The upload of a file: how it was read, and the boxes that correct that."""

import hashlib
from dataclasses import replace

import pandas as pd
import streamlit as st

from core.data import load
from core.data.frame import column_name
from core.data.parsing.schema import FileSchema
from core.data.sources import files, uploads
from core.datasets import levels, row_notes
from core.errors import CoreError, DataError, words
from core.language import tr
from core.spec import Data
from ui import cache, markdown, messages, session
from ui.data import file_boxes

KINDS = ["csv", "tsv", "txt", "parquet", "xlsx"]
PREVIEW_ROWS = 6


def choose() -> tuple[Data, str] | None:
    """The data of an uploaded file, as guessed and corrected, and the digest under which they are kept.

    None without a file that can be read: then the page shows why, and the choice made before stays. The target comes
    first among the columns.
    """
    file = st.file_uploader(
        tr("A file with a date column and numeric columns"),
        KINDS,
        key="file",
        help=tr("CSV, TSV, Excel or Parquet; one series, or several with a column that names them"),
    )
    if file is None:
        return _choose_stored()
    try:
        cache.quotas().check_upload(file.size)
    except CoreError as error:
        messages.error(error)
        return None
    content = file.getvalue()
    sentence, box = st.columns([3, 2], vertical_alignment="bottom")
    found, readable = _find_layout(content, file.name)
    expander = st.expander(tr("How the file is read"), expanded=not readable, icon=":material/tune:")
    key = hashlib.sha256(content).hexdigest()[:8]
    try:
        with expander:
            wanted = file_boxes.correct_layout(found, key)
        tables, guess = _read(content, file.name, wanted)
        with expander:
            corrected = file_boxes.correct_columns(
                guess, f"{key}-{wanted.sheet}-{wanted.encoding}-{wanted.header_row}", box
            )
        tables, schema = _read(content, file.name, corrected) if corrected != guess else (tables, guess)
        if not tables:
            raise DataError(schema.notes[-1])
        series = load.from_tables({name: _target_first(table, schema.target) for name, table in tables.items()})
        digest = uploads.save(series, cache.DOWNLOADS / "uploads")
    except CoreError as error:
        messages.error(error)
        return None
    expander.dataframe(next(iter(tables.values())).head(PREVIEW_ROWS), width="stretch")
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
    st.info(
        tr("The file stays on this machine. Its separator, dates and numbers are guessed; you can correct the guess.")
    )
    return None


def _find_layout(content: bytes, name: str) -> tuple[FileSchema, bool]:
    """What kind of file it is, and whether it can be read without a correction."""
    try:
        tables, schema = _read(content, name, FileSchema())
    except DataError:
        return files.infer_layout(content, name), False
    return schema, bool(tables)


def _read(content: bytes, name: str, corrected: FileSchema) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    """The tables of a file and how they were read; none, and why in the last note, if some rows have errors."""
    with st.spinner(tr("Reading the file …")):
        return _read_once(content, name, corrected)


@st.cache_data(show_spinner=False, ttl=600, max_entries=8)
def _read_once(content: bytes, name: str, corrected: FileSchema) -> tuple[dict[str, pd.DataFrame], FileSchema]:
    try:
        return files.read(content, name, corrected)
    except DataError as error:
        schema = files.infer_schema(content, name, corrected)
        return {}, replace(schema, notes=(*schema.notes, words(error)))


def _target_first(table: pd.DataFrame, name: str | None) -> pd.DataFrame:
    return table[[name, *(other for other in table.columns if other != name)]] if name in table.columns else table
