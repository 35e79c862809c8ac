"""How many weights a model has and how much memory its training takes, without building it."""

import math

from core.models import chunks, heads, plan_size
from core.models.kinds import MODELS
from core.models.kinds.kind import Size
from core.spec import PLAN, Spec

MAX_EMBEDDING = 8  # numbers that stand for a symbol
FLOAT_BYTES = 4
UNKNOWN = 1_000_000  # training windows, where nobody has counted them: more than any batch takes


def embedding_size(spec: Spec, symbols: int | None = None) -> int:
    """How many numbers stand for a symbol; 0 if symbols are not embedded.

    `symbols` is how many there are; None: as many as the recipe names.
    """
    count = len(spec.data.symbols) if symbols is None else symbols
    return min(MAX_EMBEDDING, count) if spec.model.symbols == "embedded" else 0


def has_plans(spec: Spec) -> bool:
    """Whether a recipe uses columns whose future is known, by itself or because they are among its defaults, and its
    kind reads them by a layer of their own: a linear kind stays linear."""
    if "combine" not in MODELS[spec.model.kind].fields:
        return False
    return any(name.startswith(PLAN) for name in spec.features) or bool(not spec.features and spec.data.known_future)


def count_parameters(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, symbols: int | None = None
) -> int:
    """How many weights the model has; `symbols` as in `embedding_size`."""
    m, embedding = spec.model, embedding_size(spec, symbols)
    encoder = _encoder(spec, features, embedding, steps)
    group_steps = -(-steps // MODELS[m.kind].groups(m, steps))
    head = (encoder.width + group_steps * known + embedding + 1) * group_steps * heads.output_count(m, binary)
    if has_plans(spec):
        head += plan_size.parameters(encoder.width + embedding, known, heads.output_count(m, binary))
    count = len(spec.data.symbols) if symbols is None else symbols
    return encoder.parameters + head + count * embedding + (steps if m.norm == "reversible" else 0)


def estimate_memory(
    spec: Spec,
    *,
    features: int,
    known: int,
    steps: int,
    binary: bool,
    symbols: int | None = None,
    train_windows: int = UNKNOWN,
) -> int:
    """The bytes that the training of one batch takes, within a factor of about 1.6.

    4 · (4 · weights + rows · numbers kept per row): weights, their gradients and two moments of the optimiser, and what
    each layer keeps for its gradient. A batch of windows has batch_size · lookback rows; with a loss at every step it
    has batch_size / 16 chunks of twice the lookback. No batch has more than there are in `train_windows`.
    """
    lookback, embedding = spec.window.lookback, embedding_size(spec, symbols)
    weights = count_parameters(spec, features=features, known=known, steps=steps, binary=binary, symbols=symbols)
    cutoffs = chunks.cutoffs_per_chunk(spec, train_windows)
    size = chunks.chunks_per_step(chunks.windows_per_step(spec.train.batch_size, train_windows), cutoffs)
    count = min(size, math.ceil(train_windows / cutoffs))
    rows = count * (lookback + cutoffs - 1)
    activations = round(rows * _encoder(spec, features, embedding, steps).kept_per_row)
    answers = count * cutoffs * steps * (known + 2 * heads.output_count(spec.model, binary))
    if has_plans(spec):
        answers += count * cutoffs * steps * 2 * plan_size.WIDTH
    return FLOAT_BYTES * (4 * weights + activations + answers)


def _encoder(spec: Spec, features: int, embedding: int, steps: int) -> Size:
    return MODELS[spec.model.kind].size(
        spec.model, features=features, embedding=embedding, lookback=spec.window.lookback, steps=steps
    )
