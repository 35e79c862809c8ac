"""The inside of a recurrent network over one window: gates, candidate and states, from the weights by the equations.

Axis letters: J layers, W directions, L rows of the window, D units, G gates, P parts, I inputs of a layer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.types import Floats

GATES = {
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),  # as torch stacks their weights
    "gru": ("reset gate", "update gate", "candidate"),
    "rnn": ("hidden state",),
}
PARTS = {
    "lstm": (*GATES["lstm"], "cell state", "hidden state"),
    "gru": (*GATES["gru"], "hidden state"),
    "rnn": ("hidden state",),
}
KEEPS = {"lstm": "forget gate", "gru": "update gate"}  # the share of a unit's memory that stays
EPS = 1e-5  # of torch's norms

Step = Callable[[Floats, Floats, Floats], Floats]  # driven_GD, recalled_GD, parts before_PD → parts_PD


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer in one direction over a window, rows in time order whichever way it reads: every array is (L, D).

    A gate is a squashed sum of `driven` (by the input and its bias) and `recalled` (by the state before and its bias);
    both are given by gate, `parts` by every name in PARTS.
    """

    kind: str
    backwards: bool
    parts: dict[str, Floats]
    driven: dict[str, Floats]
    recalled: dict[str, Floats]

    def before(self, name: str) -> Floats:
        """A part as it was one step before, (L, D): zero where reading begins."""
        nothing_1D = np.zeros_like(self.parts[name][:1])
        if self.backwards:
            return np.concatenate([self.parts[name][1:], nothing_1D])
        return np.concatenate([nothing_1D, self.parts[name][:-1]])

    @property
    def first(self) -> int:
        """The row that is read first: the state before it is zero, so its gates have nothing to keep."""
        return len(self.parts["hidden state"]) - 1 if self.backwards else 0

    @property
    def keep(self) -> Floats | None:
        """The share of its memory that each unit keeps, (L, D): an LSTM's forget gate, a GRU's update gate."""
        return self.parts[KEEPS[self.kind]] if self.kind in KEEPS else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Every layer and direction over a window: arrays (J, W, L, D) by name, as in Layer.

    `output_LV` are the states that leave the last layer, forward beside backward units: what torch's cell gives, with
    norms and residuals where the network has them.
    """

    kind: str
    parts: dict[str, Floats]
    driven: dict[str, Floats]
    recalled: dict[str, Floats]
    output_LV: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """(J, W, L, D)."""
        return self.parts["hidden state"].shape

    def layer(self, number: int, direction: int = 0) -> Layer:
        """One layer (from 0) in one direction (1 reads backwards)."""
        parts, driven, recalled = (
            {name: made[number, direction] for name, made in group.items()}
            for group in (self.parts, self.driven, self.recalled)
        )
        return Layer(kind=self.kind, backwards=direction == 1, parts=parts, driven=driven, recalled=recalled)


def why_not(kind: str) -> str | None:
    """Why a kind of model has no gates to look at; None where it has."""
    if kind in GATES:
        return None
    reasons = {
        "transformer": "its rows look at each other by attention, and nothing is carried from day to day",
        "segment": "its GRU reads segments of several rows at once, so no day has a gate of its own",
    }
    return f"There is no cell to open in a {kind} model: {reasons.get(kind, 'it is a linear map without a state')}."


def compute(kind: str, weights: Mapping[str, Any], x_LI: Floats, residual: bool = False) -> Gates:
    """What an "lstm", "gru" or "rnn" (tanh) does with the rows `x_LI` of one window, in float64, dropout off.

    `weights` are those of torch's nn.LSTM, nn.GRU or nn.RNN by their names (plain arrays, or `module.state_dict()`), or
    of a core.models.recurrent stack with norms, whose layers add the states before them where `residual` is set.
    LSTM: Hochreiter & Schmidhuber 1997 with the forget gate of Gers, Schmidhuber & Cummins 2000; GRU: Cho et al. 2014
    (reset after the product, as torch has it); RNN: Elman 1990. Raises ValueError for weights of another shape of cell.
    """
    plain = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}
    if "weight_hr_l0" in plain or not any(name.endswith("weight_ih_l0") for name in plain):
        raise ValueError(f"These are not the weights of a plain {kind}: {', '.join(plain)}.")
    state_LV: Floats = np.asarray(x_LI, dtype=np.float64)
    layers: list[list[tuple[Floats, Floats, Floats]]] = []
    while (names := _names(plain, len(layers))) is not None:
        made = [
            _walk(kind, [plain.get(name) for name in of_way], state_LV, backwards=way == 1)
            for way, of_way in enumerate(names)
        ]
        hidden_LV = np.concatenate([parts_PLD[-1] for parts_PLD, _, _ in made], axis=1)
        hidden_LV = hidden_LV + state_LV if residual and layers else hidden_LV
        state_LV = _normed(plain, len(layers), hidden_LV)
        layers.append(made)
    parts, driven, recalled = (np.array([[way[i] for way in made] for made in layers]) for i in range(3))
    gates = GATES[kind]
    return Gates(
        kind=kind,
        parts={name: parts[:, :, p] for p, name in enumerate(PARTS[kind])},
        driven={name: driven[:, :, g] for g, name in enumerate(gates)},
        recalled={name: recalled[:, :, g] for g, name in enumerate(gates)},
        output_LV=state_LV,
    )


def _names(weights: Mapping[str, Floats], layer: int) -> list[list[str]] | None:
    """The four weights of each direction of a layer; None beyond the last."""
    for front, back in ((f"layers.{layer}.", "_l0"), ("", f"_l{layer}")):
        if f"{front}weight_ih{back}" in weights:
            return [
                [f"{front}{name}{back}{way}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
                for way in ("", "_reverse")
                if f"{front}weight_ih{back}{way}" in weights
            ]
    return None


def _walk(kind: str, weights: list[Any], x_LI: Floats, backwards: bool) -> tuple[Floats, Floats, Floats]:
    """Parts (P, L, D), driven and recalled (G, L, D) of one layer in one direction."""
    input_VI, state_VD, input_V, state_V = weights
    count, width, gates = len(x_LI), state_VD.shape[1], len(GATES[kind])
    if len(state_VD) != gates * width:
        raise ValueError(f"The weights of an {kind} have {gates} blocks of {width} rows; got {len(state_VD)} rows.")
    driven_LGD = (x_LI @ input_VI.T + (0.0 if input_V is None else input_V)).reshape(count, gates, width)
    recalled_LGD, parts_LPD = np.empty_like(driven_LGD), np.empty((count, len(PARTS[kind]), width))
    before_PD = np.zeros_like(parts_LPD[0])
    for row in reversed(range(count)) if backwards else range(count):
        recalled_V = state_VD @ before_PD[-1] + (0.0 if state_V is None else state_V)
        recalled_LGD[row] = recalled_V.reshape(gates, width)
        parts_LPD[row] = before_PD = STEPS[kind](driven_LGD[row], recalled_LGD[row], before_PD)
    return parts_LPD.swapaxes(0, 1), driven_LGD.swapaxes(0, 1), recalled_LGD.swapaxes(0, 1)


def _lstm(driven_GD: Floats, recalled_GD: Floats, before_PD: Floats) -> Floats:
    sum_GD = driven_GD + recalled_GD
    in_D, forget_D, out_D = _squash(sum_GD[[0, 1, 3]])
    candidate_D = np.tanh(sum_GD[2])
    cell_D = forget_D * before_PD[-2] + in_D * candidate_D
    return np.stack([in_D, forget_D, candidate_D, out_D, cell_D, out_D * np.tanh(cell_D)])


def _gru(driven_GD: Floats, recalled_GD: Floats, before_PD: Floats) -> Floats:
    reset_D, update_D = _squash(driven_GD[:2] + recalled_GD[:2])
    candidate_D = np.tanh(driven_GD[2] + reset_D * recalled_GD[2])
    return np.stack([reset_D, update_D, candidate_D, (1 - update_D) * candidate_D + update_D * before_PD[-1]])


def _rnn(driven_GD: Floats, recalled_GD: Floats, before_PD: Floats) -> Floats:
    return np.tanh(driven_GD + recalled_GD)


STEPS: dict[str, Step] = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}


def _squash(value: Floats) -> Floats:
    """The logistic function, by tanh: it overflows nowhere."""
    return 0.5 * (1 + np.tanh(0.5 * value))


def _normed(weights: Mapping[str, Floats], layer: int, state_LV: Floats) -> Floats:
    """The norm after a layer as it is in use: layer norm, or batch norm with the moments kept from training."""
    front = f"norms.{layer}."
    if f"{front}weight" not in weights:
        return state_LV
    mean, variance = weights.get(f"{front}running_mean"), weights.get(f"{front}running_var")
    if mean is None or variance is None:
        mean, variance = state_LV.mean(axis=1, keepdims=True), state_LV.var(axis=1, keepdims=True)
    return (state_LV - mean) / np.sqrt(variance + EPS) * weights[f"{front}weight"] + weights[f"{front}bias"]
