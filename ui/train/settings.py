"""The model part of a recipe: its kind, the effort dial, and the settings that matter to that kind and target."""

from typing import Any

import streamlit as st

from core.datasets import split
from core.datasets.targets import TARGETS
from core.errors import SpecError
from core.intervals.methods import METHODS
from core.models import registry
from core.models.kinds import MODELS
from core.spec import Spec, Target, Train, Window, with_values
from core.spec.fields import fields_of
from core.spec.presets import EFFORTS, current
from ui import widgets

OWN = "own"
DIAL, WISH = "effort", "effort-wish"  # the dial on the screen, and what it was just turned to
SIZE = ("hidden", "layers", "dropout", "heads", "segment")  # in sight, where the kind heeds them
COURSE = ("epochs", "patience", "learning_rate")
# What the recipe refuses of settings that are not on the screen, and so cannot be changed there.
REFUSED: dict[str, tuple[tuple[Any, ...], Any, str]] = {
    "train.loss": (("mse", "mae", "huber"), "auto", "the loss to that of the head"),
    "train.class_weights": ((True,), False, "the weights of classes to none"),
    "train.supervision": (("every_step",), "auto", "supervision to whole windows"),
    "model.norm": (("reversible",), "last", "the level to the last value"),
    "window.min_length": (tuple(range(2, 1001)), None, "windows to whole ones"),
    "bands.method": (tuple(METHODS)[1:], "auto", "the error band to its default"),
    "bands.joint": ((True,), False, "the error band to single steps"),
}


def model(spec: Spec, target: Target) -> dict[str, Any]:
    """Draw kind, dial and settings; dotted paths to what they say. Settings out of sight stay as they are in `spec`,
    but those that this kind and target refuse, which fall back to their defaults with a sentence."""
    left, right = st.columns([1, 2], gap="medium")
    with left:
        st.session_state.setdefault(widgets.name("model.kind"), spec.model.kind)
        kind = st.selectbox("Model", MODELS, key=widgets.name("model.kind"), format_func=_title)
    with right:
        turned = _dial(spec)
    st.caption(registry.MODELS[kind].text)
    said: dict[str, Any] = {"model.kind": kind}
    fields = _model_fields(kind, target, spec)
    said |= _in_sight(spec, fields)
    with st.expander("More settings"):
        said |= _headed("Model", "model", spec.model, tuple(field for field in fields if field not in SIZE))
        said |= _headed("Training", "train", spec.train, _train_fields(kind, target, said, spec))
        hidden = ("lookback",) if MODELS[kind].takes_short_windows else ("lookback", "min_length")
        said |= _headed("Window", "window", spec.window, tuple(f for f, _ in fields_of(Window) if f not in hidden))
        said |= _headed("Parts of the series, in this order", "split", spec.split, split.SPLITS)
        said |= _headed("Beside the model", "baselines", spec.baselines, ("slow",))
        said |= _headed("Error band", "bands", spec.bands, _band_fields(target))
        with widgets.grid(1, 4)[0]:
            said["seed"] = widgets.widget(dict(fields_of(spec))["seed"], "seed", spec.seed)
    return turned | said | _fallen_back(spec, said)


def _dial(spec: Spec) -> dict[str, Any]:
    """The effort dial, at the effort whose settings the widgets have; what it was just turned to, else nothing."""
    wish = EFFORTS.get(st.session_state.pop(WISH, ""), {})
    shown = {
        path: st.session_state[widgets.name(path)]
        for path in EFFORTS["quick"]
        if widgets.name(path) in st.session_state
    }
    try:
        now = current(with_values(spec, shown | wish)) or OWN
    except SpecError:
        now = OWN
    st.session_state[DIAL] = now
    st.segmented_control(
        "Effort",
        [*EFFORTS, OWN] if now == OWN else [*EFFORTS],
        key=DIAL,
        on_change=_turn,
        format_func=str.capitalize,
        required=True,
        help="Sets window, network, epochs, patience and baselines at once; changing one of them by "
        "hand makes the settings your own. " + " ".join(_says(effort) for effort in EFFORTS),
    )
    return wish


def _turn() -> None:
    wish = st.session_state[DIAL]
    if wish not in EFFORTS:
        return
    st.session_state[WISH] = wish
    for path, value in EFFORTS[wish].items():
        if widgets.name(path) in st.session_state:  # the others are not on the screen
            st.session_state[widgets.name(path)] = value


def _says(effort: str) -> str:
    has = EFFORTS[effort]
    return (
        f"{effort.capitalize()}: a window of {has['window.lookback']}, {has['model.layers']} × "
        f"{has['model.hidden']} units, at most {has['train.epochs']} epochs."
    )


def _in_sight(spec: Spec, fields: tuple[str, ...]) -> dict[str, Any]:
    """The settings that decide most, four in a row."""
    shown = [
        ("window", "lookback"),
        *(("model", field) for field in SIZE if field in fields),
        *(("train", field) for field in COURSE),
    ]
    said = {}
    for cell, (part, field) in zip(widgets.grid(len(shown), 4), shown, strict=False):
        values = getattr(spec, part)
        with cell:
            said[f"{part}.{field}"] = widgets.widget(
                dict(fields_of(values))[field], f"{part}.{field}", getattr(values, field)
            )
    return said


def _headed(title: str, prefix: str, values: Any, fields: tuple[str, ...]) -> dict[str, Any]:
    if not fields:
        return {}
    st.markdown(f"**{title}**")
    return widgets.part(prefix, values, 4, fields)


def _model_fields(kind: str, target: Target, spec: Spec) -> tuple[str, ...]:
    """The fields of `Model` that this kind heeds and that mean something for the target and the symbols."""
    about = TARGETS[target.kind]
    useless = {"norm": not about.level, "head": about.binary, "symbols": len(spec.data.symbols) == 1}
    return tuple(field for field in registry.MODELS[kind].fields if not useless.get(field, False))


def _train_fields(kind: str, target: Target, said: dict[str, Any], spec: Spec) -> tuple[str, ...]:
    """The fields of `Train` out of sight that mean something for this kind, head and target."""
    binary = TARGETS[target.kind].binary
    head = said.get("model.head", spec.model.head)
    useless = {
        "class_weights": not binary,
        "loss": binary or head != "point",
        "supervision": not MODELS[kind].supports_every_step,
    }
    return tuple(field for field, _ in fields_of(Train) if field not in COURSE and not useless.get(field, False))


def _band_fields(target: Target) -> tuple[str, ...]:
    """The fields of `Bands` that mean something for the target: a direction has no band, and one step is no path."""
    about = TARGETS[target.kind]
    shown = () if about.binary else ("coverage", "method", "window")
    return (*shown, "joint") if shown and about.path and target.horizon > 1 else shown


def _fallen_back(spec: Spec, said: dict[str, Any]) -> dict[str, Any]:
    """Defaults for settings out of sight that would be refused, and a sentence that says so."""
    fallen = {
        path: (default, text)
        for path, (refused, default, text) in REFUSED.items()
        if path not in said and _held(spec, path) in refused
    }
    if fallen:
        st.info(
            "These settings do not fit this model or target and went back to their defaults: "
            + ", ".join(text for _, text in fallen.values())
            + ".",
            icon=":material/info:",
        )
    return {path: default for path, (default, _) in fallen.items()}


def _held(spec: Spec, path: str) -> Any:
    part, field = path.split(".")
    return getattr(getattr(spec, part), field)


def _title(kind: str) -> str:
    return registry.MODELS[kind].title
