"""Series and settings from which nothing can be told: the run says so in words, or refuses with the numbers."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.errors import DataError
from core.spec import Spec
from core.types import Run

Recipe = Callable[..., Spec]
Bars = Callable[..., pd.DataFrame]
TrainRun = Callable[..., Run]
ROWS = 420
NOISE = np.random.default_rng(0).normal(0.0, 0.01, ROWS)


def test_a_series_that_only_rises(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="direction", target__horizon=1, features=["return"], train__epochs=1)
    said = train_run(spec, A=bars(ROWS, 0, np.abs(NOISE) + 1e-4)).evaluation.verdict
    assert said.tone == "bad" and "makes no error at all on the test split" in said.text
    assert "Every outcome of the test split is the same." in said.text
    assert "Hits cannot be told from luck: every " in said.text
    assert said.tests["majority_share"] == 1.0 and "pesaran_timmermann" not in said.tests
    assert np.isnan(said.interval).all()


@pytest.mark.parametrize("kind", ["log_return", "close", "volatility"])
def test_a_series_that_stops_moving_in_the_test_part(
    recipe: Recipe, bars: Bars, train_run: TrainRun, kind: str
) -> None:
    still = np.where(np.arange(ROWS) < 0.7 * ROWS, NOISE, 0.0)
    spec = recipe(target__kind=kind, target__horizon=1, features=["return"], train__epochs=1)
    made = train_run(spec, A=bars(ROWS, 0, still)).evaluation
    assert made.verdict.tone in {"none", "bad"}
    assert "Every outcome of the test split is the same." in made.verdict.text


def test_a_forecast_that_never_moves(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, features=["column:flat"], train__epochs=1)
    made = train_run(spec, A=bars(ROWS).assign(flat=1.0)).evaluation
    assert made.verdict.text.endswith("The forecast is the same at every cutoff.")
    assert made.verdict.tone in {"none", "bad"}


def test_a_test_part_shorter_than_the_horizon_is_refused(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="volatility", target__horizon=30, split__test=20, train__epochs=1)
    with pytest.raises(DataError, match="test part"):
        train_run(spec, A=bars(ROWS))


def test_a_test_part_with_few_labels_says_so(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(
        target__kind="volatility",
        target__horizon=30,
        split__test=45,
        train__epochs=1,
        split__calib=0,
        split__train=200,
        split__val=60,
    )
    said = train_run(spec, A=bars(ROWS)).evaluation.verdict
    assert said.tone == "none" and said.p_value == 1.0
    assert said.text.endswith("cutoffs and labels reach 30 steps ahead: too few for any test.")
