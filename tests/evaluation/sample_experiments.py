"""Experiments written by hand, so that every number of a comparison is known."""

from typing import Any

import numpy as np

from core.evaluation.experiments.record import Experiment

TASK = {
    "source": "sample",
    "symbols": ["A"],
    "interval": "1d",
    "kind": "log_return",
    "column": "close",
    "horizon": 1,
    "dead_zone": 0.0,
}


def experiment(
    number: int = 0,
    loss: Any = (1.0, 2.0),
    reference: Any = None,
    *,
    start: str = "2020-01-01",
    symbols: tuple[str, ...] = ("A",),
    horizon: int = 1,
    **values: Any,
) -> Experiment:
    """Experiment `number` with these losses on days from `start` on, each symbol's one after another."""
    loss_N = np.asarray(loss, dtype=float)
    reference_N = np.ones(len(loss_N)) if reference is None else np.asarray(reference, dtype=float)
    days = np.datetime64(start, "ns") + np.arange(len(loss_N) // len(symbols)) * np.timedelta64(1, "D")
    fields: dict[str, Any] = {
        "run_id": f"20200101-{number:06d}-0123abcd",
        "created": f"2020-01-01T00:{number // 60:02d}:{number % 60:02d}",
        "spec_id": f"{number:012d}",
        "data_digest": "d",
        "task_key": "0123456789ab",
        "task": TASK | {"horizon": horizon, "symbols": list(symbols)},
        "recipe": {"model": {"kind": "lstm"}, "seed": number},
        "skill": 0.01,
        "interval": (-0.01, 0.03),
        "p_value": 0.04,
        "tone": "good",
        "reference": "mean",
        "symbols": symbols,
        "symbol_N": np.repeat(np.arange(len(symbols)), len(days)),
        "cutoff_N": np.tile(days, len(symbols)),
        "loss_N": loss_N,
        "reference_N": reference_N,
        "last_N": reference_N,
        "return_T": np.zeros(0),
    }
    return Experiment(**(fields | values))
