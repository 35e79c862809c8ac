"""Widgets drawn from the fields of a recipe; what to forecast; which symbol and step of a run to show."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from core.datasets.levels import level_column
from core.datasets.targets import TARGETS
from core.language import tr
from core.spec import PARTS, Spec, Target
from core.spec.fields import Field, fields_of
from core.types import Run
from ui import names


def draw(field: Field, path: str, value: Any) -> Any:
    """The widget of a field, at `value` until it is changed; what it returns is checked by the recipe.

    The box of a number that is left open is empty and says why. It says no more: a box whose words change is a new one,
    of which a browser that has not drawn it says nothing.
    """
    name, label, help_ = key(path), tr(field.label), tr(field.help) or None
    if field.choices:
        at = field.choices.index(value)
        title = partial(names.choice, field)
        return st.selectbox(label, field.choices, at, key=name, help=help_, format_func=title)
    if _is_answer(field):
        answers = [to_box(field, answer) for answer in (None, True, False)]
        at = answers.index(to_box(field, value))
        return from_box(field, st.selectbox(label, answers, at, key=name, help=help_, format_func=tr))
    if isinstance(value, bool):
        with st.container(height=40, border=False, vertical_alignment="center"):  # as high as the boxes next to it
            return st.checkbox(label, value, key=name, help=help_)
    if isinstance(value, float):
        return st.number_input(
            label,
            min_value=_as_float(field.low),
            max_value=_as_float(field.high),
            value=value,
            key=name,
            format="%g",
            step=_step(field, value),
            help=_range(field),
        )
    if isinstance(value, int) or field.low is not None:  # or a number that may be missing
        default = to_box(field, value)
        if field.empty:  # Streamlit takes an emptied box for its default, so the default is empty
            st.session_state.setdefault(name, default)
            default = None
        typed = st.number_input(
            label,
            min_value=_as_int(_low(field)),
            max_value=_as_int(field.high),
            value=default,
            step=1,
            key=name,
            help=_range(field),
            placeholder=tr(field.empty),
        )
        return from_box(field, typed)
    return st.text_input(label, value=value or "", key=name, help=help_) or None


def to_box(field: Field, value: Any) -> Any:
    """What the box of a field holds for a value: words for a yes or no, nothing for a number that is left open."""
    if _is_answer(field):
        return {None: field.empty, True: "yes", False: "no"}[value]
    return None if field.open is not None and value == field.open else value


def from_box(field: Field, held: Any) -> Any:
    """The value of a field whose box holds this."""
    if _is_answer(field):
        return {field.empty: None, "yes": True, "no": False}[held]
    return field.open if held is None else held


def _is_answer(field: Field) -> bool:
    """Whether it is a yes or no that may be left open."""
    return bool(field.empty) and field.low is None


def key(path: str) -> str:
    """Where the session keeps the value of the widget of this dotted path."""
    return f"field-{path}"


def by_key(spec: Spec) -> dict[str, Any]:
    """What the widgets show of a recipe, by the key of each."""
    values = {
        key(f"{part}.{name}"): to_box(field, getattr(getattr(spec, part), name))
        for part in PARTS
        for name, field in fields_of(getattr(spec, part))
    }
    target = {f"target-{name}": getattr(spec.target, name) for name in ("kind", "column", "horizon")}
    return values | target | {key("seed"): spec.seed}


def draw_fields(prefix: str, values: Any, columns: int, only: tuple[str, ...]) -> dict[str, Any]:
    """Widgets for some fields of one section of a recipe, in columns; dotted paths to their values."""
    fields = [(name, field) for name, field in fields_of(values) if name in only]
    chosen = {}
    for cell, (name, field) in zip(grid(len(fields), columns), fields, strict=False):
        with cell:
            chosen[f"{prefix}.{name}"] = draw(field, f"{prefix}.{name}", getattr(values, name))
    return chosen


def grid(count: int, columns: int) -> list[Any]:
    """Cells for `count` widgets, row by row; the last row may have more."""
    return [cell for _ in range(0, count, columns) for cell in st.columns(columns, vertical_alignment="bottom")]


def choose_target(spec: Spec, columns: tuple[str, ...], cells: Sequence[Any], step: str = "step") -> Target:
    """What to forecast, in these three `cells`; `step` is what a step is called."""
    kinds = [name for name, kind in TARGETS.items() if kind.only_column in (None, *columns)]
    if "close" not in columns:
        kinds.sort(key=lambda name: not TARGETS[name].named_by_column)
    left, middle, right = cells
    priced = names.are_prices(spec.data.source, spec.data.symbols, columns)
    single = "" if columns[1:] else columns[0]
    kind = left.selectbox(
        tr("Forecast"),
        kinds,
        format_func=partial(names.target, priced=priced, column=single),
        key="target-kind",
        index=kinds.index(spec.target.kind) if spec.target.kind in kinds else 0,
    )
    choices = (only,) if (only := TARGETS[kind].only_column) else columns
    usual = spec.target.column if spec.target.column in choices else usual_column(columns)
    column = middle.selectbox(
        tr("Of"), choices, index=choices.index(usual) if usual in choices else 0, key="target-column"
    )
    horizon = right.number_input(names.steps_ahead(step), 1, 720, spec.target.horizon, key="target-horizon")
    dead_zone = 0.0
    if TARGETS[kind].binary:
        with left:
            dead_zone = draw(dict(fields_of(Target))["dead_zone"], "target.dead_zone", spec.target.dead_zone)
    st.caption(tr(TARGETS[kind].formula))
    return Target(kind=kind, column=column, horizon=int(horizon), dead_zone=dead_zone)


def choose_step(run: Run) -> int:
    """The step of a run to show: on a slider if there are several, the last one first."""
    steps = sorted({int(step) for step in run.forecast["step"].unique()})
    if len(steps) == 1:
        return steps[0]
    return st.select_slider(names.steps_ahead(names.step(run)), steps, value=steps[-1], key="step", bind="query-params")


def choose_symbol(run: Run) -> str:
    """The symbol of a run to show: from a list if there are several."""
    symbols = [str(symbol) for symbol in run.forecast["symbol"].cat.categories]
    return symbols[0] if len(symbols) == 1 else st.selectbox(tr("Symbol"), symbols, key="symbol", bind="query-params")


def usual_column(columns: tuple[str, ...]) -> str:
    """The column that is forecast unless the visitor chooses another."""
    return level_column(Target(), columns) if "close" in columns or len(columns) == 1 else columns[0]


def _low(field: Field) -> float | None:
    """The smallest number that can be typed: one that leaves the field open is not typed."""
    return field.low if field.open is None or field.low is None else max(field.low, field.open + 1)


def _as_int(bound: float | None) -> int | None:
    return None if bound is None else int(bound)


def _as_float(bound: float | None) -> float | None:
    return None if bound is None else float(bound)


def _step(field: Field, value: float) -> float:
    return max(value / 2, 1e-6) if field.scale == "log" else 0.05


def _range(field: Field) -> str | None:
    if field.low is None or field.high is None:
        return tr("{help}.", help=tr(field.help)) if field.help else None
    parts = {"low": f"{_low(field):g}", "high": f"{field.high:g}"}
    if field.help:
        return tr("{help}. From {low} to {high}.", help=tr(field.help), **parts)
    return tr("From {low} to {high}.", **parts)
