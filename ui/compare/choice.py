"""Which runs the Compare page is about: those of its address, changed in a box."""

from functools import partial

import streamlit as st

from core.errors import RunError
from core.evaluation.compare.shared import LETTERS
from core.language import message, tr
from core.storage.runs import NAME, Summary
from ui import names

PARAMETER = "runs"  # of the address: ids with commas between them
KEY = "compare-choice"


def choose(summaries: tuple[Summary, ...]) -> list[str]:
    """Draw the box with the runs of the address; the ids that are chosen, which then stand in the address.

    Raises RunError for an address that names what is no run of this machine.
    """
    lines = {summary.id: summary for summary in summaries}
    before = [name for name in st.session_state.get(f"{KEY}-address", ()) if name in lines]
    in_address = [name for name in st.query_params.get(PARAMETER, ",".join(before)).split(",") if name]
    unknown = [name for name in in_address if not NAME.fullmatch(name) or name not in lines]
    if KEY not in st.session_state or in_address != before:  # another address than that of the box
        st.session_state[KEY] = [name for name in dict.fromkeys(in_address) if name in lines][: len(LETTERS)]
    labels = {name: _label(line) for name, line in lines.items() if _fits(line, lines, st.session_state[KEY])}
    chosen: list[str] = st.multiselect(
        tr("Runs"),
        list(labels),
        key=KEY,
        format_func=partial(_find, labels),
        max_selections=len(LETTERS),
        placeholder=tr("Choose two to four runs"),
        label_visibility="collapsed",
    )
    if unknown and [name for name in in_address if name in lines] == chosen:
        raise RunError(
            message(
                "The address asks for {run}, which is no run of this machine. Choose others in the box.",
                run=repr(unknown[0][:60]),
            )
        )
    _write_address(chosen)
    return chosen


def _find(labels: dict[str, str], name: str) -> str:
    return labels.get(name, name)


def _write_address(chosen: list[str]) -> None:
    st.session_state[f"{KEY}-address"] = chosen
    if chosen:
        st.query_params[PARAMETER] = ",".join(chosen)
    else:
        st.query_params.pop(PARAMETER, None)


def _fits(line: Summary, lines: dict[str, Summary], chosen: list[str]) -> bool:
    """Whether a run may be compared with the first chosen one: the box offers no other."""
    first = lines[chosen[0]] if chosen else line
    same = (line.target, line.column, line.horizon) == (first.target, first.column, first.horizon)
    return line.id in chosen or (same and bool({*line.symbols} & {*first.symbols}))


def _label(line: Summary) -> str:
    """Short, and with the id, which begins with its date: two options of one label would be one option."""
    return f"{names.model(line.model)} · {', '.join(line.symbols[:3])} · {names.aim(line)} · {line.id}"
