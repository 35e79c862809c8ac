"""How training windows form chunks, steps and epochs: decided from counts alone, before anything is built.

A chunk has S cutoffs and lookback + S − 1 rows; a single window is a chunk with one cutoff.
"""

import math

from core.models.kinds import MODELS
from core.spec import Spec, Train

CHUNK_WINDOWS = 16  # what a longer chunk counts as; measured: 4 chunks a step learn fastest at a batch size of 64
MAX_PASSES = 8
WINDOWS_PER_BATCH = 50  # training windows for each one of a step, if the recipe leaves it to the data
SMALLEST_BATCH, LARGEST_BATCH = 8, 64  # then
MIN_STEPS = 10  # of an epoch: between two validation passes
LEARNING_COST = 10  # of a row in a training step, in rows of validation; measured on 1×64 and 2×64 LSTMs
VALIDATION_SHARE = 1 / 3  # of an epoch, at most
MIN_VALIDATION_WINDOWS = 900  # in a validation pass over single windows, if the split has as many
VALIDATION_CUTOFFS = 1 / 4  # of a chunk of a validation pass, as a share of those of a chunk that is learned


def supports_every_step(spec: Spec) -> bool:
    """Whether the model can be supervised at every step of a chunk."""
    return MODELS[spec.model.kind].every_step_obstacle(spec) is None


def at_every_step(spec: Spec) -> bool:
    """Whether the loss is taken at every step of a chunk instead of at the end of single windows."""
    return spec.train.supervision != "window" and supports_every_step(spec)


def windows_per_step(batch_size: int | None, train_windows: int) -> int:
    """The batch size of the recipe, or, where it has none, a fiftieth of the training windows from 8 to 64.

    A short series so gets as many different steps out of each pass as a long one, and noise that regularises.
    """
    return batch_size or min(LARGEST_BATCH, max(SMALLEST_BATCH, train_windows // WINDOWS_PER_BATCH))


def chunks_per_step(batch_size: int, count: int) -> int:
    """How many chunks of `count` cutoffs make up a training step.

    The targets of one chunk resemble each other, so a chunk counts as at most CHUNK_WINDOWS windows.
    """
    return max(1, round(batch_size / min(count, CHUNK_WINDOWS)))


def cutoffs_per_chunk(spec: Spec, train_windows: int) -> int:
    """S, as core.training.batches sets it if all symbols have the same length."""
    if not at_every_step(spec):
        return 1
    return max(1, min(spec.window.lookback, train_windows // len(spec.data.symbols)))


def validation_cutoffs(spec: Spec, count: int) -> int:
    """The cutoffs of a chunk of a validation pass; 1: single windows, as in a forecast.

    Chunks share their rows, so a pass over them costs a fraction: at a lookback of 60, 5 rows for each cutoff in place
    of 60. A state then knows up to a quarter more rows than a forecast's. That moves the loss by .01 % at a lookback of
    60 and .5 % at 20 or 10, and the best pass not at all (S&P 500, volatility, 1×64). Not so under reversible
    normalisation: a chunk is measured from the level of its first window, which moves the loss by 1 to 30 %.
    """
    if count == 1 or spec.model.norm == "reversible":
        return 1
    return max(1, round(VALIDATION_CUTOFFS * count))


def passes_per_epoch(spec: Spec, train_windows: int, val_windows: int, count: int, steps: int) -> int:
    """How often an epoch sees every target: the training passes, of `steps` steps each, per validation pass.

    With a loss at every step a training pass costs far less than one over windows, and validating after each would
    take longer than learning. Measured in rows that go through the network, so the speed of the machine plays no part.
    An epoch has at least MIN_STEPS steps: after fewer there is nothing new to validate.
    """
    lookback, cutoffs = spec.window.lookback, validation_cutoffs(spec, count)
    learning = LEARNING_COST * math.ceil(train_windows / count) * (lookback + count - 1)
    validating = math.ceil(val_windows / cutoffs) * (lookback + cutoffs - 1)
    needed = math.ceil(validating * (1 - VALIDATION_SHARE) / VALIDATION_SHARE / max(learning, 1))
    return max(min(MAX_PASSES, needed), math.ceil(MIN_STEPS / steps), 1)


def epochs_of(settings: Train, steps_per_epoch: int) -> int:
    """How many epochs a training has at most: those of the recipe, or as many as its steps make."""
    return settings.epochs or max(1, round(settings.steps / steps_per_epoch))


def validation_stride(spec: Spec, val_windows: int, count: int) -> int:
    """A validation pass over single windows takes one of this many neighbours, if training has a loss at every step.

    Neighbours share all but one of their steps, so at a long horizon one of a few says what all do: one of at most a
    quarter of the horizon, and at least MIN_VALIDATION_WINDOWS in all. Single windows cost far more to learn from than
    to validate on, and chunks cost little, so there all are taken.
    """
    if count == 1 or validation_cutoffs(spec, count) > 1:
        return 1
    return max(1, min(spec.target.horizon // 4, val_windows // MIN_VALIDATION_WINDOWS))
