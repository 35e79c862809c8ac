"""Speed of the training loop, and which schedule of chunks converges soonest: python -m benchmarks.training [--data F]

Three tables: windowed training against a bare loop over nn.LSTM on ready tensors (goal 1.05); the cost of each part of
a step; and processor seconds until the validation loss is within 2 % of the best that any variant reaches, by chunk
length, chunks per step and passes over the data between two validation passes. --data adds ETTh1.csv.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import nn

from benchmarks.series import ETTH1_DAY, etth1, prepare
from core.data import load
from core.datasets.windows import Prepared
from core.models import chunks
from core.spec import Spec, with_values
from core.training import batches, device, epoch, optimizers, trainer
from core.training.learner import Learner, build
from core.training.rng import Randomness

if TYPE_CHECKING:
    from core.models.network import Network

GOAL, TURNS, NEAR = 1.05, 3, 1.02
# share of the lookback that a chunk supervises (0: single windows), chunks per step, passes per epoch (0: the default)
VARIANTS = ((0, 64, 0), (0.5, 4, 0), (1, 1, 0), (1, 4, 1), (1, 4, 0), (1, 8, 0), (2, 4, 0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="ETTh1.csv")
    parser.add_argument("--seconds", type=float, default=12.0, help="processor seconds per variant")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", choices=("bare", "step", "variants"))
    options = parser.parse_args()
    device.use_one_thread()
    sample = prepare(Spec(), load.load(Spec().data, Path()))
    if options.only in (None, "bare"):
        compare_bare_loop(*sample)
    if options.only in (None, "step"):
        compare_steps(*sample)
    if options.only in (None, "variants"):
        compare_variants("S&P 500, volatility", *sample, options.seconds, options.seeds)
        if options.data:
            etth1_task = prepare(with_values(Spec(), ETTH1_DAY | {"model.layers": 2}), etth1(options.data))
            compare_variants("ETTh1 OT", *etth1_task, 3 * options.seconds, options.seeds)


def alternate(variants: dict[str, Callable[[], float]]) -> dict[str, float]:
    """Median processor seconds of each variant, measured in turns."""
    seconds: dict[str, list[float]] = {name: [] for name in variants}
    for _ in range(TURNS):
        for name, measure in variants.items():
            seconds[name].append(measure())
    return {name: statistics.median(values) for name, values in seconds.items()}


def compare_bare_loop(spec: Spec, prepared: Prepared) -> None:
    """An epoch of windows through the product's loop and through a minimal one on ready tensors."""
    for layers, hidden in ((1, 64), (2, 64)):
        network = with_values(spec, {"train.supervision": "window", "model.layers": layers, "model.hidden": hidden})
        seconds = alternate(
            {"bare": partial(_bare_epoch, network, prepared), "product": partial(_epoch, network, prepared)}
        )
        print(
            f"windows, {layers}x{hidden}: bare loop {seconds['bare']:.2f} s an epoch, product "
            f"{seconds['product']:.2f} s, ratio {seconds['product'] / seconds['bare']:.3f} (goal {GOAL})"
        )


def _bare_epoch(spec: Spec, prepared: Prepared) -> float:
    """Processor seconds of one epoch of a loop that does only what it must."""
    train, m = prepared.splits.train, spec.model
    x = torch.from_numpy(train.x_NLF.copy())
    y = torch.from_numpy(prepared.y_scaler.apply(train.y_NH, train.symbol_N)).float()
    cell = nn.LSTM(x.shape[2], m.hidden, m.layers, batch_first=True, dropout=m.dropout if m.layers > 1 else 0.0)
    drop, head, level = nn.Dropout(m.dropout), nn.Linear(m.hidden, 7), torch.linspace(0.05, 0.95, 7)
    weights = [*cell.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=1e-3)
    start = time.process_time()
    for batch in torch.randperm(len(x)).split(chunks.windows_per_step(spec.train.batch_size, len(x))):
        error = y[batch] - head(drop(cell(x[batch])[0][:, -1]))
        loss = torch.maximum(level * error, (level - 1) * error).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    return time.process_time() - start


def _epoch(
    spec: Spec,
    prepared: Prepared,
    change: Callable[[epoch.TrainingPlan], epoch.TrainingPlan] = lambda plan: plan,
    fused: bool = True,
) -> float:
    """Processor seconds of one epoch of the product's loop."""
    plan, net = change(epoch.build_plan(spec, prepared, "cpu")), trainer.build_untrained(spec, 0)
    learner = _learner(spec, plan, net, 0)
    learner = learner if fused else replace(learner, optimizer=torch.optim.AdamW(net.parameters()))
    start = time.process_time()
    epoch.train_epoch(plan, learner, 1)
    return time.process_time() - start


def _learner(spec: Spec, plan: epoch.TrainingPlan, net: "Network", seed: int) -> Learner:
    schedule = optimizers.Schedule(settings=spec.train, epochs=plan.epochs, steps=plan.steps)
    return build(net, spec.train, schedule, seed, "cpu")


def compare_steps(spec: Spec, prepared: Prepared) -> None:
    """An epoch supervised at every step by default, against other optimizer kernels, precisions and batch sizes."""
    steps = len(batches.draw_epoch(prepared.splits.train, 60, 4, Randomness(0, "cpu").order, "cpu"))
    ways: dict[str, Callable[[], float]] = {
        "default": lambda: _epoch(spec, prepared),
        "plain AdamW": lambda: _epoch(spec, prepared, fused=False),
        "16 chunks": lambda: _epoch(spec, prepared, lambda plan: replace(plan, size=16)),
    }
    if device.has_bfloat16("cpu"):
        ways |= {
            "bf16": lambda: _epoch(spec, prepared, lambda plan: replace(plan, bf16=True)),
            "16 chunks, bf16": lambda: _epoch(spec, prepared, lambda plan: replace(plan, size=16, bf16=True)),
        }
    seconds = alternate(ways)
    print(
        f"every step, {steps} steps of 4 chunks: "
        + ", ".join(f"{name} {value / seconds['default']:.3f}" for name, value in seconds.items())
    )


def compare_variants(title: str, spec: Spec, prepared: Prepared, budget: float, seeds: int) -> None:
    """Each variant's best validation loss, and the seconds until it comes near the best of all."""
    runs = {
        variant: [list(_learning_curve(replace(spec, seed=seed), prepared, variant, budget)) for seed in range(seeds)]
        for variant in VARIANTS
    }
    goal = NEAR * min(loss for curves in runs.values() for curve in curves for _, loss, _ in curve)
    print(f"{title}: processor seconds until the validation loss is at most {goal:.4f} (validation passes included)")
    for (share, size, passes), curves in runs.items():
        reached = [next((seconds for seconds, loss, _ in curve if loss <= goal), float("inf")) for curve in curves]
        best = min(loss for curve in curves for _, loss, _ in curve)
        validating = statistics.mean(curve[-1][2] for curve in curves)
        name = "windows" if not share else f"{share:g} lookbacks, {size} chunks"
        print(
            f"  {name:24} {passes or 'default':>8} passes  {statistics.median(reached):6.1f} s  best {best:.4f}  "
            f"validation passes {validating:.0%} of the time"
        )


def _learning_curve(
    spec: Spec, prepared: Prepared, variant: tuple[float, int, int], budget: float
) -> Iterator[tuple[float, float, float]]:
    """After each epoch: seconds so far, validation loss, share of the time spent on validation passes."""
    share, size, passes = variant
    spec = with_values(spec, {"train.supervision": "every_step" if share else "window", "train.epochs": 2000})
    plan, net = epoch.build_plan(spec, prepared, "cpu"), trainer.build_untrained(spec, spec.seed)
    count = max(2, int(share * spec.window.lookback)) if share else 1
    plan = replace(plan, count=count, size=size, passes=passes or plan.passes)
    learner, number, learning, validating = _learner(spec, plan, net, spec.seed), 0, 0.0, 0.0
    while learning + validating < budget:
        number, start = number + 1, time.process_time()
        with learner.randomness.active():
            epoch.train_epoch(plan, learner, number, (number - 1) * plan.steps)
        middle = time.process_time()
        loss = float(epoch.validate(plan, learner.average))
        learning, validating = learning + middle - start, validating + time.process_time() - middle
        learner.schedule.update(loss)
        yield learning + validating, loss, validating / (learning + validating)


if __name__ == "__main__":
    main()
