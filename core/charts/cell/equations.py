"""The equations of one unit at one step as LaTeX, with that step's numbers filled in."""

from dataclasses import dataclass

from core.explain.gates import GATES, Layer

LETTERS = {
    "input gate": "i",
    "forget gate": "f",
    "candidate": "g",
    "output gate": "o",
    "cell state": "c",
    "hidden state": "h",
    "reset gate": "r",
    "update gate": "z",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """`symbols` = `numbers` = `value` in LaTeX; it contains no user-supplied text, so nothing needs escaping."""

    part: str
    symbols: str
    numbers: str
    value: float

    @property
    def latex(self) -> str:
        return f"{self.symbols} = {self.numbers} = \\mathbf{{{_number(self.value)}}}"


def format_block(equations: tuple[Equation, ...]) -> str:
    """All equations as one aligned LaTeX block, each after the name of its gate or state."""
    lines = [f"&\\text{{{equation.part}}} && {equation.latex}" for equation in equations]
    return "\\begin{aligned}" + " \\\\ ".join(lines) + "\\end{aligned}"


def compute(layer: Layer, unit: int, row: int) -> tuple[Equation, ...]:
    """The equations of the unit at position `unit` in one row: six for an LSTM, four for a GRU, one for an RNN.

    In each sum the first number comes from the row's inputs and their bias, the second from the states of the previous
    step and theirs (`driven` and `recalled` in core.explain.gates).
    """
    now = {name: float(part_LD[row, unit]) for name, part_LD in layer.parts.items()}
    sums = {
        name: (float(layer.from_input[name][row, unit]), float(layer.from_state[name][row, unit]))
        for name in GATES[layer.kind]
    }
    before = {name: float(layer.before(name)[row, unit]) for name in now}
    previous = "t+1" if layer.backwards else "t-1"
    activations = [_activation(name, *sums[name], now[name], previous, now.get("reset gate")) for name in sums]
    return tuple(activations + _states(layer.kind, now, before, previous))


def _states(kind: str, now: dict[str, float], before: dict[str, float], previous: str) -> list[Equation]:
    """How the states combine gates, candidate and previous states; an RNN's only state is an activation itself."""
    if kind == "lstm":
        cell = (
            f"{_number(now['forget gate'])} \\cdot {_factor(before['cell state'])} + "
            f"{_number(now['input gate'])} \\cdot {_factor(now['candidate'])}"
        )
        hidden = f"{_number(now['output gate'])} \\cdot \\tanh({_number(now['cell state'])})"
        return [
            Equation(
                part="cell state",
                symbols=f"c_t = f_t \\, c_{{{previous}}} + i_t \\, g_t",
                numbers=cell,
                value=now["cell state"],
            ),
            Equation(part="hidden state", symbols="h_t = o_t \\tanh(c_t)", numbers=hidden, value=now["hidden state"]),
        ]
    if kind == "gru":
        keep = now["update gate"]
        hidden = (
            f"{_number(1 - keep)} \\cdot {_factor(now['candidate'])} + {_number(keep)} \\cdot "
            f"{_factor(before['hidden state'])}"
        )
        return [
            Equation(
                part="hidden state",
                symbols=f"h_t = (1 - z_t) \\, g_t + z_t \\, h_{{{previous}}}",
                numbers=hidden,
                value=now["hidden state"],
            )
        ]
    return []


def _activation(
    name: str, driven: float, recalled: float, value: float, previous: str, reset: float | None
) -> Equation:
    """A gate, a candidate or an RNN's state: an activated sum. A GRU's candidate weights its recurrent input."""
    letter, function = LETTERS[name], "\\sigma" if name.endswith("gate") else "\\tanh"
    is_weighted = name == "candidate" and reset is not None
    recurrent = f"r_t \\, (u_{letter} h_{{{previous}}})" if is_weighted else f"u_{letter} h_{{{previous}}}"
    addend = f"{_number(reset or 0.0)} \\cdot {_factor(recalled)}" if is_weighted else _number(abs(recalled))
    sign = "+" if is_weighted or recalled >= 0 else "-"
    return Equation(
        part=name,
        symbols=f"{letter}_t = {function}(w_{letter} x_t + {recurrent})",
        numbers=f"{function}({_number(driven)} {sign} {addend})",
        value=value,
    )


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"


def _factor(value: float) -> str:
    """A factor after a multiplication dot, in brackets if it is negative."""
    digits = _number(value)
    return f"({digits})" if digits.startswith("-") else digits
