"""Fit a model on a series, or open a saved one.

>>> import core as lb
>>> frame = lb.load_sample("SP500")
>>> run = lb.fit(frame, target="close", horizon=1, settings={"train.epochs": 2}, progress=False)
>>> run.verdict.tone
'none'
>>> run.predict()[["symbol", "step"]].values.tolist()
[['SP500', 1]]
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from core import pipeline
from core import spec as specs
from core.api.fitted_run import FittedRun
from core.api.progress import ProgressBar
from core.api.series import SOURCE, as_frame
from core.data import frame as frames
from core.data.parsing.roles import main_column_of
from core.datasets.targets import TARGETS
from core.jobs.local import run as exhaust
from core.spec import Data, Spec
from core.storage import runs as store


def fit(
    data: pd.DataFrame,
    *,
    target: str | None = None,
    horizon: int | None = None,
    model: str | None = None,
    features: Sequence[str] = (),
    seed: int = 0,
    settings: Mapping[str, Any] | None = None,
    progress: bool = True,
) -> FittedRun:
    """Train a model, evaluate it against every baseline and explain it.

    `data` is a frame of `load_…`, or any DataFrame with a DatetimeIndex and numeric columns (one series). `target` is a
    kind of target (`python -m core targets`) or the name of a column; by default volatility for prices, else the main
    value of the table by the names of its columns. `settings` are further entries of the recipe by their path, e.g.
    {"model.hidden": 32}. Equal arguments give equal numbers. Raises DataError, FeatureError, SpecError and TrainError.

    Examples:
        >>> days = pd.bdate_range("2020-01-01", periods=300)
        >>> sales = pd.DataFrame({"sales": range(300)}, index=days) % 7 + 1.0
        >>> run = fit(sales, target="sales", settings={"train.epochs": 1, "window.lookback": 14}, progress=False)
        >>> run.spec.target.kind, run.spec.target.column
        ('column', 'sales')
    """
    frame = as_frame(data)
    values: dict[str, Any] = {
        "seed": seed,
        "features": list(features),
        **_target(target, frames.columns(frame), main_column_of(frame)),
    }
    values |= {"target.horizon": horizon} if horizon is not None else {}
    values |= {"model.kind": model} if model is not None else {}
    source = replace(Data(**frame.attrs.get(SOURCE, {"source": "file"})), symbols=frames.symbols(frame))
    spec = specs.with_values(Spec(data=source), values | dict(settings or {}))
    with ProgressBar(progress) as on_event:
        return FittedRun(record=exhaust(pipeline.run(spec, frame), on_event))


def load_run(path: str | Path) -> FittedRun:
    """A saved run: the path of its folder, e.g. "runs/20260102-030405-0123abcd". Raises RunError."""
    folder = Path(path)
    return FittedRun(record=store.load(folder.name, folder.parent))


def list_runs(folder: str | Path = store.DEFAULT) -> pd.DataFrame:
    """The saved runs in a folder, newest first: id, created, symbols, target, horizon, model, skill, verdict, …, and
    their tags, note and star."""
    rows = []
    for line in store.list_all(Path(folder)):
        row = {name: getattr(line, name) for name in line.__slots__ if name != "marks"}
        rows.append(row | {name: getattr(line.marks, name) for name in line.marks.__slots__})
    return pd.DataFrame(rows)


def _target(target: str | None, columns: tuple[str, ...], main: str) -> dict[str, Any]:
    """The recipe's target for a kind, a column, or nothing at all: then `main`, the main value."""
    if target is None:
        target = "volatility" if main == "close" else main
    if target in TARGETS and not (target in columns and target != "close"):
        return {"target.kind": target}
    return {"target.kind": "column", "target.column": target}
