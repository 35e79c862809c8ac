"""The language of a visitor: that of their switch, else that of their browser, else English."""

import logging

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.errors import RunError
from core.language import LANGUAGES, current
from core.language.choice import ENGLISH, ask, closest
from core.storage import visitors
from ui import boxes, cache, session

KEY = "language"


def use() -> None:
    """Speak the language of the visitor from now on, on this page, in its fragments and in its callbacks."""
    if KEY not in st.session_state:
        chosen = session.remembered().language
        st.session_state[KEY] = chosen if chosen in LANGUAGES else closest(_of_browser())
    ask(_of_visitor)


def draw_switch() -> None:
    """The languages, each as its speakers call it; a choice is remembered with the visitor."""
    codes = list(LANGUAGES)
    st.segmented_control(
        "Language · 언어",
        codes,
        default=current(),
        format_func=LANGUAGES.__getitem__,
        key=f"switch-to-{current()}",  # a new control for another language: none is never chosen
        on_change=_choose,
        args=(f"switch-to-{current()}",),
        width="stretch",
    )


def _choose(key: str) -> None:
    chosen = boxes.held(key)
    if not chosen:  # the one that was chosen before, clicked again
        return
    st.session_state[KEY] = chosen
    try:
        visitors.choose_language(session.visitor(), chosen, cache.RUNS)
    except RunError as problem:  # a full disk stops nobody from reading
        logging.getLogger(__name__).warning("A language was not remembered: %s", problem)


def _of_visitor() -> str:
    """The language of the session that this thread draws; English on every other thread."""
    if get_script_run_ctx(suppress_warning=True) is None:
        return ENGLISH
    return st.session_state.get(KEY, ENGLISH)


def _of_browser() -> str | None:
    return st.context.locale
