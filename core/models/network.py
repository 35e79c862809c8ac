"""The network around the encoder of every kind: normalisation, symbol embedding, and the head that answers each step.

Axis letters: B batch, T rows of a chunk (lookback + S − 1), S cutoffs read out, G groups of steps, D width, H steps,
F features, K known, R raw numbers of the head, E embedding.
"""

import math

import torch
from torch import Tensor, nn

from core.errors import TrainError
from core.language import message
from core.models import heads
from core.models.encoder import Encoder
from core.models.mixture import Mixture
from core.models.plans import Plans
from core.spec import MEAN

MIN_VARIANCE = 1e-8  # of a column that is constant in a window, in units of the training rows


class Network(nn.Module):
    """Maps chunks of rows to R raw numbers for each of H steps; `distribution` turns them into quantiles and the mean.

    The mean is read from the same state as the quantiles, but its gradient ends there: squared errors of outliers
    change no quantile.

    `embedding` is how many symbols there are and how many numbers stand for each. `anchored` are inputs that are
    measured from their last value in the window; `target_input` is the input that is the target itself, by whose spread
    a reversible normalisation scales the answer.
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
        embedding: tuple[int, int] | None = None,
        embeds_rows: bool = True,
        reversible: bool = False,
        target_input: int = 0,
        anchored: tuple[int, ...] = (),
        every_step: bool = False,
        short_windows: bool = False,
        has_plans: bool = False,
    ) -> None:
        super().__init__()
        self.kind, self.steps, self.head_name = kind, steps, head
        self.every_step, self.short_windows = every_step, short_windows
        self.raw_count, self.binary = heads.RAW[head], head == "logit"
        self.groups, self.group_steps = groups, -(-steps // groups)
        self.reversible, self.target_input, self.anchored = reversible, target_input, anchored
        self.embeds_rows = embeds_rows
        self.encoder, self.dropout = encoder, nn.Dropout(dropout)
        inputs = encoder.width + self.group_steps * known + (embedding[1] if embedding else 0)
        has_mean = head == "quantiles"
        self.head = nn.Linear(inputs, self.group_steps * (MEAN if has_mean else self.raw_count))
        self.embedding = nn.Embedding(*embedding) if embedding else None
        self.plans = Plans(inputs - self.group_steps * known, known, self.raw_count) if has_plans else None
        self.mixture: Mixture | None = None  # of a trained network
        if reversible:
            self.offset_H = nn.Parameter(torch.zeros(steps))
        self.mean_head = nn.Linear(inputs, self.group_steps) if has_mean else None
        self.register_load_state_dict_pre_hook(_convert_old_weights)

    def forward(
        self, x_BTF: Tensor, known_BSHK: Tensor, symbol_B: Tensor | None = None, length_B: Tensor | None = None
    ) -> Tensor:
        """(B, S, H, R) raw numbers at the last S rows of each chunk; S is taken from `known_BSHK`.

        `symbol_B` are positions of symbols (None: all are the first), `length_B` the real rows of each window, at its
        end behind padding (None: all are full). Raises TrainError if this kind takes no short windows.
        """
        count = known_BSHK.shape[1]
        if count > 1 and not self.every_step:
            raise ValueError(f"A {self.kind} model of these settings answers for one cutoff of a chunk; got {count}.")
        if length_B is not None and not self.short_windows:
            raise TrainError(
                message(
                    "A {kind} model needs whole windows; got a window of {rows} of {lookback} rows. Leave short "
                    "windows out, or set model.kind to lstm.",
                    kind=self.kind,
                    rows=int(length_B.min()),
                    lookback=x_BTF.shape[1],
                )
            )
        normal_BTF, scale_B = self._normalise(x_BTF, count, length_B)
        embedding_BE = self._embed(symbol_B, x_BTF)
        state_BSGD = self.encoder(self._with_embedding(normal_BTF, embedding_BE), count, length_B)
        raw_BSHR = self._answer(state_BSGD, known_BSHK, embedding_BE)
        if scale_B is not None:
            raw_BSHR = heads.rescale(self.head_name, raw_BSHR, scale_B, self.offset_H)
        raw_BSHR = self._add_plans(raw_BSHR, state_BSGD, known_BSHK, embedding_BE)
        if self.mixture is None:
            return raw_BSHR
        symbol_B = _first_symbol(x_BTF) if symbol_B is None else symbol_B
        return self.mixture(raw_BSHR[:, 0], self.mixture.read(x_BTF), known_BSHK[:, 0], symbol_B)[:, None]

    def distribution(self, raw: Tensor) -> Tensor:
        """(..., 8) ordered quantiles and the mean, standardised, from raw numbers (..., R); a logit stays as it is."""
        return heads.distribution(self.head_name, raw)

    @property
    def incremental(self) -> bool:
        """Whether a window can be read piece by piece: nothing in it depends on later rows."""
        return self.encoder.incremental and not (self.reversible or self.anchored)

    def encode_rows(self, x_BTF: Tensor, state_BS: Tensor | None, symbol: int = 0) -> Tensor:
        """(B, S): the state of the network after further rows of whole windows of one symbol.

        `state_BS` is its state before them; None at the first row. Raises ValueError if the network is not
        `incremental`.
        """
        if not self.incremental:
            raise ValueError(f"A {self.kind} model of these settings reads a window as a whole.")
        embedding_BE = self._embed(_first_symbol(x_BTF) + symbol, x_BTF)
        inputs_BTF = self._with_embedding(x_BTF, embedding_BE)
        if self.mixture is None:
            return self.encoder.encode_rows(inputs_BTF, state_BS)
        # The sums of the linear maps and the number of rows behind them follow the state of the encoder.
        tail = len(self.mixture.maps) * self.steps + 1
        begin = 0 if state_BS is None else int(state_BS[0, -1])
        sum_BX = self.mixture.read(x_BTF, begin).flatten(1)
        if state_BS is not None:
            sum_BX = sum_BX + state_BS[:, -tail:-1]
        rows_B1 = sum_BX.new_full((len(sum_BX), 1), begin + x_BTF.shape[1])
        own_BS = self.encoder.encode_rows(inputs_BTF, None if state_BS is None else state_BS[:, :-tail])
        return torch.cat([own_BS, sum_BX, rows_B1], dim=1)

    def decode_state(self, state_BS: Tensor, known_BHK: Tensor, symbol: int = 0) -> Tensor:
        """(B, H, R): the raw numbers of `forward` for windows that `encode_rows` has read to their end."""
        symbol_B = _first_symbol(state_BS) + symbol
        state_BSGD = state_BS[:, None, None, : self.encoder.width]
        embedding_BE = self._embed(symbol_B, state_BS)
        raw_BSHR = self._answer(state_BSGD, known_BHK[:, None], embedding_BE)
        raw_BHR = self._add_plans(raw_BSHR, state_BSGD, known_BHK[:, None], embedding_BE)[:, 0]
        if self.mixture is None:
            return raw_BHR
        count = len(self.mixture.maps)
        sum_BMH = state_BS[:, -1 - count * self.steps : -1].unflatten(1, (count, self.steps))
        return self.mixture(raw_BHR, sum_BMH, known_BHK, symbol_B)

    def weigh_inputs(self, x_BTF: Tensor, symbol: int = 0) -> tuple[Tensor, Tensor]:
        """The weights of the inputs of one symbol's windows (B, T, F) and of their rows (B, K, H, T); see
        `Encoder.weigh_inputs`."""
        inputs_BTF = self._with_embedding(
            self._normalise(x_BTF, 1, None)[0], self._embed(_first_symbol(x_BTF) + symbol, x_BTF)
        )
        return self.encoder.weigh_inputs(inputs_BTF)

    def rounds(self) -> tuple["Network", ...]:
        """No networks: an ensemble has several, and a single one is not taken apart."""
        return ()

    def _normalise(self, x_BTF: Tensor, count: int, length_B: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """The normalised inputs, and the spread of the target in each window if the answer is scaled by it.

        A chunk of several windows is normalised by the first of them, so that no answer knows a level after its cutoff.
        Rows behind it may lie further out than those of a window can, √L spreads from its mean (Samuelson 1968), and
        are clipped there; otherwise they could be anywhere if the first window is constant.
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
        centred_BTF = x_BTF - ((x_BTF * first_BT1).sum(dim=1) / full_B1)[:, None]
        scale_BF = ((centred_BTF.square() * first_BT1).sum(dim=1) / full_B1 + MIN_VARIANCE).sqrt()
        scaled_BTF = centred_BTF / scale_BF[:, None]
        if count > 1:
            scaled_BTF = scaled_BTF.clamp(-math.sqrt(rows), math.sqrt(rows))
        return scaled_BTF, scale_BF[:, self.target_input]

    def _embed(self, symbol_B: Tensor | None, like: Tensor) -> Tensor | None:
        """(B, E): the embeddings of the symbols, on the device of `like`; None if symbols are not embedded."""
        if self.embedding is None:
            return None
        return self.embedding(_first_symbol(like) if symbol_B is None else symbol_B)

    def _with_embedding(self, x_BTF: Tensor, embedding_BE: Tensor | None) -> Tensor:
        if embedding_BE is None or not self.embeds_rows:
            return x_BTF
        return torch.cat([x_BTF, embedding_BE[:, None].expand(-1, x_BTF.shape[1], -1)], dim=2)

    def _answer(self, state_BSGD: Tensor, known_BSHK: Tensor, embedding_BE: Tensor | None) -> Tensor:
        """(B, S, H, R): the head on each group of steps, whose last one may reach beyond the horizon."""
        count, groups = known_BSHK.shape[1], self.groups
        surplus = groups * self.group_steps - self.steps
        if surplus:
            known_BSHK = nn.functional.pad(known_BSHK, (0, 0, 0, surplus))
        inputs = [self.dropout(state_BSGD), known_BSHK.unflatten(2, (groups, self.group_steps)).flatten(3)]
        if embedding_BE is not None:
            inputs.append(embedding_BE[:, None, None].expand(-1, count, groups, -1))
        joined = torch.cat(inputs, dim=-1)
        raw_BSGR = self.head(joined).unflatten(-1, (self.group_steps, -1))
        if self.mean_head is not None:
            mean_BSGR = self.mean_head(joined.detach() if self.training else joined)[..., None]
            raw_BSGR = torch.cat([raw_BSGR, mean_BSGR], dim=-1)
        return raw_BSGR.flatten(2, 3)[:, :, : self.steps]

    def _add_plans(
        self, raw_BSHR: Tensor, state_BSGD: Tensor, known_BSHK: Tensor, embedding_BE: Tensor | None
    ) -> Tensor:
        """The raw numbers with what plans add: in units of the training rows, whatever the spread of the window."""
        if self.plans is None:
            return raw_BSHR
        state_BSGD = self.dropout(state_BSGD)
        if embedding_BE is not None:
            shape = (*state_BSGD.shape[:3], -1)
            state_BSGD = torch.cat([state_BSGD, embedding_BE[:, None, None].expand(shape)], dim=-1)
        return raw_BSHR + self.plans(state_BSGD, known_BSHK)


def _first_symbol(like: Tensor) -> Tensor:
    return torch.zeros(len(like), dtype=torch.int64, device=like.device)


def _convert_old_weights(net: Network, weights: dict[str, Tensor], *_: object) -> None:
    """Rename the weights saved when all models were recurrent. A run of version 0.1 has no head for the mean, and one
    of version 0.2 no layer for plans."""
    for name in [name for name in weights if name.startswith("cell.")]:
        weights[f"encoder.{name}"] = weights.pop(name)
    if "mean_head.weight" not in weights:
        net.mean_head = None
    if "plans.answer.weight" not in weights:
        net.plans = None
