"""Several trained networks that answer as one: the members of an ensemble, and networks of one symbol each.

Axis letters as in core.models.network.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from core.models.network import Network
from core.spec import MEAN


class Ensemble(nn.Module):
    """For each symbol the average of the outputs, or of the probabilities, of the networks that were trained for it.

    `members` are ordered in rounds of `symbols` networks, one per symbol; with `symbols` = 1 every member answers for
    every symbol. Averaged quantiles stay ordered and, unlike those of a mixture, are no wider than the members'
    (Lichtendahl, Grushka-Cockayne & Winkler 2013).
    """

    def __init__(self, members: Sequence[Network], symbols: int = 1) -> None:
        super().__init__()
        self.members, self.symbols = nn.ModuleList(members), symbols
        self.steps, self.binary = members[0].steps, members[0].binary
        self.raw_count = 1 if self.binary else MEAN + 1

    def forward(self, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None = None) -> Tensor:
        """(B, S, H, 8) ordered quantiles and the mean, standardised, or the logit (B, S, H, 1) of the mean
        probability."""
        if self.symbols == 1 or symbol_B is None:
            return self._mean_answer(0, x_BTF, known_BSHK, symbol_B)
        answer_BSHO = x_BTF.new_zeros(*known_BSHK.shape[:3], self.raw_count)
        for symbol in symbol_B.unique().tolist():
            index = torch.nonzero(symbol_B == symbol).squeeze(1)
            mean = self._mean_answer(int(symbol), x_BTF[index], known_BSHK[index], symbol_B[index])
            answer_BSHO = answer_BSHO.index_copy(0, index, mean)
        return answer_BSHO

    def distribution(self, raw: Tensor) -> Tensor:
        """`raw` itself: what `forward` returns are outputs, or a logit, already."""
        return raw

    @property
    def incremental(self) -> bool:
        """Whether every network can read a window piece by piece, and their states have one size."""
        sizes = {tuple(value.shape for value in net.parameters()) for net in self._every(1)}
        return len(sizes) == 1 and all(net.incremental for net in self._every(1))

    def encode_rows(self, x_BTF: Tensor, state_BS: Tensor | None, symbol: int = 0) -> Tensor:
        """As Network.encode_rows: (B, S), the states of the symbol's networks joined."""
        nets = self._every(self.symbols, symbol % self.symbols)
        states = [None] * len(nets) if state_BS is None else state_BS.chunk(len(nets), dim=1)
        return torch.cat(
            [net.encode_rows(x_BTF, state, symbol) for net, state in zip(nets, states, strict=True)], dim=1
        )

    def decode_state(self, state_BS: Tensor, known_BHK: Tensor, symbol: int = 0) -> Tensor:
        """As Network.decode_state: (B, H, 8) outputs, or the logit (B, H, 1)."""
        nets = self._every(self.symbols, symbol % self.symbols)
        states = state_BS.chunk(len(nets), dim=1)
        return self._mean(
            [
                net.distribution(net.decode_state(state, known_BHK, symbol))
                for net, state in zip(nets, states, strict=True)
            ]
        )

    def weigh_inputs(self, x_BTF: Tensor, symbol: int = 0) -> tuple[Tensor, Tensor]:
        """As Network.weigh_inputs: the mean weights of the symbol's networks."""
        nets = self._every(self.symbols, symbol % self.symbols)
        input_weights, row_weights = zip(*(net.weigh_inputs(x_BTF, symbol) for net in nets), strict=True)
        return torch.stack(input_weights).mean(dim=0), torch.stack(row_weights).mean(dim=0)

    def rounds(self) -> tuple["Network | Ensemble", ...]:
        """The ensemble taken apart: one network per round, or one ensemble per round if each symbol has its network."""
        nets = self._every(1)
        rounds = [nets[start : start + self.symbols] for start in range(0, len(nets), self.symbols)]
        return tuple(members[0] if self.symbols == 1 else Ensemble(members, self.symbols) for members in rounds)

    def _mean_answer(self, symbol: int, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None) -> Tensor:
        nets = self._every(self.symbols, symbol)
        return self._mean([net.distribution(net(x_BTF, known_BSHK, symbol_B)) for net in nets])

    def _every(self, step: int, first: int = 0) -> list[Network]:
        """Every `step`-th network, counted from the network `first`."""
        return [net for net in self.members if isinstance(net, Network)][first::step]

    def _mean(self, answers: list[Tensor]) -> Tensor:
        if self.binary:
            return torch.stack([logit.sigmoid() for logit in answers]).mean(dim=0).logit(eps=1e-6)
        return torch.stack(answers).mean(dim=0)
