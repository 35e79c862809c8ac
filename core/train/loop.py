"""The training loop: AdamW, clipping, a learning-rate schedule, early stopping on the validation part, best weights."""

import math
import time
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor

from core.errors import TrainError
from core.features import registry as features
from core.models import registry
from core.models.inference import BATCH
from core.prepare import targets
from core.records import Epoch, Floats, History
from core.spec import Spec
from core.train import batches, device, losses

if TYPE_CHECKING:
    from core.models.recurrent import Recurrent
    from core.prepare.windows import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    net: "Recurrent"
    history: History


def train(spec: Spec, prepared: "Prepared") -> Generator[Epoch, None, Trained]:
    """Train the model of a resolved recipe; yields an Epoch after each pass.

    One seed drives the initial weights, the order of batches and dropout. Raises TrainError when the loss is not finite
    or memory runs out.
    """
    device.one_thread()
    where = device.choose(spec.train.device)
    net = _fresh(spec).to(where)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(spec.seed + 1)
        try:
            history = yield from _fit(spec, prepared, net, where)
        except (torch.OutOfMemoryError, MemoryError):
            raise TrainError(f"Memory ran out on {where}. Lower train.batch_size ({spec.train.batch_size}), "
                             f"model.hidden ({spec.model.hidden}) or window.lookback "
                             f"({spec.window.lookback}).") from None
    return Trained(net=net.cpu().eval(), history=history)


def restore(spec: Spec, weights: dict[str, Floats]) -> "Recurrent":
    """The trained model of a saved run, from its weights."""
    device.one_thread()
    net = _fresh(spec)
    net.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in weights.items()})
    return net.eval()


def _fresh(spec: Spec) -> "Recurrent":
    kind = targets.KINDS[spec.target.kind]
    known = sum(features.parse(name)[0].kind == "known" for name in spec.features)
    return registry.build(spec, features=len(spec.features), known=known, binary=kind.binary, seed=spec.seed,
                          steps=len(targets.steps(kind, spec.target.horizon)))


def _fit(spec: Spec, prepared: "Prepared", net: "Recurrent", where: str) -> Generator[Epoch, None, History]:
    settings, parts = spec.train, prepared.splits
    train_data = batches.tensors(parts.train, prepared, where)
    val_data = batches.tensors(parts.val, prepared, where)
    val_rows = torch.from_numpy(parts.val.cutoff_row_N).to(where)
    loss_of = losses.cross_entropy if prepared.kind.binary else losses.pinball
    optimizer = torch.optim.AdamW(net.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay)
    schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        optimizer, factor=0.5, patience=max(1, settings.patience // 3)) if settings.schedule == "plateau" else None
    count = batches.chunk_length(parts.train, settings.supervision)
    random = np.random.default_rng(spec.seed)

    best_loss, best_epoch, best = math.inf, 0, {}
    told: list[Epoch] = []
    began = time.perf_counter()
    for number in range(1, settings.epochs + 1):
        net.train()
        total, weight = torch.zeros((), device=where), torch.zeros((), device=where)
        for last_B in batches.epoch(parts.train, count, settings.batch_size, random, where):
            batch = batches.gather(train_data, last_B, count)
            loss = loss_of(net(batch.x_BTF, batch.known_BSHK), batch.y_BSH, batch.weight_BS)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), settings.clip_norm)
            optimizer.step()
            # Summed on the device: a .item() here would wait for every step.
            total += loss.detach() * batch.weight_BS.sum()
            weight += batch.weight_BS.sum()
        val_loss = _validate(net, val_data, val_rows, loss_of)
        train_loss = float(total / weight)
        if not math.isfinite(train_loss) or not math.isfinite(val_loss):
            raise TrainError(f"The loss stopped being a number in epoch {number} (learning rate "
                             f"{settings.learning_rate:g}). Lower train.learning_rate or train.clip_norm.")
        if val_loss < best_loss:
            best_loss, best_epoch = val_loss, number
            best = {name: value.detach().clone() for name, value in net.state_dict().items()}
        seconds = time.perf_counter() - began
        left = min(settings.epochs, best_epoch + settings.patience) - number
        told.append(Epoch(epoch=number, epochs=settings.epochs, train_loss=train_loss, val_loss=val_loss,
                          lr=optimizer.param_groups[0]["lr"], seconds=seconds, eta=left * seconds / number))
        yield told[-1]
        if number - best_epoch >= settings.patience:
            break
        if schedule is not None:
            schedule.step(val_loss)
    net.load_state_dict(best)
    return History(epochs=tuple(told), best_epoch=best_epoch, seconds=time.perf_counter() - began, device=where)


@torch.inference_mode()
def _validate(net: "Recurrent", data: batches.Tensors, rows_N: Tensor, loss_of) -> float:  # type: ignore[no-untyped-def]
    net.eval()
    total = 0.0
    for last_B in rows_N.split(BATCH):
        batch = batches.gather(data, last_B, 1)
        loss = loss_of(net(batch.x_BTF, batch.known_BSHK), batch.y_BSH, batch.weight_BS)
        total += float(loss) * len(last_B)
    return total / len(rows_N)
