"""One thread inside every fit: sums that are split over threads are rounded differently for each number of threads."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController


@dataclass(slots=True)
class _Limit:
    """BLAS counts its threads for the whole process: who enters first sets one thread, who leaves last restores."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    inside: int = 0
    restore: Callable[[], None] = lambda: None


_LIMIT = _Limit()
VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # libraries read them when they load


def use_one_blas_thread() -> None:
    """One thread for all matrix products of this program, for good; libraries that load later included.

    For the server and the command line, not for who imports the package: several threads of BLAS wait for each other in
    a loop, and where other programs have the cores, small products take ten times as long.
    """
    from threadpoolctl import threadpool_limits

    os.environ.update(dict.fromkeys(VARIABLES, "1"))
    threadpool_limits(limits=1, user_api="blas")


@cache
def _controller() -> "ThreadpoolController":
    """All that is BLAS in this program: to look for it among the loaded libraries takes 5 ms."""
    import scipy.linalg  # noqa: F401  only a BLAS that is loaded can be limited, and scipy brings its own
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products, factorisations and solvers of numpy and scipy use one thread within; also a decorator.

    It can be nested, and entered by several threads at once. torch and LightGBM, which have threads of their own, are
    told where they are called (`core.training.device`, `core.baselines.boosting`).
    """
    with _LIMIT.lock:
        if _LIMIT.inside == 0:
            _LIMIT.restore = _controller().limit(limits=1, user_api="blas").restore_original_limits
        _LIMIT.inside += 1
    try:
        yield
    finally:
        with _LIMIT.lock:
            _LIMIT.inside -= 1
            if _LIMIT.inside == 0:
                _LIMIT.restore()
