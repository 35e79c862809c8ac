"""The verdict on series whose truth is known: random walks, GARCH walks, and returns with an autocorrelation of 0.3.

`python -m benchmarks.honesty` trains the quick effort on 200 random walks and 100 GARCH walks of 2,500 rows, each for
returns, closes and directions one day ahead, and on the returns of 50 planted series. At most 5 % of the walks of a
kind may be called evidence of skill for each target, and at least 90 % of the planted series must be called
significant. Last, the recipe that nobody touched is trained on the returns of ten kinds of signal, five draws each
(benchmarks.signals), of which 90 % must be found. It exits with 1 if a bound is broken. `--walks N --garch N --planted
N --signals N` take fewer series, `--targets returns closes` fewer targets, and the bounds scale.

`python -m benchmarks.honesty --size` trains nothing: it simulates losses and prints how often the test behind the
verdict rejects forecasts that are equally good, and how often it finds a better one (benchmarks.size_and_power).
"""

import argparse
import math
import os
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import repeat
from multiprocessing import get_context
from unittest.mock import patch

import numpy as np
import pandas as pd

from benchmarks import signals, size_and_power
from core.types import Floats

ROWS, AUTOCORRELATION = 2500, 0.3
SHOCK, PERSISTENCE = 0.1, 0.88  # of the GARCH(1,1) variance
MAX_EVIDENCE, MIN_DETECTED = 0.05, 0.9
COUNT = {"walks": 200, "garch": 100, "planted": 50}
TARGETS = {"returns": "log_return", "closes": "close", "directions": "direction"}
FEATURES = {
    "returns": ("return", "log_range", "volume_change"),
    "closes": ("column:close", "column:volume"),
    "directions": ("return", "log_range", "volume_change"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The verdict on one series and target, and the processor seconds that it took."""

    tone: str
    skill: float
    p_value: float
    seconds: float

    @property
    def significant(self) -> bool:
        """Also where a better baseline makes the verdict less than good."""
        return self.skill > 0 and self.p_value < 0.05


def market(seed: int, kind: str) -> pd.DataFrame:
    """Bars of 2,500 business days whose log returns are independent, GARCH(1,1), an AR(1) process (planted) or have a
    signal of that kind."""
    rng = np.random.default_rng(seed)
    if kind in signals.RULES:
        return_T, columns = signals.simulate(kind, ROWS, rng)
    else:
        return_T, columns = log_returns(rng.normal(0.0, 0.01, ROWS), kind), {}
    close = 100 * np.exp(np.cumsum(return_T))
    open_ = close * np.exp(rng.normal(0.0, 0.003, ROWS))
    high = np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, ROWS)))
    low = np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, ROWS)))
    index = pd.bdate_range("2010-01-04", periods=ROWS, name="time")
    return pd.DataFrame(
        {"open": open_, "high": high, "low": low, "close": close, "volume": rng.lognormal(12.0, 0.5, ROWS).round()}
        | columns,
        index=index,
    )


def log_returns(noise_T: Floats, kind: str) -> Floats:
    """The noise itself, scaled by a GARCH(1,1) deviation of mean one square, or filtered; (T,)."""
    return_T, variance = np.zeros(len(noise_T)), 1.0
    autocorrelation = AUTOCORRELATION if kind == "planted" else 0.0
    for t, noise in enumerate(noise_T):
        return_T[t] = autocorrelation * return_T[t - 1] + math.sqrt(variance) * noise
        if kind == "garch":
            standard = return_T[t] / 0.01
            variance = 1 - SHOCK - PERSISTENCE + SHOCK * standard**2 + PERSISTENCE * variance
    return return_T


def judge(seed: int, kind: str, target: str, changes: tuple[str, ...]) -> Result:
    """One next-day run of the quick effort; of a signal with the features that the recipe takes by itself."""
    from core import pipeline
    from core.data import frame
    from core.evaluation import baseline_tests
    from core.explain import explainer
    from core.jobs.local import run
    from core.spec import Spec, assign, presets, with_values

    spec = with_values(
        presets.apply(Spec(), "quick"),
        {
            "data.symbols": ["A"],
            "target.kind": TARGETS[target],
            "target.horizon": 1,
            "features": [] if kind in signals.RULES else list(FEATURES[target]),
            "train.device": "cpu",
        },
    )
    start, data = time.process_time(), frame.build({"A": market(seed, kind)})
    with ExitStack() as patches:
        # The verdict does not read the explanation, a third of the cost.
        patches.enter_context(patch.object(explainer, "WINDOWS", 2))
        if kind in signals.RULES:  # against a forecast that knows no signal: a baseline may be the best one of weekdays
            patches.enter_context(patch.object(baseline_tests, "choose_reference", lambda mse: "mean"))
        verdict = run(pipeline.run(assign(spec, list(changes)), data), lambda event: None).evaluation.verdict
    return Result(tone=verdict.tone, skill=verdict.skill, p_value=verdict.p_value, seconds=time.process_time() - start)


def measure(pool: ProcessPoolExecutor, kind: str, target: str, count: int, changes: tuple[str, ...]) -> bool:
    """Whether the bound on one kind of series and target is kept; each result is printed as it comes."""
    from core.evaluation.significance import wilson_interval

    if not count:
        return True
    results = []
    for seed, result in enumerate(pool.map(judge, range(count), repeat(kind), repeat(target), repeat(changes))):
        results.append(result)
        print(
            f"{kind} {target} {seed:3d}: {result.tone:4s}  skill {result.skill:+.3f}  p = {result.p_value:.3f}  "
            f"{result.seconds:.1f} s",
            flush=True,
        )
    called = sum(result.significant if kind == "planted" else result.tone == "good" for result in results)
    low, high = wilson_interval(called / count, count)
    bound = math.floor(MIN_DETECTED * count) if kind == "planted" else math.ceil(MAX_EVIDENCE * count)
    kept = called >= bound if kind == "planted" else called <= bound
    print(
        f"{kind}, {target}: {called} of {count} called {'significant' if kind == 'planted' else 'evidence of skill'} "
        f"(at {'least' if kind == 'planted' else 'most'} {bound}; 95 % interval of the rate {low:.1%} to {high:.1%}); "
        f"median skill {np.median([result.skill for result in results]):+.3f}; "
        f"{np.median([result.seconds for result in results]):.1f} s of processor time each\n",
        flush=True,
    )
    return kept


def measure_signals(pool: ProcessPoolExecutor, draws: int, changes: tuple[str, ...]) -> bool:
    """Whether enough of the signals are found; one line for each kind."""
    if not draws:
        return True
    found = 0
    for kind in signals.RULES:
        results = list(pool.map(judge, range(draws), repeat(kind), repeat("returns"), repeat(changes)))
        found += sum(result.significant for result in results)
        skills = ", ".join(f"{result.skill:+.3f} (p {result.p_value:.3f})" for result in results)
        print(f"{kind:18s} {sum(result.significant for result in results)} of {draws}: skill {skills}", flush=True)
    bound = math.floor(MIN_DETECTED * draws * len(signals.RULES))
    print(f"signals: {found} of {draws * len(signals.RULES)} found (at least {bound})\n", flush=True)
    return found >= bound


def main() -> int:
    """Measure what is asked for; 1 if a bound is broken, else 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for kind, count in COUNT.items():
        parser.add_argument(f"--{kind}", type=int, default=count)
    parser.add_argument("--signals", type=int, default=5, help="draws of each kind")
    parser.add_argument("--targets", nargs="+", choices=TARGETS, default=list(TARGETS))
    parser.add_argument("--workers", type=int, default=max(1, (os.cpu_count() or 2) - 1))
    parser.add_argument("--set", nargs="*", default=(), help="path=value of the recipe, to try other settings")
    parser.add_argument("--size", action="store_true", help="simulate losses instead of training")
    parser.add_argument("--trials", type=int, default=4000, help="of --size, for each cell of the table")
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"  # inherited by the workers: one thread each
    if options.size:
        return int(not size_and_power.measure(options.trials))
    start = time.perf_counter()
    with ProcessPoolExecutor(options.workers, mp_context=get_context("spawn")) as pool:
        kept = [
            measure(pool, kind, target, getattr(options, kind), tuple(options.set))
            for kind in COUNT
            for target in (["returns"] if kind == "planted" else options.targets)
        ]
        kept.append(measure_signals(pool, options.signals, tuple(options.set)))
    print(f"{kept.count(False)} bounds broken · {time.perf_counter() - start:.0f} s on {options.workers} workers")
    return int(not all(kept))


if __name__ == "__main__":
    sys.exit(main())
