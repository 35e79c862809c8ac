"""The recipe on the Train page: taken from an address, written into it, compared with the run on show, undone."""

from dataclasses import replace

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.datasets.targets import TARGETS
from core.errors import CoreError, SpecError, words
from core.language import message, tr
from core.spec import Data, Spec, compact
from core.spec.compact import Difference
from core.storage import visitors
from core.types import Run
from ui import boxes, cache, markdown, messages, names, session, widgets
from ui.train import features

PARAMETER = "recipe"  # of the address
PROBLEM = "recipe-problem"  # what is wrong with the recipe of the address, until the recipe changes
OFFER = "recipe-offer"  # a recipe of the address that asks for other data than ours, until it is answered
SHOWN = 6  # differences that are listed


def open_address() -> None:
    """Take the recipe of the address, once after the page was loaded, and when the browser goes back or forward.

    In between the address follows the recipe; what a slow browser still says of it is no word on the recipe.
    """
    context = get_script_run_ctx()
    came_back = context is not None and context.is_history_navigation
    if not came_back and st.session_state.get("address-read"):
        return
    st.session_state["address-read"] = True
    text = st.query_params.get(PARAMETER)
    if text is None:
        return
    try:
        spec = compact.from_text(text)
    except SpecError as problem:
        st.session_state[PROBLEM] = message(
            "The recipe in this address cannot be used, and yours stays as it is. {problem}", problem=words(problem)
        )
        return
    if _is_local(spec.data) or spec.data == session.recipe().data:
        take(visitors.Recipe(text=text))
    else:
        st.session_state[OFFER] = text


def write_address(spec: Spec, columns: tuple[str, ...]) -> None:
    """Put the recipe into the address: what differs from the defaults, also from those of a series with these columns.
    An address that is refused stays to be read."""
    usual = spec.target.column == widgets.usual_column(columns)
    target = (
        replace(spec.target, column=None) if usual and not TARGETS[spec.target.kind].named_by_column else spec.target
    )
    text = compact.to_text(features.without_usual(replace(spec, target=target)))
    if st.session_state.get(PROBLEM) or st.session_state.get(OFFER) or st.query_params.get(PARAMETER, "") == text:
        return
    if text:
        st.query_params[PARAMETER] = text
    else:
        del st.query_params[PARAMETER]


def draw_address() -> None:
    """What is wrong with the recipe of the address, or the question whether to load its data."""
    if problem := st.session_state.get(PROBLEM):
        messages.error(problem)
    text = st.session_state.get(OFFER)
    if not text:
        return
    series = markdown.escape(", ".join(compact.from_text(text).data.symbols))
    with st.container(border=True):
        words = tr(
            "This address has a recipe for other data: **{series}**. Nothing is loaded before you ask for it.",
            series=series,
        )
        st.markdown(f":material/link: {words}")
        with st.container(horizontal=True):
            st.button(tr("Use this recipe"), on_click=take, args=(visitors.Recipe(text=text),), key="recipe-take")
            st.button(tr("Keep mine"), on_click=_answer, key="recipe-keep")


def take(recipe: visitors.Recipe) -> None:
    """Make this recipe the one on the page, before the boxes of the page are drawn."""
    _put(session.take_recipe(recipe))


def draw_undo() -> None:
    """The button that takes back the last change of the recipe."""
    st.button(
        tr("Undo"),
        on_click=_undo,
        disabled=session.previous_recipe() is None,
        icon=":material/undo:",
        key="recipe-undo",
        help=tr("Takes back the last change of these settings; press it again for the one before"),
    )


def draw_changes(full: Spec, digest: str) -> None:
    """What the resolved recipe has changed since the run on show; nothing without one that can be opened."""
    run_id = session.run_id()
    try:
        run = cache.run(run_id) if run_id else None
    except CoreError:
        return
    if run is None:
        return
    st.page_link(
        "pages/evaluate.py",
        label=markdown.escape(_compare(run, full, digest)),
        icon=":material/difference:",
        query_params={"run": run.id},
    )


def _compare(run: Run, full: Spec, digest: str) -> str:
    before, after = (", ".join(spec.data.symbols) for spec in (run.spec, full))
    if before != after:  # nearly every setting follows from the series
        return tr("Run {run} is of another series: {before}, not {after}.", run=run.id, before=before, after=after)
    different = compact.differences(run.spec, full)
    if not different:
        return (
            tr("These are the settings of run {run}.", run=run.id)
            if digest == run.data_digest
            else tr("These are the settings of run {run}, on newer or other rows of its series.", run=run.id)
        )
    changes, more = ", ".join(_describe(one) for one in different[:SHOWN]), len(different) - SHOWN
    if more <= 0:
        return tr("Changed since run {run}: {changes}.", run=run.id, changes=changes)
    return tr("Changed since run {run}: {changes}, and {count} more.", run=run.id, changes=changes, count=more)


def _describe(one: Difference) -> str:
    label = tr(one.field.label)
    label = label[:1].lower() + label[1:]
    if isinstance(one.before, tuple) and isinstance(one.after, tuple):
        added = [f"+ {names.setting(one.path, one.field, text)}" for text in one.after if text not in one.before]
        removed = [f"− {names.setting(one.path, one.field, text)}" for text in one.before if text not in one.after]
        if not added and not removed:
            return tr("{label} in another order", label=label)
        return f"{label} {' '.join([*added, *removed])}"
    before, after = (names.setting(one.path, one.field, value) for value in (one.before, one.after))
    return f"{label} {before} → {after}"


def _undo() -> None:
    _put(session.undo())


def _put(spec: Spec) -> None:
    """Show this recipe in the boxes."""
    features.forget()
    values = widgets.by_key(spec)
    if spec.target.column is None:  # the box shows the usual column
        st.session_state.pop("target-column", None)
        del values["target-column"]
    boxes.put(values)
    _answer()


def _answer() -> None:
    st.session_state[PROBLEM] = st.session_state[OFFER] = None


def _is_local(data: Data) -> bool:
    """Whether these data come with the program: a link of somebody else must not make it ask a server for others."""
    return data.source == "sample" and not data.join
