"""The equations of one unit in one step, as LaTeX filled with that step's numbers."""

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
    """`symbols` = `numbers` = `value`; LaTeX of digits and letters of our own, so nothing of it need be escaped."""

    part: str
    symbols: str
    numbers: str
    value: float

    @property
    def latex(self) -> str:
        return f"{self.symbols} = {self.numbers} = \\mathbf{{{_number(self.value)}}}"


def block(equations: tuple[Equation, ...]) -> str:
    """All equations under each other as one piece of LaTeX, each after the name of its part."""
    lines = [f"&\\text{{{one.part}}} && {one.latex}" for one in equations]
    return "\\begin{aligned}" + " \\\\ ".join(lines) + "\\end{aligned}"


def compute(layer: Layer, unit: int, row: int) -> tuple[Equation, ...]:
    """What happens to one unit (a position) in one row: six equations of an LSTM, four of a GRU, one of an RNN.

    In each sum the first number is what the row's inputs add with their bias, the second what the states of the step
    before add with theirs (`driven` and `recalled` of core.explain.gates).
    """
    now = {name: float(part_LD[row, unit]) for name, part_LD in layer.parts.items()}
    sums = {
        name: (float(layer.driven[name][row, unit]), float(layer.recalled[name][row, unit]))
        for name in GATES[layer.kind]
    }
    before = {name: float(layer.before(name)[row, unit]) for name in now}
    made = [
        _squashed(name, *sums[name], now[name], "t+1" if layer.backwards else "t-1", now.get("reset gate"))
        for name in sums
    ]
    return tuple(made + _states(layer, now, before))


def _states(layer: Layer, now: dict[str, float], before: dict[str, float]) -> list[Equation]:
    then = "t+1" if layer.backwards else "t-1"
    if layer.kind == "lstm":
        cell = (
            f"{_number(now['forget gate'])} \\cdot {_factor(before['cell state'])} + "
            f"{_number(now['input gate'])} \\cdot {_factor(now['candidate'])}"
        )
        hidden = f"{_number(now['output gate'])} \\cdot \\tanh({_number(now['cell state'])})"
        return [
            Equation(
                part="cell state",
                symbols=f"c_t = f_t \\, c_{{{then}}} + i_t \\, g_t",
                numbers=cell,
                value=now["cell state"],
            ),
            Equation(part="hidden state", symbols="h_t = o_t \\tanh(c_t)", numbers=hidden, value=now["hidden state"]),
        ]
    if layer.kind == "gru":
        keep = now["update gate"]
        hidden = (
            f"{_number(1 - keep)} \\cdot {_factor(now['candidate'])} + {_number(keep)} \\cdot "
            f"{_factor(before['hidden state'])}"
        )
        return [
            Equation(
                part="hidden state",
                symbols=f"h_t = (1 - z_t) \\, g_t + z_t \\, h_{{{then}}}",
                numbers=hidden,
                value=now["hidden state"],
            )
        ]
    return []


def _squashed(name: str, driven: float, recalled: float, value: float, then: str, reset: float | None) -> Equation:
    """A gate, a candidate or the state of an RNN: a squashed sum; a GRU's candidate weighs what it recalls."""
    letter, squash = LETTERS[name], "\\sigma" if name.endswith("gate") else "\\tanh"
    weighed = name == "candidate" and reset is not None
    recall = f"r_t \\, (u_{letter} h_{{{then}}})" if weighed else f"u_{letter} h_{{{then}}}"
    added = f"{_number(reset or 0.0)} \\cdot {_factor(recalled)}" if weighed else _number(abs(recalled))
    sign = "+" if weighed or recalled >= 0 else "-"
    return Equation(
        part=name,
        symbols=f"{letter}_t = {squash}(w_{letter} x_t + {recall})",
        numbers=f"{squash}({_number(driven)} {sign} {added})",
        value=value,
    )


def _number(value: float) -> str:
    return f"{round(value, 3) + 0.0:.3f}"


def _factor(value: float) -> str:
    """A number behind a dot: in brackets where it is below zero."""
    shown = _number(value)
    return f"({shown})" if shown.startswith("-") else shown
