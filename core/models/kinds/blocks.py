"""What several kinds share: weights and multiply-adds of recurrent cells and the read-out, and the rule of heads."""

from core.language import message
from core.spec import Model
from core.spec.rules import Conflict

GRU_GATES = 3
POINTWISE = 16  # cost of a gate per unit, in multiply-adds


def cell_parameters(gates: int, inputs: int, hidden: int) -> int:
    """Weights of one recurrent cell."""
    return gates * hidden * (inputs + hidden + 2)


def cell_cost(gates: int, inputs: int, hidden: int) -> float:
    """Multiply-adds of one recurrent cell, per row."""
    return gates * hidden * (inputs + hidden + POINTWISE)


def readout_parameters(model: Model, width: int) -> int:
    """Weights of the read-out: attention alone has any."""
    return width * width + 2 * width if model.pooling == "attention" else 0


def readout_cost(model: Model, width: int) -> int:
    """Multiply-adds of the read-out, per row."""
    return width * width if model.pooling == "attention" else 0


def heads_conflict(model: Model) -> Conflict | None:
    """Attention heads that do not divide the hidden size; None if they do."""
    hidden, heads = model.hidden, model.heads
    if hidden % heads == 0:
        return None
    text = message(
        "model.hidden ({hidden}) is not a multiple of model.heads ({heads}). Set model.hidden to {multiple}, or "
        "model.heads to 1.",
        hidden=hidden,
        heads=heads,
        multiple=heads * max(1, round(hidden / heads)),
    )
    return Conflict(message=text, path="model.heads", fallback=1)
