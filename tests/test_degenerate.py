"""Degenerate series and settings: the verdict says why they are inconclusive, or an error gives the numbers."""

import re
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


def test_the_verdict_on_a_series_that_only_rises(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="direction", target__horizon=1, features=["return"], train__epochs=1)
    verdict = train_run(spec, A=bars(ROWS, 0, np.abs(NOISE) + 1e-4)).evaluation.verdict
    assert verdict.tone == "bad" and verdict.skill == -np.inf and "no error at all" in verdict.text
    assert "Every outcome" in verdict.text and "Hits cannot" in verdict.text
    assert verdict.tests["majority_share"] == 1.0 and "pesaran_timmermann" not in verdict.tests
    assert np.isnan(verdict.interval).all()


@pytest.mark.parametrize("kind", ["log_return", "close", "volatility"])
def test_the_verdict_on_a_series_that_is_constant_in_the_test_split(
    recipe: Recipe, bars: Bars, train_run: TrainRun, kind: str
) -> None:
    return_T = np.where(np.arange(ROWS) < 0.7 * ROWS, NOISE, 0.0)
    spec = recipe(target__kind=kind, target__horizon=1, features=["return"], train__epochs=1)
    verdict = train_run(spec, A=bars(ROWS, 0, return_T)).evaluation.verdict
    assert verdict.tone in {"none", "bad"}
    assert "Every outcome" in verdict.text


def test_the_verdict_on_a_constant_forecast(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="log_return", target__horizon=1, features=["column:flat"], train__epochs=1)
    verdict = train_run(spec, A=bars(ROWS).assign(flat=1.0)).evaluation.verdict
    assert "forecast is the same at every cutoff" in verdict.text
    assert verdict.tone in {"none", "bad"}


def test_a_test_split_shorter_than_the_horizon_is_rejected(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(target__kind="volatility", target__horizon=30, split__test=20, train__epochs=1)
    with pytest.raises(DataError, match="test split has 20 usable rows, which give 0 windows"):
        train_run(spec, A=bars(ROWS))


def test_the_verdict_on_a_test_split_with_few_labels(recipe: Recipe, bars: Bars, train_run: TrainRun) -> None:
    spec = recipe(
        target__kind="volatility",
        target__horizon=30,
        split__test=45,
        train__epochs=1,
        split__calib=0,
        split__train=200,
        split__val=60,
    )
    verdict = train_run(spec, A=bars(ROWS)).evaluation.verdict
    assert verdict.tone == "none" and verdict.p_value == 1.0
    assert re.search(r"16 cutoffs .* 30 \w+ ahead: too few for any test", verdict.text)
