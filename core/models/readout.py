"""The read-out: from the states of all rows to those that the head reads; and the padding of short windows."""

import torch
from torch import Tensor, nn


class Readout(nn.Module):
    """The last states, the mean of states, or their average by additive attention (Bahdanau et al. 2015).

    Attention: weight_t = softmax_t(v · tanh(W state_t + b)).
    """

    def __init__(self, pooling: str, width: int) -> None:
        super().__init__()
        self.pooling = pooling
        if pooling == "attention":
            self.attention = nn.Sequential(nn.Linear(width, width), nn.Tanh(), nn.Linear(width, 1, bias=False))

    def forward(self, state_BTD: Tensor, count: int, real_BT: Tensor | None) -> Tensor:
        """(B, S, D) of the last `count` rows, or (B, 1, D) of the real rows of a window."""
        if self.pooling == "last":
            return state_BTD[:, -count:]
        if self.pooling == "mean":
            if real_BT is None:
                return state_BTD.mean(dim=1, keepdim=True)
            weight_BT = real_BT.to(state_BTD.dtype)
            return (state_BTD * weight_BT[:, :, None]).sum(dim=1, keepdim=True) / weight_BT.sum(dim=1)[:, None, None]
        score_BT = self.attention(state_BTD)[..., 0]
        if real_BT is not None:
            score_BT = score_BT.masked_fill(~real_BT, -torch.inf)
        return score_BT.softmax(dim=1)[:, None] @ state_BTD


def real_rows(length_B: Tensor, rows: int) -> Tensor:
    """(B, T) flags of the real rows of windows that are padded at the front."""
    return torch.arange(rows, device=length_B.device) >= rows - length_B[:, None]


def to_front(x_BTF: Tensor, length_B: Tensor) -> Tensor:
    """The real rows first, the padding behind them."""
    return _roll(x_BTF, x_BTF.shape[1] - length_B)


def to_end(x_BTF: Tensor, length_B: Tensor) -> Tensor:
    """The padding first, the real rows behind it: undoes `to_front`."""
    return _roll(x_BTF, length_B)


def _roll(x_BTF: Tensor, shift_B: Tensor) -> Tensor:
    count, rows = x_BTF.shape[:2]
    row_BT = (torch.arange(rows, device=x_BTF.device) + shift_B[:, None]) % rows
    return x_BTF[torch.arange(count, device=x_BTF.device)[:, None], row_BT]
