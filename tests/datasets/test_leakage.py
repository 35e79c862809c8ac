"""Columns that contain the target's future raise an alarm; honest ones do not."""

import numpy as np
import pandas as pd
import pytest

from core.data.frame import build
from core.data.sources import samples
from core.datasets import windows
from core.datasets.leakage import MAX_SHARE, find_target_copies, share_explained_by_future
from core.features import available, compute
from core.features.registry import CATALOGUE

RNG = np.random.default_rng(0)
LEVEL = pd.Series(100 * np.exp(np.cumsum(RNG.normal(0, 0.01, 1500))))


@pytest.mark.parametrize(
    "leak",
    [
        LEVEL.shift(-1),
        LEVEL.shift(-5),
        LEVEL.shift(-3).diff(),
        LEVEL.rolling(5, center=True).mean(),
        LEVEL.rolling(21, center=True).mean(),
        LEVEL.shift(-1) + RNG.normal(0, LEVEL.diff().std(), len(LEVEL)),
        1000 - 3 * LEVEL.shift(-2),
    ],
    ids=["shifted", "shifted by 5", "future change", "smoothed", "smoothed more", "noisy", "inverted"],
)
def test_copies_of_the_future_are_detected(leak: pd.Series):
    assert share_explained_by_future(leak.to_numpy(), LEVEL.to_numpy()) > MAX_SHARE


def test_a_weak_honest_predictor_passes():
    change = LEVEL.diff().shift(-1).fillna(0)
    predictor = 0.3 * change / change.std() + RNG.normal(0, 1, len(LEVEL))  # explains 9 % of the next change
    assert share_explained_by_future(predictor.to_numpy(), LEVEL.to_numpy()) < MAX_SHARE


@pytest.mark.parametrize("column", [np.zeros(1500), np.arange(1500.0), LEVEL.to_numpy(), RNG.normal(size=1500)])
def test_constants_calendars_the_level_itself_and_noise_pass(column: np.ndarray):
    assert share_explained_by_future(column, LEVEL.to_numpy()) < 0.05


def test_the_target_declared_as_a_known_future_covariate_is_detected(recipe, bars):
    table = bars(1200)
    frame = build({"A": table.assign(plan=table["close"])})
    spec = windows.resolve(recipe(target__kind="close", data__known_future=["plan"], features=["known:plan"]), frame)
    assert [alarm.feature for alarm in find_target_copies(windows.prepare(spec, frame))] == ["known:plan"]
    plan = np.arange(1200) % 7 == 0
    promoted = table["close"] + 4 * plan  # a promotion that has the intended effect
    honest = build({"A": table.assign(plan=plan.astype(float), close=promoted)})
    assert find_target_copies(windows.prepare(spec, honest)) == ()


def test_a_short_series_is_not_tested():
    assert share_explained_by_future(LEVEL.shift(-1).to_numpy()[:150], LEVEL.to_numpy()[:150]) == 0.0


@pytest.mark.parametrize("name", ["SP500", "GLUCOSE", "SST", "COMMITS"])
def test_features_of_bundled_series_raise_no_alarm(name: str):
    table = samples.load(name).iloc[-2000:]
    level = "close" if "close" in table else str(table.columns[0])
    plain = [n for n in available(tuple(table.columns), level) if CATALOGUE[n].parameter != "column"]
    features = ["return", "abs_return"] if name == "SP500" else []
    usual = ("log_range", "rsi", "macd_hist", "volume_change") if name == "SP500" else ()
    features += [n for n in (*usual, "weekday", "month_sin") if n in plain]
    features += [f"column:{column}" for column in table.columns]
    for feature in features:
        values = compute(table, (feature,), level, pd.DatetimeIndex([]))[feature].to_numpy()
        assert share_explained_by_future(values, table[level].to_numpy()) < MAX_SHARE, feature
