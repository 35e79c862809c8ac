"""Past covariates: series and news joined to the data, from lists, by ticker or from files, each with its lag."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from core.data import covariates, load
from core.data.frame import column_name
from core.data.news import headlines
from core.data.sources import files, samples, uploads, yahoo
from core.errors import CoreError, words
from core.language import tr
from core.spec import Data
from ui import boxes, cache, markdown, messages, session
from ui.data import sources
from ui.data.upload import KINDS

NONE = ""
LAGS = {str(one): one.lag for one in covariates.MACRO_SERIES}
MACRO = {str(one): one.title for one in covariates.MACRO_SERIES}
BUNDLED = {f"sample:{one.name}": one.title for one in samples.SAMPLES.values() if one.interval == "daily"}


def choose(data: Data) -> Data:
    """`data` with the series that are joined to it; drawn as one box, folded until there are some."""
    chosen = _chosen()
    with st.expander(tr("Macro series, other tickers, news"), expanded=bool(chosen), icon=":material/add_link:"):
        st.caption(tr("Each value is used only once it was known: on its date plus its release lag in days."))
        left, middle, right = st.columns(3)
        with left:
            _lists()
        with middle:
            _file()
        with right:
            _news(data)
        for entry in list(chosen):
            _draw_entry(entry)
    return replace(data, join=tuple(_chosen()))


def settle() -> None:
    """Join what was chosen on a Data page that was left before it had loaded the series; show why if it cannot."""
    recipe = session.recipe().data
    joined = [str(covariates.parse(text)) for text in recipe.join]
    if st.session_state.get("joined-recipe") != joined or st.session_state["joined"] == joined:
        return
    data = replace(recipe, join=tuple(st.session_state["joined"]))
    try:
        sources.keep(data, session.upload(), cache.frame(data, session.upload()))
    except CoreError as problem:
        messages.error(problem)


def _chosen() -> list[str]:
    """The entries joined so far: those of the recipe at first, and again when another page changed them."""
    joined = [str(covariates.parse(text)) for text in session.recipe().data.join]
    if st.session_state.get("joined-recipe") != joined:
        st.session_state["joined-recipe"] = st.session_state["joined"] = joined
    return st.session_state["joined"]


def _add(text: str) -> None:
    if all(_without_lag(text) != _without_lag(other) for other in _chosen()):
        st.session_state["joined"] = [*_chosen(), text]


def _drop(text: str) -> None:
    st.session_state["joined"] = [other for other in _chosen() if other != text]


def _without_lag(text: str) -> str:
    return text.rpartition("@")[0]


def _lists() -> None:
    """Macro series, bundled series and any ticker: choosing or typing one adds it."""
    st.selectbox(
        tr("Add a series"), [NONE, *MACRO, *BUNDLED], format_func=_list_title, key="join-pick", on_change=_add_picked
    )
    st.text_input(
        tr("Another ticker"), key="join-ticker", placeholder="MSFT, EURUSD=X, fred:M2SL", on_change=_add_typed
    )
    if problem := st.session_state.pop("join-problem", None):
        messages.error(problem)


def _list_title(text: str) -> str:
    return _known_title(text) or tr("choose …")


def _known_title(text: str) -> str:
    """The title of a series of the lists; empty for any other."""
    if text in BUNDLED:
        return tr("{title} (bundled)", title=tr(BUNDLED[text]))
    return tr(MACRO.get(text, ""))


def _add_picked() -> None:
    """Add the picked series, and reset the list."""
    if text := boxes.held("join-pick"):
        _add(f"{text}@{LAGS.get(text, covariates.DEFAULT_LAG)}")
    st.session_state["join-pick"] = NONE


def _add_typed() -> None:
    """Add the typed tickers, and series of other sources as fred:M2SL; what is neither stays, with an error."""
    try:
        for part in filter(None, (part.strip() for part in (boxes.held("join-ticker") or "").split(","))):
            _add(str(covariates.parse(part if ":" in part else f"yahoo:{yahoo.parse_ticker(part)}")))
        st.session_state["join-ticker"] = ""
    except CoreError as problem:
        st.session_state["join-problem"] = words(problem)


def _file() -> None:
    """A column of an uploaded file."""
    file = st.file_uploader(tr("A column of a file"), KINDS, key="join-file")
    if file is None:
        return
    try:
        cache.quotas().check_upload(file.size)
        with st.spinner(tr("Reading the file …")):
            table, digest = _read(file.getvalue(), file.name)
        column = st.selectbox(tr("Column"), list(table.columns), key=f"join-column-{digest}")
        if st.button(tr("Join it"), key=f"join-add-{digest}"):
            _add(f"file:{digest}#{column}@{covariates.suggest_lag(table)}")
            st.rerun()
    except CoreError as problem:
        messages.error(problem)


@st.cache_data(show_spinner=False, ttl=600, max_entries=8)
def _read(content: bytes, name: str) -> tuple[pd.DataFrame, str]:
    table = files.read_single(content, name).rename(columns=column_name)
    return table, uploads.save(load.from_tables({"SERIES": table}), cache.DOWNLOADS / "uploads")


def _news(data: Data) -> None:
    """Headlines of a file, or of the feed of the first ticker."""
    file = st.file_uploader(tr("Dated headlines, or a dated score"), KINDS, key="join-news")
    if file is not None:
        try:
            cache.quotas().check_upload(file.size)
            with st.spinner(tr("Reading the headlines …")):
                news, digest = _headlines(file.getvalue(), file.name)
            if st.button(tr("Join {count} headlines", count=f"{len(news.table):,}"), key=f"join-news-{digest}"):
                _add(f"{covariates.NEWS}:{digest}@0")
                st.rerun()
        except CoreError as problem:
            messages.error(problem)
    if data.source == "yahoo":
        ticker = data.symbols[0]
        st.button(
            markdown.escape(tr("News feed of {ticker}", ticker=ticker)),
            key="join-feed",
            on_click=_add,
            args=(f"{covariates.NEWS}:{ticker}@0",),
            icon=":material/newspaper:",
        )


@st.cache_data(show_spinner=False, ttl=600, max_entries=8)
def _headlines(content: bytes, name: str) -> tuple[headlines.Headlines, str]:
    news = headlines.read(content, name)
    return news, headlines.save(news, cache.DOWNLOADS / "uploads")


def _draw_entry(text: str) -> None:
    """One joined series with its lag and a button that removes it."""
    entry = covariates.parse(text)
    name, lag, drop = st.columns([3, 2, 1], vertical_alignment="bottom")
    name.markdown(f"**{markdown.escape(_title(entry))}**")
    if entry.source != covariates.NEWS:
        days = lag.number_input(
            tr("Release lag, days"),
            0,
            covariates.MAX_LAG,
            entry.lag,
            key=f"lag-{_without_lag(text)}",
            help=tr("Days from a value's date to the day on which it was known"),
        )
        if days != entry.lag:
            at = _chosen().index(text)
            st.session_state["joined"][at] = str(replace(entry, lag=int(days)))
    drop.button(
        tr("Remove"), key=f"drop-join-{_without_lag(text)}", on_click=_drop, args=(text,), icon=":material/close:"
    )


def _title(entry: covariates.Covariate) -> str:
    if entry.source == covariates.NEWS:
        if uploads.DIGEST.fullmatch(entry.name):
            return tr("News of the uploaded file")
        return tr("News feed of {ticker}", ticker=entry.name)
    title = _known_title(f"{entry.source}:{entry.name}")
    return title or (entry.column if entry.source == "file" and entry.column else entry.name)
