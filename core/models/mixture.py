"""The linear part of a network: closed-form linear models whose forecasts are combined with the network's own.

Axis letters: B batch, L rows of a window, T rows of a piece of it, F inputs, C inputs of a linear model, H steps,
S symbols, K known features, M linear models, R raw numbers of the head.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from core.spec import MEAN


class LinearMap(nn.Module):
    """A fixed linear forecast from a window, in the standardised units of the network.

    forecast_h = factor of the symbol · (Σ weight · x + Σ known weight · known_h) · scale + offset, with x the inputs
    `columns_C` of its L rows. A map without weights of what is known in the future, as in runs of earlier versions,
    does not read it. `share` is its weight in the combination, `skip` the one in the linear forecast whose errors the
    network learns.
    """

    weight_LCH: Tensor
    columns_C: Tensor
    factor_S: Tensor
    scale_SH: Tensor
    offset_SH: Tensor
    share: Tensor
    skip: Tensor
    known_HK: Tensor | None

    def __init__(self, arrays: Mapping[str, Tensor]) -> None:
        super().__init__()
        for name in ("weight_LCH", "columns_C", "factor_S", "scale_SH", "offset_SH", "share"):
            self.register_buffer(name, arrays[name])
        self.register_buffer("skip", arrays.get("skip", torch.tensor(0.0)))  # earlier runs had none
        self.register_buffer("known_HK", arrays.get("known_HK"))

    def read(self, x_BTF: Tensor, begin: int = 0) -> Tensor:
        """(B, H): the part of the sum that is due to rows of the window from `begin` on."""
        weight_TCH = self.weight_LCH[begin : begin + x_BTF.shape[1]]
        return x_BTF[:, :, self.columns_C].flatten(1) @ weight_TCH.flatten(0, 1)

    def forward(self, sum_BH: Tensor, known_BHK: Tensor, symbol_B: Tensor) -> Tensor:
        """(B, H): the forecast from the sum over a whole window and what is known of each step."""
        if self.known_HK is not None:
            sum_BH = sum_BH + (known_BHK * self.known_HK).sum(dim=-1)
        return sum_BH * self.factor_S[symbol_B][:, None] * self.scale_SH[symbol_B] + self.offset_SH[symbol_B]

    def with_shares(self, share: float, skip: float) -> "LinearMap":
        """The same map with other weights."""
        return LinearMap(self.state_dict() | {"share": torch.tensor(share), "skip": torch.tensor(skip)})


class Mixture(nn.Module):
    """Linear maps by the name of their baseline, and the `share` of the network.

    forecast = share · (network + Σ skip · map) + Σ share of the map · map. The network learned what Σ skip · map, a
    frozen skip connection, leaves (as in Lai et al. 2018, eq. 8, but fitted first). Shares are at least zero and add up
    to at most one; the rest is the share of the mean training label.
    """

    share: Tensor

    def __init__(self, maps: Mapping[str, LinearMap], share: Tensor) -> None:
        super().__init__()
        self.maps = nn.ModuleDict(dict(sorted(maps.items())))  # the order of their sum, before and after saving
        self.register_buffer("share", share)

    def read(self, x_BTF: Tensor, begin: int = 0) -> Tensor:
        """(B, M, H): the sums of all maps over rows of the window from `begin` on; sums over pieces add up."""
        sums = [of_map.read(x_BTF, begin) for of_map in self._linear()]
        return torch.stack(sums, dim=1) if sums else x_BTF.new_empty(len(x_BTF), 0, 1)

    def forward(self, raw_BHR: Tensor, sum_BMH: Tensor, known_BHK: Tensor, symbol_B: Tensor) -> Tensor:
        """(B, H, R): the raw numbers of a head, moved so that its mean is the combination of all forecasts.

        Quantiles move with the mean and keep their distance from it; of a mean and the log of a spread the mean moves.
        """
        mean_BH = raw_BHR[..., MEAN] if raw_BHR.shape[-1] > MEAN else raw_BHR[..., 0]
        move_BH = (self.share - 1) * mean_BH
        for m, of_map in enumerate(self._linear()):
            forecast_BH = of_map(sum_BMH[:, m], known_BHK, symbol_B)
            move_BH = move_BH + (of_map.share + self.share * of_map.skip) * forecast_BH
        moves_R = raw_BHR.new_tensor([1.0, 0.0]) if raw_BHR.shape[-1] == 2 else raw_BHR.new_ones(raw_BHR.shape[-1])
        return raw_BHR + move_BH[..., None] * moves_R

    def _linear(self) -> list[LinearMap]:
        return [of_map for of_map in self.maps.values() if isinstance(of_map, LinearMap)]


def restore(weights: Mapping[str, Tensor]) -> Mixture:
    """The mixture with these weights, named as in its `state_dict`."""
    arrays: dict[str, dict[str, Tensor]] = {}
    for path, value in weights.items():
        if path != "share":
            _, name, array = path.split(".")
            arrays.setdefault(name, {})[array] = value
    return Mixture({name: LinearMap(of_map) for name, of_map in arrays.items()}, weights["share"])
