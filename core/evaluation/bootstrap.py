"""The stationary bootstrap: resamples of a series in blocks of random length, and intervals from them.

arch.bootstrap.StationaryBootstrap draws one resample at a time from a random stream of its own. Here all are drawn at
once, faster for series up to a few thousand long, and with the draws behind the intervals of saved runs.

Axis letters: N observations, R resamples.
"""

from collections.abc import Callable, Iterator

import numpy as np

from core.types import Floats, Ints

AT_ONCE = 2_000_000  # resampled observations held in memory at one time


def interval(
    statistic: Callable[[Ints], Floats], count: int, size: int, block: float, level: float, seed: int
) -> tuple[float, float]:
    """The central `level` of a statistic over `count` resamples of `size` observations: a percentile interval.

    `statistic` takes positions (R, N) and returns one value for each resample (R,).
    """
    value_R = np.concatenate([statistic(at_RN) for at_RN in resamples(count, size, block, seed)])
    low, high = np.quantile(value_R, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def resamples(count: int, size: int, block: float, seed: int) -> Iterator[Ints]:
    """`count` resamples of `size` positions, wrapped round, some at a time: (R, N) each (Politis & Romano 1994).

    A block ends with probability 1 / `block` at every position.
    """
    rng = np.random.default_rng(seed)
    at_once = max(1, AT_ONCE // size)
    for done in range(0, count, at_once):
        yield _draw(rng, (min(at_once, count - done), size), block)


def _draw(rng: np.random.Generator, shape: tuple[int, int], block: float) -> Ints:
    begins_RN = rng.random(shape) < 1 / block
    begins_RN[:, 0] = True
    position_N: Ints = np.arange(shape[1])
    begin_RN = np.maximum.accumulate(np.where(begins_RN, position_N, 0), axis=1)
    first_RN = np.take_along_axis(rng.integers(0, shape[1], shape), begin_RN, axis=1)
    return (first_RN + position_N - begin_RN) % shape[1]
