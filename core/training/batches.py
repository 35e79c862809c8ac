"""Gathers training batches from shared rows: single windows, or chunks with a loss at every step."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from core.datasets.windows import Prepared, network_targets
from core.types import Floats, Ints, Windows


@dataclass(frozen=True, slots=True, kw_only=True)
class Tensors:
    """The rows of a run on one device, holes filled with zero: windows with holes have no weight.

    `valid_T` is 1 at the cutoff rows of the split; `steps_H` are the offsets of the outputs. `length_T` is, for each
    row, how many rows up to it lie in some window without a gap; None if all windows are whole.
    """

    x_TF: Tensor
    known_TK: Tensor
    y_TH: Tensor
    valid_T: Tensor
    symbol_T: Tensor
    steps_H: Tensor
    lookback: int
    length_T: Tensor | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Chunks with S cutoffs each; `length_B` are their real rows, behind padding, or None if all are full."""

    x_BTF: Tensor
    known_BSHK: Tensor
    symbol_B: Tensor
    y_BSH: Tensor
    weight_BS: Tensor
    length_B: Tensor | None = None

    @property
    def weight(self) -> Tensor:
        """The number of cutoffs that count."""
        return self.weight_BS.sum()


def build_tensors(windows: Windows, prepared: Prepared, device: str, skip_NH: Floats | None = None) -> Tensors:
    """The rows behind `windows` as tensors, with standardised targets, less the forecasts `skip_NH` if given."""
    rows = windows.rows
    y_TH = prepared.y_scaler.apply(network_targets(rows, prepared.anchored), rows.symbol_T)
    if skip_NH is not None:
        y_TH[windows.cutoff_row_N] -= skip_NH
    valid_T = np.zeros(len(rows.time_T), dtype=np.float32)
    valid_T[windows.cutoff_row_N] = 1.0
    run_T = _run_lengths(windows)

    def put(values: np.ndarray) -> Tensor:
        return torch.from_numpy(np.nan_to_num(values, nan=0.0).astype(np.float32)).to(device)

    return Tensors(
        x_TF=put(rows.x_TF),
        known_TK=put(rows.known_TK),
        y_TH=put(y_TH),
        valid_T=put(valid_T),
        symbol_T=torch.from_numpy(rows.symbol_T.astype(np.int64)).to(device),
        steps_H=torch.tensor(rows.steps, device=device),
        lookback=windows.lookback,
        length_T=None if run_T is None else torch.from_numpy(run_T).to(device),
    )


def gather(data: Tensors, last_B: Tensor, count: int) -> Batch:
    """The chunks whose last cutoff rows are `last_B`, each with `count` cutoffs S and lookback + S − 1 rows.

    If some windows are short, no chunk reaches back beyond its run: the rows before are zeros, cutoffs there have no
    weight, and `length_B` is how many rows are real.
    """
    device = data.x_TF.device
    span = data.lookback + count - 1
    length_B = None if data.length_T is None else data.length_T[last_B].clamp(max=span)
    if length_B is not None and bool((length_B < span).any()):
        return _gather_padded(data, last_B, count, length_B)
    row_BT = last_B[:, None] + torch.arange(1 - span, 1, device=device)
    cutoff_BS = row_BT[:, -count:]
    return Batch(
        x_BTF=data.x_TF[row_BT],
        known_BSHK=_known(data, cutoff_BS),
        symbol_B=data.symbol_T[last_B],
        y_BSH=data.y_TH[cutoff_BS],
        weight_BS=data.valid_T[cutoff_BS],
    )


def _gather_padded(data: Tensors, last_B: Tensor, count: int, length_B: Tensor) -> Batch:
    """The chunks of a batch in which some begin with padding."""
    age_T = torch.arange(data.lookback + count - 2, -1, -1, device=data.x_TF.device)
    real_BT = age_T < length_B[:, None]
    row_BT = torch.where(real_BT, last_B[:, None] - age_T, last_B[:, None])
    cutoff_BS, real_BS = row_BT[:, -count:], real_BT[:, -count:].to(data.valid_T.dtype)
    return Batch(
        x_BTF=data.x_TF[row_BT] * real_BT[:, :, None],
        known_BSHK=_known(data, cutoff_BS),
        symbol_B=data.symbol_T[last_B],
        y_BSH=data.y_TH[cutoff_BS],
        weight_BS=data.valid_T[cutoff_BS] * real_BS,
        length_B=length_B,
    )


def _known(data: Tensors, cutoff_BS: Tensor) -> Tensor:
    if not data.known_TK.shape[1]:
        return data.known_TK.new_empty(*cutoff_BS.shape, len(data.steps_H), 0)
    return data.known_TK[cutoff_BS[:, :, None] + data.steps_H]


def chunk_length(windows: Windows, every: bool) -> int:
    """S: 1 for single windows; at every step as many cutoffs as rows of context, or the span of the shortest symbol.

    If chunks may begin with padding, the longest span counts instead.
    """
    if not every:
        return 1
    spans = [last - first + 1 for first, last in _spans(windows)]
    return min(windows.lookback, min(spans) if windows.length_N is None else max(spans))


def draw_epoch(windows: Windows, count: int, size: int, random: np.random.Generator, device: str) -> tuple[Tensor, ...]:
    """Last cutoff rows of the chunks of each step, in random order: all targets once, at most `size` chunks per step.

    Steps are of even size, so that none has a single window, which batch norm cannot take.
    """
    ends = windows.cutoff_row_N if count == 1 else _tile(windows, count, random)
    ends = random.permutation(ends)
    steps = max(1, min(math.ceil(len(ends) / size), len(ends) // 2 if size > 1 else len(ends)))
    return torch.from_numpy(ends).to(device).tensor_split(steps)


def tile(windows: Windows, count: int) -> list[tuple[int, Tensor]]:
    """Chunks that together have every cutoff once, as pairs: cutoffs per chunk, and last cutoff rows of such chunks.

    Chunks have `count` cutoffs, and fewer at the end of a symbol.
    """
    if count == 1:
        return [(1, torch.from_numpy(windows.cutoff_row_N))]
    ends: dict[int, list[int]] = {}
    for first, last in _spans(windows):
        ends.setdefault(count, []).extend(range(first + count - 1, last + 1, count))
        if rest := (last - first + 1) % count:
            ends.setdefault(rest, []).append(last)
    return [(size, torch.tensor(last)) for size, last in ends.items() if last]


def _spans(windows: Windows) -> list[tuple[int, int]]:
    """First and last cutoff row of each symbol or, if some windows are short, of each run of rows."""
    run_T, row_N = _run_lengths(windows), np.sort(windows.cutoff_row_N)
    group_N = windows.rows.symbol_T[row_N] if run_T is None else row_N - run_T[row_N]
    change = np.flatnonzero(np.diff(group_N))
    return list(zip(row_N[[0, *(change + 1)]].tolist(), row_N[[*change, -1]].tolist(), strict=True))


def _run_lengths(windows: Windows) -> Ints | None:
    """For each row, how many rows up to it lie in some window without a gap; (T,). None if all windows are whole.

    No window contains a hole or crosses a symbol, so neither does a run; the run of a short window begins with it.
    """
    if windows.length_N is None:
        return None
    count = len(windows.rows.time_T)
    edge_T = np.zeros(count + 1, dtype=np.int64)
    np.add.at(edge_T, windows.cutoff_row_N - windows.length_N + 1, 1)
    np.add.at(edge_T, windows.cutoff_row_N + 1, -1)
    row_T = np.arange(count)
    return row_T - np.maximum.accumulate(np.where(np.cumsum(edge_T[:-1]) > 0, -1, row_T))


def _tile(windows: Windows, count: int, random: np.random.Generator) -> Ints:
    """Last cutoff rows of chunks that tile each span from a random offset; the two ends are covered too."""
    is_cutoff = np.zeros(len(windows.rows.time_T) + 1, dtype=np.int64)
    is_cutoff[windows.cutoff_row_N + 1] = 1
    before = np.cumsum(is_cutoff)  # cutoffs before each row
    chunks = []
    for first, last in _spans(windows):
        low, offset = min(first + count - 1, last), int(random.integers(count))
        ends = np.unique(np.clip(np.arange(low + offset - count, last + count, count), low, last))
        # A chunk without a training window (in a long hole) would have no loss.
        chunks.append(ends[before[ends + 1] > before[np.maximum(ends + 1 - count, 0)]])
    return np.concatenate(chunks)
