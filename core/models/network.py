"""The network around every encoder: what comes in, who it is about, and the head that answers each step.

Axis letters: B batch, T rows of a chunk (lookback + S − 1), S cutoffs read out, G groups of steps, D width, H steps,
K known, O raw numbers of the head, E embedding.
"""

import math

import torch
from torch import Tensor, nn

from core.errors import TrainError
from core.models import heads
from core.models.linear import Linear
from core.models.recurrent import Recurrent
from core.models.segment import Segment
from core.models.transformer import Transformer

Encoder = Recurrent | Transformer | Segment | Linear
TINY = 1e-8  # variance of a column that stands still in a window, in units of the training rows


class Network(nn.Module):
    """Chunks of rows in, O raw numbers for each of H steps out; `quantiles` says what they mean.

    `anchored` are inputs that are measured from their last value in the window; `own` is the input that is the target
    itself, by whose spread a reversible normalisation scales the answer.
    """

    def __init__(
        self,
        encoder: Encoder,
        *,
        kind: str,
        known: int,
        steps: int,
        head: str,
        dropout: float,
        groups: int = 1,
        embedded: tuple[int, int] | None = None,
        embed_rows: bool = True,
        reversible: bool = False,
        own: int = 0,
        anchored: tuple[int, ...] = (),
        every_step: bool = False,
    ) -> None:
        super().__init__()
        self.kind, self.steps, self.answer, self.every_step = kind, steps, head, every_step
        self.outputs, self.binary = heads.WIDTHS[head], head == "logit"
        self.groups, self.together = groups, -(-steps // groups)
        self.reversible, self.own, self.anchored, self.embed_rows = reversible, own, anchored, embed_rows
        self.encoder, self.dropout = encoder, nn.Dropout(dropout)
        size = embedded[1] if embedded else 0
        self.head = nn.Linear(encoder.width + self.together * known + size, self.together * self.outputs)
        self.embedding = nn.Embedding(*embedded) if embedded else None
        if reversible:
            self.offset_H = nn.Parameter(torch.zeros(steps))
        self.register_load_state_dict_pre_hook(_rename)

    def forward(
        self, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None = None, length_B: Tensor | None = None
    ) -> Tensor:
        """(B, S, H, O) raw numbers at the last S rows of each chunk; S is taken from `known_BSHK`.

        `symbol_B` are positions of symbols (None: all are the first), `length_B` the real rows of each window, which
        stand at its end behind padding (None: all are full). Raises TrainError when this kind takes no short windows.
        """
        count = known_BSHK.shape[1]
        if count > 1 and not self.every_step:
            raise ValueError(f"A {self.kind} model of these settings answers for one cutoff of a chunk; got {count}.")
        if length_B is not None and not self.encoder.short:
            raise TrainError(
                f"A {self.kind} model needs whole windows; a window of {int(length_B.min())} of "
                f"{x_BTF.shape[1]} rows came. Leave short windows out, or set model.kind to lstm."
            )
        x_BTF, scale_B = self._normalised(x_BTF, count, length_B)
        told_BE = self._embedded(symbol_B, x_BTF)
        if self.embed_rows and told_BE is not None:
            x_BTF = torch.cat([x_BTF, told_BE[:, None].expand(-1, x_BTF.shape[1], -1)], dim=2)
        raw_BSHO = self._answers(self.encoder(x_BTF, count, length_B), known_BSHK, told_BE)
        return raw_BSHO if scale_B is None else heads.rescale(self.answer, raw_BSHO, scale_B, self.offset_H)

    def quantiles(self, raw: Tensor) -> Tensor:
        """(..., 7) ordered quantiles in standardised units from raw numbers (..., O); a logit stays alone."""
        return heads.quantiles(self.answer, raw)

    @property
    def resumable(self) -> bool:
        """Whether a window can be read piece by piece: nothing in it depends on rows that are still to come."""
        return isinstance(self.encoder, Recurrent) and self.encoder.resumable and not (self.reversible or self.anchored)

    def resume(self, x_BTF: Tensor, state_BS: Tensor | None, symbol: int = 0) -> Tensor:
        """(B, S): all that the network remembers after further rows of whole windows of one symbol.

        `state_BS` is what it remembered before them; None at the first row. Raises ValueError where the network cannot
        be read piece by piece.
        """
        if not isinstance(self.encoder, Recurrent) or not self.resumable:
            raise ValueError(f"A {self.kind} model of these settings reads a window as a whole.")
        told_BE = self._embedded(x_BTF.new_full((len(x_BTF),), symbol, dtype=torch.int64), x_BTF)
        if self.embed_rows and told_BE is not None:
            x_BTF = torch.cat([x_BTF, told_BE[:, None].expand(-1, x_BTF.shape[1], -1)], dim=2)
        return self.encoder.resume(x_BTF, state_BS)

    def conclude(self, state_BS: Tensor, known_BHK: Tensor, symbol: int = 0) -> Tensor:
        """(B, H, O): the raw numbers that `forward` gives for windows which `resume` has read to their end."""
        told_BE = self._embedded(known_BHK.new_full((len(state_BS),), symbol, dtype=torch.int64), state_BS)
        read_BSGD = state_BS[:, None, None, : self.encoder.width]
        return self._answers(read_BSGD, known_BHK[:, None], told_BE)[:, 0]

    def _normalised(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The inputs, and the spread of the target in each window where the answer is to be scaled by it.

        A chunk of several windows is normalised by the first of them, so that no answer knows a level after its cutoff.
        Rows behind it may lie further out than those of a window can, √L spreads from its mean (Samuelson 1968), and
        are clipped there; where the first window stands still they would otherwise be anywhere.
        """
        if self.anchored:
            last_BF = torch.zeros_like(x_BTF[:, -1])
            columns = list(self.anchored)
            last_BF[:, columns] = x_BTF[:, -1, columns]
            return x_BTF - last_BF[:, None], None
        if not self.reversible:
            return x_BTF, None
        rows = x_BTF.shape[1] - count + 1
        full_B1 = x_BTF.new_full((len(x_BTF), 1), rows) if length_B is None else length_B[:, None].to(x_BTF.dtype)
        row_T = torch.arange(x_BTF.shape[1], device=x_BTF.device)
        first_BT1 = ((row_T >= rows - full_B1) & (row_T < rows)).to(x_BTF.dtype)[:, :, None]
        moved_BTF = x_BTF - ((x_BTF * first_BT1).sum(dim=1) / full_B1)[:, None]
        scale_BF = ((moved_BTF.square() * first_BT1).sum(dim=1) / full_B1 + TINY).sqrt()
        moved_BTF = moved_BTF / scale_BF[:, None]
        return moved_BTF if count == 1 else moved_BTF.clamp(-math.sqrt(rows), math.sqrt(rows)), scale_BF[:, self.own]

    def _embedded(self, symbol_B: Tensor | None, x_BTF: Tensor) -> Tensor | None:
        if self.embedding is None:
            return None
        if symbol_B is None:
            symbol_B = torch.zeros(len(x_BTF), dtype=torch.int64, device=x_BTF.device)
        return self.embedding(symbol_B)

    def _answers(self, read_BSGD: Tensor, known_BSHK: Tensor, told_BE: Tensor | None) -> Tensor:
        count, groups = known_BSHK.shape[1], self.groups
        beyond = groups * self.together - self.steps
        if beyond:
            known_BSHK = nn.functional.pad(known_BSHK, (0, 0, 0, beyond))
        parts = [self.dropout(read_BSGD), known_BSHK.unflatten(2, (groups, self.together)).flatten(3)]
        if told_BE is not None:
            parts.append(told_BE[:, None, None].expand(-1, count, groups, -1))
        raw_BSGO = self.head(torch.cat(parts, dim=-1)).unflatten(-1, (self.together, self.outputs))
        return raw_BSGO.flatten(2, 3)[:, :, : self.steps]


def _rename(net: nn.Module, weights: dict[str, Tensor], *_: object) -> None:
    """Weights of runs that were saved when there were recurrent models alone."""
    for name in [name for name in weights if name.startswith("cell.")]:
        weights[f"encoder.{name}"] = weights.pop(name)
