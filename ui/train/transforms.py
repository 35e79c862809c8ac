"""The transforms that follow a feature, in boxes one after another."""

import streamlit as st

from core.features import catalogue
from core.features.transforms import TRANSFORMS
from core.language import tr

STEPS = 3  # transforms at most


def choose(position: int = 0) -> list[tuple[str, float | None]]:
    """Name and number of the chosen transforms from `position` on; the next is offered once one is chosen."""
    left, right = st.columns([3, 2])
    name = left.selectbox(
        tr("then") if position else tr("Transform"),
        ("", *catalogue.transforms()),
        key=f"picker-step-{position}",
        format_func=_title,
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
    return [(name, number), *(choose(position + 1) if position + 1 < STEPS else [])]


def _title(name: str) -> str:
    return f"{name}: {tr(TRANSFORMS[name].title)}" if name else tr("none")
