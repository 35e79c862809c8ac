"""What goes wrong in a training, in words that say what to change."""

import math
from typing import TYPE_CHECKING

import torch

from core.spec import Spec
from core.training import optimizers

if TYPE_CHECKING:
    from core.training.epoch import Measured


def found(measured: "Measured", spec: Spec, epoch: int) -> str | None:
    """What is wrong with the numbers of an epoch, and what to change; None where they are sound."""
    lower = f"Lower train.learning_rate ({optimizers.rate(spec.train):g}) or train.clip_norm ({spec.train.clip_norm:g})"
    if not math.isfinite(measured.grad_norm_max) and math.isfinite(measured.first_loss):
        return f"The gradient exploded in epoch {epoch}: its norm reached {measured.grad_norm_max:g}. {lower}."
    if not math.isfinite(measured.train_loss) or not math.isfinite(measured.val_loss):
        return f"The loss stopped being a number in epoch {epoch}. {lower}, or look for extreme values in the inputs."
    return None


def ran_out(error: BaseException) -> bool:
    """Whether `error` says that memory ran out; on a CPU torch says so with a plain RuntimeError."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or "allocate memory" in str(error)


def memory(spec: Spec, where: str) -> str:
    """Memory ran out on a device: what to lower."""
    return (
        f"Memory ran out on {where}. Lower train.batch_size ({spec.train.batch_size}), model.hidden "
        f"({spec.model.hidden}) or window.lookback ({spec.window.lookback})."
    )
