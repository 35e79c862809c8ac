"""A Transformer encoder over the rows of a window (Vaswani et al. 2017), layer norm first (Xiong et al. 2020)."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models import readout
from core.models.encoder import Encoder
from core.spec import Model

FEED_FORWARD = 4  # units of the feed-forward layer, in hidden sizes


class Transformer(Encoder):
    """Every row attends to every row of its window, none of which lies after the cutoff."""

    position_LD: Tensor

    def __init__(self, model: Model, *, features: int, lookback: int) -> None:
        super().__init__()
        self.width = model.hidden
        self.project = nn.Linear(features, model.hidden)
        self.blocks = nn.ModuleList(_Block(model) for _ in range(model.layers))
        self.norm, self.dropout = nn.LayerNorm(model.hidden), nn.Dropout(model.dropout)
        self.readout = readout.Readout(model.pooling, model.hidden)
        self.register_buffer("position_LD", encode_positions(lookback, model.hidden), persistent=False)

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, 1, 1, D): the read-out of one window."""
        rows = x_BTF.shape[1]
        real_BT = None if length_B is None else readout.real_rows(length_B, rows)
        # Counted back from the cutoff: the rows of a short window keep the positions that they have in a full one.
        state_BTD = self.dropout(self.project(x_BTF) + self.position_LD[:rows].flip(0))
        for block in self.blocks:
            state_BTD = block(state_BTD, real_BT)
        return self.readout(self.norm(state_BTD), count, real_BT)[:, :, None]


class _Block(nn.Module):
    """Self-attention and a feed-forward layer, each added to its input. The names of its layers are those of saved
    weights."""

    def __init__(self, model: Model) -> None:
        super().__init__()
        width = model.hidden
        self.heads, self.attention_dropout = model.heads, model.dropout
        self.before, self.between = nn.LayerNorm(width), nn.LayerNorm(width)
        self.query_key_value, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.wide = nn.Sequential(
            nn.Linear(width, FEED_FORWARD * width),
            nn.GELU(),
            nn.Dropout(model.dropout),
            nn.Linear(FEED_FORWARD * width, width),
        )
        self.dropout = nn.Dropout(model.dropout)

    def forward(self, state_BTD: Tensor, real_BT: Tensor | None) -> Tensor:
        state_BTD = state_BTD + self.dropout(self._attend(self.before(state_BTD), real_BT))
        return state_BTD + self.dropout(self.wide(self.between(state_BTD)))

    def _attend(self, state_BTD: Tensor, real_BT: Tensor | None) -> Tensor:
        query, key, value = self.query_key_value(state_BTD).unflatten(-1, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        mask = None if real_BT is None else real_BT[:, None, None]
        dropout = self.attention_dropout if self.training else 0.0
        attended = functional.scaled_dot_product_attention(query, key, value, attn_mask=mask, dropout_p=dropout)
        return self.join(attended.transpose(1, 2).flatten(2))


def encode_positions(rows: int, width: int) -> Tensor:
    """(rows, width) sines and cosines of wavelengths from 2π to 10,000 · 2π (Vaswani et al. 2017, section 3.5)."""
    even_W = torch.arange(0, width, 2)
    angle_LW = torch.arange(rows)[:, None] * torch.exp(-math.log(10_000.0) * even_W / width)
    return torch.stack([angle_LW.sin(), angle_LW.cos()], dim=-1).flatten(1)[:, :width]
