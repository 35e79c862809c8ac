"""The verdict on series whose truth is known: random walks, and returns with an autocorrelation of 0.3.

`python -m benchmarks.honesty` trains the quick effort on 200 random walks of 2,500 rows, of which at most 12 may be
called significant, and on 50 planted series, of which at least 45 must be. It exits with 1 if a bound is broken.
`--walks N --planted N` take fewer series and scale the bounds.
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

ROWS, AUTOCORRELATION = 2500, 0.3
WALKS, PLANTED = 200, 50
MAX_FALSE, MIN_DETECTED = 12, 45  # of these
FEATURES = ("return", "log_range", "volume_change")


def market(seed: int, autocorrelation: float) -> pd.DataFrame:
    """Bars of 2,500 business days whose log returns follow an AR(1) process; 0 makes a random walk."""
    rng = np.random.default_rng(seed)
    return_T = np.zeros(ROWS)
    for t, noise in enumerate(rng.normal(0.0, 0.01, ROWS)):
        return_T[t] = autocorrelation * return_T[t - 1] + noise
    close = 100 * np.exp(np.cumsum(return_T))
    open_ = close * np.exp(rng.normal(0.0, 0.003, ROWS))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, ROWS)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, ROWS)))
    index = pd.bdate_range("2010-01-04", periods=ROWS, name="time")
    return pd.DataFrame(
        {"open": open_, "high": high, "low": low, "close": close, "volume": rng.lognormal(12.0, 0.5, ROWS).round()},
        index=index,
    )


def judge(seed: int, autocorrelation: float, changes: tuple[str, ...]) -> tuple[str, float, float, float]:
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
    start, data = time.process_time(), frame.build({"A": market(seed, autocorrelation)})
    verdict = run(pipeline.run(assign(spec, list(changes)), data), lambda event: None).evaluation.verdict
    return verdict.tone, verdict.skill, verdict.p_value, time.process_time() - start


def measure(pool: ProcessPoolExecutor, name: str, count: int, autocorrelation: float, changes: tuple[str, ...]) -> int:
    """The number of series out of `count` that are called significant; each result is printed as it comes."""
    from core.evaluation.significance import wilson_interval

    significant, seconds, skills = 0, [], []
    results: Iterable[tuple[str, float, float, float]] = pool.map(
        judge, range(count), [autocorrelation] * count, [changes] * count
    )
    for seed, (tone, skill, p_value, cpu) in enumerate(results):
        significant += skill > 0 and p_value < 0.05  # also where a better baseline makes the verdict less than good
        seconds.append(cpu)
        skills.append(skill)
        print(f"{name} {seed:3d}: {tone:4s}  skill {skill:+.3f}  p = {p_value:.3f}  {cpu:.1f} s", flush=True)
    if count:
        low, high = wilson_interval(significant / count, count)
        print(
            f"{name}: {significant} of {count} called significant (95 % interval of the rate {low:.1%} to {high:.1%}); "
            f"median skill {np.median(skills):+.3f}; {np.median(seconds):.1f} s of processor time each\n"
        )
    return significant


def main() -> int:
    """Measure both kinds of series and print the counts; 1 if a bound is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--walks", type=int, default=WALKS)
    parser.add_argument("--planted", type=int, default=PLANTED)
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--set", nargs="*", default=(), help="path=value of the recipe, to try other settings")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # inherited by the workers: one thread each
    start = time.perf_counter()
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        false = measure(pool, "random walk", options.walks, 0.0, tuple(options.set))
        detected = measure(pool, "planted", options.planted, AUTOCORRELATION, tuple(options.set))
    max_false, min_detected = -(-MAX_FALSE * options.walks // WALKS), MIN_DETECTED * options.planted // PLANTED
    print(
        f"random walks: {false} called significant (at most {max_false}) · planted: {detected} called significant (at "
        f"least {min_detected}) · {time.perf_counter() - start:.0f} s on {options.workers} workers"
    )
    return int(false > max_false or detected < min_detected)


if __name__ == "__main__":
    sys.exit(main())
