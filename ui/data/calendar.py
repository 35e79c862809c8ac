"""The exchange calendar that dates the forecasts: recognised, or chosen in one box."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.data.exchanges import listing
from core.data.frame import select_symbol, symbols
from core.data.future_times import describe_calendar
from core.language import tr
from core.spec import Data
from core.spec.fields import fields_of
from ui import markdown, names, session

RECOGNISED = ""  # stands for no calendar in the recipe


def choose(data: Data, series: pd.DataFrame) -> Data:
    """`data` with the calendar chosen in the box; what dates the forecasts of the first symbol stands below it."""
    spec, field = session.recipe(), dict(fields_of(data))["calendar"]
    same = (spec.data.source, spec.data.symbols) == (data.source, symbols(series))
    options = (RECOGNISED, *field.choices)
    with st.columns(2)[0]:
        chosen = st.selectbox(
            tr(field.label),
            options,
            options.index((spec.data.calendar if same else None) or RECOGNISED),
            key=f"calendar-{data.source}-{','.join(symbols(series))}",
            help=tr(field.help),
            format_func=_title,
        )
    first = symbols(series)[0]
    times = pd.DatetimeIndex(select_symbol(series, first).index)
    if text := describe_calendar(times, spec.target.horizon, chosen or None, listing(first)):
        st.caption(markdown.escape(text))
    return replace(data, calendar=chosen or None)


def _title(name: str) -> str:
    return names.choice(dict(fields_of(Data))["calendar"], name) if name else tr("recognised from the data")
