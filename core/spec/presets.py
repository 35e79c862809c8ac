"""One dial for how much work a training may be: quick, standard or thorough."""

from typing import Any

from core.errors import SpecError
from core.language import message
from core.spec import Spec, with_values

# Windows as long as the data ask for (0) or 120 rows, two layers of 128 to 256 units, dropout 0.2 to 0.3.
EFFORTS: dict[str, dict[str, Any]] = {
    "quick": {
        "window.lookback": 0,
        "model.hidden": 64,
        "model.layers": 1,
        "model.dropout": 0.2,
        "train.steps": 1500,
        "train.patience": 10,
        "baselines.slow": False,
    },
    "standard": {
        "window.lookback": 0,
        "model.hidden": 128,
        "model.layers": 2,
        "model.dropout": 0.2,
        "train.steps": 2000,
        "train.patience": 12,
        "baselines.slow": True,
    },
    "thorough": {
        "window.lookback": 120,
        "model.hidden": 256,
        "model.layers": 2,
        "model.dropout": 0.3,
        "train.steps": 4000,
        "train.patience": 20,
        "baselines.slow": True,
    },
}


def apply(spec: Spec, effort: str) -> Spec:
    """`spec` with window, network, patience and baselines of that effort; everything else stays.

    Raises SpecError for another.
    """
    if effort not in EFFORTS:
        raise SpecError(
            message(
                "There is no effort called {effort}. Known: {efforts}.", effort=repr(effort), efforts=", ".join(EFFORTS)
            )
        )
    return with_values(spec, EFFORTS[effort])


def current(spec: Spec) -> str | None:
    """The effort whose settings `spec` has; None where they were changed by hand."""
    return next((name for name in EFFORTS if apply(spec, name) == spec), None)
