"""How many weights a model has and how much memory its training takes, without building it."""

from core.models import heads
from core.spec import RECURRENT, Model, Spec, every_step

GATES = {"lstm": 4, "gru": 3, "rnn": 1}
UNITS = {"lstm": 17, "gru": 7, "rnn": 1}  # measured on a CPU: numbers that a cell keeps for each unit
EMBEDDED = 8  # numbers at most that stand for a symbol
FLOAT = 4  # bytes
CHUNK = 16  # windows that a longer chunk counts as; measured: 4 chunks a step learn soonest at a batch of 64


def chunked(spec: Spec) -> bool:
    """Whether the loss is taken at every step of chunks, and not at the end of single windows."""
    return spec.train.supervision != "window" and every_step(spec)


def chunks(batch_size: int, count: int) -> int:
    """Chunks of `count` cutoffs in a step; the many targets of one chunk resemble each other and count as CHUNK."""
    return max(1, round(batch_size / min(count, CHUNK)))


def grouped(model: Model, steps: int) -> int:
    """How many groups of steps the head answers one by one: the segments of the horizon, otherwise one for all."""
    return -(-steps // min(model.segment, steps)) if model.kind == "segment" else 1


def parameters(spec: Spec, *, features: int, known: int, steps: int, binary: bool, symbols: int | None = None) -> int:
    """How many weights the model has."""
    m, lookback = spec.model, spec.window.lookback
    count = len(spec.data.symbols) if symbols is None else symbols
    size = min(EMBEDDED, count) if m.symbols == "embedded" else 0
    inside, width = _encoder(m, features, features + size, lookback, steps)
    together = -(-steps // grouped(m, steps))
    head = (width + together * known + size + 1) * together * heads.WIDTHS[heads.head_of(m, binary)]
    return inside + head + count * size + (steps if m.norm == "reversible" else 0)


def memory(spec: Spec, *, features: int, known: int, steps: int, binary: bool, symbols: int | None = None) -> int:
    """About how many bytes the training of one batch takes.

    4 · (4 · weights + rows · numbers kept a row): weights, their gradients and two moments of the optimiser, and what
    each layer keeps for its gradient. A batch of windows has batch_size · lookback rows; with the loss at every step,
    batch_size / 16 chunks of twice the lookback.
    """
    m, lookback = spec.model, spec.window.lookback
    weights = parameters(spec, features=features, known=known, steps=steps, binary=binary, symbols=symbols)
    every = chunked(spec)
    taken = chunks(spec.train.batch_size, lookback if every else 1)
    rows = taken * lookback * (2 if every else 1)
    size = min(EMBEDDED, len(spec.data.symbols) if symbols is None else symbols) if m.symbols == "embedded" else 0
    answers = taken * (lookback if every else 1) * steps * (known + 2 * heads.WIDTHS[heads.head_of(m, binary)])
    return FLOAT * (4 * weights + round(rows * _kept(m, features + size, lookback)) + answers)


def _encoder(m: Model, plain: int, features: int, lookback: int, steps: int) -> tuple[int, int]:
    """Weights of the encoder, and the width of what it hands to the head."""
    if m.kind in RECURRENT:
        ways = 2 if m.bidirectional else 1
        width = m.hidden * ways
        cells = sum(ways * _cell(m.kind, features if layer == 0 else width, m.hidden) for layer in range(m.layers))
        norms = 2 * width * m.layers if m.norm_layer != "none" else 0
        return cells + norms + _readout(m, width), width
    if m.kind == "transformer":
        d = m.hidden
        block = 2 * 2 * d + (3 * d * d + 3 * d) + (d * d + d) + (4 * d * d + 4 * d) + (4 * d * d + d)
        return features * d + d + m.layers * block + 2 * d + _readout(m, d), d
    if m.kind == "segment":
        project = m.segment * features * m.hidden + m.hidden
        return project + m.layers * _cell("gru", m.hidden, m.hidden) + grouped(m, steps) * m.hidden, m.hidden
    return 0, plain * lookback * (2 if m.kind == "dlinear" else 1)


def _cell(kind: str, inputs: int, hidden: int) -> int:
    return GATES[kind] * hidden * (inputs + hidden + 2)


def _readout(m: Model, width: int) -> int:
    return width * width + 2 * width if m.pooling == "attention" else 0


def _kept(m: Model, features: int, lookback: int) -> float:
    """Numbers kept for the gradient, a row of input."""
    if m.kind in RECURRENT:
        ways = 2 if m.bidirectional else 1
        # What norm and residual keep, beside the cell itself.
        beside = (2 if m.norm_layer != "none" else 0) + (1 if m.residual else 0)
        return features + ways * m.layers * m.hidden * (UNITS[m.kind] + beside)
    if m.kind == "transformer":
        # Norms and sums, query, key, value and result, the wide part, what dropout keeps, and the attention.
        return features + m.layers * (28 * m.hidden + m.heads * lookback / 8) + 2 * m.hidden
    if m.kind == "segment":
        return features + (1 + 9 * m.layers) * m.hidden / m.segment
    return features * (3 if m.kind == "dlinear" else 2)
