"""The sLSTM cell: exponential gates and a normalised memory (Beck et al. 2024, xLSTM, equations 8 to 17).

Axis letters: T rows, B batch, I inputs, D units, G = 4 · D sums of the gates, A arrays that are carried.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

CARRIED = 3  # arrays that the cell carries on: hidden state, memory, log of the normaliser
BLOCKS = 4  # input gate, forget gate, candidate, output gate: the order of torch's LSTM


class SLSTM(nn.Module):
    """Layers of sLSTM cells with one head, called as torch's nn.LSTM is, and with weights of the same names.

    The paper carries a cell state c, a normaliser n and a stabiliser m, where c and n are e^m times too small. The
    hidden state depends on c / n and on log n + m alone, so the cell carries these two, which never overflow:

        k_t = σ(log σ(f_t) + ν_{t−1} − i_t)     the share of its memory that a unit keeps
        ν_t = i_t + log(1 + e^…)                with … the sum inside k_t: ν = log n + m
        s_t = k_t s_{t−1} + (1 − k_t) tanh z_t  the memory c / n
        h_t = σ(o_t) s_t

    The forget gate is the paper's sigmoid. Before the first row ν is −∞: nothing is kept.
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        *,
        batch_first: bool = True,
        bidirectional: bool = False,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if not batch_first:
            raise ValueError("An sLSTM reads batches first.")
        self.hidden_size, self.dropout = hidden_size, nn.Dropout(dropout)
        self.suffixes = tuple(
            tuple(f"_l{layer}{direction}" for direction in ("", "_reverse")[: 1 + bidirectional])
            for layer in range(num_layers)
        )
        rows, bound = BLOCKS * hidden_size, 1 / math.sqrt(hidden_size)
        for layer, suffixes in enumerate(self.suffixes):
            width = input_size if layer == 0 else hidden_size * len(suffixes)
            for suffix in suffixes:
                columns = {"weight_ih": (width,), "weight_hh": (hidden_size,), "bias_ih": (), "bias_hh": ()}
                for name, size in columns.items():
                    value = torch.empty(rows, *size).uniform_(-bound, bound)
                    self.register_parameter(name + suffix, nn.Parameter(value))

    def forward(self, x: Tensor | PackedSequence, state: Tensor | None = None) -> tuple[Any, Tensor]:
        """States (B, T, D · directions) of the last layer, packed if `x` is; and what each layer carries on, an array
        (layers · directions · 3, B, D) as `state` is."""
        length_B = None
        if isinstance(x, PackedSequence):
            x, length_B = pad_packed_sequence(x, batch_first=True)
            length_B = length_B.to(x.device)
        state_TBV, carried, number = x.transpose(0, 1), [], 0
        for layer, suffixes in enumerate(self.suffixes):
            if layer:
                state_TBV = self.dropout(state_TBV)
            directions = []
            for suffix in suffixes:
                before = None if state is None else state[number : number + CARRIED]
                reversed_input = suffix.endswith("reverse")
                input_TBV = reverse(state_TBV, length_B) if reversed_input else state_TBV
                hidden_TBD, after = self._run(suffix, input_TBV, before)
                directions.append(reverse(hidden_TBD, length_B) if reversed_input else hidden_TBD)
                carried.append(after)
                number += CARRIED
            state_TBV = torch.cat(directions, dim=2)
        state_BTV = state_TBV.transpose(0, 1)
        if length_B is not None:
            packed = pack_padded_sequence(state_BTV, length_B.cpu(), batch_first=True, enforce_sorted=False)
            return packed, torch.cat(carried)
        return state_BTV, torch.cat(carried)

    def _run(self, suffix: str, x_TBI: Tensor, carried_ABD: Tensor | None) -> tuple[Tensor, Tensor]:
        """(T, B, D) hidden states of one layer in one direction, and what it carries on."""
        weights = {name: getattr(self, name + suffix) for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")}
        drive_TBG = functional.linear(x_TBI, weights["weight_ih"], weights["bias_ih"] + weights["bias_hh"])
        if carried_ABD is None:
            zero_BD = x_TBI.new_zeros(x_TBI.shape[1], self.hidden_size)
            carried_ABD = torch.stack([zero_BD, zero_BD, zero_BD - torch.inf])
        hidden_TBD, memory_BD, log_BD = _Scan.apply(drive_TBG, weights["weight_hh"], *carried_ABD)
        return hidden_TBD, torch.stack([hidden_TBD[-1], memory_BD, log_BD])


class _Scan(torch.autograd.Function):
    """The recurrence over the rows, with its derivative written out: for few windows half the time of
    torch's own.

    What is carried in and out has no gradient: a window is read in pieces only to forecast.
    """

    @staticmethod
    def forward(
        ctx: Any, drive_TBG: Tensor, weight_GD: Tensor, hidden_BD: Tensor, memory_BD: Tensor, log_BD: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        weight_DG, rows, before = weight_GD.t(), [], (hidden_BD, memory_BD)
        for drive_BG in drive_TBG:
            in_BD, forget_BD, candidate_BD, out_BD = torch.addmm(drive_BG, hidden_BD, weight_DG).chunk(BLOCKS, dim=1)
            excess_BD = functional.logsigmoid(forget_BD) + log_BD - in_BD
            log_BD = in_BD + functional.softplus(excess_BD)
            keep_BD, candidate_BD, out_BD = excess_BD.sigmoid(), candidate_BD.tanh(), out_BD.sigmoid()
            memory_BD = torch.lerp(candidate_BD, memory_BD, keep_BD)
            hidden_BD = out_BD * memory_BD
            kept = (memory_BD, keep_BD, candidate_BD, out_BD, forget_BD) if any(ctx.needs_input_grad) else ()
            rows.append((hidden_BD, *kept))
        hidden_TBD, *others = (torch.stack(values) for values in zip(*rows, strict=True))
        ctx.save_for_backward(weight_GD, *before, hidden_TBD, *others)
        ctx.mark_non_differentiable(memory_BD, log_BD)
        return hidden_TBD, memory_BD, log_BD

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        weight_GD, first_BD, first_memory_BD, hidden_TBD, memory_TBD, keep_TBD, candidate_TBD, out_TBD, forget_TBD = (
            ctx.saved_tensors
        )
        previous_TBD = torch.cat([first_memory_BD[None], memory_TBD[:-1]])
        # What each sum of a gate does to the output of its gate, and that to memory and hidden state.
        by_out_TBD = memory_TBD * out_TBD * (1 - out_TBD)
        by_candidate_TBD = (1 - keep_TBD) * (1 - candidate_TBD.square())
        by_excess_TBD = (previous_TBD - candidate_TBD) * keep_TBD * (1 - keep_TBD)
        by_forget_TBD = (-forget_TBD).sigmoid()
        drive_TBG = hidden_TBD.new_empty(*hidden_TBD.shape[:2], len(weight_GD))
        hidden_BD, memory_BD, log_BD = (
            torch.zeros_like(first_BD),
            torch.zeros_like(first_BD),
            torch.zeros_like(first_BD),
        )
        for t in reversed(range(len(hidden_TBD))):
            total_BD = grads[0][t] + hidden_BD
            memory_BD = torch.addcmul(memory_BD, total_BD, out_TBD[t])
            excess_BD = torch.addcmul(log_BD * keep_TBD[t], memory_BD, by_excess_TBD[t])
            torch.cat(
                [
                    log_BD - excess_BD,
                    excess_BD * by_forget_TBD[t],
                    memory_BD * by_candidate_TBD[t],
                    total_BD * by_out_TBD[t],
                ],
                dim=1,
                out=drive_TBG[t],
            )
            memory_BD, log_BD, hidden_BD = memory_BD * keep_TBD[t], excess_BD, drive_TBG[t] @ weight_GD
        before_TBD = torch.cat([first_BD[None], hidden_TBD[:-1]])
        return drive_TBG, drive_TBG.flatten(0, 1).t() @ before_TBD.flatten(0, 1), None, None, None


def reverse(x_TBV: Tensor, length_B: Tensor | None) -> Tensor:
    """Each sequence of the batch from its last row to its first, its padding still behind it; undoes itself."""
    if length_B is None:
        return x_TBV.flip(0)
    rows = len(x_TBV)
    row_TB = (length_B - 1 - torch.arange(rows, device=x_TBV.device)[:, None]) % rows
    return x_TBV[row_TB, torch.arange(x_TBV.shape[1], device=x_TBV.device)]
