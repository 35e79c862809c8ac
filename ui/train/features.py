"""Choosing features: the list of the chosen ones, and the catalogue to add from."""

from dataclasses import dataclass, replace
from functools import partial

import pandas as pd
import streamlit as st

from core.charts.data import feature as preview
from core.data.frame import columns, select_symbol, symbols
from core.datasets.defaults import default_features
from core.datasets.levels import level_column
from core.errors import CoreError, words
from core.features import Parameter, catalogue, compute, naming, parse
from core.features.catalogue import Entry
from core.features.feature import formula
from core.language import shown, tr
from core.spec import Spec, Target
from ui import boxes, cache, charts, markdown, messages, names
from ui.train import families, transforms

CHOSEN = "picker-chosen"  # the list on the screen; gone while another page is open
MEMORY = "picker-memory"  # what was chosen and for which series and target; stays
REQUEST = "picker-request"  # what a button asks the list to become


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
        tr("Features"),
        list(dict.fromkeys([*chosen, *usual, *offered])),
        default=chosen,
        key=boxes.key(CHOSEN, list(chosen)),
        format_func=partial(names.feature, step=source.step),
        accept_new_options=True,
        placeholder=tr("The default features"),
        help=tr("What the model sees at each step. Choose, or type one such as `rsi:21|zscore:60` and press Enter."),
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
            families.count(chosen)
            if chosen
            else tr("No feature is chosen. Training uses the default ones: {features}.", features=listed)
        )
        st.button(
            tr("Default features"),
            on_click=_request,
            args=(list(usual),),
            disabled=memory["usual"],
            key="picker-usual",
            icon=":material/restart_alt:",
            help=tr("Those that suit the target"),
        )
        st.button(
            tr("Clear"),
            on_click=_request,
            args=([],),
            disabled=not chosen,
            key="picker-clear",
            icon=":material/clear_all:",
        )
    if memory["dropped"]:
        sentence = tr(
            "Dropped, because this series or target does not allow them: {features}. {reason}",
            features="; ".join(map(named, memory["dropped"])),
            reason=next(iter(memory["dropped"].values())),
        )
        messages.info(sentence)
    if chosen:
        with st.expander(tr("What each of them is")):
            for family, members in catalogue.group_by_family(chosen).items():
                lines = [_line(text, source.step) for text in members]
                st.markdown("\n".join([f"**{families.title(family)}**", "", *lines]))


def _line(text: str, step: str) -> str:
    """The name, the code and the description of a feature as a line of a list, or what is wrong with it."""
    try:
        sentence = naming.describe(text)
    except CoreError as problem:
        sentence = words(problem)
    return f"- {names.with_code(text, step)}: {markdown.escape(sentence)}"


@st.fragment
def _draw_catalogue(source: Source, chosen: tuple[str, ...]) -> None:
    """The catalogue, in a fragment: browsing it does not redraw the rest of the page."""
    panel = st.expander(tr("Add a feature"), icon=":material/add:", key="picker-open", on_change="rerun")
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
                st.caption(
                    tr("{feature} is already chosen. Another number or transform makes another feature.", feature=twin)
                )
            label = tr("Add {feature}", feature=markdown.escape(names.feature(text, source.step)))
            if st.button(label, icon=":material/add:", disabled=twin is not None, key="picker-add"):
                _request([*chosen, text])
                st.rerun()


def _choose_entry(own: tuple[Entry, ...]) -> Entry | None:
    """An entry of the catalogue, by search over everything or by category."""
    words = st.text_input(
        tr("Search all features"),
        key="picker-search",
        type="search",
        live=True,
        icon=":material/search:",
        placeholder=tr("average, RSI, volume …"),
    ).strip()
    category = st.pills(
        tr("Category"),
        (*catalogue.categories(own), catalogue.EXPERT),
        format_func=families.title,
        required=True,
        default=catalogue.categories(own)[0],
        key="picker-category",
        disabled=bool(words),
    )
    entries = own
    if words or category == catalogue.EXPERT:
        with st.spinner(tr("Opening the catalogue of indicators …")):
            entries = (*own, *catalogue.expert_entries())
    of_category = tuple(entry for entry in entries if entry.family == category)
    entries = catalogue.search(words, entries) if words else of_category
    if not entries:
        messages.info(tr("No feature matches {words}. Try a shorter word, or choose a category.", words=repr(words)))
        return None
    label = tr("{count} found", count=len(entries)) if words else families.title(category)
    return st.selectbox(label, entries, format_func=_entry_title, key=f"picker-entry-{words or category}")


def _entry_title(entry: Entry) -> str:
    return shown(entry.title)


def _complete(entry: Entry, step: str) -> str:
    """The feature as it stands in a recipe: the entry with its output, number and transforms. Raises FeatureError."""
    with st.spinner(tr("Measuring the indicator …"), show_time=False):
        outputs = catalogue.outputs(entry)
    base = outputs[0] if len(outputs) == 1 else st.selectbox(tr("Output"), outputs, key=f"picker-output-{entry.text}")
    feature, _ = parse(base)
    parameter, number = feature.parameter, None
    if isinstance(parameter, Parameter):
        number = int(
            st.number_input(
                tr(f"{step}s").capitalize(),
                parameter.low,
                parameter.high,
                parameter.default,
                key=f"picker-number-{base}",
                help=tr(
                    "From {low} to {high}, by default {usual}.",
                    low=parameter.low,
                    high=parameter.high,
                    usual=parameter.default,
                ),
            )
        )
    text = catalogue.format_feature(base, number, transforms.choose())
    with st.container(gap="small"):
        st.markdown(markdown.escape(naming.describe(text)))
        words = entry.description if entry.family == catalogue.EXPERT else formula(feature.function)
        st.caption(markdown.escape(tr("{formula} In recipes: {code}.", formula=words, code=text)))
    return text


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
