"""How long a training takes, estimated by counting multiply-adds, without building anything.

All costs are in multiply-adds, and measured on a CPU; benchmarks.estimates compares them with trainings. Letters: L
rows of a window, S cutoffs of a chunk, D hidden size.
"""

import math

from core.models import chunks, heads
from core.models.kinds import MODELS
from core.models.kinds.kind import Cost
from core.models.memory import embedding_size
from core.spec import Spec

OPERATIONS_PER_SECOND = 3e10  # of one processor core
BACKWARD = 3  # a training step in forward passes: forward, gradients of inputs, gradients of weights
STEP_OVERHEAD = 3.5e7  # of a step of any optimiser, the network aside
VALIDATION_OVERHEAD = 3e7  # of a validation batch
BATCH = 128  # windows of a batch at inference; measured: in larger ones the gradients of a network leave the cache
HEAD_OVERHEAD = 90


def count_operations(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, train_windows: int, val_windows: int
) -> float:
    """The multiply-adds of one epoch, its validation pass included.

    passes · steps · (STEP_OVERHEAD + 3 · forward pass of a batch) + validation. A pass with a loss at every step reads
    n/S chunks of L + S − 1 rows with S = L, about 2 n rows; one over windows reads n · L rows. If each symbol has a
    network of its own, an epoch is that of one network on the windows of its symbol.
    """
    lookback, symbols = spec.window.lookback, _symbols_of_network(spec)
    size, count, steps_per_epoch = _layout(spec, train_windows, val_windows)
    val_windows = math.ceil(val_windows * symbols / len(spec.data.symbols))
    cost, head = _costs(spec, features, known, steps, binary, symbols)
    validated = math.ceil(val_windows / chunks.validation_stride(spec, val_windows, count))
    cutoffs = chunks.validation_cutoffs(spec, count)
    val_chunks, rows = math.ceil(validated / cutoffs), lookback + cutoffs - 1
    validation = (
        math.ceil(validated / BATCH) * (VALIDATION_OVERHEAD + cost.of_overhead(rows))
        + val_chunks * cost.of_window(rows)
        + validated * head
    )
    return steps_per_epoch * _step(cost, head, size, count, lookback) + validation


def count_epochs(spec: Spec, train_windows: int, val_windows: int) -> int:
    """How many epochs a network of this recipe trains for at most."""
    return chunks.epochs_of(spec.train, _layout(spec, train_windows, val_windows)[2])


def _layout(spec: Spec, train_windows: int, val_windows: int) -> tuple[int, int, int]:
    """The chunks of a step, the cutoffs of a chunk, and the steps of an epoch."""
    symbols, all_symbols = _symbols_of_network(spec), len(spec.data.symbols)
    count = chunks.cutoffs_per_chunk(spec, train_windows)
    train_windows, val_windows = (math.ceil(n * symbols / all_symbols) for n in (train_windows, val_windows))
    pass_chunks = math.ceil(train_windows / count) + (symbols if count > 1 else 0)
    batch_size = chunks.windows_per_step(spec.train.batch_size, train_windows)
    size = min(chunks.chunks_per_step(batch_size, count), pass_chunks)
    steps_per_pass = math.ceil(pass_chunks / size)
    passes = chunks.passes_per_epoch(spec, train_windows, val_windows, count, steps_per_pass)
    return size, count, passes * steps_per_pass


def _symbols_of_network(spec: Spec) -> int:
    return 1 if spec.model.symbols == "separate" else len(spec.data.symbols)


def count_step_operations(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, size: int, count: int
) -> float:
    """The multiply-adds of one training step on `size` chunks of `count` cutoffs."""
    cost, head = _costs(spec, features, known, steps, binary, len(spec.data.symbols))
    return _step(cost, head, size, count, spec.window.lookback)


def _costs(spec: Spec, features: int, known: int, steps: int, binary: bool, symbols: int) -> tuple[Cost, float]:
    """The cost of the encoder, and the multiply-adds of the head and of the loss on its outputs, per cutoff."""
    m, kind, lookback = spec.model, MODELS[spec.model.kind], spec.window.lookback
    embedding, groups = embedding_size(spec, symbols), kind.groups(m, steps)
    cost = kind.cost(m, features=features, embedding=embedding, lookback=lookback, steps=steps)
    width = kind.size(m, features=features, embedding=embedding, lookback=lookback, steps=steps).width
    group_steps = -(-steps // groups)
    inputs = width + group_steps * known + embedding + HEAD_OVERHEAD
    return cost, groups * inputs * group_steps * heads.output_count(m, binary)


def _step(cost: Cost, head: float, size: int, count: int, lookback: int) -> float:
    return BACKWARD * (cost.of_batch(size, lookback + count - 1) + size * count * head) + STEP_OVERHEAD
