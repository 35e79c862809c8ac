"""Recurrent encoders: RNN, GRU and LSTM, stacked, one-directional or both, with norms and residuals between layers."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from core.models import readout
from core.spec import Model

Sequence = Tensor | PackedSequence
Cell = type[nn.LSTM] | type[nn.GRU] | type[nn.RNN]

CELLS: dict[str, Cell] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
NORMS = {"none": nn.Identity, "layer": nn.LayerNorm, "batch": nn.BatchNorm1d}


class Recurrent(nn.Module):
    """States of the rows of a chunk, read out. Short windows are packed, or read before their padding,
    so that it is never seen.

    Plain stacks run as one fused cell of torch; with norms or residuals each layer is a cell of its own.
    """

    short = True
    cell: nn.Module

    def __init__(self, model: Model, *, features: int) -> None:
        super().__init__()
        self.width = model.hidden * (2 if model.bidirectional else 1)
        # Rows behind those of a window change nothing then: padding there is as good as packing, and far faster.
        self.causal = not model.bidirectional and model.norm_layer != "batch"
        self.both_ends = model.bidirectional and model.pooling == "last"
        make = CELLS[model.kind]
        if model.norm_layer == "none" and not model.residual:
            self.cell = make(
                features,
                model.hidden,
                model.layers,
                batch_first=True,
                bidirectional=model.bidirectional,
                dropout=model.dropout if model.layers > 1 else 0.0,
            )
        else:
            self.cell = _Stack(model, make, features, self.width)
        self.readout = readout.Readout(model.pooling, self.width)
        # Rows behind those read so far change nothing, and none but the last state is read out.
        self.resumable = not model.bidirectional and model.pooling == "last"

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, S, 1, D) states at the last S rows, or the one that mean, attention or both directions make of all."""
        if length_B is None:
            state_BTD, real_BT = self.cell(x_BTF)[0], None
        else:
            state_BTD, real_BT = self._packed(x_BTF, length_B)
        if self.both_ends:
            # Each direction is read where it has seen the whole window.
            return _ends(state_BTD, real_BT)[:, None, None]
        return self.readout(state_BTD, count, real_BT)[:, :, None]

    def resume(self, x_BTF: Tensor, state_BS: Tensor | None) -> Tensor:
        """(B, S): the states after further rows, from those before them (None: nothing was read yet).

        The first D numbers are what the head reads; the rest is what the cells carry on. For `resumable` ones alone.
        """
        carried_BS = None if state_BS is None else state_BS[:, self.width :]
        read = self.cell.resume if isinstance(self.cell, _Stack) else partial(_resume, self.cell)
        made_BTD, carried_BS = read(x_BTF, carried_BS)
        return torch.cat([made_BTD[:, -1], carried_BS], dim=1)

    def _packed(self, x_BTF: Tensor, length_B: Tensor) -> tuple[Tensor, Tensor]:
        rows = x_BTF.shape[1]
        if self.causal:
            state_BTD = self.cell(readout.to_front(x_BTF, length_B))[0]
            return readout.to_end(state_BTD, length_B), readout.real_rows(length_B, rows)
        packed = pack_padded_sequence(
            readout.to_front(x_BTF, length_B), length_B.cpu(), batch_first=True, enforce_sorted=False
        )
        state_BTD, _ = pad_packed_sequence(self.cell(packed)[0], batch_first=True, total_length=rows)
        return readout.to_end(state_BTD, length_B), readout.real_rows(length_B, rows)


class _Stack(nn.Module):
    """Layers one by one: cell, then the states of the layer before added, then a norm, then dropout."""

    def __init__(self, model: Model, make: Cell, features: int, width: int) -> None:
        super().__init__()
        sizes = [features] + [width] * (model.layers - 1)
        self.layers = nn.ModuleList(
            make(size, model.hidden, batch_first=True, bidirectional=model.bidirectional) for size in sizes
        )
        norm = NORMS[model.norm_layer]
        self.norms = nn.ModuleList(norm(width) for _ in sizes)
        self.dropout, self.residual = nn.Dropout(model.dropout), model.residual

    def forward(self, x: Sequence) -> tuple[Sequence, None]:
        for number, (cell, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            made = cell(x)[0]
            state = self._left(number, norm, _data(made), _data(x))
            x = made._replace(data=state) if isinstance(made, PackedSequence) else state
        return x, None

    def resume(self, x_BTF: Tensor, carried_BS: Tensor | None) -> tuple[Tensor, Tensor]:
        """(B, T, D) states that leave the last layer, and (B, S) what all cells carry on."""
        parts = [None] * len(self.layers) if carried_BS is None else carried_BS.chunk(len(self.layers), dim=1)
        kept = []
        for number, (cell, norm) in enumerate(zip(self.layers, self.norms, strict=True)):
            made_BTD, carried = _resume(cell, x_BTF, parts[number])
            x_BTF = self._left(number, norm, made_BTD, x_BTF)
            kept.append(carried)
        return x_BTF, torch.cat(kept, dim=1)

    def _left(self, number: int, norm: nn.Module, state: Tensor, x: Tensor) -> Tensor:
        """What leaves a layer: its cell's states, with those of the layer before where it is residual, normed."""
        if self.residual and number > 0:
            state = state + x
        # Batch norm takes its mean over the rows of all windows, padding left out.
        state = norm(state.flatten(0, -2)).view_as(state)
        return self.dropout(state) if number < len(self.layers) - 1 else state


def _resume(cell: nn.Module, x_BTF: Tensor, carried_BS: Tensor | None) -> tuple[Tensor, Tensor]:
    """(B, T, D) states of a cell of torch with J layers, and (B, J · D) what it carries on: of an LSTM twice that."""
    if carried_BS is None:
        made_BTD, carried = cell(x_BTF)
    else:
        state = carried_BS.unflatten(1, (-1, cell.hidden_size)).transpose(0, 1).contiguous()
        made_BTD, carried = cell(x_BTF, tuple(state.chunk(2)) if isinstance(cell, nn.LSTM) else state)
    kept = torch.cat(carried) if isinstance(carried, tuple) else carried
    return made_BTD, kept.transpose(0, 1).flatten(1)


def _data(x: Sequence) -> Tensor:
    return x.data if isinstance(x, PackedSequence) else x


def _ends(state_BTD: Tensor, real_BT: Tensor | None) -> Tensor:
    """(B, D): forward states at the last row beside backward states at the first real row."""
    half = state_BTD.shape[2] // 2
    first_B = 0 if real_BT is None else real_BT.to(torch.int64).argmax(dim=1)
    index = torch.arange(len(state_BTD), device=state_BTD.device)
    return torch.cat([state_BTD[:, -1, :half], state_BTD[index, first_B, half:]], dim=1)
