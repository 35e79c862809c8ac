"""Choosing features: the list of what is chosen, and the catalogue to add from."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.charts.data import feature as charts
from core.data.frame import columns, select_symbol, symbols
from core.datasets.levels import level_column
from core.datasets.targets import TARGETS
from core.errors import CoreError
from core.features import Parameter, catalogue, compute, defaults, parse
from core.features.catalogue import Entry
from core.features.transforms import TRANSFORMS
from core.spec import Spec, Target
from ui import cache
from ui import charts as show

CHOSEN = "picker-chosen"  # the list on the screen; gone while another page is looked at
MEMORY = "picker-memory"  # what was chosen and for which series and target; stays
WISH = "picker-wish"  # what a button asks the list to become
STEPS = 3
COLOURS = {
    "price": "blue",
    "volume": "gray",
    "momentum": "orange",
    "volatility": "violet",
    "trend": "green",
    "calendar": "primary",
    "macro": "yellow",
    "news": "red",
    "unknown": "red",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where features are chosen for: the columns that every symbol has, and the table of the first symbol."""

    columns: tuple[str, ...]
    level: str
    known: tuple[str, ...]
    symbol: str
    table: pd.DataFrame
    digest: str


def features(spec: Spec, target: Target, series: pd.DataFrame) -> tuple[str, ...]:
    """Draw the list and the catalogue; the features chosen, empty for the usual ones.

    Raises DataError, FeatureError.
    """
    names = columns(series)
    place = Place(
        columns=names,
        level=level_column(target, names),
        known=spec.data.known_future,
        symbol=symbols(series)[0],
        table=select_symbol(series, symbols(series)[0])[list(names)],
        digest=cache.digest(series),
    )
    usual = defaults(TARGETS[target.kind].default_features, names, place.level, place.known)
    memory = _settle(spec, place, f"{place.digest} {target.kind} {place.level} {place.known}", usual)
    offered = [
        catalogue.with_default_number(entry.text) for entry in catalogue.entries(names, place.level, place.known)
    ]
    st.multiselect(
        "Features",
        list(dict.fromkeys([*memory["features"], *usual, *offered])),
        key=CHOSEN,
        accept_new_options=True,
        placeholder="The usual ones",
        help="What the model sees of each session. Choose, or type one such as rsi:21|zscore:60 and press Enter.",
    )
    chosen = tuple(memory["features"])
    _told(chosen, usual, memory)
    _add(place, chosen)
    return chosen


def _settle(spec: Spec, place: Place, here: str, usual: tuple[str, ...]) -> dict:
    """What is chosen now, put into the list. Another series or target keeps what fits of it; the usual ones follow."""
    memory = st.session_state.get(MEMORY)
    held = st.session_state.get(CHOSEN)
    before = held if held is not None else list(spec.features) or (memory["features"] if memory else [])
    wish, dropped = st.session_state.pop(WISH, None), {}
    if memory and memory["for"] == here:
        chosen = before if wish is None else wish
        dropped = memory["dropped"] if chosen == memory["features"] else {}
    elif not before or (memory and memory["usual"] and before == memory["features"]):
        chosen = list(usual)
    else:
        kept, dropped = catalogue.select_computable(before, place.table, place.level)
        chosen = list(kept or usual)
    made = {"features": chosen, "for": here, "usual": chosen == list(usual), "dropped": dropped}
    st.session_state[MEMORY] = made
    if held != chosen:
        st.session_state[CHOSEN] = list(chosen)
    return made


def _told(chosen: tuple[str, ...], usual: tuple[str, ...], memory: dict) -> None:
    """One sentence on what is chosen and on what was dropped, the two ways to start afresh, and what each one is."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            _counted(chosen)
            if chosen
            else f"No feature is chosen: training takes the usual ones, {show.plain(', '.join(usual))}."
        )
        st.button(
            "Usual ones",
            on_click=_wish,
            args=(list(usual),),
            disabled=memory["usual"],
            key="picker-usual",
            icon=":material/restart_alt:",
            help="Those that suit the target",
        )
        st.button(
            "Clear", on_click=_wish, args=([],), disabled=not chosen, key="picker-clear", icon=":material/clear_all:"
        )
    if memory["dropped"]:
        names, why = ", ".join(memory["dropped"]), next(iter(memory["dropped"].values()))
        st.info(
            show.plain(f"Left out, since this series or target does not allow them: {names}. {why}"),
            icon=":material/info:",
        )
    if chosen:
        with st.expander("What each of them is"):
            _described(chosen)


def _counted(chosen: tuple[str, ...]) -> str:
    """The sentence of browse.summary, its families coloured."""
    count, _, families = catalogue.summary(chosen).partition(": ")
    badges = (f":{COLOURS.get(part.split()[-1], 'gray')}-badge[{part}]" for part in families.split(", "))
    return f"{count}: {' '.join(badges)}"


def _described(chosen: tuple[str, ...]) -> None:
    for family, texts in catalogue.group_by_family(chosen).items():
        says = [f"- {show.plain(text)}: {show.plain(_sentence(text))}" for text in texts]
        st.markdown("\n".join([f"**{_category(family)}**", "", *says]))


def _sentence(text: str) -> str:
    try:
        return parse(text)[0].text
    except CoreError as problem:
        return str(problem)


@st.fragment
def _add(place: Place, chosen: tuple[str, ...]) -> None:
    """The catalogue, in a fragment: looking through it leaves the rest of the page alone."""
    panel = st.expander("Add a feature", icon=":material/add:", key="picker-open", on_change="rerun")
    if not panel.open:
        return
    with panel:
        entry = _found(catalogue.entries(place.columns, place.level, place.known))
        if entry is None:
            return
        left, right = st.columns(2, gap="medium")
        try:
            with left:
                text = _written(entry)
            with right:
                _look(place, text)
            same = catalogue.find_duplicate(text, chosen)
        except CoreError as problem:
            show.error(problem)
            return
        with left:
            if same:
                st.caption(show.plain(f"{same} is chosen already. Another number or transform makes another feature."))
            if st.button(f"Add {show.plain(text)}", icon=":material/add:", disabled=same is not None, key="picker-add"):
                _wish([*chosen, text])
                st.rerun()


def _found(own: tuple[Entry, ...]) -> Entry | None:
    """The entry that is looked at, by search over everything or by category."""
    words = st.text_input(
        "Search all features",
        key="picker-search",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder="average, RSI, volume …",
    ).strip()
    category = st.pills(
        "Category",
        (*catalogue.categories(own), catalogue.EXPERT),
        format_func=_category,
        required=True,
        default=catalogue.categories(own)[0],
        key="picker-category",
        disabled=bool(words),
    )
    entries = own
    if words or category == catalogue.EXPERT:
        with st.spinner("Opening the catalogue of indicators …"):
            entries = (*own, *catalogue.expert_entries())
    found = catalogue.search(words, entries) if words else tuple(e for e in entries if e.family == category)
    if not found:
        st.info(show.plain(f"Nothing is called or described by {words!r}. Try a shorter word, or choose a category."))
        return None
    label = f"{len(found)} found" if words else _category(category)
    return st.selectbox(label, found, format_func=_named, key=f"picker-entry-{words or category}")


def _written(entry: Entry) -> str:
    """Output, number and transforms of an entry; the feature as it stands in a recipe. Raises FeatureError."""
    with st.spinner("Measuring the indicator …", show_time=False):
        outputs = catalogue.outputs(entry)
    base = outputs[0] if len(outputs) == 1 else st.selectbox("Output", outputs, key=f"picker-output-{entry.text}")
    feature, _ = parse(base)
    asked, number = feature.parameter, None
    if isinstance(asked, Parameter):
        number = int(
            st.number_input(
                "Sessions",
                asked.low,
                asked.high,
                asked.default,
                key=f"picker-number-{base}",
                help=f"From {asked.low} to {asked.high}, usually {asked.default}.",
            )
        )
    steps = _steps(0)
    text = catalogue.format_feature(base, number, steps)
    with st.container(gap="small"):
        st.markdown(show.plain(parse(text)[0].text))
        st.caption(show.plain(entry.description if entry.family == catalogue.EXPERT else catalogue.formula(feature)))
    return text


def _steps(at: int) -> list[tuple[str, float | None]]:
    """Up to three transforms, one after another; the next is asked for when the one before is chosen."""
    left, right = st.columns([3, 2])
    name = left.selectbox(
        "then" if at else "Transform", ("", *catalogue.transforms()), key=f"picker-step-{at}", format_func=_transform
    )
    if not name:
        return []
    transform, number = TRANSFORMS[name], catalogue.start_value(TRANSFORMS[name])
    if number is not None:
        kind = type(number)
        number = right.number_input(
            "n" if kind is int else "d",
            kind(transform.low),
            kind(transform.high),
            number,
            step=1 if kind is int else 0.05,
            key=f"picker-step-{at}-{name}",
        )
    return [(name, number), *(_steps(at + 1) if at + 1 < STEPS else [])]


def _look(place: Place, text: str) -> None:
    made = charts.compute(place.symbol, text, _values(text, place.level, place.symbol, place.digest, place.table))
    show.chart(charts.draw(made), made.caption, "picker-look")


@st.cache_data(show_spinner=False, max_entries=64)
def _values(text: str, level: str, symbol: str, digest: str, _table: pd.DataFrame) -> pd.Series:
    return compute(_table, (text,), level, pd.DatetimeIndex([]))[text]


def _wish(chosen: list[str]) -> None:
    st.session_state[WISH] = chosen


def _category(name: str) -> str:
    return {"other": "Other columns", catalogue.EXPERT: "Expert indicators", "unknown": "Not understood"}.get(
        name, name.capitalize()
    )


def _named(entry: Entry) -> str:
    return f"{entry.title} ({entry.text})"


def _transform(name: str) -> str:
    return f"{name}: {TRANSFORMS[name].title}" if name else "none"
