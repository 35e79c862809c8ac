"""Tickers by name: a field with suggestions, the list of chosen tickers, their start and interval."""

from datetime import date, datetime

import streamlit as st

from core.data.sources import ticker_search, yahoo
from core.errors import SourceError
from core.spec import Data
from ui import cache, markdown, messages, session

INTERVALS = {"1d": "Daily", "1wk": "Weekly", "1h": "Hourly"}
START, EARLIEST = date(2005, 1, 1), date(1900, 1, 1)


def choose() -> Data | None:
    """The chosen tickers with their start and interval; None until a ticker is chosen."""
    before = session.recipe().data
    left, middle, right = st.columns([3, 1, 1])
    text = left.text_input(
        "Ticker",
        key="ticker",
        placeholder="AAPL, 005930.KS, or a name like Samsung",
        on_change=_add_typed,
        help="A name, or tickers as Yahoo Finance spells them, with commas",
    )
    start = middle.date_input(
        "From", value=_start(before), key="start", min_value=EARLIEST, max_value="today", format="YYYY-MM-DD"
    )
    interval = right.selectbox(
        "Interval",
        tuple(INTERVALS),
        index=tuple(INTERVALS).index(before.interval),
        key="interval",
        format_func=_interval,
    )
    if text.strip():
        _draw_suggestions(text.strip())
    if not _chosen():
        if not text.strip():
            st.info("Type a ticker or a name. Prices come from Yahoo Finance and stay on this disk.")
        return None
    _draw_chosen()
    if interval == "1h":
        st.caption(f"Yahoo has hourly prices of the last {yahoo.HOURLY_DAYS} days only.")
    return Data(source="yahoo", symbols=tuple(_chosen()), start=start.isoformat() if start else None, interval=interval)


def _chosen() -> list[str]:
    """The tickers chosen so far; those of the recipe at first."""
    before = session.recipe().data
    return st.session_state.setdefault("tickers", list(before.symbols) if before.source == "yahoo" else [])


def _add_typed() -> None:
    """Add what is clearly meant as a ticker: each of several, or a single one that Yahoo knows or cannot be asked
    about."""
    parts = [part.strip() for part in st.session_state["ticker"].split(",") if part.strip()]
    wrong = [part for part in parts if not yahoo.TICKER.fullmatch(part)]
    tickers = [part.upper() for part in parts if part not in wrong]
    if len(parts) == 1 and tickers:
        suggestions = ticker_search.suggest(parts[0], cache.DOWNLOADS).tickers
        if suggestions and tickers[0] not in {suggestion.symbol for suggestion in suggestions}:
            return  # most likely a name: the suggestions are shown
    _add(tickers)
    st.session_state["ticker"] = ", ".join(wrong)


def _add_suggested(symbol: str) -> None:
    _add([symbol])
    st.session_state["ticker"] = ""


def _add(tickers: list[str]) -> None:
    st.session_state["tickers"] = list(dict.fromkeys([*_chosen(), *tickers]))


def _drop(symbol: str) -> None:
    st.session_state["tickers"] = [name for name in _chosen() if name != symbol]


def _draw_suggestions(text: str) -> None:
    """One button for each ticker that may be meant; an error for text that is neither known nor a ticker."""
    answer = ticker_search.suggest(text, cache.DOWNLOADS)
    for suggestion in answer.tickers:
        st.button(
            markdown.escape(_describe(suggestion)),
            key=f"suggest-{suggestion.symbol}",
            on_click=_add_suggested,
            args=(suggestion.symbol,),
            icon=":material/add:",
            type="tertiary",
        )
    try:
        ticker = yahoo.parse_ticker(text)
    except SourceError as problem:
        if not answer.tickers:
            messages.error(problem)
    else:
        st.button(
            markdown.escape(f"{ticker} as typed"),
            key="suggest-as-typed",
            on_click=_add_suggested,
            args=(ticker,),
            icon=":material/add:",
            type="tertiary",
        )
    if answer.note:
        st.caption(markdown.escape(answer.note))


def _draw_chosen() -> None:
    """The chosen tickers; a click removes one."""
    with st.container(horizontal=True):
        for symbol in _chosen():
            st.button(
                markdown.escape(symbol),
                key=f"drop-{symbol}",
                on_click=_drop,
                args=(symbol,),
                icon=":material/close:",
                help=f"Remove {symbol}",
            )


def _describe(suggestion: ticker_search.Suggestion) -> str:
    details = ", ".join(part for part in (suggestion.exchange, suggestion.kind) if part)
    name = f" — {suggestion.name}" if suggestion.name else ""
    return f"{suggestion.symbol}{name} ({details})" if details else f"{suggestion.symbol}{name}"


def _start(before: Data) -> date | None:
    """The first day offered: that of the recipe if its prices are Yahoo's."""
    if before.source != "yahoo":
        return START
    return min(max(datetime.fromisoformat(before.start).date(), EARLIEST), date.today()) if before.start else None


def _interval(name: str) -> str:
    return INTERVALS[name]
