"""What plans add to the answer for each step: columns whose future is known, such as prices and promotions.

Axis letters as in core.models.network; P hidden units.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.models.plan_size import WIDTH
from core.spec import MEAN


class Plans(nn.Module):
    """Raw numbers for a step from the state of the window and all that is known of the step, by one hidden layer.

    All steps share its weights, as in the temporal decoder of Das et al. 2023 (TiDE). The head itself is linear in what
    is known: it has no bent effect of a plan, and none that depends on the day or on the window. Its answer begins at
    zero, so training begins at the head's; the gradient of the mean ends at the hidden layer, as in the head.
    """

    def __init__(self, width: int, known: int, raw_count: int) -> None:
        super().__init__()
        self.state, self.known = nn.Linear(width, WIDTH), nn.Linear(known, WIDTH, bias=False)
        self.answer = nn.Linear(WIDTH, raw_count)
        nn.init.zeros_(self.answer.weight)
        nn.init.zeros_(self.answer.bias)

    def forward(self, state_BSGD: Tensor, known_BSHK: Tensor) -> Tensor:
        """(B, S, H, R) from the states of G groups of steps."""
        count, steps = state_BSGD.shape[2], known_BSHK.shape[2]
        state_BSHP = self.state(state_BSGD).repeat_interleave(-(-steps // count), dim=2)[:, :, :steps]
        hidden_BSHP = functional.elu(state_BSHP + self.known(known_BSHK))
        raw_BSHR = self.answer(hidden_BSHP)
        if raw_BSHR.shape[-1] <= MEAN or not self.training:
            return raw_BSHR
        mean_BSH1 = functional.linear(hidden_BSHP.detach(), self.answer.weight[MEAN:], self.answer.bias[MEAN:])
        return torch.cat([raw_BSHR[..., :MEAN], mean_BSH1], dim=-1)
