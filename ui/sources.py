"""The ways to bring a series onto the Data page, and the first look at it."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.charts import series as charts
from core.data import files, load, quality, uploads
from core.data.frame import columns, symbols
from core.data.samples import SAMPLES
from core.errors import CoreError
from core.spec import Data, Target
from ui import cache, show, state, tickers

NAMES = ("Bundled", "Ticker", "File")
BY_SOURCE = {"sample": "Bundled", "yahoo": "Ticker", "file": "File"}
Choice = tuple[Data, str | None]


def current() -> str:
    return BY_SOURCE[state.recipe().data.source]


def choose(place: str) -> Choice | None:
    """The data chosen by this way and the digest of an upload; None while nothing is. Raises DataError."""
    return {"Bundled": _bundled, "Ticker": _ticker, "File": _file}[place]()


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


def _file() -> Choice | None:
    given = st.file_uploader("A CSV file with a date column and numeric columns", ["csv", "tsv", "txt"], key="file")
    if given is None:
        if state.recipe().data.source == "file" and state.upload():
            return state.recipe().data, state.upload()
        st.info("The file stays on this machine. The first column that reads as dates becomes the time.")
        return None
    symbol = "".join(c for c in given.name.rsplit(".", 1)[0].upper() if c.isalnum() or c in "-_")[:24] or "SERIES"
    table = files.read_csv(given.getvalue(), given.name)
    digest = uploads.keep(load.from_tables({symbol: table}), cache.FETCHED / "uploads")
    return Data(source="file", symbols=(symbol,)), digest


def keep(data: Data, upload: str | None, series: pd.DataFrame) -> None:
    """Make this the data of the recipe; another series starts from the target that suits it."""
    was = state.recipe()
    if upload:
        state.set_upload(upload)
    data = replace(data, symbols=symbols(series))
    if was.data == data:
        return
    names = columns(series)
    sample = SAMPLES.get(data.symbols[0]) if data.source == "sample" else None
    column = sample.target if sample else names[0]
    target = Target() if "close" in names and (names != ("close",)) else Target(kind="column", column=column, horizon=5)
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
