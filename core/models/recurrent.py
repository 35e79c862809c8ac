"""Recurrent encoders: RNN, GRU, LSTM and sLSTM, stacked, in one direction or both, with norms and residuals.

Axis letters as in core.models.network; J layers of a cell.
"""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core.models import readout
from core.models.encoder import Encoder
from core.models.slstm import SLSTM
from core.spec import Model

Sequence = Tensor | PackedSequence
Cell = type[nn.LSTM] | type[nn.GRU] | type[nn.RNN] | type[SLSTM]

CELLS: dict[str, Cell] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN, "slstm": SLSTM}
NORMS = {"none": nn.Identity, "layer": nn.LayerNorm, "batch": nn.BatchNorm1d}


class Recurrent(Encoder):
    """A stack of cells and the read-out of its states. Short windows are packed, or moved before their padding, so
    that padding never reaches a state that is read.

    A plain stack runs as one cell, fused if it is torch's; with norms or residuals each layer is a cell of its own.
    """

    cell: nn.Module

    def __init__(self, model: Model, *, features: int) -> None:
        super().__init__()
        self.width = model.hidden * (2 if model.bidirectional else 1)
        # Later rows change nothing then: padding behind a window is as good as packing, and far faster.
        self.causal = not model.bidirectional and model.norm_layer != "batch"
        self.both_ends = model.bidirectional and model.pooling == "last"
        cell_type = CELLS[model.kind]
        if model.norm_layer == "none" and not model.residual:
            self.cell = cell_type(
                features,
                model.hidden,
                model.layers,
                batch_first=True,
                bidirectional=model.bidirectional,
                dropout=model.dropout if model.layers > 1 else 0.0,
            )
        else:
            self.cell = _Stack(model, cell_type, features, self.width)
        self.readout = readout.Readout(model.pooling, self.width)
        # Later rows change nothing, and only the last state is read out.
        self.incremental = not model.bidirectional and model.pooling == "last"

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, S, 1, D) states at the last S rows, or (B, 1, 1, D) if the read-out combines the states of all rows."""
        if length_B is None:
            state_BTD, real_BT = self.cell(x_BTF)[0], None
        else:
            state_BTD, real_BT = self._read_short(x_BTF, length_B)
        if self.both_ends:
            # Each direction is read where it has seen the whole window.
            return _join_ends(state_BTD, real_BT)[:, None, None]
        return self.readout(state_BTD, count, real_BT)[:, :, None]

    def encode_rows(self, x_BTF: Tensor, state_BS: Tensor | None) -> Tensor:
        carried_BS = None if state_BS is None else state_BS[:, self.width :]
        read = self.cell.encode_rows if isinstance(self.cell, _Stack) else partial(_encode_rows, self.cell)
        state_BTD, carried_BS = read(x_BTF, carried_BS)
        return torch.cat([state_BTD[:, -1], carried_BS], dim=1)

    def _read_short(self, x_BTF: Tensor, length_B: Tensor) -> tuple[Tensor, Tensor]:
        """The states of padded windows, and the flags (B, T) of their real rows."""
        rows = x_BTF.shape[1]
        front_BTF, real_BT = readout.to_front(x_BTF, length_B), readout.real_rows(length_B, rows)
        if self.causal:
            state_BTD = self.cell(front_BTF)[0]
        else:
            packed = pack_padded_sequence(front_BTF, length_B.cpu(), batch_first=True, enforce_sorted=False)
            state_BTD, _ = pad_packed_sequence(self.cell(packed)[0], batch_first=True, total_length=rows)
        return readout.to_end(state_BTD, length_B), real_BT


class _Stack(nn.Module):
    """Layers one by one: cell, then the states of the layer before added, then a norm, then dropout."""

    def __init__(self, model: Model, cell_type: Cell, features: int, width: int) -> None:
        super().__init__()
        sizes = [features] + [width] * (model.layers - 1)
        self.layers = nn.ModuleList(
            cell_type(size, model.hidden, batch_first=True, bidirectional=model.bidirectional) for size in sizes
        )
        norm = NORMS[model.norm_layer]
        self.norms = nn.ModuleList(norm(width) for _ in sizes)
        self.dropout, self.residual = nn.Dropout(model.dropout), model.residual

    def forward(self, x: Sequence) -> tuple[Sequence, None]:
        for number, (cell, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            output = cell(x)[0]
            state = self._finish_layer(number, norm, _data(output), _data(x))
            x = output._replace(data=state) if isinstance(output, PackedSequence) else state
        return x, None

    def encode_rows(self, x_BTF: Tensor, carried_BS: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, T, D) states that leave the last layer, and (B, S) what all cells carry on."""
        before = [None] * len(self.layers) if carried_BS is None else carried_BS.chunk(len(self.layers), dim=1)
        after = []
        for number, (cell, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            state_BTD, carried = _encode_rows(cell, x_BTF, before[number])
            x_BTF = self._finish_layer(number, norm, state_BTD, x_BTF)
            after.append(carried)
        return x_BTF, torch.cat(after, dim=1)

    def _finish_layer(self, number: int, norm: nn.Module, state: Tensor, x: Tensor) -> Tensor:
        """The output of a layer: its cell's states, those of the layer before added if residual, then the norm."""
        if self.residual and number > 0:
            state = state + x
        # Batch norm takes its mean over the rows of all windows, without the padding.
        state = norm(state.flatten(0, -2)).view_as(state)
        return self.dropout(state) if number < len(self.layers) - 1 else state


def _encode_rows(cell: nn.Module, x_BTF: Tensor, carried_BS: Tensor | None) -> tuple[Tensor, Tensor]:
    """(B, T, D) states of a cell with J layers, and (B, J · D) what it carries on: of an LSTM twice that, of an sLSTM
    three times."""
    if carried_BS is None:
        state_BTD, carried = cell(x_BTF)
    else:
        before = carried_BS.unflatten(1, (-1, cell.hidden_size)).transpose(0, 1).contiguous()
        state_BTD, carried = cell(x_BTF, tuple(before.chunk(2)) if isinstance(cell, nn.LSTM) else before)
    after = torch.cat(carried) if isinstance(carried, tuple) else carried
    return state_BTD, after.transpose(0, 1).flatten(1)


def _data(x: Sequence) -> Tensor:
    return x.data if isinstance(x, PackedSequence) else x


def _join_ends(state_BTD: Tensor, real_BT: Tensor | None) -> Tensor:
    """(B, D): forward states at the last row joined with backward states at the first real row."""
    half = state_BTD.shape[2] // 2
    first_B = 0 if real_BT is None else real_BT.to(torch.int64).argmax(dim=1)
    index = torch.arange(len(state_BTD), device=state_BTD.device)
    return torch.cat([state_BTD[:, -1, :half], state_BTD[index, first_B, half:]], dim=1)
