"""Errors and empty states: the same on every page."""

import streamlit as st

from core.errors import CoreError
from core.evaluation.alarms import TITLES
from ui import markdown


def error(problem: CoreError | str) -> None:
    """A user's mistake, in its own words."""
    st.error(markdown.escape(str(problem)), icon=":material/error:")


def info(text: str, icon: str = ":material/info:") -> None:
    """A plain remark; its words may come from people's files."""
    st.info(markdown.escape(text), icon=icon)


def warning(text: str, icon: str = ":material/warning:") -> None:
    """A remark to act on; its words may come from people's files."""
    st.warning(markdown.escape(text), icon=icon)


def alarm(name: str, text: str) -> None:
    """A warning of the core, under its title."""
    st.warning(
        f"**{markdown.escape(TITLES.get(name, name.capitalize()))}.** {markdown.escape(text)}",
        icon=":material/warning:",
    )


def empty(text: str, path: str, label: str) -> None:
    """What to do if there is nothing to show yet."""
    st.info(text, icon=":material/info:")
    st.page_link(path, label=label, icon=":material/arrow_forward:")
