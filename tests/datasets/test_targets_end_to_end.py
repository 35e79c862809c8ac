"""Targets and scalings from recipe to run: trained, scored, saved, replayed and forecast live."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.spec import Spec
from core.storage import runs
from core.types import Run

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
TrainRun = Callable[..., Run]
FEATURES = ["return", "log_range", "column:close", "weekday"]
CASES: dict[str, dict[str, Any]] = {
    "mean_close": {"target__kind": "mean_close"},
    "max_drawdown": {"target__kind": "max_drawdown"},
    "dead zone": {"target__kind": "direction", "target__horizon": 1, "target__dead_zone": 0.004},
    "log": {"target__kind": "close", "target__horizon": 2, "window__log": True},
    "log of a mean, clipped": {"target__kind": "mean_close", "window__log": True, "window__outliers": "winsorize"},
    "clipped": {"target__kind": "volatility", "window__outliers": "winsorize", "window__scaling": "minmax"},
}


@pytest.mark.parametrize("case", CASES)
def test_a_run_is_scored_saved_and_replayed_bit_for_bit(
    case: str, recipe: Recipe, bars: Bars, train_run: TrainRun, tmp_path: Path
) -> None:
    table = bars(400)
    run = train_run(recipe(features=FEATURES, train__epochs=2, **CASES[case]), A=table)
    past = run.forecast[run.forecast["part"] != "live"]
    assert np.isfinite(past["yhat"]).all() and (past["y"].notna() | (case == "dead zone")).all()
    scores = run.evaluation.scores
    assert all(np.isfinite(entry[name]) for entry in scores.values() for name in ("mae", "rmse", "mse_scaled", "skill"))
    runs.save(run, tmp_path)
    loaded = runs.load(run.id, tmp_path)
    pd.testing.assert_frame_equal(pipeline.replay(loaded), run.forecast, check_exact=True)
    live = run.forecast[run.forecast["part"] == "live"]
    np.testing.assert_array_equal(pipeline.predict(loaded)["yhat"], live["yhat"])
    assert run.explanation is not None and run.explanation.additivity_error < 1e-6
    close = table["close"]
    if case == "max_drawdown":
        numbers = run.forecast[["y", "yhat", "lo", "hi", "q05", "q95"]].to_numpy()
        assert np.nanmin(numbers) >= 0 and np.nanmax(numbers) <= 100
        row = past[(past["model"] == "lstm") & (past["part"] == "test")].iloc[5]
        path = close[row["cutoff"] : row["time"]].to_numpy()
        assert row["y"] == pytest.approx(100 * np.max(1 - path / np.maximum.accumulate(path)), rel=1e-9, abs=1e-9)
    if case.startswith(("mean", "log")):
        assert live["yhat"].to_numpy() == pytest.approx(close.iloc[-1], rel=0.15)
        test = past[(past["model"] == "last_value") & (past["part"] == "test")]
        np.testing.assert_allclose(test["yhat"], close[test["cutoff"]], rtol=1e-12)
    if case == "dead zone":
        lstm = past[past["model"] == "lstm"]
        move = np.abs(close[lstm["time"]].to_numpy() / close[lstm["cutoff"]].to_numpy() - 1)
        small, test = lstm["y"].isna().to_numpy(), (lstm["part"] == "test").to_numpy()
        assert move[~small].min() >= 0.004 > move[small].max() and test[small].all()
        assert list(lstm["cutoff"][test]) == list(close.index[319:-1])
