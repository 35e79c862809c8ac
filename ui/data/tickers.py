"""Symbols by name: a field with suggestions, the list of chosen symbols, their start and interval."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.data.sources import krx, suggestions, ticker_search, yahoo
from core.data.sources.suggestions import Search, Suggestion, Suggestions
from core.errors import SourceError
from core.language import mark, tr
from core.spec import Data
from ui import boxes, cache, markdown, messages, session

INTERVALS = {"1d": mark("Daily"), "1wk": mark("Weekly"), "1h": mark("Hourly")}
START, EARLIEST = date(2005, 1, 1), date(1900, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """How the symbols of one source are asked for; `prefix` keeps its widgets apart from those of other markets.

    Its words are marked for translation, and said where they are drawn.
    """

    source: str
    prefix: str
    search: Search
    parse: Callable[[str], str]  # what a person typed → a symbol, or SourceError
    label: str
    placeholder: str
    help: str
    empty: str  # what to do while nothing is chosen

    def key(self, name: str) -> str:
        """The key of one of its widgets."""
        return f"{self.prefix}{name}"

    @property
    def intervals(self) -> list[str]:
        """The intervals that are served, by their names in a recipe."""
        return [name for name in INTERVALS if name in self.search.service.fresh_s]


YAHOO = Market(
    source=yahoo.SOURCE.name,
    prefix="",
    search=ticker_search.TICKERS,
    parse=yahoo.parse_ticker,
    label=mark("Ticker"),
    placeholder=mark("AAPL, 005930.KS, or a name like Samsung"),
    help=mark("A name, or tickers as Yahoo Finance spells them, with commas"),
    empty=mark("Type a ticker or a name. Prices come from Yahoo Finance and stay on this disk."),
)
KRX = Market(
    source=krx.SOURCE.name,
    prefix="krx-",
    search=krx.SHARES,
    parse=krx.parse_code,
    label=mark("Code"),
    placeholder=mark("005930, KS11, or a name like 삼성전자"),
    help=mark("A Korean name, or six-digit codes with commas; KS11, KQ11 and KS200 are indices"),
    empty=mark("Type a code or a Korean name. Prices come from Korean sites and stay on this disk."),
)


def choose(market: Market) -> Data | None:
    """The chosen symbols with their start and interval; None until a symbol is chosen."""
    before = session.recipe().data
    if st.session_state.pop(market.key("taken"), False):
        st.session_state[market.key("ticker")] = ""
    left, middle, *right = st.columns([3, 1, 1] if len(market.intervals) > 1 else [4, 1])
    text = left.text_input(
        tr(market.label),
        key=market.key("ticker"),
        placeholder=tr(market.placeholder),
        on_change=_take_several,
        args=(market,),
        help=tr(market.help),
    ).strip()
    start = choose_start(middle, before, market.source, market.key("start"))
    interval = _choose_interval(right[0], before, market) if right else market.intervals[0]
    if text:
        _search(market, text)
    if not _chosen(market):
        if not text:
            st.info(tr(market.empty))
        return None
    _draw_chosen(market)
    if interval == "1h":
        st.caption(tr("Yahoo has hourly prices of the last {days} days only.", days=yahoo.HOURLY_DAYS))
    return Data(source=market.source, symbols=tuple(_chosen(market)), start=start, interval=interval)


def choose_start(place: DeltaGenerator, before: Data, source: str, key: str) -> str | None:
    """The first day, as a recipe writes it; that of the recipe at first if its data are of this source."""
    usual: date | None = START
    if before.source == source:
        first = datetime.fromisoformat(before.start).date() if before.start else None
        usual = min(max(first, EARLIEST), date.today()) if first else None
    chosen = place.date_input(
        tr("From"), value=usual, key=key, min_value=EARLIEST, max_value="today", format="YYYY-MM-DD"
    )
    return chosen.isoformat() if chosen else None


def _choose_interval(place: DeltaGenerator, before: Data, market: Market) -> str:
    names = market.intervals
    usual = names.index(before.interval) if before.interval in names else 0
    return place.selectbox(tr("Interval"), names, index=usual, key=market.key("interval"), format_func=_interval)


def _chosen(market: Market) -> list[str]:
    """The symbols chosen so far; those of the recipe at first."""
    before = session.recipe().data
    usual = list(before.symbols) if before.source == market.source else []
    return st.session_state.setdefault(market.key("tickers"), usual)


def _take_several(market: Market) -> None:
    """Add each of several symbols; what cannot be one stays in the field. A single text is searched for first."""
    parts = [part.strip() for part in (boxes.held(market.key("ticker")) or "").split(",") if part.strip()]
    st.session_state[market.key("single")] = len(parts) == 1
    if len(parts) > 1:
        _add(market, [symbol for part in parts if (symbol := _symbol(market, part))])
        st.session_state[market.key("ticker")] = ", ".join(part for part in parts if not _symbol(market, part))


def _symbol(market: Market, text: str) -> str | None:
    """The symbol that a text spells; None if it can be none."""
    try:
        return market.parse(text)
    except SourceError:
        return None


def _search(market: Market, text: str) -> None:
    """Add what is clearly meant: a symbol that is known, or that nobody can be asked about; or show suggestions."""
    with st.spinner(tr("Searching …")):
        answer = suggestions.suggest(market.search, text, cache.DOWNLOADS)
    symbol, known = _symbol(market, text), {suggestion.symbol for suggestion in answer.tickers}
    if st.session_state.pop(market.key("single"), False) and symbol and (not known or symbol in known):
        _take(market, symbol)
        st.rerun()
    _draw_suggestions(market, text, answer)


def _take(market: Market, symbol: str) -> None:
    """Add a symbol, and empty the field before it is drawn the next time."""
    _add(market, [symbol])
    st.session_state[market.key("taken")] = True


def _add(market: Market, symbols: list[str]) -> None:
    st.session_state[market.key("tickers")] = list(dict.fromkeys([*_chosen(market), *symbols]))


def _take_chips(market: Market) -> None:
    """Keep the chips that are left, and look for what was typed among them."""
    chips, before = boxes.held(market.key("chips")), _chosen(market)
    if chips is None:
        return
    st.session_state[market.key("tickers")] = [symbol for symbol in chips if symbol in before]
    if typed := [text for text in chips if text not in before]:
        st.session_state[market.key("ticker")] = ", ".join(typed)
        _take_several(market)


def _draw_suggestions(market: Market, text: str, answer: Suggestions) -> None:
    """One button for each symbol that may be meant; an error for text that is neither known nor a symbol."""
    offers = [(suggestion.symbol, _describe(suggestion), suggestion.symbol) for suggestion in answer.tickers]
    try:
        symbol = market.parse(text)
        offers.append((symbol, tr("{symbol} as typed", symbol=symbol), "as-typed"))
    except SourceError as problem:
        if not answer.tickers:
            messages.error(problem)
    for symbol, label, key in offers:
        st.button(
            markdown.escape(label),
            key=market.key(f"suggest-{key}"),
            on_click=_take,
            args=(market, symbol),
            icon=":material/add:",
            type="tertiary",
        )
    if answer.note:
        st.caption(markdown.escape(answer.note))


def _draw_chosen(market: Market) -> None:
    """The chosen symbols as chips; what is typed among them is looked for like what is typed in the field."""
    chosen, key = _chosen(market), market.key("chips")
    st.session_state[key] = list(chosen)
    st.multiselect(
        tr("Chosen"),
        chosen,
        key=key,
        on_change=_take_chips,
        args=(market,),
        accept_new_options=True,
        help=tr("The cross of a chip removes it; type to add another"),
    )


def _describe(suggestion: Suggestion) -> str:
    details = ", ".join(part for part in (suggestion.exchange, suggestion.kind) if part)
    name = f" — {suggestion.name}" if suggestion.name else ""
    return f"{suggestion.symbol}{name} ({details})" if details else f"{suggestion.symbol}{name}"


def _interval(name: str) -> str:
    return tr(INTERVALS[name])
