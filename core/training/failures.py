"""What goes wrong in a training, in words that say what to change."""

import math
from typing import TYPE_CHECKING

import torch

from core.models import chunks
from core.spec import Spec
from core.training import optimizers

if TYPE_CHECKING:
    from core.training.epoch import EpochMetrics


def find_problem(metrics: "EpochMetrics", spec: Spec, epoch: int) -> str | None:
    """What is wrong with the numbers of an epoch, and what to change; None if they are sound."""
    where = f"in epoch {epoch}" if spec.train.unit == "epoch" else f"before step {epoch * metrics.steps:,}"
    rate = optimizers.learning_rate(spec.train)
    advice = f"Lower train.learning_rate ({rate:g}) or train.clip_norm ({spec.train.clip_norm:g})"
    if not math.isfinite(metrics.grad_norm_max) and math.isfinite(metrics.first_loss):
        return f"The gradient exploded {where}: its norm reached {metrics.grad_norm_max:g}. {advice}."
    if not math.isfinite(metrics.train_loss) or not math.isfinite(metrics.val_loss):
        return f"The loss stopped being a number {where}. {advice}, or look for extreme values in the inputs."
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out; on a CPU torch raises a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)


def out_of_memory(spec: Spec, device: str) -> str:
    """The message for a device that ran out of memory: what to lower."""
    batch_size = spec.train.batch_size or chunks.LARGEST_BATCH
    return (
        f"Memory ran out on {device}. Lower train.batch_size ({batch_size}), model.hidden ({spec.model.hidden}) "
        f"or window.lookback ({spec.window.lookback})."
    )
