"""Charts with their caption, numbers and link: the same on every page."""

from collections.abc import Iterable
from functools import partial
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.charts import export
from ui import markdown, session

CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"]}


def show(figure: go.Figure, caption: str, key: str) -> None:
    """A figure, its caption, and a menu with its numbers and its link."""
    st.plotly_chart(figure, width="stretch", theme=None, key=key, config=CONFIG)
    _caption(figure, caption, key)


def show_titled(charts: Iterable[tuple[str, go.Figure, str]], prefix: str) -> None:
    """Charts of (title, figure, caption), two in a row."""
    for number, (title, figure, caption) in enumerate(charts):
        if number % 2 == 0:
            columns = st.columns(2)
        with columns[number % 2]:
            st.subheader(title)
            show(figure, caption, f"{prefix}-{title}")


def select_point(figure: go.Figure, caption: str, key: str) -> str | None:
    """A figure whose points can be clicked; the customdata of the clicked point, or None."""
    event: Any = st.plotly_chart(
        figure, width="stretch", theme=None, key=key, config=CONFIG, on_select="rerun", selection_mode="points"
    )
    _caption(figure, caption, key)
    for point in event.selection.points:
        value = point.get("customdata")
        value = value[0] if isinstance(value, list) and value else value
        if isinstance(value, str):
            return value
    return None


def _caption(figure: go.Figure, caption: str, key: str) -> None:
    """The caption and, behind three dots, the numbers to download and the address that shows this view again."""
    with st.container(horizontal=True, wrap=False, key=f"under-{key}"):
        st.caption(markdown.escape(caption), width="stretch")
        with st.popover(":material/more_horiz:", help="Numbers and link", type="tertiary", key=f"more-{key}"):
            st.download_button(
                "Numbers of this chart (CSV)",
                partial(export.to_csv, figure),
                f"{key}.csv",
                "text/csv",
                key=f"numbers-{key}",
                on_click="ignore",
                icon=":material/download:",
            )
            if address := session.address():
                st.caption("Link to this view:")
                st.code(address, language=None, wrap_lines=True)
