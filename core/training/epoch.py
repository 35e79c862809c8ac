"""One epoch of a training: what stays the same in all of them, the training passes, and the validation pass."""

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn

from core.models import chunks, heads
from core.models.timing import BATCH
from core.spec import Spec
from core.training import batches, combination, device, gradient_norms, losses
from core.training.learner import Learner, update_average
from core.types import Windows

if TYPE_CHECKING:
    from core.datasets.windows import Prepared
    from core.models.mixture import LinearMap


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """The data on the device, how chunks are cut from them, and the loss.

    `count` is S, the cutoffs of a chunk; `size` the chunks of a step; `passes` how often an epoch sees every target, in
    about `steps` optimizer steps; `epochs` how many there are at most; `averaging` the decay of averaged weights;
    `val_chunks` the chunks of a validation pass, as core.training.batches.tile gives them. `log_odds_shift` is what
    class weights add to the log odds that the network learns.
    """

    windows: Windows
    train: batches.Tensors
    val: batches.Tensors
    val_chunks: tuple[tuple[int, Tensor], ...]
    loss: losses.Loss
    count: int
    size: int
    passes: int
    steps: int
    epochs: int
    averaging: float
    where: str
    bf16: bool
    clip_norm: float
    log_odds_shift: float


@dataclass(frozen=True, slots=True, kw_only=True)
class EpochMetrics:
    """The numbers of one epoch; `first_loss` is that of its first step, `layer_norms` are mean gradient norms."""

    train_loss: float
    val_loss: float
    grad_norm: float
    grad_norm_max: float
    first_loss: float
    layer_norms: dict[str, float]
    steps: int  # optimizer steps


def build_plan(
    spec: Spec, prepared: "Prepared", where: str, maps: "dict[str, LinearMap] | None" = None
) -> TrainingPlan:
    """The plan of a resolved recipe on the device `where`; `maps` as core.training.combination.build gives them."""
    settings, splits = spec.train, prepared.splits
    maps = combination.build(spec, prepared) if maps is None else maps
    class_weights = _class_weights(prepared) if settings.class_weights else None
    count = batches.chunk_length(splits.train, chunks.at_every_step(spec))
    size = chunks.chunks_per_step(chunks.windows_per_step(settings.batch_size, len(splits.train)), count)
    per_pass = len(batches.draw_epoch(splits.train, count, size, np.random.default_rng(0), "cpu"))
    passes = chunks.passes_per_epoch(spec, len(splits.train), len(splits.val), count, per_pass)
    loss = losses.build_loss(heads.head_of(spec.model, prepared.kind.binary), settings.loss, where, class_weights)
    return TrainingPlan(
        windows=splits.train,
        train=batches.build_tensors(splits.train, prepared, where, combination.skip(maps, splits.train)),
        val=batches.build_tensors(splits.val, prepared, where, combination.skip(maps, splits.val)),
        val_chunks=tuple((cutoffs, last.to(where)) for cutoffs, last in _validation_chunks(spec, splits.val, count)),
        loss=loss,
        count=count,
        size=size,
        passes=passes,
        steps=passes * per_pass,
        epochs=chunks.epochs_of(settings, passes * per_pass),
        averaging=settings.averaging,
        where=where,
        bf16=device.uses_bfloat16(settings.precision, where),
        clip_norm=settings.clip_norm,
        log_odds_shift=math.log(class_weights[1] / class_weights[0]) if class_weights else 0.0,
    )


def run_epoch(plan: TrainingPlan, learner: Learner, epoch: int, done: int) -> EpochMetrics:
    """The training passes of an epoch, after `done` steps, and its validation pass; the device is read once, at the
    end."""
    steps, trained = train_epoch(plan, learner, epoch, done)
    numbers = torch.stack([validate(plan, learner.average), *trained]).tolist()
    val_loss, train_loss, grad_norm, grad_norm_max, first_loss, *norms = numbers
    return EpochMetrics(
        train_loss=train_loss,
        val_loss=val_loss,
        grad_norm=grad_norm,
        grad_norm_max=grad_norm_max,
        first_loss=first_loss,
        layer_norms=dict(zip(gradient_norms.group_by_layer(learner.net), norms, strict=True)),
        steps=steps,
    )


def train_epoch(plan: TrainingPlan, learner: Learner, epoch: int, done: int = 0) -> tuple[int, tuple[Tensor, ...]]:
    """Train for one epoch after `done` steps. Returns its steps and, on the device, its mean loss, its mean and largest
    gradient norm, first loss, and mean gradient norm of each layer, in the order of `gradient_norms.group_by_layer`.

    Nothing is read back from the device before the end: that would wait for every step.
    """
    net, optimizer = learner.net, learner.optimizer
    net.train()
    layers = gradient_norms.group_by_layer(net).values()
    total, weight, norms, max_norm = torch.zeros(4, device=plan.where).unbind()
    norms_G = torch.zeros(len(layers), device=plan.where)
    first, steps = None, 0
    for turn in range(plan.passes):
        order = batches.draw_epoch(plan.windows, plan.count, plan.size, learner.randomness.order, plan.where)
        for step, last_B in enumerate(order):
            learner.schedule.set(optimizer, epoch - 1 + (turn + step / len(order)) / plan.passes)
            batch = batches.gather(plan.train, last_B, plan.count)
            loss_sum, weight_sum = plan.loss(forward(plan, net, batch), batch.y_BSH, batch.weight_BS), batch.weight
            optimizer.zero_grad(set_to_none=True)
            (loss_sum / weight_sum).backward()
            norm_G = gradient_norms.clip(layers, plan.clip_norm, foreach=plan.where != "mps" or None)
            optimizer.step()
            update_average(learner, plan.averaging, done + steps)
            loss_sum, norm = loss_sum.detach(), norm_G.norm()
            norms_G, norms, max_norm = norms_G + norm_G, norms + norm, torch.maximum(max_norm, norm)
            total, weight = total + loss_sum, weight + weight_sum
            first, steps = loss_sum if first is None else first, steps + 1
    assert first is not None
    return steps, (total / weight, norms / steps, max_norm, first, *(norms_G / steps).unbind())


def forward(plan: TrainingPlan, net: nn.Module, batch: batches.Batch) -> Tensor:
    """The network's raw outputs (B, S, H, O) for a batch, in float32; computed in bfloat16 if the plan says so."""
    with torch.autocast(plan.where, dtype=torch.bfloat16, enabled=plan.bf16):
        raw_BSHO = net(batch.x_BTF, batch.known_BSHK, batch.symbol_B, batch.length_B)
    return raw_BSHO.float() if plan.bf16 else raw_BSHO


@torch.inference_mode()
def validate(plan: TrainingPlan, net: nn.Module) -> Tensor:
    """The mean loss over the cutoffs of `val_chunks`; on the device, in float32."""
    net.eval()
    total, weight = torch.zeros(2, device=plan.where).unbind()
    for cutoffs, every in plan.val_chunks:
        for last_B in every.split(max(1, BATCH // cutoffs)):
            batch = batches.gather(plan.val, last_B, cutoffs)
            total = total + plan.loss(net(batch.x_BTF, batch.known_BSHK, batch.symbol_B), batch.y_BSH, batch.weight_BS)
            weight = weight + batch.weight
    return total / weight


def _validation_chunks(spec: Spec, val: Windows, count: int) -> list[tuple[int, Tensor]]:
    """The chunks of a validation pass, the same in all passes: those of all windows, or one of each few neighbours.

    Those are drawn at random: one at every sixth hour would see only four hours of the day.
    """
    row_N, stride = val.cutoff_row_N, chunks.validation_stride(spec, len(val), count)
    if stride > 1:
        at_N = np.arange(0, len(row_N), stride)
        at_N = np.minimum(at_N + np.random.default_rng(0).integers(stride, size=len(at_N)), len(row_N) - 1)
        val = replace(val, cutoff_row_N=row_N[at_N])
    return batches.tile(val, chunks.validation_cutoffs(spec, count))


def _class_weights(prepared: "Prepared") -> tuple[float, float]:
    """The weights of down and up with which both make up half of the training loss."""
    up = float(np.clip(np.mean(prepared.splits.train.y_NH), 1e-3, 1 - 1e-3))
    return 0.5 / (1 - up), 0.5 / up
