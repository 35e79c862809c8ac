"""A series of FRED, from a list or by its name there."""

import streamlit as st

from core.data.sources import fred
from core.language import tr
from core.spec import Data
from ui import session
from ui.data import tickers


def choose() -> Data:
    """The chosen series and its start."""
    before = session.recipe().data
    usual = list(before.symbols) if before.source == fred.SOURCE.name else []
    left, right = st.columns([3, 1])
    names = list(dict.fromkeys([*usual, *fred.WELL_KNOWN]))
    name = left.selectbox(
        tr("Series"),
        names,
        key="fred",
        format_func=_title,
        accept_new_options=True,
        help=tr("One of the list, or any name on fred.stlouisfed.org"),
    )
    start = tickers.choose_start(right, before, fred.SOURCE.name, "fred-start")
    return Data(source=fred.SOURCE.name, symbols=(fred.parse_code(name or names[0]),), start=start)


def _title(name: str) -> str:
    return f"{name} — {tr(fred.WELL_KNOWN[name][0])}" if name in fred.WELL_KNOWN else name
