"""Linear models over all rows of a window: NLinear and DLinear (Zeng et al. 2023), trained like the networks."""

import torch
from torch import Tensor
from torch.nn import functional

from core.models.encoder import Encoder

AVERAGED_ROWS = 25  # of DLinear's moving average


class Linear(Encoder):
    """Flattens a window for the head, which is the linear map; DLinear's window is split into trend and remainder."""

    def __init__(self, *, features: int, lookback: int, decompose: bool) -> None:
        super().__init__()
        self.decompose = decompose
        self.width = features * lookback * (2 if decompose else 1)

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, 1, 1, D) with D = rows · features, twice that for DLinear."""
        if self.decompose:
            trend_BTF = compute_trend(x_BTF.transpose(1, 2)).transpose(1, 2)
            x_BTF = torch.cat([trend_BTF, x_BTF - trend_BTF], dim=2)
        return x_BTF.flatten(1)[:, None, None]


def compute_trend(x_BFT: Tensor) -> Tensor:
    """The centred moving average over 25 rows of the window, its ends repeated: (B, F, T)."""
    half = AVERAGED_ROWS // 2
    padded_BFT = functional.pad(x_BFT, (half, half), mode="replicate")
    return functional.avg_pool1d(padded_BFT, AVERAGED_ROWS, stride=1)
