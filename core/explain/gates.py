"""Gates, candidate and states of a recurrent network over one window, computed from its weights by the equations.

Axis letters: J layers, W directions, L rows of the window, D units, G gates, P parts (gates and states), I inputs of a
layer, V directions · units.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.language import message
from core.types import Floats

GATES = {
    "lstm": ("input gate", "forget gate", "candidate", "output gate"),  # as torch stacks their weights
    "gru": ("reset gate", "update gate", "candidate"),
    "slstm": ("input gate", "forget gate", "candidate", "output gate"),
    "rnn": ("hidden state",),
}
PARTS = {
    "lstm": (*GATES["lstm"], "cell state", "hidden state"),
    "gru": (*GATES["gru"], "hidden state"),
    "slstm": ("stabiliser", *GATES["slstm"], "normaliser", "kept share", "cell state", "hidden state"),
    "rnn": ("hidden state",),
}
MEMORY_GATE = {
    "lstm": "forget gate",
    "gru": "update gate",
    "slstm": "kept share",
}  # the share of its memory that a unit keeps
EPS = 1e-5  # of torch's norms

Step = Callable[[Floats, Floats, Floats], Floats]  # from_input_GD, from_state_GD, previous parts_PD → parts_PD


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One layer in one direction over a window, rows in time order in both directions: every array is (L, D).

    A gate is the squashed sum of `from_input` (the input's product and bias) and `from_state` (the previous state's
    product and bias), both by gate; `parts` has every name in PARTS. The gates of an sLSTM are exponential.
    """

    kind: str
    backwards: bool
    parts: dict[str, Floats]
    from_input: dict[str, Floats]
    from_state: dict[str, Floats]

    def before(self, name: str) -> Floats:
        """A part one step earlier, (L, D): zero at the row that is read first."""
        zero_1D = np.zeros_like(self.parts[name][:1])
        if self.backwards:
            return np.concatenate([self.parts[name][1:], zero_1D])
        return np.concatenate([zero_1D, self.parts[name][:-1]])

    @property
    def first(self) -> int:
        """The row that is read first: the state before it is zero, so its gates have no memory to keep."""
        return len(self.parts["hidden state"]) - 1 if self.backwards else 0

    @property
    def keep(self) -> Floats | None:
        """The share of its memory that each unit keeps, (L, D): an LSTM's forget gate, a GRU's update gate, of an
        sLSTM the weight of the old memory in the new one, f n_{t−1} / n_t."""
        return self.parts[MEMORY_GATE[self.kind]] if self.kind in MEMORY_GATE else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gates:
    """Every layer and direction over a window: arrays (J, W, L, D) by name, as in Layer.

    `output_LV` are the output states of the last layer, forward then backward units, as torch's cell returns them,
    including the network's norms and residuals.
    """

    kind: str
    parts: dict[str, Floats]
    from_input: dict[str, Floats]
    from_state: dict[str, Floats]
    output_LV: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """(J, W, L, D)."""
        return self.parts["hidden state"].shape

    def layer(self, number: int, direction: int = 0) -> Layer:
        """One layer (from 0) in one direction (1 reads backwards)."""
        parts, from_input, from_state = (
            {name: value_JWLD[number, direction] for name, value_JWLD in group.items()}
            for group in (self.parts, self.from_input, self.from_state)
        )
        return Layer(
            kind=self.kind, backwards=direction == 1, parts=parts, from_input=from_input, from_state=from_state
        )


def why_no_gates(kind: str) -> str | None:
    """Why a kind of model has no gates to inspect; None if it has gates."""
    if kind in GATES:
        return None
    reasons = {
        "transformer": message("its rows attend to each other, and no state is carried from step to step"),
        "tft": message("its cell reads a mixture of the inputs, whose weights are shown instead"),
        "segment": message("its GRU reads segments of several rows at once, so no single row has gates of its own"),
    }
    reason = reasons.get(kind, message("it is a linear map without a state"))
    return message("There is no cell to open in a {kind} model: {reason}.", kind=kind, reason=reason)


def compute(kind: str, weights: Mapping[str, Any], x_LI: Floats, residual: bool = False) -> Gates:
    """Gates and states of an "lstm", "gru", "slstm" or "rnn" (tanh) over the rows `x_LI` of a window, in
    float64, no dropout.

    `weights` are those of torch's nn.LSTM, nn.GRU or nn.RNN or of core.models.slstm by name (plain arrays, or
    `module.state_dict()`), or those of a core.models.recurrent stack with norms, whose layers add their input states if
    `residual` is set.
    LSTM: Hochreiter & Schmidhuber 1997 with the forget gate of Gers, Schmidhuber & Cummins 2000; GRU: Cho et al. 2014
    (reset after the product, as in torch); sLSTM: Beck et al. 2024, equations 8 to 17, gates as they are after the
    stabiliser; RNN: Elman 1990. Raises ValueError for the weights of another cell.
    """
    plain = {name: np.asarray(value, dtype=np.float64) for name, value in weights.items()}
    if "weight_hr_l0" in plain or not any(name.endswith("weight_ih_l0") for name in plain):
        raise ValueError(f"These are not the weights of a plain {kind}: {', '.join(plain)}.")
    state_LV: Floats = np.asarray(x_LI, dtype=np.float64)
    layers: list[list[tuple[Floats, Floats, Floats]]] = []
    while (names := _names(plain, len(layers))) is not None:
        directions = [
            _run_layer(kind, [plain.get(name) for name in direction_names], state_LV, backwards=direction == 1)
            for direction, direction_names in enumerate(names)
        ]
        hidden_LV = np.concatenate([parts_PLD[-1] for parts_PLD, _, _ in directions], axis=1)
        hidden_LV = hidden_LV + state_LV if residual and layers else hidden_LV
        state_LV = _normalize(plain, len(layers), hidden_LV)
        layers.append(directions)
    parts, from_input, from_state = (
        np.array([[direction[i] for direction in directions] for directions in layers]) for i in range(3)
    )
    gates = GATES[kind]
    return Gates(
        kind=kind,
        parts={name: parts[:, :, p] for p, name in enumerate(PARTS[kind])},
        from_input={name: from_input[:, :, g] for g, name in enumerate(gates)},
        from_state={name: from_state[:, :, g] for g, name in enumerate(gates)},
        output_LV=state_LV,
    )


def _names(weights: Mapping[str, Floats], layer: int) -> list[list[str]] | None:
    """The names of the four weights of each direction of a layer; None beyond the last layer."""
    for prefix, suffix in ((f"layers.{layer}.", "_l0"), ("", f"_l{layer}")):
        if f"{prefix}weight_ih{suffix}" in weights:
            return [
                [f"{prefix}{name}{suffix}{direction}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
                for direction in ("", "_reverse")
                if f"{prefix}weight_ih{suffix}{direction}" in weights
            ]
    return None


def _run_layer(kind: str, weights: list[Any], x_LI: Floats, backwards: bool) -> tuple[Floats, Floats, Floats]:
    """Parts (P, L, D), from_input and from_state (G, L, D) of one layer in one direction."""
    input_VI, state_VD, input_V, state_V = weights
    count, width, gates = len(x_LI), state_VD.shape[1], len(GATES[kind])
    if len(state_VD) != gates * width:
        raise ValueError(f"The weights of an {kind} have {gates} blocks of {width} rows; got {len(state_VD)} rows.")
    from_input_LGD = (x_LI @ input_VI.T + (0.0 if input_V is None else input_V)).reshape(count, gates, width)
    from_state_LGD, parts_LPD = np.empty_like(from_input_LGD), np.empty((count, len(PARTS[kind]), width))
    previous_PD = np.zeros_like(parts_LPD[0])
    for row in reversed(range(count)) if backwards else range(count):
        from_state_V = state_VD @ previous_PD[-1] + (0.0 if state_V is None else state_V)
        from_state_LGD[row] = from_state_V.reshape(gates, width)
        parts_LPD[row] = previous_PD = STEPS[kind](from_input_LGD[row], from_state_LGD[row], previous_PD)
    return parts_LPD.swapaxes(0, 1), from_input_LGD.swapaxes(0, 1), from_state_LGD.swapaxes(0, 1)


def _lstm(from_input_GD: Floats, from_state_GD: Floats, previous_PD: Floats) -> Floats:
    sum_GD = from_input_GD + from_state_GD
    in_D, forget_D, out_D = _sigmoid(sum_GD[[0, 1, 3]])
    candidate_D = np.tanh(sum_GD[2])
    cell_D = forget_D * previous_PD[-2] + in_D * candidate_D
    return np.stack([in_D, forget_D, candidate_D, out_D, cell_D, out_D * np.tanh(cell_D)])


def _gru(from_input_GD: Floats, from_state_GD: Floats, previous_PD: Floats) -> Floats:
    reset_D, update_D = _sigmoid(from_input_GD[:2] + from_state_GD[:2])
    candidate_D = np.tanh(from_input_GD[2] + reset_D * from_state_GD[2])
    return np.stack([reset_D, update_D, candidate_D, (1 - update_D) * candidate_D + update_D * previous_PD[-1]])


def _slstm(from_input_GD: Floats, from_state_GD: Floats, previous_PD: Floats) -> Floats:
    sum_GD = from_input_GD + from_state_GD
    stabiliser_D, normaliser_D, cell_D = previous_PD[[0, 5, 7]]
    # Before the first row nothing is there to keep, and the stabiliser is that of the row.
    log_forget_D = np.where(normaliser_D > 0, -np.logaddexp(0, -sum_GD[1]) + stabiliser_D, -np.inf)
    stabiliser_D = np.maximum(log_forget_D, sum_GD[0])
    in_D, forget_D = np.exp(sum_GD[0] - stabiliser_D), np.exp(log_forget_D - stabiliser_D)
    candidate_D, out_D = np.tanh(sum_GD[2]), _sigmoid(sum_GD[3])
    kept_D = forget_D * normaliser_D
    normaliser_D = kept_D + in_D
    cell_D = forget_D * cell_D + in_D * candidate_D
    states = (normaliser_D, kept_D / normaliser_D, cell_D, out_D * cell_D / normaliser_D)
    return np.stack([stabiliser_D, in_D, forget_D, candidate_D, out_D, *states])


def _rnn(from_input_GD: Floats, from_state_GD: Floats, previous_PD: Floats) -> Floats:
    return np.tanh(from_input_GD + from_state_GD)


STEPS: dict[str, Step] = {"lstm": _lstm, "gru": _gru, "slstm": _slstm, "rnn": _rnn}


def _sigmoid(value: Floats) -> Floats:
    """The logistic function by tanh, which never overflows."""
    return 0.5 * (1 + np.tanh(0.5 * value))


def _normalize(weights: Mapping[str, Floats], layer: int, state_LV: Floats) -> Floats:
    """The norm after a layer at inference: layer norm, or batch norm with its running moments."""
    prefix = f"norms.{layer}."
    if f"{prefix}weight" not in weights:
        return state_LV
    mean, variance = weights.get(f"{prefix}running_mean"), weights.get(f"{prefix}running_var")
    if mean is None or variance is None:
        mean, variance = state_LV.mean(axis=1, keepdims=True), state_LV.var(axis=1, keepdims=True)
    return (state_LV - mean) / np.sqrt(variance + EPS) * weights[f"{prefix}weight"] + weights[f"{prefix}bias"]
