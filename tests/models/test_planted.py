"""A series with a known relation: the target is a weighted sum of a at lags 1 to 5 and b at lag 20."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.signal import lfilter

from core.data import frame as frames
from core.datasets import windows
from core.forecasting import forecast
from core.spec import MEDIAN, Spec
from core.training import trainer


def planted(rows: int) -> pd.DataFrame:
    """Columns a, b and y with y(t) = Σ_k w_k · a(t − k) + 1.5 · b(t − 20), k = 1 … 5, and some noise."""
    rng = np.random.default_rng(0)
    a, shock = rng.normal(size=(2, rows + 20))
    b = lfilter([0.6], [1.0, -0.8], shock)  # with unit spread, and nearly uncorrelated with its value 20 days ago
    y = sum(w * a[20 - k : 20 - k + rows] for k, w in enumerate((1.0, 0.8, 0.6, 0.4, 0.2), start=1))
    y = y + 1.5 * b[:rows] + 0.1 * rng.normal(size=rows)
    index = pd.bdate_range("2000-01-03", periods=rows, name="time")
    return frames.build({"A": pd.DataFrame({"a": a[20:], "b": b[20:], "y": y}, index=index)})


@pytest.mark.parametrize("kind", ["lstm", "gru", "slstm", "tft"])
def test_it_finds_both_features_at_their_lags(
    recipe: Callable[..., Spec], finish: Callable[..., Any], kind: str
) -> None:
    frame = planted(3000)
    spec = recipe(
        model__kind=kind,
        model__hidden=32,
        model__norm="none",
        target__kind="column",
        target__column="y",
        target__horizon=1,
        features=["column:a", "column:b"],
        window__lookback=20,
        train__epochs=12,
        train__learning_rate=1e-2,
        train__supervision="window",
        model__head="point",
        split__train=0.75,
        split__val=0.1,
        split__calib=0.0,
        split__test=0.15,
    )
    spec = windows.resolve(spec, frame)
    prepared = windows.prepare(spec, frame)
    net = finish(trainer.train(spec, prepared))[0].net
    test = prepared.splits.test
    median_N = forecast.quantiles(forecast.network(net, binary=False), test, prepared)[:, 0, MEDIAN]
    y = test.y_NH[:, 0]
    assert 1 - np.square(y - median_N).mean() / np.square(y - y.mean()).mean() > 0.8
