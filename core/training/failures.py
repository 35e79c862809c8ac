"""What goes wrong in a training, in words that say what to change."""

import math
from typing import TYPE_CHECKING

import torch

from core.language import message
from core.models import chunks
from core.spec import Spec
from core.training import optimizers

if TYPE_CHECKING:
    from core.training.epoch import EpochMetrics


def find_problem(metrics: "EpochMetrics", spec: Spec, epoch: int) -> str | None:
    """What is wrong with the numbers of an epoch, and what to change; None if they are sound."""
    where = (
        message("in epoch {epoch}", epoch=epoch)
        if spec.train.unit == "epoch"
        else message("before step {step}", step=f"{epoch * metrics.steps:,}")
    )
    rate = optimizers.learning_rate(spec.train)
    advice = message(
        "Lower train.learning_rate ({rate}) or train.clip_norm ({clip_norm})",
        rate=f"{rate:g}",
        clip_norm=f"{spec.train.clip_norm:g}",
    )
    if not math.isfinite(metrics.grad_norm_max) and math.isfinite(metrics.first_loss):
        return message(
            "The gradient exploded {where}: its norm reached {norm}. {advice}.",
            where=where,
            norm=f"{metrics.grad_norm_max:g}",
            advice=advice,
        )
    if not math.isfinite(metrics.train_loss) or not math.isfinite(metrics.val_loss):
        return message(
            "The loss stopped being a number {where}. {advice}, or look for extreme values in the inputs.",
            where=where,
            advice=advice,
        )
    return None


def is_out_of_memory(error: BaseException) -> bool:
    """Whether `error` says that memory ran out; on a CPU torch raises a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)


def out_of_memory(spec: Spec, device: str) -> str:
    """The message for a device that ran out of memory: what to lower."""
    batch_size = spec.train.batch_size or chunks.LARGEST_BATCH
    return message(
        "Memory ran out on {device}. Lower train.batch_size ({batch_size}), model.hidden ({hidden}) or "
        "window.lookback ({lookback}).",
        device=device,
        batch_size=batch_size,
        hidden=spec.model.hidden,
        lookback=spec.window.lookback,
    )
