"""The settings of a recipe: the model, the effort dial, and the fields that matter to that model and target."""

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.datasets import split
from core.datasets.targets import TARGETS
from core.language import tr
from core.models.kinds import MODELS
from core.spec import PARTS, Spec, Target, Train, Window
from core.spec.fields import fields_of
from core.spec.rules import Conflict, conflicts
from ui import messages, names, widgets
from ui.train import dial, members

SIZE = ("hidden", "layers", "dropout", "heads", "segment")  # visible, if the model uses them
MORE = "more-settings"  # whether the panel with the other fields is open
COURSE = ("steps", "patience", "learning_rate")


def choose(spec: Spec, target: Target, cells: Sequence[DeltaGenerator], form: DeltaGenerator) -> dict[str, Any]:
    """Draw model, dial and fields; return dotted paths and their values.

    The three `cells` take the window, the model and its budget, `form` the dial and the fields that many change; the
    others are drawn here.
    Fields that are not on the screen keep their value in `spec`, unless this model and target refuse it: then they
    return to their default, and a sentence says so.
    """
    kinds = list(MODELS)
    kind = cells[1].selectbox(
        tr("Model"), kinds, kinds.index(spec.model.kind), key=widgets.key("model.kind"), format_func=names.model
    )
    with form:
        turned = dial.draw(spec)
        st.caption(tr(MODELS[kind].text))
    fields = _model_fields(kind, target, spec)
    values: dict[str, Any] = {"model.kind": kind}
    for cell, path in ((cells[0], "window.lookback"), (cells[2], "train.steps")):
        values |= _draw_field(cell, spec, path)
    with form:
        values |= _draw_visible(spec, fields)
        members.draw(spec)
    values |= _draw_folded(spec, target, kind, fields, values)
    values = turned | values
    dial.forget_turn()
    return values | _resolve_conflicts(spec, target, values)


def _draw_visible(spec: Spec, fields: tuple[str, ...]) -> dict[str, Any]:
    """Fields that many change, two in a row: first those of every model, which so stay where they are."""
    paths = (*(f"train.{field}" for field in COURSE[1:]), *(f"model.{field}" for field in SIZE if field in fields))
    values: dict[str, Any] = {}
    with st.container():
        for cell, path in zip(widgets.grid(len(paths), 2), paths, strict=False):
            values |= _draw_field(cell, spec, path)
    return values


def _draw_field(cell: DeltaGenerator, spec: Spec, path: str) -> dict[str, Any]:
    section, _, name = path.partition(".")
    part = getattr(spec, section)
    with cell:
        return {path: widgets.draw(dict(fields_of(part))[name], path, getattr(part, name))}


def _draw_folded(
    spec: Spec, target: Target, kind: str, fields: tuple[str, ...], values: dict[str, Any]
) -> dict[str, Any]:
    """All other fields, in a panel that draws nothing while it is closed."""
    panel = st.expander(tr("More settings"), key=MORE, on_change="rerun")
    if not panel.open:
        return {}
    with panel:
        others = tuple(field for field in fields if field not in SIZE)
        chosen = _draw_section(tr("Model"), "model", spec.model, others)
        train = _train_fields(kind, target, values | chosen, spec)
        chosen |= _draw_section(tr("Training"), "train", spec.train, train)
        hidden = ("lookback",) if MODELS[kind].takes_short_windows else ("lookback", "min_length")
        window = tuple(name for name, _ in fields_of(Window) if name not in hidden)
        chosen |= _draw_section(tr("Window"), "window", spec.window, window)
        chosen |= _draw_section(tr("Splits of the series, in time order"), "split", spec.split, split.SPLITS)
        chosen |= _draw_section(tr("Baselines"), "baselines", spec.baselines, ("slow", "pretrained"))
        chosen |= _draw_section(tr("Prediction interval (band)"), "bands", spec.bands, _band_fields(target))
        with widgets.grid(1, 4)[0]:
            chosen["seed"] = widgets.draw(dict(fields_of(spec))["seed"], "seed", spec.seed)
    return chosen


def _draw_section(title: str, prefix: str, values: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    with st.container():  # an empty section, too, has its place: the boxes after it stay where they are
        if not fields:
            return {}
        st.markdown(f"**{title}**")
        return widgets.draw_fields(prefix, values, 4, fields)


def _model_fields(kind: str, target: Target, spec: Spec) -> tuple[str, ...]:
    """The fields of `Model` that this kind uses and that matter for the target and the symbols."""
    aim = TARGETS[target.kind]
    useless = {"norm": not aim.level, "head": aim.binary, "symbols": len(spec.data.symbols) == 1}
    return tuple(field for field in MODELS[kind].fields if not useless.get(field, False))


def _train_fields(kind: str, target: Target, values: dict[str, Any], spec: Spec) -> tuple[str, ...]:
    """The fields of `Train` under More settings that matter for this kind, head and target."""
    binary = TARGETS[target.kind].binary
    head = values.get("model.head", spec.model.head)
    useless = {
        "member_settings": True,
        "class_weights": not binary,
        "loss": binary or head != "point",
        "supervision": not MODELS[kind].supports_every_step,
    }
    return tuple(field for field, _ in fields_of(Train) if field not in COURSE and not useless.get(field, False))


def _band_fields(target: Target) -> tuple[str, ...]:
    """The fields of `Bands` that matter for the target: a direction has no band, a single step no path."""
    aim = TARGETS[target.kind]
    fields = () if aim.binary else ("coverage", "method", "window")
    return (*fields, "joint") if fields and aim.path and target.horizon > 1 else fields


def _resolve_conflicts(spec: Spec, target: Target, values: dict[str, Any]) -> dict[str, Any]:
    """Fallbacks for fields out of sight that the recipe would refuse, with a sentence that names them."""
    reset: dict[str, Any] = {}
    while hidden := [c for c in _conflicts(spec, target, values | reset) if c.path not in values | reset]:
        reset |= {conflict.path: conflict.fallback for conflict in hidden}
    if reset:
        labels = ", ".join(_label(spec, path) for path in reset)
        messages.info(tr("Some settings do not fit this model or target and were reset: {labels}.", labels=labels))
    return reset


def _conflicts(spec: Spec, target: Target, values: dict[str, Any]) -> list[Conflict]:
    """What does not fit together with these values; no recipe has them, since one with conflicts is refused."""
    parts: dict[str, Any] = {name: getattr(spec, name) for name in PARTS} | {"target": target}
    for path, value in values.items():
        part, _, field = path.rpartition(".")
        if part:
            parts[part] = replace(parts[part], **{field: value})
    return list(conflicts(SimpleNamespace(**parts, features=spec.features)))


def _label(spec: Spec, path: str) -> str:
    part, _, name = path.partition(".")
    return tr(dict(fields_of(getattr(spec, part)))[name].label).lower()
