"""Several trained networks that answer as one: the members of an ensemble, and networks that know one symbol each.

Axis letters as in core.models.network.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.network import Network
from core.spec import QUANTILES


class Ensemble(nn.Module):
    """For each symbol the mean of the quantiles, or of the probabilities, of the networks that were trained for it.

    `members` stand in rounds of `symbols` networks, one a symbol in their order; with `symbols` = 1 every member
    answers for every symbol. Averaged quantiles stay ordered and, unlike those of a mixture, are no wider than the
    members' (Lichtendahl, Grushka-Cockayne & Winkler 2013).
    """

    def __init__(self, members: Sequence[Network], symbols: int = 1) -> None:
        super().__init__()
        self.members, self.symbols = nn.ModuleList(members), symbols
        self.steps, self.binary = members[0].steps, members[0].binary
        self.outputs = 1 if self.binary else len(QUANTILES)

    def forward(self, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None = None) -> Tensor:
        """(B, S, H, 7) ordered quantiles in standardised units, or the logit (B, S, H, 1) of the mean probability."""
        if self.symbols == 1 or symbol_B is None:
            return self._mean(0, x_BTF, known_BSHK, symbol_B)
        made = x_BTF.new_zeros(*known_BSHK.shape[:3], self.outputs)
        for s in symbol_B.unique().tolist():
            at = torch.nonzero(symbol_B == s).squeeze(1)
            made = made.index_copy(0, at, self._mean(int(s), x_BTF[at], known_BSHK[at], symbol_B[at]))
        return made

    def quantiles(self, raw: Tensor) -> Tensor:
        """What `forward` gives are quantiles, or a logit, already."""
        return raw

    @property
    def resumable(self) -> bool:
        """Whether every network can read a window piece by piece."""
        return all(net.resumable for net in self._nets(0, each=1))

    def resume(self, x_BTF: Tensor, state_BS: Tensor | None, symbol: int = 0) -> Tensor:
        """As Network.resume: (B, S), the states of the symbol's networks side by side."""
        nets = self._nets(symbol % self.symbols, self.symbols)
        parts = [None] * len(nets) if state_BS is None else state_BS.chunk(len(nets), dim=1)
        return torch.cat([net.resume(x_BTF, part, symbol) for net, part in zip(nets, parts, strict=True)], dim=1)

    def conclude(self, state_BS: Tensor, known_BHK: Tensor, symbol: int = 0) -> Tensor:
        """As Network.conclude: (B, H, 7) ordered quantiles, or the logit (B, H, 1)."""
        nets = self._nets(symbol % self.symbols, self.symbols)
        parts = state_BS.chunk(len(nets), dim=1)
        return self._joined(
            [net.quantiles(net.conclude(part, known_BHK, symbol)) for net, part in zip(nets, parts, strict=True)]
        )

    def rounds(self) -> tuple["Network | Ensemble", ...]:
        """The networks of the ensemble: one a round, each a committee of its own where every symbol has its network."""
        nets = self._nets(0, each=1)
        parts = [nets[start : start + self.symbols] for start in range(0, len(nets), self.symbols)]
        return tuple(part[0] if self.symbols == 1 else Ensemble(part, self.symbols) for part in parts)

    def _mean(self, first: int, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None) -> Tensor:
        return self._joined(
            [net.quantiles(net(x_BTF, known_BSHK, symbol_B)) for net in self._nets(first, self.symbols)]
        )

    def _nets(self, first: int, each: int) -> list[Network]:
        """Every `each`-th network from number `first` on."""
        return [net for net in self.members if isinstance(net, Network)][first::each]

    def _joined(self, raw: list[Tensor]) -> Tensor:
        if self.binary:
            return torch.stack([logit.sigmoid() for logit in raw]).mean(dim=0).logit(eps=1e-6)
        return torch.stack(raw).mean(dim=0)
