"""Which runs the table shows: those with a searched word, and those of a chosen verdict, target, model, series or
tag."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.language import mark, tr
from core.storage.runs import Summary
from ui import names, session
from ui.library import table

STARRED, OWN = mark("Starred"), mark("Yours")


def choose(summaries: Sequence[Summary]) -> list[Summary]:
    """Draw the search box and the filters; the runs that pass them all."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        searched = st.text_input(
            tr("Search"),
            key="library-search",
            placeholder=tr("Series, model, tag, note, …"),
            icon=":material/search:",
            label_visibility="collapsed",
            width=320,
        )
        only = st.pills(
            tr("Only"),
            [STARRED, OWN],
            selection_mode="multi",
            format_func=tr,
            key="library-only",
            label_visibility="collapsed",
        )
        with st.popover(tr("Filter"), icon=":material/filter_list:"):
            chosen = [
                (value_of, frozenset(st.multiselect(tr(label), options, key=f"library-{name}")))
                for name, (label, value_of) in FILTERS.items()
                if (options := _options(summaries, value_of))
            ]
    own = frozenset(session.remembered().runs) if OWN in only else frozenset()
    return [
        summary
        for summary in summaries
        if (STARRED not in only or summary.marks.star)
        and (OWN not in only or summary.id in own)
        and all(not values or values & set(value_of(summary)) for value_of, values in chosen)
        and _has(summary, searched or "")
    ]


def _has(summary: Summary, searched: str) -> bool:
    """Whether every searched word stands somewhere in the line of a run."""
    if not searched.strip():
        return True
    marks = summary.marks
    parts = [summary.id, *summary.symbols, names.aim(summary), names.model(summary.model), table.words(summary)]
    line = " ".join([*parts, summary.target, summary.model, *marks.tags, marks.note]).casefold()
    return all(word in line for word in searched.casefold().split())


def _options(summaries: Sequence[Summary], value_of: Callable[[Summary], Sequence[str]]) -> list[str]:
    """The values by which runs differ; none if all runs have the same."""
    values = [{*value_of(summary)} for summary in summaries]
    every = set.union(*values)
    return sorted(value for value in every if value) if set.intersection(*values) != every else []


FILTERS: dict[str, tuple[str, Callable[[Summary], Sequence[str]]]] = {
    "verdict": (mark("Verdict"), lambda summary: [table.words(summary)]),
    "target": (mark("Target"), lambda summary: [names.aim(summary)]),
    "model": (mark("Model"), lambda summary: [names.model(summary.model)]),
    "series": (mark("Series"), lambda summary: summary.symbols),
    "tags": (mark("Tags"), lambda summary: summary.marks.tags),
}
