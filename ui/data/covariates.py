"""Series and news beside the one that is forecast: chosen from lists, by ticker or from files, each with its lag."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.data import covariates, load
from core.data.frame import column_name
from core.data.news import headlines
from core.data.sources import files, samples, uploads, yahoo
from core.errors import CoreError
from core.spec import Data
from ui import cache, charts, session
from ui.data import sources
from ui.data.upload import KINDS

NONE = ""
TITLES = {f"yahoo:{one.ticker}": one.title for one in covariates.MACRO_SERIES} | {
    f"sample:{one.name}": f"{one.title} (bundled)" for one in samples.SAMPLES.values() if one.interval == "daily"
}


def choose(data: Data) -> Data:
    """`data` with the series that are joined to it; drawn as one box that stays folded while there are none."""
    chosen = _chosen()
    with st.expander("Macro series, other tickers, news", expanded=bool(chosen), icon=":material/add_link:"):
        st.caption(
            "Joined as of when they were known: each value counts from its date plus the days of its release lag."
        )
        left, middle, right = st.columns(3)
        with left:
            _lists()
        with middle:
            _file()
        with right:
            _news(data)
        for text in list(chosen):
            _row(text)
    return replace(data, join=tuple(_chosen()))


def settle() -> None:
    """Join what was chosen on a Data page that was left before it had loaded it; say why where it cannot be joined."""
    was = session.recipe().data
    now = [str(covariates.parse(text)) for text in was.join]
    if st.session_state.get("joined-recipe") != now or st.session_state["joined"] == now:
        return
    data = replace(was, join=tuple(st.session_state["joined"]))
    try:
        sources.keep(data, session.upload(), cache.frame(data, session.upload()))
    except CoreError as problem:
        charts.error(problem)


def _chosen() -> list[str]:
    """The entries joined so far: those of the recipe at first, and whenever it came to others by another way."""
    now = [str(covariates.parse(text)) for text in session.recipe().data.join]
    if st.session_state.get("joined-recipe") != now:
        st.session_state["joined-recipe"] = st.session_state["joined"] = now
    return st.session_state["joined"]


def _add(text: str) -> None:
    if all(_same(text) != _same(other) for other in _chosen()):
        st.session_state["joined"] = [*_chosen(), text]


def _drop(text: str) -> None:
    st.session_state["joined"] = [other for other in _chosen() if other != text]


def _same(text: str) -> str:
    return text.rpartition("@")[0]


def _lists() -> None:
    """Macro series, bundled series and any ticker; one click or the Enter key adds."""
    st.selectbox("Add a series", [NONE, *TITLES], format_func=_titled, key="join-pick", on_change=_picked)
    st.text_input("Another ticker", key="join-ticker", placeholder="MSFT, EURUSD=X", on_change=_typed)
    if problem := st.session_state.pop("join-problem", None):
        st.error(charts.plain(problem), icon=":material/error:")


def _titled(text: str) -> str:
    return TITLES.get(text, "choose …")


def _picked() -> None:
    """Add what the list says, and set the list back."""
    if text := st.session_state["join-pick"]:
        _add(f"{text}@{covariates.DEFAULT_LAG}")
    st.session_state["join-pick"] = NONE


def _typed() -> None:
    try:
        for part in filter(None, (part.strip() for part in st.session_state["join-ticker"].split(","))):
            _add(f"yahoo:{yahoo.parse_ticker(part)}@{covariates.DEFAULT_LAG}")
        st.session_state["join-ticker"] = ""
    except CoreError as problem:
        st.session_state["join-problem"] = str(problem)


def _file() -> None:
    """A column of an uploaded file."""
    given = st.file_uploader("A column of a file", KINDS, key="join-file")
    if given is None:
        return
    try:
        table, digest = _read(given.getvalue(), given.name)
        column = st.selectbox("Column", list(table.columns), key=f"join-column-{digest}")
        if st.button("Join it", key=f"join-add-{digest}"):
            _add(f"file:{digest}#{column}@{covariates.suggest_lag(table)}")
            st.rerun()
    except CoreError as problem:
        charts.error(problem)


@st.cache_data(show_spinner="Reading the file …", ttl=600, max_entries=8)
def _read(content: bytes, name: str) -> tuple[pd.DataFrame, str]:
    table = files.read_single(content, name).rename(columns=column_name)
    return table, uploads.save(load.from_tables({"SERIES": table}), cache.FETCHED / "uploads")


def _news(data: Data) -> None:
    """Headlines of a file, or of the feed of the first ticker."""
    given = st.file_uploader("Dated headlines, or a dated score", KINDS, key="join-news")
    if given is not None:
        try:
            found, digest = _headlines(given.getvalue(), given.name)
            if st.button(f"Join {len(found.table):,} headlines", key=f"join-news-{digest}"):
                _add(f"{covariates.NEWS}:{digest}@0")
                st.rerun()
        except CoreError as problem:
            charts.error(problem)
    if data.source == "yahoo":
        ticker = data.symbols[0]
        st.button(
            charts.plain(f"News feed of {ticker}"),
            key="join-feed",
            on_click=_add,
            args=(f"{covariates.NEWS}:{ticker}@0",),
            icon=":material/newspaper:",
        )


@st.cache_data(show_spinner="Reading the headlines …", ttl=600, max_entries=8)
def _headlines(content: bytes, name: str) -> tuple[headlines.Headlines, str]:
    found = headlines.read(content, name)
    return found, headlines.save(found, cache.FETCHED / "uploads")


def _row(text: str) -> None:
    """One joined series with its lag and a way to leave it out."""
    entry = covariates.parse(text)
    name, lag, drop = st.columns([3, 2, 1], vertical_alignment="bottom")
    name.markdown(f"**{charts.plain(_said(entry))}**")
    if entry.source != covariates.NEWS:
        days = lag.number_input(
            "Known after, days",
            0,
            covariates.MAX_LAG,
            entry.lag,
            key=f"lag-{_same(text)}",
            help="Days between a value's date and the day on which it was known",
        )
        if days != entry.lag:
            at = _chosen().index(text)
            st.session_state["joined"][at] = str(replace(entry, lag=int(days)))
    drop.button("Leave out", key=f"drop-join-{_same(text)}", on_click=_drop, args=(text,), icon=":material/close:")


def _said(entry: covariates.Covariate) -> str:
    if entry.source == covariates.NEWS:
        return "News of the uploaded file" if uploads.DIGEST.fullmatch(entry.name) else f"News feed of {entry.name}"
    title = TITLES.get(f"{entry.source}:{entry.name}")
    return title or (entry.column if entry.source == "file" and entry.column else entry.name)
