"""What the server gets ready while a visitor reads the first page: worker processes, and what other pages import."""

import threading
from collections.abc import Callable
from importlib import import_module

import streamlit as st

from ui import cache

SECONDS = 1.5  # after the first page began: its drawing, here and in the browser, comes first
MODULES = ("core.data.load", "core.datasets.windows", "ui.summary", "ui.home.last_run", "core.explain.local")


@st.cache_resource(show_spinner=False)
def begin() -> None:
    """Get ready, once for all visitors; returns at once. A click that comes earlier waits no longer than without."""
    timer = threading.Timer(SECONDS, _get_ready, (cache.queue,))
    timer.daemon = True
    timer.start()


def _get_ready(open_queue: Callable[[], object]) -> None:
    open_queue()
    for name in MODULES:
        import_module(name)
