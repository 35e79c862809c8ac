"""Linear models over all rows of a window: NLinear and DLinear (Zeng et al. 2023), trained like the networks."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.spec import Model

AVERAGED = 25  # rows of DLinear's moving average


class Linear(nn.Module):
    """All inputs of a window in one row for the head, which is the linear map; DLinear's as trend and remainder."""

    short = False

    def __init__(self, model: Model, *, features: int, lookback: int) -> None:
        super().__init__()
        self.parted = model.kind == "dlinear"
        self.width = features * lookback * (2 if self.parted else 1)

    def forward(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> Tensor:
        """(B, 1, 1, D) with D = rows · features, twice that for DLinear."""
        if self.parted:
            trend_BTF = trend(x_BTF.transpose(1, 2)).transpose(1, 2)
            x_BTF = torch.cat([trend_BTF, x_BTF - trend_BTF], dim=2)
        return x_BTF.flatten(1)[:, None, None]


def trend(x_BFT: Tensor) -> Tensor:
    """The centred moving average over 25 rows of the window, its ends repeated: (B, F, T)."""
    half = AVERAGED // 2
    return functional.avg_pool1d(functional.pad(x_BFT, (half, half), mode="replicate"), AVERAGED, stride=1)
