"""How long an epoch of training takes, by counting multiply-adds; nothing is built for it.

Letters: L rows of a window, S cutoffs of a chunk, D hidden size.
"""

import math
from dataclasses import dataclass

from core.models import heads
from core.models.memory import EMBEDDED, GATES, chunked, chunks, grouped
from core.spec import RECURRENT, Model, Spec

RATE = 1.9e10  # multiply-adds a second of one processor core; measured, as are the other costs
BACK = 3  # a training step, in forward passes: forward, gradients of inputs, gradients of weights
STEP = 4e7  # what one step of any optimiser costs beside the network, in multiply-adds
LOOK = 8e7  # the same of one batch of the validation part
BATCH = 512  # windows of such a batch
# What is paid once a row and layer, or once a layer of what has no rows, however narrow; in multiply-adds.
WAIT = {"lstm": 4e5, "gru": 2.5e6, "rnn": 7e5, "segment": 5e6, "transformer": 3e7, "nlinear": 1e5, "dlinear": 4e5}
# What a multiply-add of each kind costs beside the average one.
PRICE = {"lstm": 0.9, "gru": 1.4, "rnn": 1.3, "transformer": 1.8, "segment": 0.6, "nlinear": 0.5, "dlinear": 9.4}
POINTWISE = 16  # of a gate and unit, in multiply-adds
MOST_PASSES = 8
LEARNING_COST = 10  # of a row in a training step, in rows of validation; measured on 1×64 and 2×64 LSTMs
ENOUGH = 900  # validation windows that a look takes at least, where there are as many
LOOKING = 1 / 3  # the share of an epoch that looking at the validation part may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Multiply-adds of a forward pass a row and a window; `waits_row` and `waits` are paid once, however many
    windows there are, for each row and for the whole."""

    price: float
    row: float
    window: float = 0.0
    waits_row: float = 0.0
    waits: float = 0.0

    def real(self, rows: int) -> float:
        """What a window of so many rows costs."""
        return self.price * (rows * self.row + self.window)

    def idle(self, rows: int) -> float:
        """What a batch of any size costs beside its windows."""
        return rows * self.waits_row + self.waits

    def batch(self, windows: int, rows: int) -> float:
        """Multiply-adds of a forward pass over that many windows of that many rows."""
        return windows * self.real(rows) + self.idle(rows)


def seconds(
    spec: Spec,
    *,
    features: int,
    known: int,
    steps: int,
    binary: bool,
    train_windows: int,
    val_windows: int,
    rate: float = RATE,
) -> float:
    """About how many seconds one epoch takes on a machine of `rate` multiply-adds a second, looking included."""
    return (
        work(
            spec,
            features=features,
            known=known,
            steps=steps,
            binary=binary,
            train_windows=train_windows,
            val_windows=val_windows,
        )
        / rate
    )


def work(
    spec: Spec, *, features: int, known: int, steps: int, binary: bool, train_windows: int, val_windows: int
) -> float:
    """The multiply-adds of one epoch: passes · steps · (STEP + 3 · forward pass of a batch) + looking at validation.

    A pass with a loss at every step reads n/S chunks of L + S − 1 rows with S = L, about 2 n rows; one over windows
    reads n · L rows. A row costs gates · D · (inputs + D) in each layer of a recurrent model, 12 D² + 2 L D in each of
    a Transformer, the GRU's share of a segment in a segment model, and nothing but the head in a linear one. Where
    each symbol has a network of its own, an epoch is of one network over the windows of its symbol.
    """
    m, lookback, symbols = spec.model, spec.window.lookback, len(spec.data.symbols)
    count = cutoffs(spec, train_windows)
    if m.symbols == "separate":
        train_windows, val_windows, symbols = math.ceil(train_windows / symbols), math.ceil(val_windows / symbols), 1
    size = min(EMBEDDED, symbols) if m.symbols == "embedded" else 0
    cost, head = _encoder(m, features, size, lookback, steps), _head(m, features, known, size, steps, binary, lookback)
    rows, whole = lookback + count - 1, math.ceil(train_windows / count) + (symbols if count > 1 else 0)
    taken = min(chunks(spec.train.batch_size, count), whole)
    each = BACK * (cost.batch(taken, rows) + taken * count * head) + STEP
    rounds = math.ceil(whole / taken)
    seen = math.ceil(val_windows / one_of(val_windows, spec.target.horizon, count))
    looking = math.ceil(seen / BATCH) * (LOOK + cost.idle(lookback)) + seen * (cost.real(lookback) + head)
    return passes(train_windows, val_windows, lookback, count) * rounds * each + looking


def cutoffs(spec: Spec, train_windows: int) -> int:
    """S: the cutoffs of a chunk, as core.training.batches decides them where symbols are of one length."""
    return max(1, min(spec.window.lookback, train_windows // len(spec.data.symbols))) if chunked(spec) else 1


def passes(train_windows: int, val_windows: int, lookback: int, count: int) -> int:
    """How often an epoch sees every target: the passes over the training windows between two looks at validation.

    With a loss at every step a pass costs far less than with windows, and looking as often would take longer than
    learning. Counted in rows that go through the network, so that the machine's speed decides nothing.
    """
    learning = LEARNING_COST * math.ceil(train_windows / count) * (lookback + count - 1)
    return min(MOST_PASSES, max(1, math.ceil(val_windows * lookback * (1 - LOOKING) / LOOKING / max(learning, 1))))


def one_of(val_windows: int, horizon: int, count: int) -> int:
    """One of how many neighbouring validation windows a look takes, where the loss is at every step.

    Neighbours forecast all but one of the same steps, so where the horizon is long one of a few says what all do: of at
    most a quarter of the horizon, and ENOUGH in all. Single windows cost far more to learn from than to look at, so all
    are looked at there.
    """
    return max(1, min(horizon // 4, val_windows // ENOUGH)) if count > 1 else 1


def _encoder(m: Model, features: int, size: int, lookback: int, steps: int) -> Cost:
    d, inputs = m.hidden, features + size
    wait, price = WAIT[m.kind], PRICE[m.kind]
    if m.kind in RECURRENT:
        ways = 2 if m.bidirectional else 1
        row = sum(_cell(m.kind, inputs if layer == 0 else d * ways, d) for layer in range(m.layers))
        return Cost(price=price, row=ways * row + _readout(m, d * ways), waits_row=ways * m.layers * wait)
    if m.kind == "transformer":
        block = 12 * d * d + 2 * lookback * d + 60 * d + 20 * m.heads * lookback
        return Cost(price=price, row=inputs * d + m.layers * block + _readout(m, d), waits=m.layers * wait)
    if m.kind == "segment":
        cells, groups = m.layers * _cell("gru", d, d), grouped(m, steps)
        return Cost(
            price=price,
            row=inputs * d + cells / m.segment,
            window=groups * cells,
            waits_row=m.layers * wait / m.segment,
            waits=m.layers * wait,
        )
    return Cost(price=price, row=20.0 * features * (2 if m.kind == "dlinear" else 1), waits=wait)


def _cell(kind: str, inputs: int, hidden: int) -> float:
    return GATES[kind] * hidden * (inputs + hidden + POINTWISE)


def _readout(m: Model, width: int) -> int:
    return width * width if m.pooling == "attention" else 0


def _head(m: Model, features: int, known: int, size: int, steps: int, binary: bool, lookback: int) -> float:
    """Multiply-adds of the head, and of the loss on what it gives, at one cutoff."""
    groups = grouped(m, steps)
    together, raw = -(-steps // groups), heads.WIDTHS[heads.head_of(m, binary)]
    width = m.hidden * (2 if m.bidirectional and m.kind in RECURRENT else 1)
    if m.kind in ("nlinear", "dlinear"):
        width = features * lookback * (2 if m.kind == "dlinear" else 1)
    return groups * (width + together * known + size + 200) * together * raw
