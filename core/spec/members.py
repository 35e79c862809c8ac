"""Networks of an ensemble that have settings of their own, such as those of the best trials of a search."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from core.errors import SpecError
from core.language import message
from core.spec.fields import check, fields_of, hints_of, parse

# What may differ between networks that read the same windows and answer in the same form.
PATHS = (
    *("model.hidden", "model.layers", "model.dropout", "model.bidirectional", "model.pooling", "model.norm_layer"),
    *("model.residual", "model.heads", "train.steps", "train.batch_size", "train.learning_rate", "train.weight_decay"),
    *("train.optimizer", "train.schedule", "train.warmup", "train.averaging", "train.loss", "train.clip_norm"),
    "train.patience",
)


def write(values: Mapping[str, Any]) -> str:
    """The settings of one network as one line of text; `values` by dotted path."""
    return " ".join(f"{path}={'none' if value is None else value}" for path, value in values.items())


def read(text: str, recipe: Any) -> dict[str, Any]:
    """The values by dotted path that `write` wrote. Raises SpecError for a path not in PATHS, and for a bad value."""
    values = {}
    for item in text.split():
        path, _, value = item.partition("=")
        if path not in PATHS:
            raise SpecError(
                message(
                    "{text} is no setting of a single network. Write path=value with one of: {known}.",
                    text=repr(item),
                    known=", ".join(PATHS),
                )
            )
        section, _, name = path.partition(".")
        kind: type = type(getattr(recipe, section))
        values[path] = parse(value, hints_of(kind)[name], path, dict(fields_of(kind))[name].choices)
    return values


def parts(recipe: Any, text: str) -> dict[str, Any]:
    """The parts `model` and `train` of a recipe with the settings of one network. Raises SpecError as `read`."""
    changed = {name: getattr(recipe, name) for name in ("model", "train")}
    changed["train"] = replace(changed["train"], ensemble=1, member_settings=())
    for path, value in read(text, recipe).items():
        part, _, name = path.partition(".")
        changed[part] = replace(changed[part], **{name: value})
    for name, part in changed.items():
        check(part, name)
    return changed


def recipes(spec: Any) -> list[Any]:
    """The recipe of each network of an ensemble: `spec` itself for those without settings of their own."""
    own = [replace(spec, **parts(spec, text)) for text in spec.train.member_settings[: spec.train.ensemble]]
    return own + [spec] * (spec.train.ensemble - len(own))
