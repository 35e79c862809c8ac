"""One thread inside every fit: sums that are split over threads are rounded differently for each number of threads."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Limit:
    """BLAS counts its threads for the whole process: who enters first sets one thread, who leaves last restores."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    inside: int = 0
    restore: Callable[[], None] = lambda: None


_LIMIT = _Limit()


@contextmanager
def one_thread() -> Iterator[None]:
    """Matrix products, factorisations and solvers of numpy and scipy use one thread within; also a decorator.

    It can be nested, and entered by several threads at once. torch and LightGBM, which have threads of their own, are
    told where they are called (`core.training.device`, `core.baselines.boosting`).
    """
    import scipy.linalg  # noqa: F401  only a BLAS that is loaded can be limited, and scipy brings its own
    from threadpoolctl import threadpool_limits

    with _LIMIT.lock:
        if _LIMIT.inside == 0:
            _LIMIT.restore = threadpool_limits(limits=1, user_api="blas").restore_original_limits
        _LIMIT.inside += 1
    try:
        yield
    finally:
        with _LIMIT.lock:
            _LIMIT.inside -= 1
            if _LIMIT.inside == 0:
                _LIMIT.restore()
