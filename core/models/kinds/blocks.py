"""Weights and multiply-adds of the blocks that several kinds share: recurrent cells and the read-out."""

from core.spec import Model

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
