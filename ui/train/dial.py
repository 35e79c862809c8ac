"""The effort dial: it shows the effort that the boxes have, and sets them when it is turned."""

from typing import Any

import streamlit as st

from core.errors import SpecError
from core.language import mark, tr
from core.spec import Spec, with_values
from core.spec.convert import field_at
from core.spec.presets import EFFORTS, current
from ui import boxes, widgets

OWN = "own"
DIAL = "effort"
TURNED = "effort-turned"  # the effort that the recipe is yet to take
TITLES = {"quick": mark("Quick"), "standard": mark("Standard"), "thorough": mark("Thorough"), OWN: mark("Own")}


def draw(spec: Spec) -> dict[str, Any]:
    """Draw the dial; dotted paths and values of the effort that it was just turned to, else none."""
    _turn()
    turned = EFFORTS.get(st.session_state.get(TURNED, ""), {})
    effort = _effort(spec, turned)
    st.segmented_control(
        tr("Effort"),
        [*EFFORTS, OWN] if effort == OWN else [*EFFORTS],
        default=effort,
        key=boxes.key(DIAL, effort),
        on_change=_turn,
        format_func=_title,
        required=True,
        help=tr(
            "Sets window, network, steps, patience and baselines at once; after a change by hand it shows Own. "
            "{efforts}",
            efforts=" ".join(_describe(effort) for effort in EFFORTS),
        ),
    )
    return turned


def forget_turn() -> None:
    """The values of the last turn are among those of the page now."""
    st.session_state[TURNED] = ""


def _turn() -> None:
    """Set the boxes to the effort that the dial was just turned to: at once, before what is typed later."""
    effort = boxes.choice(DIAL)
    if effort not in EFFORTS:
        return
    st.session_state[TURNED] = effort
    boxes.put({widgets.key(path): widgets.to_box(field_at(path), value) for path, value in EFFORTS[effort].items()})
    boxes.key(DIAL, effort)


def _effort(spec: Spec, turned: dict[str, Any]) -> str:
    """The effort that the boxes show; those that are not on the screen have their value of the recipe."""
    shown = {path: widgets.key(path) for path in EFFORTS["quick"] if widgets.key(path) in st.session_state}
    held = {path: widgets.from_box(field_at(path), st.session_state[key]) for path, key in shown.items()}
    held = {path: value for path, value in held.items() if value is not None}
    try:
        return current(with_values(spec, turned | held)) or OWN
    except SpecError:
        return OWN


def _title(effort: str) -> str:
    return tr(TITLES[effort])


def _describe(effort: str) -> str:
    values = EFFORTS[effort]
    parts = {
        "effort": _title(effort),
        "layers": values["model.layers"],
        "units": values["model.hidden"],
        "steps": f"{values['train.steps']:,}",
    }
    if not values["window.lookback"]:
        return tr("{effort}: window from the data, {layers} × {units} units, at most {steps} steps.", **parts)
    return tr(
        "{effort}: window of {rows}, {layers} × {units} units, at most {steps} steps.",
        rows=values["window.lookback"],
        **parts,
    )
