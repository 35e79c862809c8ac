"""Lookback: train an LSTM on any time series, forecast, explain, and test honestly whether the model has skill.

>>> import core as lb
>>> sorted(dir(lb))[:4]
['CoreError', 'FittedRun', 'Spec', '__version__']

The names below are the public API. They are imported when they are first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.api.fit import fit, list_runs, load_run
    from core.api.fitted_run import FittedRun
    from core.api.series import load_csv, load_sample, load_yahoo
    from core.errors import CoreError
    from core.spec import Spec

__version__ = "0.2.0"
__all__ = ["CoreError", "FittedRun", "Spec", "fit", "list_runs", "load_csv", "load_run", "load_sample", "load_yahoo"]

_HOMES = {
    "CoreError": "core.errors",
    "FittedRun": "core.api.fitted_run",
    "Spec": "core.spec",
    **dict.fromkeys(("fit", "list_runs", "load_run"), "core.api.fit"),
    **dict.fromkeys(("load_csv", "load_sample", "load_yahoo"), "core.api.series"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'core' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
