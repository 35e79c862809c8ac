"""A column that knows the target's future is named; honest ones are not."""

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.sources import samples
from core.datasets import windows
from core.datasets.leakage import TOLD, target_copies, told_by_future
from core.features import available, compute
from core.features.registry import CATALOGUE

RNG = np.random.default_rng(0)
LEVEL = pd.Series(100 * np.exp(np.cumsum(RNG.normal(0, 0.01, 1500))))


@pytest.mark.parametrize(
    "cheat",
    [
        LEVEL.shift(-1),
        LEVEL.shift(-5),
        LEVEL.shift(-3).diff(),
        LEVEL.rolling(5, center=True).mean(),
        LEVEL.rolling(21, center=True).mean(),
        LEVEL.shift(-1) + RNG.normal(0, LEVEL.diff().std(), len(LEVEL)),
        1000 - 3 * LEVEL.shift(-2),
    ],
    ids=["copy", "later copy", "change to come", "smooth", "smoother", "noisy copy", "turned round"],
)
def test_a_copy_of_the_future_is_told(cheat: pd.Series):
    assert told_by_future(cheat.to_numpy(), LEVEL.to_numpy()) > TOLD


def test_a_true_but_weak_predictor_is_not_suspected():
    change = LEVEL.diff().shift(-1).fillna(0)
    weak = 0.3 * change / change.std() + RNG.normal(0, 1, len(LEVEL))  # explains 9 % of the next change
    assert told_by_future(weak.to_numpy(), LEVEL.to_numpy()) < TOLD


@pytest.mark.parametrize("column", [np.zeros(1500), np.arange(1500.0), LEVEL.to_numpy(), RNG.normal(size=1500)])
def test_constants_calendars_the_level_itself_and_noise_are_not_suspected(column: np.ndarray):
    assert told_by_future(column, LEVEL.to_numpy()) < 0.05


def test_a_target_declared_as_known_ahead_is_told(recipe, bars):
    table = bars(1200)
    frame = build({"A": table.assign(plan=table["close"])})
    spec = windows.resolve(recipe(target__kind="close", data__known_future=["plan"], features=["known:plan"]), frame)
    assert [alarm.feature for alarm in target_copies(windows.prepare(spec, frame))] == ["known:plan"]
    plan = np.arange(1200) % 7 == 0
    working = table["close"] + 4 * plan  # a promotion that does what it is meant to do
    honest = build({"A": table.assign(plan=plan.astype(float), close=working)})
    assert target_copies(windows.prepare(spec, honest)) == ()


def test_a_short_series_is_not_judged():
    assert told_by_future(LEVEL.shift(-1).to_numpy()[:150], LEVEL.to_numpy()[:150]) == 0.0


@pytest.mark.parametrize("name", ["SP500", "GLUCOSE", "SST", "COMMITS"])
def test_no_false_alarm_on_bundled_series(name: str):
    table = samples.load(name).iloc[-2000:]
    level = "close" if "close" in table else str(table.columns[0])
    plain = [n for n in available(tuple(table.columns), level) if CATALOGUE[n].parameter != "column"]
    chosen = ["return", "abs_return"] if name == "SP500" else []
    usual = ("log_range", "rsi", "macd_hist", "volume_change") if name == "SP500" else ()
    chosen += [n for n in (*usual, "weekday", "month_sin") if n in plain]
    chosen += [f"column:{column}" for column in table.columns]
    for feature in chosen:
        values = compute(table, (feature,), level, pd.DatetimeIndex([]))[feature].to_numpy()
        assert told_by_future(values, table[level].to_numpy()) < TOLD, feature
