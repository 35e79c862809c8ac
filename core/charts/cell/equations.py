"""The equations of one unit at one step as LaTeX, with that step's numbers filled in."""

from dataclasses import dataclass

from core.explain.gates import GATES, Layer
from core.language import tr

LETTERS = {
    "input gate": "i",
    "forget gate": "f",
    "candidate": "g",
    "output gate": "o",
    "cell state": "c",
    "hidden state": "h",
    "reset gate": "r",
    "update gate": "z",
    "kept share": "k",
    "stabiliser": "m",
    "normaliser": "n",
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
    lines = [f"&\\text{{{tr(equation.part)}}} && {equation.latex}" for equation in equations]
    return "\\begin{aligned}" + " \\\\ ".join(lines) + "\\end{aligned}"


def compute(layer: Layer, unit: int, row: int) -> tuple[Equation, ...]:
    """The equations of the unit at position `unit` in one row: six for an LSTM, nine for an sLSTM, four for a
    GRU, one for an RNN.

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
    if layer.kind == "slstm":
        return _slstm(sums, now, before, previous)
    activations = [_activation(name, *sums[name], now[name], previous, now.get("reset gate")) for name in sums]
    return tuple(activations + _states(layer.kind, now, before, previous))


def _slstm(
    sums: dict[str, tuple[float, float]], now: dict[str, float], before: dict[str, float], previous: str
) -> tuple[Equation, ...]:
    """Exponential gates, from which the stabiliser is taken, and states that are divided by the normaliser."""
    number, old = {name: _number(value) for name, value in now.items()}, before
    begins = old["normaliser"] == 0.0  # nothing to keep
    stabiliser = "-\\infty" if begins else _factor(old["stabiliser"])
    log_forget = f"\\log \\sigma({_sum(*sums['forget gate'])}) + {stabiliser}"
    drive = "w_{0} x_t + u_{0} h_{{" + previous + "}}"
    log_forget_symbols = f"\\log \\sigma({drive.format('f')}) + m_{{{previous}}}"
    new_memory = f"{number['input gate']} \\cdot {_factor(now['candidate'])}"
    values = {
        "stabiliser": (
            f"\\max({log_forget_symbols}, {drive.format('i')})",
            f"\\max({log_forget}, {_sum(*sums['input gate'])})",
        ),
        "input gate": (
            f"\\exp({drive.format('i')} - m_t)",
            f"\\exp({_sum(*sums['input gate'])} - {_factor(now['stabiliser'])})",
        ),
        "forget gate": (f"\\exp({log_forget_symbols} - m_t)", f"\\exp({log_forget} - {_factor(now['stabiliser'])})"),
        "normaliser": (
            f"f_t \\, n_{{{previous}}} + i_t",
            f"{number['forget gate']} \\cdot {_factor(old['normaliser'])} + {number['input gate']}",
        ),
        "kept share": (
            f"f_t \\, n_{{{previous}}} / n_t",
            f"{number['forget gate']} \\cdot {_factor(old['normaliser'])} / {number['normaliser']}",
        ),
        "cell state": (
            f"f_t \\, c_{{{previous}}} + i_t \\, g_t",
            f"{number['forget gate']} \\cdot {_factor(old['cell state'])} + {new_memory}",
        ),
        "hidden state": (
            "o_t \\, c_t / n_t",
            f"{number['output gate']} \\cdot {_factor(now['cell state'])} / {number['normaliser']}",
        ),
    }
    written = {
        name: Equation(part=name, symbols=f"{LETTERS[name]}_t = {symbols}", numbers=numbers, value=now[name])
        for name, (symbols, numbers) in values.items()
    }
    squashed = {
        name: _activation(name, *sums[name], now[name], previous, None) for name in ("candidate", "output gate")
    }
    both = written | squashed
    gates = ("stabiliser", "input gate", "forget gate", "candidate", "output gate")
    return tuple(both[name] for name in (*gates, "normaliser", "kept share", "cell state", "hidden state"))


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
    inner = (
        f"{_number(driven)} + {_number(reset or 0.0)} \\cdot {_factor(recalled)}"
        if is_weighted
        else _sum(driven, recalled)
    )
    return Equation(
        part=name,
        symbols=f"{letter}_t = {function}(w_{letter} x_t + {recurrent})",
        numbers=f"{function}({inner})",
        value=value,
    )


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"


def _sum(driven: float, recalled: float) -> str:
    return f"{_number(driven)} {'+' if recalled >= 0 else '-'} {_number(abs(recalled))}"


def _factor(value: float) -> str:
    """A factor after a multiplication dot, in brackets if it is negative."""
    digits = _number(value)
    return f"({digits})" if digits.startswith("-") else digits
