"""How fast the training loop is, and which way to train gets there soonest: python -m benchmarks.training [--data F]

Three tables: windowed training against a bare loop over nn.LSTM on ready tensors (goal 1.05); what each part of a step
costs; and processor seconds until the validation loss is within 2 % of the best that any way of training reaches, by
chunk length, chunks a step and passes between two looks. --data takes ETTh1.csv for a second series.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import torch
from torch import nn

from core.data import frame as frames
from core.data import load
from core.datasets import windows
from core.spec import Spec, with_values
from core.training import batches, device, optimizers, trainer
from core.training import epoch as course
from core.training.rng import Randomness

GOAL, TURNS, NEAR = 1.05, 3, 1.02
ETT = {
    "data.source": "file",
    "data.symbols": ["ETT"],
    "target.kind": "column",
    "target.column": "OT",
    "target.horizon": 24,
    "window.lookback": 96,
    "split.train": 8640,
    "split.val": 2880,
    "split.calib": 0,
    "split.test": 2880,
    "features": ["column:OT"],
    "model.layers": 2,
}
# share of the lookback that a chunk supervises (0: single windows), chunks a step, passes an epoch (0: the default)
WAYS = ((0, 64, 0), (0.5, 4, 0), (1, 1, 0), (1, 4, 1), (1, 4, 0), (1, 8, 0), (2, 4, 0))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="ETTh1.csv")
    parser.add_argument("--seconds", type=float, default=12.0, help="of learning for each way")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--only", choices=("bare", "step", "ways"))
    wanted = parser.parse_args()
    device.use_one_thread()
    sample = prepared(Spec(), load.load(Spec().data, Path()))
    if wanted.only in (None, "bare"):
        _bare(*sample)
    if wanted.only in (None, "step"):
        _step(*sample)
    if wanted.only in (None, "ways"):
        _ways("S&P 500, volatility", *sample, wanted.seconds, wanted.seeds)
        if wanted.data:
            table = pd.read_csv(wanted.data, index_col=0, parse_dates=True)[["OT"]].iloc[:14400]
            ett = prepared(with_values(Spec(), ETT), frames.build({"ETT": table}))
            _ways("ETTh1 OT", *ett, 3 * wanted.seconds, wanted.seeds)


def prepared(spec: Spec, frame: pd.DataFrame) -> tuple[Spec, windows.Prepared]:
    """The resolved recipe and its windows."""
    spec = windows.resolve(spec, frame)
    return spec, windows.prepare(spec, frame)


def alternate(ways: dict[str, Callable[[], float]], turns: int = TURNS) -> dict[str, float]:
    """Median processor seconds of each way, measured in turn."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(turns):
        for name, way in ways.items():
            took[name].append(way())
    return {name: statistics.median(values) for name, values in took.items()}


def _bare(spec: Spec, made: windows.Prepared) -> None:
    """An epoch of windows through the product's loop and through the plainest one, on tensors that lie ready."""
    for layers, hidden in ((1, 64), (2, 64)):
        one = with_values(spec, {"train.supervision": "window", "model.layers": layers, "model.hidden": hidden})
        took = alternate({"bare": lambda one=one: _bare_epoch(one, made), "product": lambda one=one: _epoch(one, made)})
        print(
            f"windows, {layers}x{hidden}: bare loop {took['bare']:.2f} s an epoch, product {took['product']:.2f} s, "
            f"ratio {took['product'] / took['bare']:.3f} (goal {GOAL})"
        )


def _bare_epoch(spec: Spec, made: windows.Prepared) -> float:
    part, m = made.splits.train, spec.model
    x, y = torch.from_numpy(part.x_NLF.copy()), torch.from_numpy(made.y_scaler.apply(part.y_NH, part.symbol_N)).float()
    cell = nn.LSTM(x.shape[2], m.hidden, m.layers, batch_first=True, dropout=m.dropout if m.layers > 1 else 0.0)
    drop, head, level = nn.Dropout(m.dropout), nn.Linear(m.hidden, 7), torch.linspace(0.05, 0.95, 7)
    weights = [*cell.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(weights, lr=1e-3)
    began = time.process_time()
    for at in torch.randperm(len(x)).split(spec.train.batch_size):
        error = y[at] - head(drop(cell(x[at])[0][:, -1]))
        loss = torch.maximum(level * error, (level - 1) * error).mean()
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
    return time.process_time() - began


def _epoch(
    spec: Spec,
    made: windows.Prepared,
    change: Callable[[course.TrainingPlan], course.TrainingPlan] = lambda plan: plan,
    fused: bool = True,
) -> float:
    plan, net = change(course.build_plan(spec, made, "cpu")), trainer.build_untrained(spec, 0)
    optimizer = (
        optimizers.build_optimizer(net.parameters(), spec.train) if fused else torch.optim.AdamW(net.parameters())
    )
    schedule, randomness = optimizers.Schedule(settings=spec.train), Randomness(0, "cpu")
    began = time.process_time()
    course.train_epoch(plan, net, optimizer, schedule, 1, randomness)
    return time.process_time() - began


def _step(spec: Spec, made: windows.Prepared) -> None:
    """An epoch at every step as it is, against one with another optimiser kernel, precision or batch."""
    batch = len(batches.draw_epoch(made.splits.train, 60, 4, Randomness(0, "cpu").order, "cpu"))
    took = alternate(
        {
            "as it is": lambda: _epoch(spec, made),
            "plain AdamW": lambda: _epoch(spec, made, fused=False),
            "bf16": lambda: _epoch(spec, made, lambda plan: replace(plan, bf16=True)),
            "16 chunks": lambda: _epoch(spec, made, lambda plan: replace(plan, size=16)),
            "16 chunks, bf16": lambda: _epoch(spec, made, lambda plan: replace(plan, size=16, bf16=True)),
        }
    )
    print(
        f"every step, {batch} steps of 4 chunks: "
        + ", ".join(f"{name} {seconds / took['as it is']:.3f}" for name, seconds in took.items())
    )


def _ways(title: str, spec: Spec, made: windows.Prepared, budget: float, seeds: int) -> None:
    """Each way's best validation loss, and when it came near the best of all."""
    found = {way: [list(_course(replace(spec, seed=seed), made, way, budget)) for seed in range(seeds)] for way in WAYS}
    goal = NEAR * min(loss for runs in found.values() for run in runs for _, loss, _ in run)
    print(f"{title}: processor seconds until the validation loss is at most {goal:.4f} (looks included)")
    for (share, chunks, passes), runs in found.items():
        reached = [next((seconds for seconds, loss, _ in run if loss <= goal), float("inf")) for run in runs]
        best, looking = min(loss for run in runs for _, loss, _ in run), statistics.mean(run[-1][2] for run in runs)
        what = "windows" if not share else f"{share:g} lookbacks, {chunks} chunks"
        print(
            f"  {what:24} {passes or 'default':>8} passes  {statistics.median(reached):6.1f} s  best {best:.4f}  "
            f"looking {looking:.0%} of the time"
        )


def _course(
    spec: Spec, made: windows.Prepared, way: tuple[float, int, int], budget: float
) -> Iterator[tuple[float, float, float]]:
    """After each epoch: seconds so far, validation loss, share of the time that went into looking."""
    share, chunks, passes = way
    one = with_values(spec, {"train.supervision": "every_step" if share else "window", "train.epochs": 2000})
    plan, net = course.build_plan(one, made, "cpu"), trainer.build_untrained(one, one.seed)
    count = max(2, int(share * one.window.lookback)) if share else 1
    plan = replace(plan, count=count, size=chunks, passes=passes or plan.passes)
    optimizer, schedule = (
        optimizers.build_optimizer(net.parameters(), one.train),
        optimizers.Schedule(settings=one.train),
    )
    randomness, epoch, learning, looking = Randomness(one.seed, "cpu"), 0, 0.0, 0.0
    while learning + looking < budget:
        epoch, began = epoch + 1, time.process_time()
        with randomness.active():
            course.train_epoch(plan, net, optimizer, schedule, epoch, randomness)
        learnt = time.process_time()
        loss = float(course.validate(plan, net))
        learning, looking = learning + learnt - began, looking + time.process_time() - learnt
        schedule.update(loss)
        yield learning + looking, loss, looking / (learning + looking)


if __name__ == "__main__":
    main()
