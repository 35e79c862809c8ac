"""Tickers by name: a field with suggestions below it, the list of those chosen, from when and at which interval."""

from datetime import date, datetime

import streamlit as st

from core.data.sources import ticker_search, yahoo
from core.errors import SourceError
from core.spec import Data
from ui import cache, charts, session

INTERVALS = {"1d": "Daily", "1wk": "Weekly", "1h": "Hourly"}
START, EARLIEST = date(2005, 1, 1), date(1900, 1, 1)


def choose() -> Data | None:
    """The chosen tickers, from when and at which interval; None while no ticker is chosen."""
    was = session.recipe().data
    left, middle, right = st.columns([3, 1, 1])
    text = left.text_input(
        "Ticker",
        key="ticker",
        placeholder="AAPL, 005930.KS, or a name like Samsung",
        on_change=_typed,
        help="A name, or tickers as Yahoo Finance spells them, with commas",
    )
    start = middle.date_input(
        "From", value=_start(was), key="start", min_value=EARLIEST, max_value="today", format="YYYY-MM-DD"
    )
    interval = right.selectbox(
        "Interval", tuple(INTERVALS), index=tuple(INTERVALS).index(was.interval), key="interval", format_func=_interval
    )
    if text.strip():
        _suggestions(text.strip())
    if not _chosen():
        if not text.strip():
            st.info("Type a ticker or a name. Prices come from Yahoo Finance and are kept on disk for later.")
        return None
    _list()
    if interval == "1h":
        st.caption(f"Yahoo serves hourly prices of the last {yahoo.HOURLY_DAYS} days only.")
    return Data(source="yahoo", symbols=tuple(_chosen()), start=start.isoformat() if start else None, interval=interval)


def _chosen() -> list[str]:
    """The tickers chosen so far; those of the recipe at first."""
    was = session.recipe().data
    return st.session_state.setdefault("tickers", list(was.symbols) if was.source == "yahoo" else [])


def _typed() -> None:
    """Take what was typed where it is plain: several tickers, or one that Yahoo knows or cannot be asked about."""
    parts = [part.strip() for part in st.session_state["ticker"].split(",") if part.strip()]
    wrong = [part for part in parts if not yahoo.TICKER.fullmatch(part)]
    right = [part.upper() for part in parts if part not in wrong]
    if len(parts) == 1 and right:
        found = ticker_search.suggest(parts[0], cache.FETCHED).tickers
        if found and right[0] not in {one.symbol for one in found}:
            return  # a name, most likely: the suggestions are shown
    _add(right)
    st.session_state["ticker"] = ", ".join(wrong)


def _take(symbol: str) -> None:
    _add([symbol])
    st.session_state["ticker"] = ""


def _add(tickers: list[str]) -> None:
    st.session_state["tickers"] = list(dict.fromkeys([*_chosen(), *tickers]))


def _drop(symbol: str) -> None:
    st.session_state["tickers"] = [name for name in _chosen() if name != symbol]


def _suggestions(text: str) -> None:
    """One button for each ticker that may be meant; what is neither found nor a ticker is refused in a sentence."""
    answer = ticker_search.suggest(text, cache.FETCHED)
    for one in answer.tickers:
        st.button(
            charts.plain(_described(one)),
            key=f"suggest-{one.symbol}",
            on_click=_take,
            args=(one.symbol,),
            icon=":material/add:",
            type="tertiary",
        )
    try:
        ticker = yahoo.parse_ticker(text)
    except SourceError as problem:
        if not answer.tickers:
            charts.error(problem)
    else:
        st.button(
            charts.plain(f"{ticker} as typed"),
            key="suggest-as-typed",
            on_click=_take,
            args=(ticker,),
            icon=":material/add:",
            type="tertiary",
        )
    if answer.note:
        st.caption(charts.plain(answer.note))


def _list() -> None:
    """The chosen tickers; a click drops one."""
    with st.container(horizontal=True):
        for symbol in _chosen():
            st.button(
                charts.plain(symbol),
                key=f"drop-{symbol}",
                on_click=_drop,
                args=(symbol,),
                icon=":material/close:",
                help=f"Leave {symbol} out",
            )


def _described(one: ticker_search.Suggestion) -> str:
    place = ", ".join(part for part in (one.exchange, one.kind) if part)
    name = f" — {one.name}" if one.name else ""
    return f"{one.symbol}{name} ({place})" if place else f"{one.symbol}{name}"


def _start(was: Data) -> date | None:
    """The day to begin with at first: that of the recipe where its prices are Yahoo's."""
    if was.source != "yahoo":
        return START
    return min(max(datetime.fromisoformat(was.start).date(), EARLIEST), date.today()) if was.start else None


def _interval(name: str) -> str:
    return INTERVALS[name]
