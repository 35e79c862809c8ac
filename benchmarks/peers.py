"""Time to the validation error that the peers reach at their best: python -m benchmarks.peers [--data ETTh1.csv]

darts' BlockRNNModel and neuralforecast's LSTM against the product's, all 2x64 with a point and squared error, on the
same windows, each in a process of its own with one thread. The peers have an environment of their own:

    python3 -m venv .venv-bench && .venv-bench/bin/pip install --no-deps -r requirements-bench.txt

Seconds are of learning alone: looking at the validation part, once an epoch in all three, stops the clock; "processor
with looking" adds the look by which ours stops, and forecasting the validation part for the peers. The peers' clock
begins at their first step, ours before anything is laid out. The settings below are the best of a few, by the lowest
validation error on seed 0 (--search). Runs alternate; ratios are of the same seed. A training ends after 5 looks
without a lower error, or at the cap.
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

from benchmarks import peer_watch

GOAL, NEAR, PATIENCE = 5.0, 1.01, 5
NAMES = {"ours": "product", "darts": "darts BlockRNNModel", "neural": "neuralforecast LSTM"}
TITLES = {"etth1": "ETTh1 OT, horizon 24, lookback 96", "sp500": "S&P 500, 5-day volatility, lookback 60"}
CLOCKS = {"wall": "wall", "processor": "processor", "whole": "processor with looking"}
T_975 = (math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)  # Student's t by degrees of freedom
Settings = dict[str, Any]
Looks = list[dict[str, float]]

BEST: dict[str, dict[str, Settings]] = {
    "etth1": {
        "ours": {
            "train.learning_rate": 6e-3,
            "train.batch_size": 128,
            "model.dropout": 0.0,
            "model.norm": "reversible",
            "features": ["column:OT", "column:OT|diff:1"],
        },
        "darts": {"lr": 1e-3, "batch": 32, "instance": True},
        "neural": {"lr": 1e-3, "batch": 32, "scaler": "robust"},
    },
    "sp500": {
        "ours": {"train.learning_rate": 3e-3},
        "darts": {"lr": 1e-3, "batch": 32},
        "neural": {"lr": 1e-3, "batch": 32, "scaler": "identity", "dropout": 0.2},
    },
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="ETTh1.csv; without it the S&P 500 alone")
    parser.add_argument("--bench-python", type=Path, default=Path(".venv-bench/bin/python"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--first", type=int, default=0, help="the first of these seeds; the settings knew 0 and 1")
    parser.add_argument("--cap", type=float, default=180.0, help="processor seconds of learning for each run")
    parser.add_argument("--task", choices=tuple(TITLES))
    parser.add_argument("--peer", choices=("darts", "neural"), help="against this one alone")
    parser.add_argument("--search", help="JSON list of [who, settings]: run these on the first seed instead")
    parser.add_argument("--keep", type=Path, help="a folder for the looks of every run, read again where they are")
    wanted = parser.parse_args()
    for name in [wanted.task] if wanted.task else list(TITLES) if wanted.data else ["sp500"]:
        with tempfile.TemporaryDirectory() as folder:
            _one(name, wanted, Path(folder))


def _one(name: str, wanted: argparse.Namespace, folder: Path) -> None:
    from benchmarks import peer_ours

    peer_watch.save(peer_ours.task(*peer_ours.prepared(name, wanted.data, {})), folder)
    print(TITLES[name], flush=True)
    if wanted.search:
        for who, settings in json.loads(wanted.search):
            _tell(who, wanted.first, _run(name, who, settings, wanted.first, wanted, folder), json.dumps(settings))
        return
    names = ("ours", wanted.peer) if wanted.peer else tuple(NAMES)
    runs: dict[str, list[Looks]] = {who: [] for who in names}
    for seed in range(wanted.first, wanted.first + wanted.seeds):
        for who in names:
            runs[who].append(_run(name, who, BEST[name][who], seed, wanted, folder))
            _tell(who, seed, runs[who][-1], "")
    for who in names:
        _final(who, runs[who])
    for peer in names[1:]:
        _against(peer, runs[peer], runs["ours"])


def _run(name: str, who: str, settings: Settings, seed: int, wanted: argparse.Namespace, folder: Path) -> Looks:
    """The looks of one training in a process of its own."""
    asked = json.dumps(settings, sort_keys=True)
    answer = (wanted.keep or folder) / f"{name}-{who}-{seed}-{hashlib.sha256(asked.encode()).hexdigest()[:8]}.json"
    if wanted.keep and answer.exists():
        return list(json.loads(answer.read_text()))
    answer.parent.mkdir(parents=True, exist_ok=True)
    rest = [str(folder), asked, str(seed), str(wanted.cap), str(PATIENCE), str(answer)]
    ours = [sys.executable, "-m", "benchmarks.peer_ours", name, str(wanted.data or "")]
    command = ours if who == "ours" else [str(wanted.bench_python), "-m", f"benchmarks.peer_{who}"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    done = subprocess.run([*command, *rest], env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    return list(json.loads(answer.read_text()))


def _best(looks: Looks) -> dict[str, float]:
    return min(looks, key=lambda look: look["val"])


def _reached(looks: Looks, goal: float, clock: str) -> float:
    """Seconds at the first look that is at most `goal`; infinite where none is."""
    there = _there(looks, goal)
    return there[clock] if there else math.inf


def _there(looks: Looks, goal: float) -> dict[str, float] | None:
    """The first look that is at most `goal`."""
    return next((look for look in looks if look["val"] <= goal), None)


def _tell(who: str, seed: int, looks: Looks, what: str) -> None:
    best, last = _best(looks), looks[-1]
    near = _reached(looks, NEAR * best["val"], "wall")
    print(
        f"  seed {seed}  {NAMES[who]:20} val {best['val']:.4f} after {best['wall']:6.1f} s (within 1 % {near:6.1f} s)"
        f"  test {best['test']:.4f}  {len(looks)} epochs in {last['wall']:.0f} s, {last['processor']:.0f} s of the "
        f"processor, {last['looking']:.0f} s more looking  {what}",
        flush=True,
    )


def _final(who: str, runs: list[Looks]) -> None:
    val, test = ([_best(looks)[key] for looks in runs] for key in ("val", "test"))
    print(f"{NAMES[who]:20} validation {_spread(val)}  test {_spread(test)}")


def _spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.4f} ± {statistics.stdev(values) if len(values) > 1 else 0:.4f}"


def _against(peer: str, theirs: list[Looks], ours: list[Looks]) -> None:
    """How much sooner ours reaches what the peer reaches, and what is left between the final errors."""
    mean = statistics.mean(_best(looks)["val"] for looks in theirs)
    for title, share, of_mean in (
        ("its best", 1.0, False),
        ("within 1 % of its best", NEAR, False),
        ("the mean of its bests", 1.0, True),
    ):
        parts = []
        for clock in CLOCKS:
            ratios = []
            for their, our in zip(theirs, ours, strict=True):
                best = _best(their)
                when = best[clock] if of_mean else _reached(their, share * best["val"], clock)
                ratios.append(when / _reached(our, mean if of_mean else share * best["val"], clock))
            parts.append(f"{CLOCKS[clock]} {statistics.median(ratios):.1f} ({', '.join(f'{r:.1f}' for r in ratios)})")
        print(f"  against {NAMES[peer]}, {title}: times sooner by {'; by '.join(parts)}  (goal {GOAL:g})")
    pairs = [(our, _best(their)) for our, their in zip(ours, theirs, strict=True)]
    _gap("val error, ours less theirs", [_best(our)["val"] - best["val"] for our, best in pairs])
    _gap("test error, ours less theirs", [_best(our)["test"] - best["test"] for our, best in pairs])
    there = [(_there(our, best["val"]), best) for our, best in pairs]
    _gap("test error when ours gets there, less theirs", [at["test"] - best["test"] for at, best in there if at])


def _gap(title: str, gap: list[float]) -> None:
    half = T_975[len(gap) - 1] * statistics.stdev(gap) / math.sqrt(len(gap)) if len(gap) > 1 else math.nan
    print(f"    {title}: {statistics.mean(gap) if gap else math.nan:+.4f} ± {half:.4f} (95 %, paired over seeds)")


if __name__ == "__main__":
    main()
