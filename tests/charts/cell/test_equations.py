"""Tests of the equations of one step: evaluating the numbers gives the stated value."""

import math
import re

import numpy as np
import pytest

from core.charts.cell import equations
from core.explain import gates

COUNTS = {"lstm": 6, "slstm": 9, "gru": 4, "rnn": 1}


def layer(kind, direction=0, seed=0):
    """A random cell of three units over five rows, both directions."""
    rng, blocks = np.random.default_rng(seed), len(gates.GATES[kind])
    weights = {
        f"{name}_l0{way}": rng.normal(size=shape)
        for way in ("", "_reverse")
        for name, shape in (
            ("weight_ih", (3 * blocks, 2)),
            ("weight_hh", (3 * blocks, 3)),
            ("bias_ih", 3 * blocks),
            ("bias_hh", 3 * blocks),
        )
    }
    return gates.compute(kind, weights, rng.normal(size=(5, 2))).layer(0, direction)


def evaluate(latex):
    """The value of a LaTeX expression of numbers."""
    plain = latex.replace("\\log \\sigma", "log_sigma").replace("\\cdot", "*").replace("\\infty", "inf")
    plain = plain.replace("\\", "")
    assert re.fullmatch(r"[\d.()*+\-/, a-z_]*", plain)
    names = {
        "sigma": lambda v: 1 / (1 + math.exp(-v)),
        "log_sigma": lambda v: -math.log1p(math.exp(-v)),
        "tanh": math.tanh,
        "exp": math.exp,
        "max": max,
        "inf": math.inf,
        "__builtins__": {},
    }
    return eval(plain, names)  # noqa: S307 - our own digits


@pytest.mark.parametrize("direction", [0, 1])
@pytest.mark.parametrize("kind", COUNTS)
def test_the_numbers_of_every_equation_give_its_value(kind, direction):
    cell = layer(kind, direction)
    for row in range(5):
        for unit in range(3):
            result = equations.compute(cell, unit, row)
            assert len(result) == COUNTS[kind]
            assert [equation.part for equation in result] == list(gates.PARTS[kind])
            for equation in result:
                assert evaluate(equation.numbers) == pytest.approx(equation.value, abs=3e-3)
                assert equation.value == cell.parts[equation.part][row, unit]


def test_a_block_has_one_line_per_equation_with_its_name():
    result = equations.compute(layer("lstm"), 0, 2)
    block = equations.format_block(result)
    assert block.count("\\\\") == 5 and block.startswith("\\begin{aligned}")
    assert all(f"\\text{{{equation.part}}}" in block and equation.numbers in block for equation in result)


def test_the_first_row_read_has_no_previous_state():
    assert "\\cdot 0.000 +" in equations.compute(layer("lstm"), 0, 0)[4].numbers
    assert "c_{t-1}" in equations.compute(layer("lstm"), 0, 0)[4].symbols
    assert "\\cdot 0.000 +" in equations.compute(layer("lstm", 1), 0, 4)[4].numbers
    assert "c_{t+1}" in equations.compute(layer("lstm", 1), 0, 4)[4].symbols


def test_an_equation_in_full():
    weights = {"weight_ih_l0": np.array([[2.0], [0.0], [-1.0], [0.0]]), "weight_hh_l0": np.full((4, 1), -1.0)}
    cell = gates.compute("lstm", weights, np.array([[1.0], [1.0]])).layer(0)
    assert equations.compute(cell, 0, 0)[0].latex == (
        "i_t = \\sigma(w_i x_t + u_i h_{t-1}) = \\sigma(2.000 + 0.000) = \\mathbf{0.881}"
    )
    assert equations.compute(cell, 0, 1)[0].numbers == "\\sigma(2.000 + 0.293)"
    assert equations.compute(cell, 0, 1)[4].latex == (
        "c_t = f_t \\, c_{t-1} + i_t \\, g_t = 0.573 \\cdot (-0.671) + 0.908 \\cdot (-0.609) = \\mathbf{-0.937}"
    )
