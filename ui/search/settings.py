"""What to search: fields with their ranges, from a preset or ticked one by one, the limit and the objective."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.charts.tuning.search import label, show
from core.errors import SpecError
from core.language import current, mark, tr
from core.spec import Spec
from core.tuning import space
from core.tuning.space import Dimension
from ui import boxes, cache, widgets

CHOSEN = "search-fields"  # the fields that were last ticked, in whatever language
OBJECTIVES = {
    "validation": mark("Error on the validation split"),
    "backtest": mark("Mean error over backtest folds before the calibration split"),
}
LIMITS = {"trials": mark("Trials"), "minutes": mark("Minutes")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The space and the arguments of `core.tuning.search.create`; `slots` trials run in parallel."""

    dimensions: tuple[Dimension, ...]
    arguments: dict[str, Any]
    slots: int


def choose(spec: Spec) -> Settings:
    """Draw the boxes. Raises SpecError for a range that does not fit."""
    kinds = list(space.searchable(tuple(space.dimension("model.kind").choices)))
    fields = _key("fields")
    st.session_state.setdefault(fields, st.session_state.get(CHOSEN) or _fields(spec.model.kind, "quick"))
    st.selectbox(
        tr("Preset"),
        list(space.PRESETS),
        format_func=_preset_title,
        key=_key("preset"),
        on_change=_take_preset,
        args=(spec.model.kind, _key("preset"), fields),
        help=tr("Ticks the fields that are usually searched together; change them as you like"),
    )
    chosen = st.multiselect(
        tr("Fields to search"),
        kinds,
        format_func=label,
        key=fields,
        help=tr("Everything else stays as in the recipe of the Train page"),
    )
    st.session_state[CHOSEN] = chosen
    texts = {path: _choose_range(space.dimension(path)) for path in chosen}
    limit, most, slots = widgets.grid(3, 3)
    unit = limit.selectbox(tr("Limit"), list(LIMITS), format_func=_limit_title, key=_key("limit"))
    count = most.number_input(
        tr("At most"), min_value=1, max_value=1000, value=20 if unit == "trials" else 10, key=f"search-{unit}"
    )
    parallel = slots.number_input(
        tr("In parallel"),
        min_value=1,
        max_value=cache.WORKERS,
        value=max(1, cache.WORKERS - 1),
        key="search-slots",
        help=tr("Trials at a time; a worker that is left free serves other visitors at once"),
    )
    objective = st.selectbox(
        tr("Objective"), list(OBJECTIVES), format_func=_objective_title, key=_key("objective"),
        help=tr("What the search makes small. It never reads the test split"),
    )  # fmt: skip
    folds = st.number_input(tr("Folds"), 2, 20, 4, key="search-folds") if objective == "backtest" else 0
    if not chosen:
        raise SpecError(tr("Choose at least one field to search."))
    dimensions = tuple(space.dimension(path, text) for path, text in texts.items())
    arguments = {
        "trials": int(count) if unit == "trials" else None,
        "minutes": float(count) if unit == "minutes" else None,
        "objective": objective,
        "folds": int(folds),
    }
    return Settings(dimensions=space.check(dimensions, spec), arguments=arguments, slots=int(parallel))


def _choose_range(one: Dimension) -> str:
    """The boxes of one field: its choices, or both ends of its range; the text of `space.dimension`."""
    key, name = f"search-{one.path}", label(one.path)
    if one.choices:
        picked = st.multiselect(name, list(one.choices), list(one.choices), format_func=show, key=_key(one.path))
        return "|".join(map(str, picked)).replace("True", "true").replace("False", "false")
    left, right = st.columns(2)
    form: dict[str, Any] = {"format": "%d", "step": 1} if one.whole else {"format": "%g", "step": None}
    ends = (int(one.low), int(one.high)) if one.whole else (one.low, one.high)
    low = left.number_input(tr("{field} from", field=name), value=ends[0], key=f"{key}-low", **form)
    high = right.number_input(tr("{field} to", field=name), value=ends[1], key=f"{key}-high", **form)
    return f"{low:g}..{high:g}:{'log' if one.log else 'linear'}"


def _preset_title(name: str) -> str:
    return tr(space.PRESETS[name][0])


def _limit_title(name: str) -> str:
    return tr(LIMITS[name])


def _objective_title(name: str) -> str:
    return tr(OBJECTIVES[name])


def _take_preset(kind: str, preset: str, fields: str) -> None:
    if name := boxes.held(preset):
        st.session_state[fields] = _fields(kind, name)


def _key(name: str) -> str:
    """The key of a list, which is a new one in another language: its options have other words there."""
    return f"search-{name}-{current()}"


def _fields(kind: str, preset: str) -> list[str]:
    """The fields of a preset that the model of the recipe, or the models of the search, use."""
    listed = space.PRESETS[preset][1]
    kinds = space.dimension("model.kind").choices if "model.kind" in listed else (kind,)
    return [path for path in listed if path in space.searchable(kinds)]
