"""What stays the same from epoch to epoch of a training, one pass of learning over it, and one look at validation."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from core.models import heads, memory, timing
from core.models.inference import BATCH
from core.spec import Spec
from core.training import batches, device, gradient_norms, losses
from core.training.optimizers import Schedule
from core.training.rng import Randomness
from core.types import Ints, Windows

if TYPE_CHECKING:
    from core.datasets.windows import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Data on the device, how chunks are cut from them, and the loss.

    `count` is S, the cutoffs of a chunk; `size` the chunks of a step; `passes` how often an epoch sees every target.
    """

    windows: Windows
    train: batches.Tensors
    val: batches.Tensors
    val_rows: Tensor
    loss: losses.Loss
    count: int
    size: int
    passes: int
    where: str
    bf16: bool
    clip_norm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The numbers of one epoch; `first_loss` is that of its first step, `layer_norms` the mean norms by layer."""

    train_loss: float
    val_loss: float
    grad_norm: float
    grad_norm_max: float
    first_loss: float
    layer_norms: dict[str, float]


def lay(spec: Spec, prepared: "Prepared", where: str) -> Course:
    """The course of a resolved recipe on a device."""
    settings, parts = spec.train, prepared.splits
    count = batches.chunk_length(parts.train, memory.chunked(spec))
    loss = losses.make(
        heads.head_of(spec.model, prepared.kind.binary),
        settings.loss,
        where,
        _class_weight(prepared) if settings.class_weights else None,
    )
    return Course(
        windows=parts.train,
        train=batches.tensors(parts.train, prepared, where),
        val=batches.tensors(parts.val, prepared, where),
        val_rows=torch.from_numpy(_looked_at(parts.val, spec.target.horizon, count)).to(where),
        loss=loss,
        count=count,
        size=memory.chunks(settings.batch_size, count),
        passes=timing.passes(len(parts.train), len(parts.val), parts.train.lookback, count),
        where=where,
        bf16=device.bf16(settings.precision),
        clip_norm=settings.clip_norm,
    )


def learn(
    course: Course,
    net: nn.Module,
    optimizer: torch.optim.Optimizer,
    schedule: Schedule,
    epoch: int,
    randomness: Randomness,
) -> tuple[Tensor, ...]:
    """One epoch of steps. Gives, on the device, its mean loss, mean and largest gradient norm, first loss, and the mean
    gradient norm of each layer, in the order of `steepness.layers`.

    Nothing is read back from the device until it is over: that would wait for every step.
    """
    net.train()
    layers = gradient_norms.layers(net).values()
    total, weight, norms, most = torch.zeros(4, device=course.where).unbind()
    norms_G = torch.zeros(len(layers), device=course.where)
    first, steps = None, 0
    for turn in range(course.passes):
        order = batches.epoch(course.windows, course.count, course.size, randomness.order, course.where)
        for step, last_B in enumerate(order):
            schedule.set(optimizer, epoch - 1 + (turn + step / len(order)) / course.passes)
            batch = batches.gather(course.train, last_B, course.count)
            loss_sum, weight_sum = course.loss(answer(course, net, batch), batch.y_BSH, batch.weight_BS), batch.weight
            optimizer.zero_grad(set_to_none=True)
            (loss_sum / weight_sum).backward()
            norm_G = gradient_norms.clip(layers, course.clip_norm, foreach=course.where != "mps" or None)
            optimizer.step()
            loss_sum, norm = loss_sum.detach(), norm_G.norm()
            norms_G = norms_G + norm_G
            total, weight, norms, most = total + loss_sum, weight + weight_sum, norms + norm, torch.maximum(most, norm)
            first, steps = loss_sum if first is None else first, steps + 1
    assert first is not None
    return total / weight, norms / steps, most, first, *(norms_G / steps).unbind()


def answer(course: Course, net: nn.Module, batch: batches.Batch) -> Tensor:
    """The network's raw outputs (B, S, H, O) for a batch, in float32; inside in bfloat16 where the course says so."""
    with torch.autocast(course.where, dtype=torch.bfloat16, enabled=course.bf16):
        made = net(batch.x_BTF, batch.known_BSHK, batch.symbol_B, batch.length_B)
    return made.float() if course.bf16 else made


@torch.inference_mode()
def look(course: Course, net: nn.Module) -> Tensor:
    """The mean loss over the validation windows of `val_rows`, each seen alone as in a forecast; on the device, in
    float32."""
    net.eval()
    total = torch.zeros((), device=course.where)
    for last_B in course.val_rows.split(BATCH):
        batch = batches.gather(course.val, last_B, 1)
        total += course.loss(net(batch.x_BTF, batch.known_BSHK, batch.symbol_B), batch.y_BSH, batch.weight_BS)
    return total / len(course.val_rows)


def _looked_at(val: Windows, horizon: int, count: int) -> Ints:
    """The cutoff rows of the validation windows that a look takes: one of each few, drawn once for all looks.

    Drawn, because one at every sixth hour would see four hours of a day alone.
    """
    row_N, few = val.cutoff_row_N, timing.one_of(len(val), horizon, count)
    at_N = np.arange(0, len(row_N), few)
    return row_N[np.minimum(at_N + np.random.default_rng(0).integers(few, size=len(at_N)), len(row_N) - 1)]


def _class_weight(prepared: "Prepared") -> tuple[float, float]:
    """What down and up count, so that both make up half of the training loss."""
    up = float(np.clip(np.mean(prepared.splits.train.y_NH), 1e-3, 1 - 1e-3))
    return 0.5 / (1 - up), 0.5 / up
