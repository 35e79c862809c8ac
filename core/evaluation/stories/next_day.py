"""The classic illusion: the next day's level with an R² near one, and an error no smaller than tomorrow = today.

Axis letter: N test days.
"""

from dataclasses import dataclass

import pandas as pd

from core.baselines import registry
from core.datasets import windows
from core.evaluation import alarms, long_run, metrics, significance
from core.forecasting.table import ForecastMatrix
from core.spec import Spec, with_values
from core.types import Alarm, Floats, Times

MODEL = "ridge"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextDay:
    """The test days with their close, the model's forecast of it and the close before, in the unit of the series; the
    R² of both, the skill over the close before with its p-value, the correlation of changes by lag, and the alarm."""

    symbol: str
    unit: str
    cutoff_N: Times
    time_N: Times
    y_N: Floats
    yhat_N: Floats
    last_N: Floats
    r2: float
    naive_r2: float
    error: float
    naive: float
    p_value: float
    correlation: dict[int, float]
    alarm: Alarm | None

    @property
    def skill(self) -> float:
        """1 − error / error of tomorrow = today."""
        return 1 - self.error / self.naive


def compute(spec: Spec, frame: pd.DataFrame) -> NextDay:
    """The next day's close of a bundled price by ridge regression on the last twenty closes."""
    values = {"target.kind": "close", "target.horizon": 1, "features": ("column:close",), "window.lookback": 20}
    spec = windows.resolve(with_values(spec, values), frame)
    prepared = windows.prepare(spec, frame)
    test = prepared.splits.test
    yhat_NH = registry.fit(registry.BASELINES[MODEL], prepared)(test)
    y_N, yhat_N, last_N = test.y_NH[:, 0], yhat_NH[:, 0], test.anchor_N
    matrix = ForecastMatrix(
        y_NH=test.y_NH,
        yhat_NH={MODEL: yhat_NH, "last_value": last_N[:, None]},
        cutoff_N=test.cutoff_N,
        symbol_N=test.symbol_N,
        symbols=test.rows.symbols,
        steps=test.rows.steps,
    )
    overlap = long_run.count_overlap(test.cutoff_N, test.symbol_N, 1)
    return NextDay(
        symbol=test.rows.symbols[0],
        unit=prepared.kind.unit,
        cutoff_N=test.cutoff_N,
        time_N=test.time_NH[:, 0],
        y_N=y_N,
        yhat_N=yhat_N,
        last_N=last_N,
        r2=metrics.r2(y_N, yhat_N),
        naive_r2=metrics.r2(y_N, last_N),
        error=metrics.rmse(y_N, yhat_N),
        naive=metrics.rmse(y_N, last_N),
        p_value=significance.diebold_mariano((y_N - yhat_N) ** 2, (y_N - last_N) ** 2, overlap),
        correlation=alarms.cross_correlation(yhat_N, y_N),
        alarm=alarms.check_persistence(MODEL, matrix),
    )
