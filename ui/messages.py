"""Errors and empty states: the same on every page."""

import streamlit as st

from core.errors import CoreError
from core.evaluation.alarms import TITLES
from core.language import shown, tr
from ui import charts, markdown
from ui.home import demo


def error(problem: CoreError | str) -> None:
    """A user's mistake, in its own words."""
    st.error(markdown.of_error(problem), icon=":material/error:")


def info(text: str, icon: str = ":material/info:") -> None:
    """A plain remark; its words may come from people's files."""
    st.info(markdown.escape(text), icon=icon)


def warning(text: str, icon: str = ":material/warning:") -> None:
    """A remark to act on; its words may come from people's files."""
    st.warning(markdown.escape(text), icon=icon)


def alarm(name: str, text: str) -> None:
    """A warning of the core, under its title; a `name` without a title is one, marked for translation."""
    title = TITLES[name] if name in TITLES else tr(name.capitalize())
    st.warning(f"**{markdown.escape(title)}.** {markdown.escape(text)}", icon=":material/warning:")


def empty(text: str, page: str, link: tuple[str, str] | None = None) -> None:
    """A page with nothing to show yet: what it will show, greyed, and a way to start it.

    `page` is its title in English. The way is a button that runs the demo, or the `link`: a page and what leads there.
    """
    st.info(shown(text), icon=":material/info:")
    if link is None:
        demo.button(demo.recipe(), demo.LABEL, "empty-demo")
    else:
        st.page_link(link[0], label=shown(link[1]), icon=":material/arrow_forward:")
    from core.charts import examples

    figure = examples.draw(page)
    charts.show_picture(figure, tr("An example of the chart of this page."), "example")
