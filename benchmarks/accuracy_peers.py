"""Peers on the public series: python -m benchmarks.accuracy_peers [--half …] [--bench-python …] [--save FILE]

The other side of benchmarks.accuracy: darts' BlockRNNModel, neuralforecast's LSTM and NHITS, and statsforecast's
AutoETS and AutoTheta on the same windows, splits and error. Each has the default settings of its package and is told
only what has no default: the horizon, the length of its window, which is that of the default recipe, and for
statsforecast the season. They are fitted on the training rows alone and forecast from each cutoff by what is known up
to it, without a refit; validation decides nothing for them. darts minimises the squared error, neuralforecast the
absolute one; all are judged by the root mean squared error.

Each runs in a process of its own with one thread, in the environment of the peers:

    python3 -m venv .venv-bench && .venv-bench/bin/pip install --no-deps -r requirements-bench.txt

`--save FILE` keeps the figures after each training, and what FILE already has is not measured again. `seconds` are
processor seconds of fitting; a peer that needs more than the cap, or that cannot be fitted, has a refusal.
"""

import argparse
import json
import math
import signal
import tempfile
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import accuracy, peer_stopwatch, peers
from benchmarks.accuracy import SPLITS
from benchmarks.peer_defaults import PEERS
from benchmarks.peer_stopwatch import Task
from benchmarks.public_series import HALVES, PublicSeries
from core.datasets.frequency import season
from core.datasets.windows import Prepared

WITHOUT_SEED = ("auto_ets", "auto_theta")
CAP = 600  # processor seconds of fitting


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerResult:
    """The root mean squared errors of one peer by split, units of the series; none if it has a `refusal`."""

    series: str
    peer: str
    seed: int
    rows: int
    lookback: int
    errors: dict[str, float]
    seconds: float = math.nan
    refusal: str = ""


def build_task(prepared: Prepared) -> Task:
    """The task as the peers see it: values in the series' units, training rows up to the last training label."""
    train, kind = prepared.splits.train, prepared.kind
    value_T = kind.to_user(train.rows.level_T[: -prepared.horizon])
    splits = {name: getattr(prepared.splits, name) for name in SPLITS}
    return Task(
        series_T=value_T,
        past_TF=np.empty((len(value_T), 0)),
        cutoff={name: split.cutoff_row_N for name, split in splits.items()},
        truth={name: kind.to_user(split.y_NH) for name, split in splits.items()},
        lookback=train.lookback,
        horizon=prepared.horizon,
        shift=0,
        end=int(train.cutoff_row_N[-1]) + prepared.horizon + 1,
    )


def measure(series: PublicSeries, peer: str, seed: int, bench_python: Path, cap: int = CAP) -> PeerResult:
    """Fit one peer on one series and score it."""
    _, prepared = accuracy.prepare(series, seed)
    task = build_task(prepared)
    time_T = pd.DatetimeIndex(prepared.splits.train.rows.time_T[: len(task.series_T)])
    result = PeerResult(
        series=series.name, peer=peer, seed=seed, rows=len(task.series_T), lookback=task.lookback, errors={}
    )
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "forecasts.json"
        peer_stopwatch.save(task, Path(folder))
        arguments = [folder, peer, str(season(time_T)), str(seed), str(cap), str(output)]
        process = peers.call([str(bench_python), "-m", "benchmarks.peer_defaults", *arguments])
        if process.returncode == -signal.SIGXCPU:
            return replace(result, refusal=f"not fitted within {cap} processor seconds")
        if process.returncode:
            lines = process.stderr.strip().splitlines()
            return replace(result, refusal=lines[-1] if lines else f"ended with {process.returncode}")
        figures = json.loads(output.read_text())
    errors = {split: accuracy.rmse(np.array(figures["forecasts"][split]), task.truth[split]) for split in SPLITS}
    return replace(result, errors=errors, seconds=figures["seconds"])


def describe(result: PeerResult) -> str:
    """One line of the table."""
    text = f"refused: {result.refusal}" if result.refusal else accuracy.pair(result.errors)
    return f"{result.series:22s} {result.peer:14s} seed {result.seed}  {text}  {result.seconds:.1f} s"


def main() -> None:
    """Measure the peers on one half, peer by peer, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--half", choices=HALVES, default="development")
    parser.add_argument("--only", nargs="+", help="names of series")
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=list(PEERS))
    parser.add_argument("--bench-python", type=Path, default=Path(".venv-bench/bin/python"))
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--cap", type=int, default=CAP, help="processor seconds of fitting")
    parser.add_argument("--save", type=Path, help="a JSON file for the figures")
    options = parser.parse_args()
    chosen = [series for series in HALVES[options.half] if not options.only or series.name in options.only]
    results = _load(options.save) if options.save and options.save.exists() else []
    known = {(result.series, result.peer, result.seed) for result in results}
    print("series, peer: root mean squared error on validation / test, processor seconds of fitting")
    for peer in options.peers:
        for seed in range(1 if peer in WITHOUT_SEED else options.seeds):
            for series in chosen:
                if (series.name, peer, seed) in known:
                    continue
                results.append(measure(series, peer, seed, options.bench_python, options.cap))
                print(describe(results[-1]), flush=True)
                if options.save:
                    options.save.write_text(json.dumps([asdict(result) for result in results], indent=1))


def _load(path: Path) -> list[PeerResult]:
    """The results that an earlier call saved."""
    return [PeerResult(**result) for result in json.loads(path.read_text())]


if __name__ == "__main__":
    main()
