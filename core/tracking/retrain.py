"""The next training of a saved run, on all data to date: the same recipe, and what it continues."""

from dataclasses import replace

import numpy as np
import pandas as pd

from core.data import frame as frames
from core.datasets import windows
from core.datasets.split import SPLITS
from core.errors import DataError
from core.evaluation.track.record import ModelRecord
from core.language import message
from core.spec import Spec, Split
from core.tracking import newest
from core.types import Run


def recipe(run: Run) -> Spec:
    """The recipe of a run for data that reach further: no last day, and splits that are shares of all rows, as large
    as they were; a split that ends on a date would give every newer row to the test split."""
    sizes = [getattr(run.spec.split, name) for name in SPLITS]
    spec = replace(run.spec, data=newest.place(run.spec.data))
    if all(isinstance(size, float) and size < 1 for size in sizes):
        return spec
    bounds = windows.prepare_saved(run).bounds
    count_P = np.array([bounds.end[name] - bounds.start[name] for name in SPLITS])
    train, val, calib, _ = (count_P / count_P.sum()).round(4).tolist()
    test = round(1 - train - val - calib, 4)
    return replace(spec, split=Split(train=train, val=val, calib=calib, test=test, gap=run.spec.split.gap))


def check_newer(run: Run, frame: pd.DataFrame) -> None:
    """Raise DataError if a frame has no rows after those that the run was trained on."""
    if frame.index[-1] <= run.frame.index[-1] or frames.digest(frame) == run.data_digest:
        raise DataError(
            message(
                "There are no newer rows: the run was trained on data up to {last}, and the newest row is of {newest}. "
                "Bring newer data, or wait for the next session.",
                last=f"{run.frame.index[-1]:%Y-%m-%d}",
                newest=f"{frame.index[-1]:%Y-%m-%d}",
            )
        )


def chain(run_id: str, parents: dict[str, str]) -> tuple[str, ...]:
    """The runs of which this one is the newest training or that continue it, from the oldest to the newest; `parents`
    says of each run which one it continues, empty if none."""
    first, seen = run_id, {run_id}
    while (parent := parents.get(first, "")) and parent not in seen:
        first = parent
        seen.add(first)
    line, known = [first], {first}
    while children := sorted(run for run, parent in parents.items() if parent == line[-1] and run not in known):
        own = next((child for child in children if child in seen), children[-1])
        line.append(own)
        known.add(own)
    return tuple(line)


def parents(models: list[ModelRecord]) -> dict[str, str]:
    """Which run each run in the log continues, empty if none."""
    return {model.run: model.parent for model in models}
