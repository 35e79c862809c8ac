"""How often the test of equal accuracy rejects forecasts that are equally good, and how often it finds a better one.

Losses are simulated; no network is trained. Each trial is one test split of N cutoffs whose labels reach h steps ahead.
The former test, with Newey–West weights, sees the same losses. `benchmarks.honesty --size` prints the tables.

Axis letters: R trials, N cutoffs.
"""

import math
import time
from collections.abc import Callable

import numpy as np

from core.types import Floats

MEMORY, SIZES, HORIZONS = 0.95, (250, 500, 1000), (1, 5, 22)
NOMINAL, MOST = 0.05, 0.075  # the most that the test may reject
MOST_LOST = 0.04  # of the power at the same size, one step ahead, that the former test had

Draw = Callable[[np.random.Generator, int, int, int], Floats]


def process(rng: np.random.Generator, trials: int, size: int) -> Floats:
    """Stationary AR(1) processes of variance one with a memory of .95: (R, N)."""
    from scipy.signal import lfilter

    shock_RN = rng.normal(size=(trials, size + 300))
    return np.asarray(lfilter([math.sqrt(1 - MEMORY**2)], [1, -MEMORY], shock_RN, axis=1)[:, 300:])


def overlap(value_RN: Floats, horizon: int) -> Floats:
    """Sums over `horizon` values in a row, over √horizon: shorter by horizon − 1."""
    sums_RN = np.cumsum(np.pad(value_RN, ((0, 0), (1, 0))), axis=1)
    return (sums_RN[:, horizon:] - sums_RN[:, :-horizon]) / math.sqrt(horizon)


def _noise(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
    return overlap(rng.normal(size=(trials, size + horizon - 1)), horizon)


def _persistent(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
    return overlap(process(rng, trials, size + horizon - 1), horizon)


def _forecasts(scale: float) -> Draw:
    def draw(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
        label_RN = _noise(rng, trials, size, horizon)
        first_RN, second_RN = (scale * process(rng, trials, size) for _ in range(2))
        return (label_RN - first_RN) ** 2 - (label_RN - second_RN) ** 2

    return draw


def _last_values(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
    target_RN = process(rng, trials, size + horizon)
    move_RN = target_RN[:, horizon:] - target_RN[:, :-horizon]
    first_RN, second_RN = (0.5 * process(rng, trials, size) for _ in range(2))
    return (move_RN - first_RN) ** 2 - (move_RN - second_RN) ** 2


# Loss differences of two forecasts that are equally good: (R, N).
EQUAL: dict[str, Draw] = {
    "losses AR(.95)": lambda rng, trials, size, horizon: process(rng, trials, size),
    "losses AR(.95), mean over h": _persistent,
    "errors AR(.95), mean over h": lambda rng, *shape: _persistent(rng, *shape) ** 2 - _persistent(rng, *shape) ** 2,
    "forecasts AR(.95), half a σ": _forecasts(0.5),
    "forecasts AR(.95), one σ": _forecasts(1.0),
    "AR(.95) + AR(.95) error": _last_values,
}


def _errors(ratio: float) -> Draw:
    return lambda rng, *shape: (ratio * _noise(rng, *shape)) ** 2 - _noise(rng, *shape) ** 2


def _signal(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
    label_RN, known_RN = _noise(rng, trials, size, horizon), 0.25 * rng.normal(size=(trials, size))
    return (label_RN + known_RN) ** 2 - label_RN**2


def _returns(rng: np.random.Generator, trials: int, size: int, horizon: int) -> Floats:
    from scipy.signal import lfilter

    return_RN = lfilter([1], [1, -0.3], rng.normal(size=(trials, size + horizon + 50)), axis=1)[:, 50:]
    label_RN = overlap(return_RN[:, 1:], horizon)
    best = 0.3 * (1 - 0.3**horizon) / 0.7 / math.sqrt(horizon)
    return label_RN**2 - (label_RN - best * return_RN[:, :size]) ** 2


# Loss differences of a forecast and a better one.
BETTER: dict[str, Draw] = {
    "errors smaller by 13 %": _errors(1.15),
    "a signal of ¼ σ": _signal,
    "returns AR(.3)": _returns,
}


def former(difference_RN: Floats, horizon: int) -> Floats:
    """p-values of the former test: Newey–West variance over max(2h, ⌈N^⅓⌉) lags, the correction of Harvey, Leybourne &
    Newbold (1997), Student's t with N − 1 degrees of freedom; (R,)."""
    from scipy.special import stdtr

    count = difference_RN.shape[1]
    lags = min(max(2 * horizon, math.ceil(count ** (1 / 3))), count - 2)
    mean_R = difference_RN.mean(axis=1)
    centred_RN = difference_RN - mean_R[:, None]
    variance_R = (centred_RN**2).sum(axis=1) / count
    for lag in range(1, lags + 1):
        covariance_R = np.einsum("rn,rn->r", centred_RN[:, lag:], centred_RN[:, :-lag]) / count
        variance_R += 2 * (1 - lag / (lags + 1)) * covariance_R
    correction = (count + 1 - 2 * horizon + horizon * (horizon - 1) / count) / count
    return 2 * stdtr(count - 1, -np.abs(mean_R) / np.sqrt(variance_R / count) * math.sqrt(correction))


def current(difference_RN: Floats, horizon: int) -> Floats:
    """p-values of the product's test; (R,)."""
    from core.evaluation.significance import diebold_mariano

    nothing_N = np.zeros(difference_RN.shape[1])
    return np.array([diebold_mariano(difference_N, nothing_N, horizon) for difference_N in difference_RN])


def measure(trials: int) -> bool:
    """Print the tables, cell by cell; True if the test keeps its bounds."""
    start = time.perf_counter()
    print(f"rejected at 5 % although equally good, former → now; {trials} trials, at most {MOST:.1%}")
    largest = max(_size(name, draw, trials) for name, draw in EQUAL.items())
    print("\nfound at 5 %, former → now; in brackets, both held to 5 % on the same losses without the difference")
    lost = max(_lost_power(name, draw, trials // 2) for name, draw in BETTER.items())
    print(
        f"\nlargest size {largest:.1%} · most power lost without memory {max(lost, 0.0):.1%} · "
        f"{time.perf_counter() - start:.0f} s"
    )
    return largest <= MOST and lost <= MOST_LOST


def _size(name: str, draw: Draw, trials: int) -> float:
    """The largest size over N and h."""
    largest = 0.0
    for size in SIZES:
        cells = []
        for horizon in HORIZONS:
            difference_RN = draw(np.random.default_rng([size, horizon]), trials, size, horizon)
            before, now = (np.mean(test(difference_RN, horizon) < NOMINAL) for test in (former, current))
            largest = max(largest, float(now))
            cells.append(f"h = {horizon}: {before:5.1%} → {now:4.1%}")
        print(f"{name:28s} N = {size:4d}  {'   '.join(cells)}", flush=True)
    return largest


def _lost_power(name: str, draw: Draw, trials: int) -> float:
    """The most power lost one step ahead, both tests being held to the same size."""
    lost = 0.0
    for size in SIZES:
        cells = []
        for horizon in HORIZONS:
            difference_RN = draw(np.random.default_rng([size, horizon]), trials, size, horizon)
            (raw_before, before), (raw_now, now) = (_power(test, difference_RN, horizon) for test in (former, current))
            if horizon == 1:
                lost = max(lost, before - now)
            cells.append(f"h = {horizon}: {raw_before:.0%} → {raw_now:.0%} ({before:.0%} → {now:.0%})")
        print(f"{name:28s} N = {size:4d}  {'   '.join(cells)}", flush=True)
    return lost


def _power(test: Callable[[Floats, int], Floats], difference_RN: Floats, horizon: int) -> tuple[float, float]:
    """The share found at 5 %, and at the p-value below which 5 % lie when the differences have lost their mean."""
    found_R, equal_R = test(difference_RN, horizon), test(difference_RN - difference_RN.mean(), horizon)
    return float(np.mean(found_R < NOMINAL)), float(np.mean(found_R < np.quantile(equal_R, NOMINAL)))
