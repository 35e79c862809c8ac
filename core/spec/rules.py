"""Which settings of a recipe fit together, where that takes more than a range."""

from core.errors import SpecError

BELONGS = {
    "garch": ("close", "mean_close", "log_return", "column"),
    "garch_conformal": ("close", "mean_close", "log_return", "column"),
}
CALIBRATED = ("auto", "cqr", "split", "garch_conformal")  # methods whose margin is set by past outcomes


def check_train(loss: str, class_weights: bool, kind: str, head: str) -> None:
    """Raise SpecError when a setting of the training has no meaning for the head or the target `kind`."""
    binary = kind == "direction"
    shown = "class probability" if binary else head
    if loss != "auto" and shown != "point":
        raise SpecError(
            f"train.loss {loss} fits the point head alone; this recipe has the {shown} head, which has a "
            "loss of its own. Set train.loss to auto" + ("." if binary else ", or model.head to point.")
        )
    if class_weights and not binary:
        raise SpecError(
            f"train.class_weights weighs up against down; the target {kind} has no classes. Switch it off, "
            "or set target.kind to direction."
        )


def check_bands(method: str, joint: bool, kind: str, head: str) -> None:
    """Raise SpecError for an error band that the target `kind` or the head cannot have."""
    if kind == "direction" and (method != "auto" or joint):
        asked = f"bands.method {method}" if method != "auto" else "bands.joint"
        raise SpecError(
            f"{asked} draws an error band, and a direction has none: its probability says by itself how "
            "sure it is. Set bands.method to auto and bands.joint to false, or choose another target.kind."
        )
    if kind not in BELONGS.get(method, (kind,)):
        raise SpecError(
            f"bands.method {method} takes the spread of returns, and the target {kind} is no level and no "
            f"return. Set bands.method to auto, or target.kind to one of {', '.join(BELONGS[method])}."
        )
    if method == "gaussian" and head != "gaussian":
        raise SpecError(
            f"bands.method gaussian takes the spread that a Gaussian head announces, and this recipe has "
            f"the {head} head. Set model.head to gaussian, or bands.method to auto."
        )
    if joint and method not in CALIBRATED:
        raise SpecError(
            f"bands.joint sets the band by the largest error of past paths, and bands.method {method} "
            f"heeds none. Set bands.method to one of {', '.join(CALIBRATED)}, or bands.joint to false."
        )
