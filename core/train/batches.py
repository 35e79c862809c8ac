"""Gathers training batches from shared rows: single windows, or chunks with a loss at every step."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.prepare.windows import Prepared, learned_TH
from core.records import Ints, Windows

WORTH = 16  # windows that a longer chunk counts as; measured: 4 chunks a step learn soonest at a batch of 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
    """The rows of a run on one device, holes filled with zero: windows with holes carry no weight.

    `valid_T` is 1 at the cutoff rows of the training part; `steps_H` are the offsets of the outputs.
    """

    x_TF: Tensor
    known_TK: Tensor
    y_TH: Tensor
    valid_T: Tensor
    symbol_T: Tensor
    steps_H: Tensor
    lookback: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    x_BTF: Tensor
    known_BSHK: Tensor
    symbol_B: Tensor
    y_BSH: Tensor
    weight_BS: Tensor

    @property
    def weight(self) -> Tensor:
        """The cutoffs that count."""
        return self.weight_BS.sum()


def tensors(windows: Windows, prepared: Prepared, device: str) -> Tensors:
    """The rows behind `windows` as tensors, with what the network learns standardised."""
    rows = windows.rows
    y_TH = prepared.y_scaler.apply(learned_TH(rows, prepared.anchored), rows.symbol_T)
    valid_T = np.zeros(len(rows.time_T), dtype=np.float32)
    valid_T[windows.cutoff_row_N] = 1.0

    def put(values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.nan_to_num(values, nan=0.0).astype(np.float32)).to(device)

    return Tensors(x_TF=put(rows.x_TF), known_TK=put(rows.known_TK), y_TH=put(y_TH), valid_T=put(valid_T),
                   symbol_T=torch.from_numpy(rows.symbol_T.astype(np.int64)).to(device),
                   steps_H=torch.tensor(rows.steps, device=device), lookback=windows.lookback)


def gather(data: Tensors, last_B: Tensor, count: int) -> Batch:
    """The chunks whose last cutoff rows are `last_B`, each with `count` cutoffs S and lookback + S − 1 rows."""
    device = data.x_TF.device
    span = data.lookback + count - 1
    row_BT = last_B[:, None] + torch.arange(1 - span, 1, device=device)
    cutoff_BS = row_BT[:, -count:]
    known = data.known_TK.shape[1]
    known_BSHK = data.known_TK[cutoff_BS[:, :, None] + data.steps_H] if known else \
        data.known_TK.new_empty(*cutoff_BS.shape, len(data.steps_H), 0)
    return Batch(x_BTF=data.x_TF[row_BT], known_BSHK=known_BSHK, symbol_B=data.symbol_T[last_B],
                 y_BSH=data.y_TH[cutoff_BS], weight_BS=data.valid_T[cutoff_BS])


def chunk_length(windows: Windows, every: bool) -> int:
    """S: 1 for single windows; at every step as many cutoffs as rows of context, or the shortest symbol's span."""
    return min(windows.lookback, *(last - first + 1 for first, last in _spans(windows))) if every else 1


def chunks(batch_size: int, count: int) -> int:
    """Chunks of `count` cutoffs in a step; the many targets of one chunk resemble each other and count as WORTH."""
    return batch_size if count == 1 else max(1, round(batch_size / min(count, WORTH)))


def epoch(windows: Windows, count: int, size: int, random: np.random.Generator, device: str) -> tuple[Tensor, ...]:
    """Last cutoff rows of the chunks of each step, in random order: all targets once, `size` chunks a step or fewer.

    Steps are of even size, so that none is left with a single window, which batch norm could not take.
    """
    ends = windows.cutoff_row_N if count == 1 else _tile(windows, count, random)
    ends = random.permutation(ends)
    steps = max(1, min(math.ceil(len(ends) / size), len(ends) // 2 if size > 1 else len(ends)))
    return torch.from_numpy(ends).to(device).tensor_split(steps)


def _spans(windows: Windows) -> list[tuple[int, int]]:
    """First and last cutoff row of each symbol."""
    symbol_N = windows.symbol_N
    return [(int(rows.min()), int(rows.max()))
            for rows in (windows.cutoff_row_N[symbol_N == s] for s in np.unique(symbol_N))]


def _tile(windows: Windows, count: int, random: np.random.Generator) -> Ints:
    """Last cutoff rows of chunks that tile each symbol's span from a random offset; the two ends are covered too."""
    seen = np.zeros(len(windows.rows.time_T) + 1, dtype=np.int64)
    seen[windows.cutoff_row_N + 1] = 1
    before = np.cumsum(seen)  # training cutoffs before each row
    kept = []
    for first, last in _spans(windows):
        low, offset = first + count - 1, int(random.integers(count))
        ends = np.unique(np.clip(np.arange(low + offset - count, last + count, count), low, last))
        # A chunk that holds no training window (a long hole) would have no loss.
        kept.append(ends[before[ends + 1] > before[ends + 1 - count]])
    return np.concatenate(kept)
