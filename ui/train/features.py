"""Choosing features: the list of the chosen ones, and the catalogue to add from."""

from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

import pandas as pd
import streamlit as st

from core.charts.data import feature as preview
from core.data.frame import columns, select_symbol, symbols
from core.datasets.defaults import default_features
from core.datasets.levels import level_column
from core.errors import CoreError
from core.features import Parameter, catalogue, compute, parse
from core.features.catalogue import Entry
from core.features.transforms import TRANSFORMS
from core.spec import Spec, Target
from ui import boxes, cache, charts, markdown, messages, names
from ui.train import families

CHOSEN = "picker-chosen"  # the list on the screen; gone while another page is open
MEMORY = "picker-memory"  # what was chosen and for which series and target; stays
REQUEST = "picker-request"  # what a button asks the list to become
STEPS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What features are computed from: the columns that every symbol has, and the table of the first symbol."""

    columns: tuple[str, ...]
    level: str
    known: tuple[str, ...]
    symbol: str
    table: pd.DataFrame
    digest: str
    step: str  # what a step of the series is called


def choose(spec: Spec, target: Target, series: pd.DataFrame) -> tuple[str, ...]:
    """Draw the list and the catalogue; return the chosen features, none for the default ones.

    Raises DataError, FeatureError.
    """
    available = columns(series)
    source = Source(
        columns=available,
        level=level_column(target, available),
        known=spec.data.known_future,
        symbol=symbols(series)[0],
        table=select_symbol(series, symbols(series)[0])[list(available)],
        digest=cache.digest(series),
        step=names.step_of(series),
    )
    usual = default_features(Spec(data=spec.data, target=target, split=spec.split), series)
    context = f"{source.digest} {target.kind} {source.level} {source.known}"
    memory = _update_memory(spec, source, context, usual)
    offered = [
        catalogue.with_default_number(entry.text) for entry in catalogue.entries(available, source.level, source.known)
    ]
    chosen = tuple(memory["features"])
    st.multiselect(
        "Features",
        list(dict.fromkeys([*chosen, *usual, *offered])),
        default=chosen,
        key=boxes.key(CHOSEN, list(chosen)),
        format_func=partial(names.feature, step=source.step),
        accept_new_options=True,
        placeholder="The default features",
        help="What the model sees at each step. Choose, or type one such as `rsi:21|zscore:60` and press Enter.",
    )
    with st.container():  # what comes and goes in it does not move the catalogue
        _draw_summary(source, chosen, usual, memory)
    _draw_catalogue(source, chosen)
    return chosen


def forget() -> None:
    """Take the features of the recipe, not those chosen on this page."""
    st.session_state[MEMORY] = None


def without_usual(spec: Spec) -> Spec:
    """The recipe of the page with its features left open, if they are the default ones."""
    memory = st.session_state.get(MEMORY)
    usual = memory is not None and memory["usual"] and memory["features"] == list(spec.features)
    return replace(spec, features=()) if usual else spec


def _update_memory(spec: Spec, source: Source, context: str, usual: tuple[str, ...]) -> dict:
    """Put the chosen features into the list. Another series or target keeps those that fit; default ones follow it."""
    memory = st.session_state.get(MEMORY)
    before = boxes.choice(CHOSEN)
    if before is None:  # no new choice: what is on the screen or, after another page, in the recipe
        remembered = memory["features"] if memory else []
        before = remembered if boxes.on_screen(CHOSEN) and memory else list(spec.features) or remembered
    request = st.session_state.get(REQUEST)
    dropped: dict[str, str] = {}
    if memory and memory["for"] == context:
        chosen = before if request is None else request
        dropped = memory["dropped"] if chosen == memory["features"] else {}
    elif not before or (memory and memory["usual"] and before == memory["features"]):
        chosen = list(usual)
    else:
        fitting, dropped = catalogue.select_computable(before, source.table, source.level)
        chosen = list(fitting or usual)
    memory = {"features": chosen, "for": context, "usual": chosen == list(usual), "dropped": dropped}
    st.session_state[MEMORY] = memory
    st.session_state.pop(REQUEST, None)  # only now: a request of a page that is redrawn at once is not lost
    return memory


def _draw_summary(source: Source, chosen: tuple[str, ...], usual: tuple[str, ...], memory: dict) -> None:
    """How many features are chosen and which were dropped, two buttons to start over, and what each feature is."""
    named = partial(names.feature, step=source.step)
    with st.container(horizontal=True, vertical_alignment="center"):
        listed = markdown.escape("; ".join(map(named, usual)))
        st.markdown(
            families.count(chosen) if chosen else f"No feature is chosen. Training uses the default ones: {listed}."
        )
        st.button(
            "Default features",
            on_click=_request,
            args=(list(usual),),
            disabled=memory["usual"],
            key="picker-usual",
            icon=":material/restart_alt:",
            help="Those that suit the target",
        )
        st.button(
            "Clear", on_click=_request, args=([],), disabled=not chosen, key="picker-clear", icon=":material/clear_all:"
        )
    if memory["dropped"]:
        dropped, reason = "; ".join(map(named, memory["dropped"])), next(iter(memory["dropped"].values()))
        messages.info(f"Dropped, because this series or target does not allow them: {dropped}. {reason}")
    if chosen:
        with st.expander("What each of them is"):
            for family, members in catalogue.group_by_family(chosen).items():
                lines = [_line(text, source.step) for text in members]
                st.markdown("\n".join([f"**{families.title(family)}**", "", *lines]))


def _line(text: str, step: str) -> str:
    """The name, the code and the description of a feature as a line of a list, or what is wrong with it."""
    try:
        words = parse(text)[0].text
    except CoreError as problem:
        words = str(problem)
    return f"- {names.with_code(text, step)}: {markdown.escape(words)}"


@st.fragment
def _draw_catalogue(source: Source, chosen: tuple[str, ...]) -> None:
    """The catalogue, in a fragment: browsing it does not redraw the rest of the page."""
    panel = st.expander("Add a feature", icon=":material/add:", key="picker-open", on_change="rerun")
    if not panel.open:
        return
    with panel:
        entry = _choose_entry(catalogue.entries(source.columns, source.level, source.known))
        if entry is None:
            return
        left, right = st.columns(2, gap="medium")
        try:
            with left:
                text = _complete(entry, source.step)
            with right:
                _draw_preview(source, text)
            twin = catalogue.find_duplicate(text, chosen)
        except CoreError as problem:
            messages.error(problem)
            return
        with left:
            if twin:
                twin = names.with_code(twin, source.step)
                st.caption(f"{twin} is already chosen. Another number or transform makes another feature.")
            label = f"Add {markdown.escape(names.feature(text, source.step))}"
            if st.button(label, icon=":material/add:", disabled=twin is not None, key="picker-add"):
                _request([*chosen, text])
                st.rerun()


def _choose_entry(own: tuple[Entry, ...]) -> Entry | None:
    """An entry of the catalogue, by search over everything or by category."""
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
        format_func=families.title,
        required=True,
        default=catalogue.categories(own)[0],
        key="picker-category",
        disabled=bool(words),
    )
    entries = own
    if words or category == catalogue.EXPERT:
        with st.spinner("Opening the catalogue of indicators …"):
            entries = (*own, *catalogue.expert_entries())
    of_category = tuple(entry for entry in entries if entry.family == category)
    entries = catalogue.search(words, entries) if words else of_category
    if not entries:
        messages.info(f"No feature matches {words!r}. Try a shorter word, or choose a category.")
        return None
    label = f"{len(entries)} found" if words else families.title(category)
    return st.selectbox(label, entries, format_func=attrgetter("title"), key=f"picker-entry-{words or category}")


def _complete(entry: Entry, step: str) -> str:
    """The feature as it stands in a recipe: the entry with its output, number and transforms. Raises FeatureError."""
    with st.spinner("Measuring the indicator …", show_time=False):
        outputs = catalogue.outputs(entry)
    base = outputs[0] if len(outputs) == 1 else st.selectbox("Output", outputs, key=f"picker-output-{entry.text}")
    feature, _ = parse(base)
    parameter, number = feature.parameter, None
    if isinstance(parameter, Parameter):
        number = int(
            st.number_input(
                f"{step.capitalize()}s",
                parameter.low,
                parameter.high,
                parameter.default,
                key=f"picker-number-{base}",
                help=f"From {parameter.low} to {parameter.high}, by default {parameter.default}.",
            )
        )
    text = catalogue.format_feature(base, number, _choose_transforms(0))
    with st.container(gap="small"):
        st.markdown(markdown.escape(parse(text)[0].text))
        words = entry.description if entry.family == catalogue.EXPERT else catalogue.formula(feature)
        st.caption(markdown.escape(f"{words} In recipes: {text}."))
    return text


def _choose_transforms(position: int) -> list[tuple[str, float | None]]:
    """Up to three transforms, one after another; the next is offered once the one before is chosen."""
    left, right = st.columns([3, 2])
    name = left.selectbox(
        "then" if position else "Transform",
        ("", *catalogue.transforms()),
        key=f"picker-step-{position}",
        format_func=_transform,
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
            key=f"picker-step-{position}-{name}",
        )
    return [(name, number), *(_choose_transforms(position + 1) if position + 1 < STEPS else [])]


def _draw_preview(source: Source, text: str) -> None:
    """The values of a feature on the first symbol. Raises FeatureError."""
    values = _values(text, source.level, source.symbol, source.digest, source.table)
    chart = preview.compute(source.symbol, names.feature(text, source.step), values)
    charts.show(preview.draw(chart), chart.caption, "picker-preview")


@st.cache_data(show_spinner=False, max_entries=64)
def _values(text: str, level: str, symbol: str, digest: str, _table: pd.DataFrame) -> pd.Series:
    return compute(_table, (text,), level, pd.DatetimeIndex([]))[text]


def _request(chosen: list[str]) -> None:
    st.session_state[REQUEST] = chosen


def _transform(name: str) -> str:
    return f"{name}: {TRANSFORMS[name].title}" if name else "none"
