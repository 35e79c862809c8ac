"""The test windows that several runs share, with the outcomes and the forecasts of each run.

Axis letters: N windows, H steps, Q quantiles.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from core.errors import SpecError
from core.forecasting.table import QUANTILE_COLUMNS, ForecastMatrix, to_matrix
from core.language import message
from core.types import Flags, Floats, Run, Times

REFERENCE = "reference"  # the name of its forecasts; no run is called so
LETTERS = "ABCD"  # what the runs are called in sentences and charts, in their order
SAME = 1e-6  # relative difference up to which two outcomes are the same


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTest:
    """Test windows of all runs, user's units. Forecasts go by the run's id, those of the reference by REFERENCE.

    `windows` counts the test windows of each run, `differing` those that all have with other outcomes.
    """

    mean: ForecastMatrix
    median: ForecastMatrix
    time_NH: Times
    low_NH: dict[str, Floats]
    high_NH: dict[str, Floats]
    quantile_NHQ: dict[str, Floats]  # of QUANTILE_LEVELS, for the runs that have them
    windows: tuple[int, ...]
    differing: int

    @property
    def cutoffs(self) -> int:
        """The number of different cutoffs; several symbols may share one."""
        return len(np.unique(self.mean.cutoff_N))


def align(runs: Sequence[Run], reference: str) -> SharedTest:
    """The windows with the same symbol, cutoff and outcome in every run, in the order of the first one; `reference` is
    a baseline of the first run.

    Raises SpecError if the runs forecast different targets, or share no window.
    """
    check_targets(runs)
    tests = [_Test.of(run) for run in runs]
    keys = [test.key for test in tests]
    shared = keys[0]
    for key in keys[1:]:
        shared = shared.intersection(key, sort=False)
    rows = [key.get_indexer(shared) for key in keys]
    y = [test.mean.y_NH[at_N] for test, at_N in zip(tests, rows, strict=True)]
    same_N = np.all([_same(y[0], other) for other in y[1:]], axis=0)
    if not same_N.any():
        _refuse(tests, len(shared))
    rows = [at_N[same_N] for at_N in rows]
    at_first, named = rows[0], list(zip(runs, tests, rows, strict=True))
    baseline = _Test.of(runs[0], reference)

    def matrix(name: str) -> ForecastMatrix:
        first: ForecastMatrix = getattr(tests[0], name)
        points = {run.id: next(iter(getattr(test, name).yhat_NH.values()))[at_N] for run, test, at_N in named}
        points[REFERENCE] = next(iter(getattr(baseline, name).yhat_NH.values()))[at_first]
        return replace(
            first,
            y_NH=first.y_NH[at_first],
            yhat_NH=points,
            cutoff_N=first.cutoff_N[at_first],
            symbol_N=first.symbol_N[at_first],
        )

    return SharedTest(
        mean=matrix("mean"),
        median=matrix("median"),
        time_NH=tests[0].time_NH[at_first],
        low_NH={run.id: test.low_NH[at_N] for run, test, at_N in named},
        high_NH={run.id: test.high_NH[at_N] for run, test, at_N in named},
        quantile_NHQ={
            run.id: test.quantile_NHQ[at_N] for run, test, at_N in named if np.isfinite(test.quantile_NHQ).all()
        },
        windows=tuple(len(test.key) for test in tests),
        differing=int((~same_N).sum()),
    )


def check_targets(runs: Sequence[Run]) -> None:
    """Raise SpecError unless there are two to four different runs of one target, column, horizon and dead zone."""
    if not 2 <= len(runs) <= len(LETTERS):
        raise SpecError(
            message(
                "A comparison takes 2 to {most} runs; got {count}. Choose others.", most=len(LETTERS), count=len(runs)
            )
        )
    ids = [run.id for run in runs]
    if len(set(ids)) < len(ids):
        raise SpecError(message("The run {run} is named twice. Choose different runs.", run=max(ids, key=ids.count)))
    first = runs[0].spec
    for run in runs[1:]:
        for name in ("kind", "column", "horizon", "dead_zone"):
            ours, theirs = getattr(first.target, name), getattr(run.spec.target, name)
            if ours != theirs:
                raise SpecError(
                    message(
                        "The runs forecast different things: target.{name} is {ours} in {run} and {theirs} in {other}. "
                        "Choose runs of one target and horizon.",
                        name=name,
                        ours=ours,
                        theirs=theirs,
                        run=runs[0].id,
                        other=run.id,
                    )
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Test:
    """The test split of one model of a run; `key` has the symbol and the cutoff of each window."""

    key: pd.MultiIndex
    mean: ForecastMatrix
    median: ForecastMatrix
    time_NH: Times
    low_NH: Floats
    high_NH: Floats
    quantile_NHQ: Floats  # NaN for those that the model does not have

    @classmethod
    def of(cls, run: Run, model: str = "") -> "_Test":
        """That of the trained model, or of a baseline."""
        table = run.forecast
        own = table[(table["model"] == (model or run.spec.model.kind)) & (table["part"] == "test") & table["y"].notna()]
        mean, median = to_matrix(own, "test"), to_matrix(own, "test", median=True)
        shape = mean.y_NH.shape
        symbol_N = np.asarray(mean.symbols, dtype=object)[mean.symbol_N]
        return cls(
            key=pd.MultiIndex.from_arrays([symbol_N, mean.cutoff_N]),
            mean=mean,
            median=median,
            time_NH=own["time"].to_numpy().reshape(shape),
            low_NH=own["lo"].to_numpy().reshape(shape),
            high_NH=own["hi"].to_numpy().reshape(shape),
            quantile_NHQ=own[[*QUANTILE_COLUMNS]].to_numpy().reshape(*shape, len(QUANTILE_COLUMNS)),
        )


def _same(one_NH: Floats, other_NH: Floats) -> Flags:
    """Whether the outcomes of each window are the same, (N,): a later download may have revised them, and the floor
    under a volatility follows from the training split."""
    if one_NH.shape != other_NH.shape:
        return np.zeros(len(one_NH), dtype=bool)
    return np.asarray(np.isclose(one_NH, other_NH, rtol=SAME, atol=1e-12).all(axis=1))


def _refuse(tests: Sequence[_Test], shared: int) -> None:
    """Say why the runs share no window, and what to do."""
    if shared:
        raise SpecError(
            message(
                "The runs share {count} cutoffs, but their outcomes there differ: their data are not the same. Train "
                "one of them again on the data of the other.",
                count=f"{shared:,}",
            )
        )
    symbols = set(tests[0].mean.symbols).intersection(*(test.mean.symbols for test in tests[1:]))
    if not symbols:
        raise SpecError(message("The runs forecast different series. Choose runs that have a series in common."))
    spans = [f"{_day(test.mean.cutoff_N.min())} – {_day(test.mean.cutoff_N.max())}" for test in tests]
    raise SpecError(
        message(
            "The runs share no cutoff of their test splits, which are {spans}. Choose runs of one test period, or "
            "train one of them again with the data.end and split.test of the other.",
            spans="; ".join(spans),
        )
    )


def _day(time: np.datetime64) -> str:
    return str(np.datetime_as_string(time, unit="D"))
