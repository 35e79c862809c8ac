"""The ways to bring a series onto the Data page, and the first look at it."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.charts import series as charts
from core.data import quality
from core.data.frame import columns, symbols
from core.data.samples import SAMPLES
from core.errors import CoreError
from core.spec import Data, Target
from ui import show, state, tickers, upload

NAMES = ("Bundled", "Ticker", "File")
BY_SOURCE = {"sample": "Bundled", "yahoo": "Ticker", "file": "File"}
Choice = tuple[Data, str | None]


def current() -> str:
    return BY_SOURCE[state.recipe().data.source]


def choose(place: str) -> Choice | None:
    """The data chosen by this way and the digest of an upload; None while nothing is. Raises DataError."""
    return {"Bundled": _bundled, "Ticker": _ticker, "File": upload.choose}[place]()


def _bundled() -> Choice:
    was = state.recipe().data
    usual = [name for name in was.symbols if name in SAMPLES] if was.source == "sample" else ["SP500"]
    name = st.selectbox("Series", list(SAMPLES), index=list(SAMPLES).index(usual[0]), key="sample",
                        format_func=_described)
    st.caption(show.plain(SAMPLES[name].text))
    return Data(source="sample", symbols=(name,)), None


def _described(name: str) -> str:
    sample = SAMPLES[name]
    return f"{sample.title} ({sample.field}, {sample.interval})"


def _ticker() -> Choice | None:
    data = tickers.choose()
    return None if data is None else (data, None)


def keep(data: Data, digest: str | None, series: pd.DataFrame) -> None:
    """Make this the data of the recipe; another series starts from the target that suits it."""
    was, before = state.recipe(), state.upload()
    if digest:
        state.set_upload(digest)
    data = replace(data, symbols=symbols(series))
    if was.data == data and digest in (None, before):
        return
    names = columns(series)
    sample = SAMPLES.get(data.symbols[0]) if data.source == "sample" else None
    column = sample.target if sample else (upload.target() if data.source == "file" else None) or names[0]
    priced = "close" in names and len(names) > 1 and column in ("close", names[0])
    target = Target() if priced else Target(kind="column", column=column, horizon=5)
    state.set_recipe(replace(was, data=data, target=target, features=()))


def picture(series: pd.DataFrame) -> None:
    """The level of one symbol over time."""
    names, at = symbols(series), columns(series)
    left, right = st.columns(2)
    symbol = left.selectbox("Symbol", names, key="look-symbol") if len(names) > 1 else names[0]
    column = right.selectbox("Column", at, index=at.index("close") if "close" in at else 0, key="look-column") \
        if len(at) > 1 else at[0]
    made = charts.level(series, symbol, column)
    show.chart(charts.draw_level(made), made.says, "level")


def findings(series: pd.DataFrame) -> None:
    """What is to be known before training: complaints in sight, the rest folded away."""
    try:
        found = quality.report(series)
    except CoreError as problem:
        show.error(problem)
        return
    complaints = [issue for issue in found if issue.kind != "rows"]
    if not complaints:
        st.success("No holes, no long gaps, no flat stretches, no impossible prices.", icon=":material/check_circle:")
    for issue in complaints[:8]:
        st.warning(show.plain(issue.text), icon=":material/search:")
    if len(complaints) > 8:
        with st.expander(f"{len(complaints) - 8} more findings"):
            for issue in complaints[8:]:
                st.markdown(f"- {show.plain(issue.text)}")
