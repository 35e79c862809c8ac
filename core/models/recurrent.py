"""Recurrent networks with a head on top: RNN, GRU and LSTM, read out at the last state or at the mean of states."""

import torch
from torch import Tensor, nn

from core.spec import Model

CELLS = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}


class Recurrent(nn.Module):
    """Windows in, `outputs` numbers for each of H steps out.

    Axis letters: B batch, T rows of a chunk (lookback + S − 1), S cutoffs read out, D hidden, H steps, K known,
    O outputs.
    """

    def __init__(self, model: Model, *, features: int, known: int, steps: int, outputs: int) -> None:
        super().__init__()
        self.pooling, self.steps, self.outputs = model.pooling, steps, outputs
        between = model.dropout if model.layers > 1 else 0.0
        self.cell = CELLS[model.kind](features, model.hidden, model.layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(model.dropout)
        self.head = nn.Linear(model.hidden + steps * known, steps * outputs)

    def forward(self, x_BTF: Tensor, known_BSHK: Tensor) -> Tensor:
        """(B, S, H, O) outputs at the last S rows of each chunk; S is taken from `known_BSHK`."""
        count = known_BSHK.shape[1]
        state_BTD = self.cell(x_BTF)[0]
        read_BSD = state_BTD.mean(dim=1, keepdim=True) if self.pooling == "mean" else state_BTD[:, -count:]
        joined = torch.cat([self.dropout(read_BSD), known_BSHK.flatten(2)], dim=-1)
        return self.head(joined).unflatten(-1, (self.steps, self.outputs))
