"""A small temporal fusion transformer: variable selection, LSTM and interpretable attention (Lim et al. 2021).

Axis letters as in core.models.network; N = B · T rows, K heads, Q = S · H queries.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.encoder import Encoder
from core.spec import Model

PIECE = 512  # rows that the networks of the inputs read at once


class TFT(Encoder):
    """Weighs the inputs of each row, reads the rows with an LSTM, and asks them once for every step of the horizon.

    Left out of the paper's model are static inputs, the second inner layer of its gated residual networks (W1 of
    equation 3 is linear and meets W4 and W5, which are linear too) and the decoder's own inputs: a step of the horizon
    is a learned vector, and what is known of the future meets its state after attention, as in every kind of model.
    """

    def __init__(self, model: Model, *, features: int, lookback: int, steps: int) -> None:
        super().__init__()
        width, dropout = model.hidden, model.dropout
        self.width, self.heads = width, model.heads
        self.lookback, self.steps = lookback, steps
        self.selection = Selection(features, width, dropout)
        self.cell = nn.LSTM(width, width, batch_first=True)
        self.after_cell = Gate(width, width, dropout)
        self.position = nn.Embedding(steps, width)
        self.enrich, self.feed = GatedResidual(width, dropout), GatedResidual(width, dropout)
        self.query, self.key = nn.Linear(width, width), nn.Linear(width, width)
        self.value, self.join = nn.Linear(width, width // model.heads), nn.Linear(width // model.heads, width)
        self.after_attention, self.after_all = Gate(width, width, dropout), Gate(width, width, dropout)

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, S, H, D): one state for each step of the horizon."""
        chosen_BTD = self.selection(x_BTF)[0]
        row_BTD, asked_BQD = self._read(chosen_BTD, count)
        value_BTV = self.value(row_BTD)
        seen_BQD = self.join(self._attend(row_BTD, asked_BQD, count).mean(dim=1) @ value_BTV)
        state_BQD = self.feed(self.after_attention(seen_BQD, asked_BQD))
        return self.after_all(state_BQD, asked_BQD).unflatten(1, (count, self.steps))

    def weigh_inputs(self, x_BTF: Tensor) -> tuple[Tensor, Tensor]:
        chosen_BTD, weight_BTF = self.selection(x_BTF)
        row_BTD, asked_BHD = self._read(chosen_BTD, 1)
        return weight_BTF, self._attend(row_BTD, asked_BHD, 1)

    def _read(self, chosen_BTD: Tensor, count: int) -> tuple[Tensor, Tensor]:
        """The states of the rows, and for each of the last `count` of them one query per step of the horizon."""
        row_BTD = self.after_cell(self.cell(chosen_BTD)[0], chosen_BTD)
        asked_BSHD = self.enrich(row_BTD[:, -count:, None], self.position.weight)
        return row_BTD, asked_BSHD.flatten(1, 2)

    def _attend(self, row_BTD: Tensor, asked_BQD: Tensor, count: int) -> Tensor:
        """(B, K, Q, T) weights of the rows, for each query those of the window that ends at its cutoff (eq. 13)."""
        scale = (self.width // self.heads) ** -0.5
        query_BKQV = (scale * self.query(asked_BQD)).unflatten(-1, (self.heads, -1)).transpose(1, 2)
        key_BKVT = self.key(row_BTD).unflatten(-1, (self.heads, -1)).permute(0, 2, 3, 1)
        score_BKQT = query_BKQV @ key_BKVT
        rows = row_BTD.shape[1]
        if rows > self.lookback:
            row_T = torch.arange(rows, device=row_BTD.device)
            age_ST = row_T[-count:, None] - row_T
            outside_ST = (age_ST < 0) | (age_ST >= self.lookback)
            bar_ST = torch.zeros_like(outside_ST, dtype=score_BKQT.dtype).masked_fill(outside_ST, -torch.inf)
            score_BKQT = score_BKQT + bar_ST.repeat_interleave(self.steps, dim=0)
        return score_BKQT.softmax(dim=-1)


class Gate(nn.Module):
    """LayerNorm(skip + GLU(x)): a block that can switch itself off (equations 2 and 5)."""

    def __init__(self, inputs: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout, self.linear = nn.Dropout(dropout), nn.Linear(inputs, 2 * outputs)
        self.norm = nn.LayerNorm(outputs)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.norm(skip + functional.glu(self.linear(self.dropout(x)), dim=-1))


class GatedResidual(nn.Module):
    """A gate behind ELU(W2 x + context): equations 2 to 4."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.wide, self.gate = nn.Linear(width, width), Gate(width, width, dropout)

    def forward(self, x: Tensor, context: Tensor | None = None) -> Tensor:
        wide = self.wide(x) if context is None else self.wide(x) + context
        return self.gate(functional.elu(wide), x)


class Selection(nn.Module):
    """The weights of the inputs of a row, and their weighted sum, each through a gated residual network of its own
    (equations 6 to 8).

    An input is one number, so its embedding is linear in it and folded into the first layer that reads it.
    """

    def __init__(self, features: int, width: int, dropout: float) -> None:
        super().__init__()
        self.wide, self.skip = nn.Linear(features, width), nn.Linear(features, features, bias=False)
        self.gate = Gate(width, features, dropout)
        bound, size = width**-0.5, features * width
        # Of every input its own; flat where it is an offset or a norm, which no weight decay shrinks.
        self.scale_FD, self.shift = nn.Parameter(torch.randn(features, width)), nn.Parameter(torch.zeros(size))
        self.own_skip_FD, self.own_shift = nn.Parameter(torch.randn(features, width)), nn.Parameter(torch.zeros(size))
        self.own_gate_FDG = nn.Parameter(torch.empty(features, width, 2 * width).uniform_(-bound, bound))
        self.own_gate_bias = nn.Parameter(torch.zeros(2 * size))
        self.own_norm, self.own_norm_bias = nn.Parameter(torch.ones(size)), nn.Parameter(torch.zeros(size))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x_BTF: Tensor) -> tuple[Tensor, Tensor]:
        """(B, T, D) sums and (B, T, F) weights, which are at least zero and add up to one."""
        weight_BTF = self.gate(functional.elu(self.wide(x_BTF)), self.skip(x_BTF)).softmax(dim=-1)
        # The numbers of all inputs leave the cache of a processor if many rows are read at once.
        pieces = zip(x_BTF.flatten(0, 1).split(PIECE), weight_BTF.flatten(0, 1).split(PIECE), strict=True)
        sum_ND = torch.cat([self._sum(x_NF, weight_NF) for x_NF, weight_NF in pieces])
        return sum_ND.unflatten(0, x_BTF.shape[:2]), weight_BTF

    def _sum(self, x_NF: Tensor, weight_NF: Tensor) -> Tensor:
        """(N, D): the weighted sum of what each input becomes in its own network."""
        x_FN1 = x_NF.t()[:, :, None]
        wide_FND = functional.elu(x_FN1 * self.scale_FD[:, None] + self._own(self.shift))
        gate_FNG = torch.baddbmm(self._own(self.own_gate_bias), self.dropout(wide_FND), self.own_gate_FDG)
        skip_FND = x_FN1 * self.own_skip_FD[:, None] + self._own(self.own_shift)
        normed_FND = functional.layer_norm(skip_FND + functional.glu(gate_FNG, dim=-1), self.scale_FD.shape[1:])
        own_FND = normed_FND * self._own(self.own_norm) + self._own(self.own_norm_bias)
        return (own_FND * weight_NF.t()[:, :, None]).sum(dim=0)

    def _own(self, flat: Tensor) -> Tensor:
        """(F, 1, …) from the numbers of all inputs."""
        return flat.view(len(self.scale_FD), 1, -1)
