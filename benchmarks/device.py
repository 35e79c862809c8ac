"""A GPU against one CPU thread, in at most four minutes: python -m benchmarks.device [--device cuda|cpu]

Checks: the same weights give the same forecasts, training at every step and on windows ends at the same validation
loss, memory comes back, and the message about too little memory is true. Then times, as one CPU thread over the device:
a training step, transfers included, and what inference and Shapley values, which run on the CPU today, would gain.
Without a GPU it says so and runs its smallest case on the CPU, which shows that the script works and nothing else.
"""

import argparse
import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch

from benchmarks.series import prepare, sp500
from core.datasets.windows import Prepared
from core.errors import TrainError
from core.events import Event
from core.explain import shapley
from core.explain.game import Player, Predict, build_players
from core.jobs.local import run as exhaust
from core.models.network import Network
from core.spec import MEAN, Spec, with_values
from core.training import device, epoch, optimizers, trainer
from core.training.learner import build
from core.types import Floats

TOLERANCE = 1e-4  # of raw numbers in standardised units, float32 without TF32
NOISE, LEAST_NOISE = 3.0, 0.01  # allowed difference of losses, in standard errors and as a share


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """How much is measured: sizes and batch sizes of steps, kinds of models, steps of a training and seeds."""

    sizes: tuple[tuple[int, int], ...]
    batch_sizes: tuple[int, ...]
    kinds: tuple[str, ...]
    train_steps: int
    seeds: int
    forecasts: int
    explained: int  # forecasts, against as many others
    seconds: float  # for each time that is measured


FULL = Case(
    sizes=((1, 64), (2, 128), (2, 256)),
    batch_sizes=(64, 256, 1024),
    kinds=("lstm", "gru", "rnn", "slstm", "tft", "transformer", "segment"),
    train_steps=300,
    seeds=3,
    forecasts=1000,
    explained=20,
    seconds=2.0,
)
SMALLEST = Case(
    sizes=((1, 8),), batch_sizes=(16,), kinds=("lstm",), train_steps=10, seeds=2, forecasts=50, explained=2, seconds=0.0
)


def main() -> None:
    """Check, measure and print; exit code 1 if a check fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    where = parser.parse_args().device
    if where == "cuda" and not torch.cuda.is_available():
        print("This machine has no CUDA device: nothing below is a measurement of one, the CPU stands in for it.")
        where = "cpu"
    case = SMALLEST if where == "cpu" else FULL
    began = time.perf_counter()
    device.use_one_thread()
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    spec, prepared = prepare(with_values(Spec(), {"train.patience": 500, "train.device": "cpu"}), sp500())
    passed = [
        *(check_forecasts(spec, prepared, kind, where) for kind in case.kinds),
        *(check_training(spec, prepared, way, where, case) for way in ("every_step", "window")),
        check_out_of_memory(spec, prepared, where),
    ]
    for layers, hidden in case.sizes:
        sized = with_values(spec, {"model.layers": layers, "model.hidden": hidden})
        for batch_size in case.batch_sizes:
            compare_steps(sized, prepared, batch_size, where, case.seconds)
        compare_inference(sized, prepared, where, case)
    print(f"all of it took {time.perf_counter() - began:.0f} s")
    if not all(passed):
        raise SystemExit(1)


def report(passed: bool, text: str) -> bool:
    """Print a check with its outcome, and return it."""
    print(f"{'passed' if passed else 'FAILED'}: {text}")
    return passed


def network(spec: Spec, where: str) -> Network:
    """The untrained network of a recipe; its weights depend on the seed alone."""
    return trainer.build_untrained(spec, spec.seed).to(where).eval()


def forward(net: Network, where: str, x_NLF: Floats, known_NHK: Floats) -> Floats:
    """The raw numbers (N, H, R) of windows on the CPU, computed on a device, transfers included."""
    batches = zip(torch.from_numpy(x_NLF).split(512), torch.from_numpy(known_NHK).split(512), strict=True)
    with torch.inference_mode():
        raw = [net(x.to(where), known.to(where)[:, None])[:, 0].cpu() for x, known in batches]
    return torch.cat(raw).numpy()


def inputs(prepared: Prepared, count: int) -> tuple[Floats, Floats]:
    """The first windows of the test split: (N, L, F) and (N, H, K)."""
    test = prepared.splits.test.take(np.arange(min(count, len(prepared.splits.test))))
    return np.ascontiguousarray(test.x_NLF), np.ascontiguousarray(test.known_NHK)


def check_forecasts(spec: Spec, prepared: Prepared, kind: str, where: str) -> bool:
    """The same weights give the same raw numbers."""
    spec, windows = with_values(spec, {"model.kind": kind}), inputs(prepared, 1024)
    raw = [forward(network(spec, place), place, *windows) for place in ("cpu", where)]
    apart = float(np.abs(raw[0] - raw[1]).max())
    return report(apart <= TOLERANCE, f"forecasts of {kind} differ by at most {apart:.1e}, allowed {TOLERANCE:.0e}")


def allocated(where: str) -> int:
    """The bytes that tensors hold on the device; 0 on a CPU, where nobody counts them."""
    gc.collect()
    return torch.cuda.memory_allocated() if where == "cuda" else 0


def check_training(spec: Spec, prepared: Prepared, supervision: str, where: str, case: Case) -> bool:
    """The validation losses lie as close to those on the CPU as seeds lie apart, and no memory stays behind."""
    spec = with_values(spec, {"train.supervision": supervision, "train.steps": case.train_steps})
    _train_once(with_values(spec, {"train.device": where}), prepared)  # libraries keep workspaces from their first use
    before, losses = allocated(where), {}
    for place in ("cpu", where):
        seeds = [with_values(spec, {"train.device": place, "seed": seed}) for seed in range(case.seeds)]
        histories = [exhaust(trainer.train(one, prepared), _ignore).history for one in seeds]
        losses[place] = [min(event.val_loss for event in history.epochs) for history in histories]
    apart = abs(statistics.mean(losses[where]) - statistics.mean(losses["cpu"]))
    noise = NOISE * statistics.stdev(losses["cpu"]) * (2 / case.seeds) ** 0.5
    noise = max(noise, LEAST_NOISE * statistics.mean(losses["cpu"]))
    left = allocated(where) - before
    return report(
        apart <= noise and left == 0,
        f"training, {supervision}: mean validation loss {statistics.mean(losses[where]):.4f}, on the CPU "
        f"{statistics.mean(losses['cpu']):.4f}, allowed difference {noise:.4f}; {left:,} bytes stay allocated",
    )


def check_out_of_memory(spec: Spec, prepared: Prepared, where: str) -> bool:
    """With half a gigabyte a large training is refused with its settings named, and one with lower settings runs."""
    if where != "cuda":
        print("not checked: the message about too little memory, which needs a device with memory of its own")
        return True
    torch.cuda.empty_cache()
    before, whole = allocated(where), torch.cuda.get_device_properties(0).total_memory
    large = {"train.supervision": "window", "train.batch_size": 2048, "model.hidden": 512, "model.layers": 4}
    torch.cuda.set_per_process_memory_fraction(min(1.0, 0.5e9 / whole))
    try:
        message = _train_once(with_values(spec, large | {"train.device": where}), prepared)
        lower = _train_once(
            with_values(spec, large | {"train.device": where, "train.batch_size": 16, "model.hidden": 32}), prepared
        )
    finally:
        torch.cuda.set_per_process_memory_fraction(1.0)
    named = all(words in message for words in (f"Memory ran out on {where}", "train.batch_size (2048)", "(512)"))
    left = allocated(where) - before
    return report(
        named and not lower and left == 0,
        f"out of memory says {message!r}; with lower settings: {lower or 'it trains'}; {left:,} bytes stay allocated",
    )


def _train_once(spec: Spec, prepared: Prepared) -> str:
    """Train one epoch; the message of its failure, empty without one."""
    try:
        exhaust(trainer.train(with_values(spec, {"train.epochs": 1}), prepared), _ignore)
    except TrainError as error:
        return str(error)
    return ""


def seconds_per_call(work: Callable[[], Any], where: str, least: float) -> float:
    """Median seconds of a call by the clock, after one that warms up: at least two calls, and as many as fit."""
    times: list[float] = []
    work()
    while len(times) < 2 or sum(times) < least:
        began = time.perf_counter()
        work()
        if where == "cuda":
            torch.cuda.synchronize()
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def compare_steps(spec: Spec, prepared: Prepared, batch_size: int, where: str, least: float) -> None:
    """A training step on windows of two batches, the drawn rows sent to the device and the loss read from it."""
    spec = with_values(spec, {"train.supervision": "window", "train.batch_size": batch_size})
    seconds = {}
    for place in ("cpu", where):
        plan = epoch.build_plan(spec, prepared, place)
        plan = replace(plan, windows=plan.windows.take(np.arange(min(2 * batch_size, len(plan.windows)))), passes=1)
        schedule = optimizers.Schedule(settings=spec.train, epochs=plan.epochs, steps=plan.steps)
        learner = build(trainer.build_untrained(spec, 0).to(place), spec.train, schedule, 0, place)

        def two_steps(plan: epoch.TrainingPlan = plan, learner: Any = learner) -> int:
            steps, numbers = epoch.train_epoch(plan, learner, 1)
            torch.stack(numbers).tolist()
            return steps

        seconds[place] = seconds_per_call(two_steps, place, least) / two_steps()
    print(
        f"step, {spec.model.layers}x{spec.model.hidden}, {batch_size} windows: CPU {1e3 * seconds['cpu']:.2f} ms, "
        f"{where} {1e3 * seconds[where]:.2f} ms, ratio {seconds['cpu'] / seconds[where]:.1f}"
    )


def compare_inference(spec: Spec, prepared: Prepared, where: str, case: Case) -> None:
    """Forecasts of the test split, and Shapley values of some of them by the product's algorithm, on either device."""
    windows, seconds, size = inputs(prepared, case.forecasts), {}, f"{spec.model.layers}x{spec.model.hidden}"
    players = build_players(prepared.splits.test.rows.features, prepared.splits.test.rows.known)
    for place in ("cpu", where):
        predict = partial(_predict, network(spec, place), place)
        explain = partial(_explain, predict, *windows, players, case.explained)
        work = {"inference": partial(predict, *windows), "Shapley values": explain}
        seconds[place] = {name: seconds_per_call(call, place, case.seconds) for name, call in work.items()}
    for name, on_cpu in seconds["cpu"].items():
        ratio = on_cpu / seconds[where][name]
        print(f"{name}, {size}: the product uses the CPU; {where} is {ratio:.1f} times as fast")


def _explain(predict: Predict, x_NLF: Floats, known_NHK: Floats, players: tuple[Player, ...], few: int) -> Any:
    others = (x_NLF[-few:], known_NHK[-few:])
    return exhaust(shapley.permutation(predict, x_NLF[:few], known_NHK[:few], *others, players, 0, 1), _ignore)


def _predict(net: Network, where: str, x_NLF: Floats, known_NHK: Floats) -> Floats:
    return forward(net, where, x_NLF, known_NHK)[..., MEAN]


def _ignore(event: Event) -> None:
    """Nobody follows the progress of a benchmark."""


if __name__ == "__main__":
    main()
