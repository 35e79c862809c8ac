"""Holds the verdict against series whose truth is known: random walks, and returns that repeat 0.3 of the last one.

`python -m benchmarks.honesty` trains the quick effort on 200 random walks of 2,500 rows, of which at most 12 may be
called significant, and on 50 planted series, of which at least 45 must be found. It fails where they are not.
`--walks N --planted N` take fewer; the bounds are then those shares of them.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pandas as pd

ROWS, PULL = 2500, 0.3
WALKS, PLANTED = 200, 50
MOST_FALSE, LEAST_FOUND = 12, 45  # of these
FEATURES = ("return", "log_range", "volume_change")


def market(seed: int, pull: float) -> pd.DataFrame:
    """Bars of 2,500 business days whose log returns each repeat the share `pull` of the one before."""
    rng = np.random.default_rng(seed)
    return_T = np.zeros(ROWS)
    for t, noise in enumerate(rng.normal(0.0, 0.01, ROWS)):
        return_T[t] = pull * return_T[t - 1] + noise
    close = 100 * np.exp(np.cumsum(return_T))
    open_ = close * np.exp(rng.normal(0.0, 0.003, ROWS))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, ROWS)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, ROWS)))
    index = pd.bdate_range("2010-01-04", periods=ROWS, name="time")
    return pd.DataFrame(
        {"open": open_, "high": high, "low": low, "close": close, "volume": rng.lognormal(12.0, 0.5, ROWS).round()},
        index=index,
    )


def trained(seed: int, pull: float, changes: tuple[str, ...]) -> tuple[str, float, float, float]:
    """Tone, skill, p-value and processor seconds of one next-day run of the quick effort."""
    from core import pipeline
    from core.data import frame
    from core.jobs.local import run
    from core.spec import Spec, assign, presets, with_values

    spec = with_values(
        presets.apply(Spec(), "quick"),
        {
            "data.symbols": ["A"],
            "target.kind": "log_return",
            "target.horizon": 1,
            "features": list(FEATURES),
            "train.device": "cpu",
        },
    )
    began = time.process_time()
    said = run(
        pipeline.run(assign(spec, list(changes)), frame.build({"A": market(seed, pull)})), lambda _: None
    ).evaluation.verdict
    return said.tone, said.skill, said.p_value, time.process_time() - began


def measure(pool: ProcessPoolExecutor, name: str, count: int, pull: float, changes: tuple[str, ...]) -> int:
    """How many of `count` series were called significant; each is printed as it ends."""
    found, seconds, skills = 0, [], []
    results: Iterable[tuple[str, float, float, float]] = pool.map(
        trained, range(count), [pull] * count, [changes] * count
    )
    for seed, (tone, skill, p_value, took) in enumerate(results):
        found += skill > 0 and p_value < 0.05  # a better elaborate baseline takes the praise, not the finding
        seconds.append(took)
        skills.append(skill)
        print(f"{name} {seed:3d}: {tone:4s}  skill {skill:+.3f}  p = {p_value:.3f}  {took:.1f} s", flush=True)
    if count:
        low, high = interval(found, count)
        print(
            f"{name}: {found} of {count} called significant (95 % interval of the rate {low:.1%} to {high:.1%}); "
            f"median skill {np.median(skills):+.3f}; {np.median(seconds):.1f} s of processor time each\n"
        )
    return found


def interval(found: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a rate (Wilson 1927)."""
    from core.evaluation.significance import wilson_interval

    return wilson_interval(found / count, count)


def main() -> int:
    """Measure both and print the counts; 1 where a bound is broken."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--walks", type=int, default=WALKS)
    asked.add_argument("--planted", type=int, default=PLANTED)
    asked.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    asked.add_argument("--set", nargs="*", default=(), help="path=value of the recipe, to try other settings")
    said = asked.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # inherited by the workers: one thread each
    began = time.perf_counter()
    with ProcessPoolExecutor(said.workers, mp_context=get_context("spawn")) as pool:
        false = measure(pool, "random walk", said.walks, 0.0, tuple(said.set))
        found = measure(pool, "planted", said.planted, PULL, tuple(said.set))
    most, least = -(-MOST_FALSE * said.walks // WALKS), LEAST_FOUND * said.planted // PLANTED
    print(
        f"random walks: {false} called significant, at most {most} may be · planted: {found} found, at least {least} "
        f"must be · {time.perf_counter() - began:.0f} s on {said.workers} workers"
    )
    return int(false > most or found < least)


if __name__ == "__main__":
    sys.exit(main())
