"""Time to the validation error that the peers reach at their best: python -m benchmarks.peers [--data ETTh1.csv]

darts' BlockRNNModel and neuralforecast's LSTM against the product's, all 2x64 with a point head and squared error, on
the same windows, each in a process of its own with one thread. The peers have their own environment:

    python3 -m venv .venv-bench && .venv-bench/bin/pip install --no-deps -r requirements-bench.txt

Seconds are of learning alone: the stopwatch stops during validation passes, one per epoch in all three. "Processor with
validation" adds the validation passes: for ours the one by which it stops, for the peers the forecast of the validation
split. The peers' stopwatch starts at their first step, ours before anything is laid out. The settings below are the
best of a few by the lowest validation error on seed 0 (--search). Runs alternate; ratios are between runs of one seed.
The peers' trainings end after 5 validation passes (epochs) without a lower error, ours with its default budget and
patience (a pass is a part of an epoch there), all at the cap.
"""

import argparse
import hashlib
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import peer_stopwatch

GOAL, NEAR, PATIENCE = 5.0, 1.01, 5
NAMES = {"ours": "product", "darts": "darts BlockRNNModel", "neural": "neuralforecast LSTM"}
TITLES = {
    "etth1": "ETTh1 OT, horizon 24, lookback 96",
    "sp500": "S&P 500, 5-day volatility, lookback 60",
    "demand": "electricity demand, half-hourly, horizon 48, lookback 96",  # with the settings of ETTh1, untouched
}
CLOCKS = {"wall": "wall", "processor": "processor", "total": "processor with validation"}
T_975 = (math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # Student's t by degrees of freedom
Settings = dict[str, Any]
LEVEL = {"train.learning_rate": 6e-3, "train.batch_size": 128, "model.dropout": 0.0, "model.norm": "reversible"}
Passes = list[dict[str, float]]  # one entry per validation pass

BEST: dict[str, dict[str, Settings]] = {
    "etth1": {
        "ours": LEVEL | {"features": ["column:OT", "column:OT|diff:1"]},
        "darts": {"lr": 1e-3, "batch": 32, "instance": True},
        "neural": {"lr": 1e-3, "batch": 32, "scaler": "robust"},
    },
    "sp500": {
        "ours": {"train.learning_rate": 3e-3},
        "darts": {"lr": 1e-3, "batch": 32},
        "neural": {"lr": 1e-3, "batch": 32, "scaler": "identity", "dropout": 0.2},
    },
    "demand": {
        "ours": LEVEL | {"features": ["column:demand", "column:demand|diff:1"]},
        "darts": {"lr": 1e-3, "batch": 32, "instance": True},
        "neural": {"lr": 1e-3, "batch": 32, "scaler": "robust"},
    },
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="ETTh1.csv; without it the other tasks alone")
    parser.add_argument("--bench-python", type=Path, default=Path(".venv-bench/bin/python"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first seed; the settings were chosen on 0 and 1")
    parser.add_argument("--cap", type=float, default=180.0, help="processor seconds of learning for each run")
    parser.add_argument("--task", choices=tuple(TITLES))
    parser.add_argument("--peer", choices=("darts", "neural"), help="compare with this one alone")
    parser.add_argument("--search", help="JSON list of [trainer, settings]: run these on the first seed instead")
    parser.add_argument("--keep", type=Path, help="a folder that caches the validation passes of every run")
    options = parser.parse_args()
    for name in [options.task] if options.task else [name for name in TITLES if options.data or name != "etth1"]:
        with tempfile.TemporaryDirectory() as folder:
            compare(name, options, Path(folder))


def compare(name: str, options: argparse.Namespace, folder: Path) -> None:
    """Train everything on one task and print each run, the spread over seeds, and the ratios."""
    from benchmarks import peer_ours

    peer_stopwatch.save(peer_ours.build_task(*peer_ours.prepare(name, options.data, {})), folder)
    print(TITLES[name], flush=True)
    if options.search:
        for trainer, settings in json.loads(options.search):
            passes = _train(name, trainer, settings, options.first, options, folder)
            _print_run(trainer, options.first, passes, json.dumps(settings))
        return
    trainers = ("ours", options.peer) if options.peer else tuple(NAMES)
    runs: dict[str, list[Passes]] = {trainer: [] for trainer in trainers}
    for seed in range(options.first, options.first + options.seeds):
        for trainer in trainers:
            runs[trainer].append(_train(name, trainer, BEST[name][trainer], seed, options, folder))
            _print_run(trainer, seed, runs[trainer][-1], "")
    for trainer in trainers:
        _print_spread(trainer, runs[trainer])
    for peer in trainers[1:]:
        _print_ratios(peer, runs[peer], runs["ours"])


def _train(name: str, trainer: str, settings: Settings, seed: int, options: argparse.Namespace, folder: Path) -> Passes:
    """The validation passes of one training in its own process."""
    text = json.dumps(settings, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    output = (options.keep or folder) / f"{name}-{trainer}-{seed}-{digest}.json"
    if options.keep and output.exists():
        return list(json.loads(output.read_text()))
    output.parent.mkdir(parents=True, exist_ok=True)
    rest = [str(folder), text, str(seed), str(options.cap), str(PATIENCE), str(output)]
    ours = [sys.executable, "-m", "benchmarks.peer_ours", name, str(options.data or "")]
    command = ours if trainer == "ours" else [str(options.bench_python), "-m", f"benchmarks.peer_{trainer}"]
    process = call([*command, *rest])
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{process.stderr[-3000:]}")
    return list(json.loads(output.read_text()))


def call(command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command with one thread to its end, with whatever exit code."""
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _best(passes: Passes) -> dict[str, float]:
    return min(passes, key=lambda entry: entry["val"])


def _seconds_to(passes: Passes, goal: float, clock: str) -> float:
    """Seconds at the first validation pass with an error of at most `goal`; infinite if there is none."""
    first = _first_below(passes, goal)
    return first[clock] if first else math.inf


def _first_below(passes: Passes, goal: float) -> dict[str, float] | None:
    """The first validation pass with an error of at most `goal`."""
    return next((entry for entry in passes if entry["val"] <= goal), None)


def _print_run(trainer: str, seed: int, passes: Passes, note: str) -> None:
    best, last = _best(passes), passes[-1]
    near = _seconds_to(passes, NEAR * best["val"], "wall")
    print(
        f"  seed {seed}  {NAMES[trainer]:20} val {best['val']:.4f} after {best['wall']:6.1f} s (within 1 % "
        f"{near:6.1f} s)  test {best['test']:.4f}  {len(passes)} epochs in {last['wall']:.0f} s, "
        f"{last['processor']:.0f} s of the processor, {last['validating']:.0f} s more of validation  {note}",
        flush=True,
    )


def _print_spread(trainer: str, runs: list[Passes]) -> None:
    val, test = ([_best(passes)[key] for passes in runs] for key in ("val", "test"))
    print(f"{NAMES[trainer]:20} validation {_mean_and_deviation(val)}  test {_mean_and_deviation(test)}")


def _mean_and_deviation(values: list[float]) -> str:
    return f"{statistics.mean(values):.4f} ± {statistics.stdev(values) if len(values) > 1 else 0:.4f}"


def _print_ratios(peer: str, theirs: list[Passes], ours: list[Passes]) -> None:
    """How much sooner ours reaches the peer's errors, and the differences between the final errors."""
    mean = statistics.mean(_best(passes)["val"] for passes in theirs)
    for title, share, of_mean in (
        ("its best", 1.0, False),
        ("within 1 % of its best", NEAR, False),
        ("the mean of its bests", 1.0, True),
    ):
        clocks = []
        for clock in CLOCKS:
            ratios = []
            for their_passes, our_passes in zip(theirs, ours, strict=True):
                best = _best(their_passes)
                goal = mean if of_mean else share * best["val"]
                their_seconds = best[clock] if of_mean else _seconds_to(their_passes, goal, clock)
                ratios.append(their_seconds / _seconds_to(our_passes, goal, clock))
            clocks.append(f"{CLOCKS[clock]} {statistics.median(ratios):.1f} ({', '.join(f'{r:.1f}' for r in ratios)})")
        print(f"  against {NAMES[peer]}, {title}: times sooner by {'; by '.join(clocks)}  (goal {GOAL:g})")
    pairs = [(our_passes, _best(their_passes)) for our_passes, their_passes in zip(ours, theirs, strict=True)]
    _print_difference("val error", [_best(passes)["val"] - best["val"] for passes, best in pairs])
    _print_difference("test error", [_best(passes)["test"] - best["test"] for passes, best in pairs])
    firsts = [(_first_below(passes, best["val"]), best) for passes, best in pairs]
    _print_difference(
        "test error when ours reaches their validation error",
        [first["test"] - best["test"] for first, best in firsts if first],
    )


def _print_difference(title: str, values: list[float]) -> None:
    """Mean difference, ours less theirs, with its 95 % interval."""
    half = T_975[len(values) - 1] * statistics.stdev(values) / math.sqrt(len(values)) if len(values) > 1 else math.nan
    mean = statistics.mean(values) if values else math.nan
    print(f"    {title}, ours less theirs: {mean:+.4f} ± {half:.4f} (95 %, paired over seeds)")


if __name__ == "__main__":
    main()
