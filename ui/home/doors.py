"""Three ways in: the demo, a ticker, a file."""

import streamlit as st

from core.data.sources import yahoo
from core.language import mark, tr
from ui.data import tickers
from ui.home import demo

TICKER = "door-ticker"
FIELD = mark("Ticker or name")


def draw() -> None:
    """The doors as three cards of the same height."""
    for column, door in zip(st.columns(3), (_demo, _ticker, _file), strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            door()


def draw_compact() -> None:
    """The doors as one row."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        demo.button(demo.recipe(), demo.LABEL, "door-demo")
        _field()
        _file_button()


def _demo() -> None:
    st.markdown(f"**:material/play_circle: {tr('One click')}**")
    st.caption(
        tr("An LSTM learns the rhythm of the sunspots since 1700 and forecasts three years, in less than a minute.")
    )
    demo.button(demo.recipe(), demo.LABEL, "door-demo")


def _ticker() -> None:
    st.markdown(f"**:material/show_chart: {tr('A ticker')}**")
    st.caption(tr("Prices of a share, an index or a currency. They come from Yahoo Finance and stay on this disk."))
    _field()


def _file() -> None:
    st.markdown(f"**:material/upload_file: {tr('Your own file')}**")
    st.caption(tr("CSV, Excel or Parquet with dates and numbers. The file stays on this machine."))
    _file_button()


def _field() -> None:
    """The symbol box; what is typed goes to the Data page, which searches for it."""
    typed = st.text_input(
        tr(FIELD), key=TICKER, placeholder=tr("AAPL, or a name like Samsung"), label_visibility="collapsed", width=260
    )
    if typed.strip():
        st.session_state["source"] = yahoo.SOURCE.name
        st.session_state[tickers.YAHOO.key("ticker")] = typed
        st.session_state[tickers.YAHOO.key("single")] = "," not in typed
        st.switch_page("pages/data.py")


def _file_button() -> None:
    if st.button(tr("Bring a file"), key="door-file", icon=":material/upload_file:"):
        st.session_state["source"] = "file"
        st.switch_page("pages/data.py")
