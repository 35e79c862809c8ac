"""The process from which our own workers are forked, on Linux: it has imported what jobs need.

A worker is then up at once, also one in place of a dead one, and all workers share the memory of these modules. The
process runs no job and no thread of ours, takes orders through a file that only this user may open, and ends when the
server and all workers have ended. Imported only when needed.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import forkserver
from pathlib import Path

from distributed.utils import get_mp_context

from core.jobs.dask_settings import ENVIRONMENT, METHOD

SETTINGS = ENVIRONMENT | {
    "PYTHONHASHSEED": "6640",  # as Dask sets it for workers that start from nothing
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",  # else a question about GPUs would use one, and forked workers could not
}


def start(modules: Sequence[str]) -> None:
    """Start the process, which imports Dask and these modules, unless it runs already; returns at once.

    A module that it cannot import is left to the job that needs it. Elsewhere than on Linux workers start from nothing:
    a fork is not safe there once libraries of the system have been used.
    """
    if METHOD != "forkserver":
        return
    get_mp_context().set_forkserver_preload(["distributed", *modules])  # the first call sets Dask's own modules
    path = os.pathsep.join([str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    with _environment(SETTINGS | {"PYTHONPATH": path}):
        forkserver.ensure_running()


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """The process that starts within has these variables; libraries read the number of their threads when they load."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
