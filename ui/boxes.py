"""Widgets that the server changes as well as the visitor: what a slow browser still says of the past is no choice.

Each message of a browser holds the values of all its widgets. One that leaves before the server's last change is drawn
holds the values from before that change. Streamlit takes such an echo for an input; here the two are told apart.
"""

from collections.abc import Mapping
from typing import Any

import streamlit as st

PUT = "boxes-put"  # key of a box → what it held and what was put there, for the last change of several boxes


def put(values: Mapping[str, Any]) -> None:
    """Put these values, by key, into the boxes that are on the screen. A number being typed into one of them stays."""
    shown = {name: st.session_state[name] for name in values if name in st.session_state}
    changed = {name: (before, values[name]) for name, before in shown.items() if before != values[name]}
    st.session_state[PUT] = changed if len(changed) > 1 else {}  # of a single box no echo can be told
    for name, (_, after) in changed.items():
        st.session_state[name] = after


def held(name: str) -> Any | None:
    """What the box with this key holds, for its callback; None if the box is gone.

    A browser that has just left a page may still speak of its boxes: Streamlit then calls back for a box that the
    session no longer has.
    """
    return st.session_state.get(name)


def settle() -> None:
    """Before the boxes are drawn: undo an echo of what the last `put` replaced.

    A browser that has drawn it says the new value of at least one of the boxes, since it sends each change at once. One
    that has not says none: its old values are put right, others were typed meanwhile and stay.
    """
    changed = st.session_state.get(PUT, {})
    now = {name: held(name) for name in changed}
    drawn = [now[name] == after for name, (_, after) in changed.items()]
    if any(drawn) and not all(drawn):
        st.session_state[PUT] = {}  # from here on the old values are choices again
    if not any(drawn):
        for name, (before, after) in changed.items():
            if now[name] == before:
                st.session_state[name] = after


def choice(name: str) -> Any | None:
    """What the visitor has just chosen in the widget `name`, or in one that it has replaced meanwhile; None for
    nothing. It stays new until `key` is asked for the next drawing."""
    chosen = None
    for number, shown in enumerate(_shown(name)):
        value = st.session_state.get(f"{name}-{number}", shown)
        chosen = value if value != shown else chosen
    return chosen


def key(name: str, value: Any) -> str:
    """The key under which the widget `name` shows `value`; draw it with `value` as its default.

    It is a new widget if the server changes the value: what a browser says of the one before is no word on this one.
    """
    shown = _shown(name)
    for number in range(len(shown)):
        shown[number] = st.session_state.get(f"{name}-{number}", shown[number])
    if not shown or shown[-1] != value:
        shown.append(value)
    return f"{name}-{len(shown) - 1}"


def on_screen(name: str) -> bool:
    """Whether the widget `name` was drawn since the visitor came to this page."""
    return f"{name}-{len(_shown(name)) - 1}" in st.session_state


def _shown(name: str) -> list[Any]:
    """The values of this widget and of those that it has replaced, as last drawn or chosen."""
    return st.session_state.setdefault(f"boxes-{name}", [])
