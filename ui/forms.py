"""Widgets drawn from knobs, and the forms made of them."""

from typing import Any

import streamlit as st

from core.knobs import Knob, knobs
from core.prepare.targets import KINDS, level_column
from core.spec import Model, Spec, Target, Train, Window


def widget(knob: Knob, path: str, value: Any) -> Any:
    """The widget of a knob, set to `value`; what it returns is checked by the recipe."""
    key = f"knob-{path}"
    if knob.choices:
        return st.selectbox(knob.label, knob.choices, index=knob.choices.index(value), key=key, help=knob.help or None,
                            format_func=_spaced)
    if isinstance(value, bool):
        return st.checkbox(knob.label, value=value, key=key, help=knob.help or None)
    if isinstance(value, int) or (value is None and knob.low is not None):
        return st.number_input(knob.label, min_value=_whole(knob.low), max_value=_whole(knob.high), value=value, step=1,
                               key=key, help=_range(knob))
    if isinstance(value, float):
        return st.number_input(knob.label, min_value=_real(knob.low), max_value=_real(knob.high), value=value, key=key,
                               format="%g", step=_step(knob, value), help=_range(knob))
    return st.text_input(knob.label, value=value or "", key=key, help=knob.help or None) or None


def part(name: str, values: Any, columns: int, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """Widgets for the knobs of one part of a recipe, in columns; dotted paths to what they say."""
    found = [(field, knob) for field, knob in knobs(values) if not only or field in only]
    cells = st.columns(columns)
    said = {}
    for i, (field, knob) in enumerate(found):
        with cells[i % columns]:
            said[f"{name}.{field}"] = widget(knob, f"{name}.{field}", getattr(values, field))
    return said


def target(spec: Spec, columns: tuple[str, ...]) -> Target:
    """What to forecast: outside of any form, since the features offered depend on it."""
    kinds = tuple(KINDS) if "close" in columns else ("column", *(k for k in KINDS if k not in ("column", "close")))
    left, middle, right = st.columns(3)
    kind = left.selectbox("Forecast", kinds, format_func=_title, key="target-kind",
                          index=kinds.index(spec.target.kind) if spec.target.kind in kinds else 0)
    names = ("close",) if kind == "close" else columns
    wanted = spec.target.column if spec.target.column in names else _level(columns)
    column = middle.selectbox("Of", names, index=names.index(wanted) if wanted in names else 0, key="target-column")
    horizon = right.number_input("Sessions ahead", 1, 720, spec.target.horizon, key="target-horizon")
    zone = 0.0
    if KINDS[kind].binary:
        zone = widget(dict(knobs(Target))["dead_zone"], "target.dead_zone", spec.target.dead_zone)
    st.caption(KINDS[kind].formula)
    return Target(kind=kind, column=column, horizon=int(horizon), dead_zone=zone)


def hyperparameters(spec: Spec) -> dict[str, Any]:
    """Window, model and training knobs: the common ones in sight, the others folded away."""
    said: dict[str, Any] = {}
    shown = {"window": ("lookback",), "model": ("kind", "hidden", "layers", "dropout"), "train": ("epochs",)}
    cells = st.columns(6)
    for i, (name, field) in enumerate((name, field) for name, fields in shown.items() for field in fields):
        values = getattr(spec, name)
        with cells[i]:
            said[f"{name}.{field}"] = widget(dict(knobs(values))[field], f"{name}.{field}", getattr(values, field))
    with st.expander("More settings"):
        for name, kind in (("model", Model), ("train", Train), ("window", Window)):
            st.markdown(f"**{name.capitalize()}**")
            rest = tuple(field for field, _ in knobs(kind) if field not in shown[name])
            said |= part(name, getattr(spec, name), 4, rest)
        st.markdown("**Parts of the series, in this order**")
        said |= part("split", spec.split, 4, ("train", "val", "calib", "test"))
        said["seed"] = widget(dict(knobs(spec))["seed"], "seed", spec.seed)
    return said


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _title(kind: str) -> str:
    return KINDS[kind].title


def _level(columns: tuple[str, ...]) -> str:
    return level_column(Target(), columns) if "close" in columns or len(columns) == 1 else columns[0]


def _whole(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _real(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _step(knob: Knob, value: float) -> float:
    return max(value / 2, 1e-6) if knob.scale == "log" else 0.05


def _range(knob: Knob) -> str | None:
    text = f"{knob.help}. " if knob.help else ""
    if knob.low is not None and knob.high is not None:
        text += f"From {knob.low:g} to {knob.high:g}."
    return text or None
