"""Widgets drawn from knobs, and what to forecast."""

from typing import Any

import streamlit as st

from core.datasets.levels import level_column
from core.datasets.targets import TARGETS
from core.spec import Spec, Target
from core.spec.fields import Field, fields_of


def widget(knob: Field, path: str, value: Any) -> Any:
    """The widget of a knob, set to `value` until it is turned; what it returns is checked by the recipe."""
    key, help_ = name(path), knob.help or None
    if knob.choices or isinstance(value, bool | int | float):
        st.session_state.setdefault(key, value)
    if knob.choices:
        return st.selectbox(knob.label, knob.choices, key=key, help=help_, format_func=_spaced)
    if isinstance(value, bool):
        with st.container(height=40, border=False, vertical_alignment="center"):  # as high as the boxes beside it
            return st.checkbox(knob.label, key=key, help=help_)
    if value is None and knob.low is not None:
        return st.number_input(
            knob.label,
            min_value=_whole(knob.low),
            max_value=_whole(knob.high),
            value=None,
            step=1,
            key=key,
            help=_range(knob),
        )
    if isinstance(value, int):
        return st.number_input(
            knob.label, min_value=_whole(knob.low), max_value=_whole(knob.high), step=1, key=key, help=_range(knob)
        )
    if isinstance(value, float):
        return st.number_input(
            knob.label,
            min_value=_real(knob.low),
            max_value=_real(knob.high),
            key=key,
            format="%g",
            step=_step(knob, value),
            help=_range(knob),
        )
    return st.text_input(knob.label, value=value or "", key=key, help=help_) or None


def name(path: str) -> str:
    """Where the session keeps what the widget of this dotted path says."""
    return f"knob-{path}"


def part(prefix: str, values: Any, columns: int, only: tuple[str, ...]) -> dict[str, Any]:
    """Widgets for the knobs of one part of a recipe, in columns; dotted paths to what they say."""
    found = [(field, knob) for field, knob in fields_of(values) if field in only]
    said = {}
    for cell, (field, knob) in zip(grid(len(found), columns), found, strict=False):
        with cell:
            said[f"{prefix}.{field}"] = widget(knob, f"{prefix}.{field}", getattr(values, field))
    return said


def grid(count: int, columns: int) -> list[Any]:
    """Cells for `count` widgets, row by row, on one line each; the last row may have more."""
    return [cell for _ in range(0, count, columns) for cell in st.columns(columns, vertical_alignment="bottom")]


def target(spec: Spec, columns: tuple[str, ...]) -> Target:
    """What to forecast: outside of any form, since the features offered depend on it."""
    kinds = tuple(TARGETS) if "close" in columns else ("column", *(k for k in TARGETS if k not in ("column", "close")))
    left, middle, right = st.columns(3)
    kind = left.selectbox(
        "Forecast",
        kinds,
        format_func=_title,
        key="target-kind",
        index=kinds.index(spec.target.kind) if spec.target.kind in kinds else 0,
    )
    names = ("close",) if kind == "close" else columns
    wanted = spec.target.column if spec.target.column in names else _level(columns)
    column = middle.selectbox("Of", names, index=names.index(wanted) if wanted in names else 0, key="target-column")
    horizon = right.number_input("Sessions ahead", 1, 720, spec.target.horizon, key="target-horizon")
    zone = 0.0
    if TARGETS[kind].binary:
        with st.columns(3)[0]:
            zone = widget(dict(fields_of(Target))["dead_zone"], "target.dead_zone", spec.target.dead_zone)
    st.caption(TARGETS[kind].formula)
    return Target(kind=kind, column=column, horizon=int(horizon), dead_zone=zone)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _title(kind: str) -> str:
    return TARGETS[kind].title


def _level(columns: tuple[str, ...]) -> str:
    return level_column(Target(), columns) if "close" in columns or len(columns) == 1 else columns[0]


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _real(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _step(knob: Field, value: float) -> float:
    return max(value / 2, 1e-6) if knob.scale == "log" else 0.05


def _range(knob: Field) -> str | None:
    text = f"{knob.help}. " if knob.help else ""
    if knob.low is not None and knob.high is not None:
        text += f"From {knob.low:g} to {knob.high:g}."
    return text or None
