"""No forecast and no interval falls below zero for a series that never did; any other series is left alone."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from core.datasets.windows import prepare_saved
from core.explain import counterfactual
from core.spec import Spec
from core.types import Run

BOUNDS = ["yhat", "lo", "hi", "q025", "q05", "q50", "q95", "q975"]


@pytest.fixture(scope="module")
def train_counts(recipe: Callable[..., Spec], train_run: Callable[..., Run]) -> Callable[..., Run]:
    """A model of few counts, most of them zero, `shift` lower."""

    def train(shift: float = 0.0) -> Run:
        rate_T = 0.5 + 0.4 * np.sin(np.arange(700) / 10)
        counts = np.random.default_rng(0).poisson(rate_T).astype(float) - shift
        table = pd.DataFrame({"sales": counts}, index=pd.date_range("2020-01-01", periods=700, name="time"))
        spec = recipe(data__source="file", target__kind="column", target__column="sales", target__horizon=3)
        return train_run(spec, A=table)

    return train


def test_counts_are_never_forecast_below_zero(train_counts: Callable[..., Run]) -> None:
    run = train_counts()
    assert set(run.forecast["part"]) >= {"test", "live"}
    assert (run.forecast["yhat"] >= 0).all()  # of every baseline too
    assert not (run.forecast[BOUNDS] < 0).any(axis=None)
    assert (run.forecast.loc[run.forecast["model"] == "lstm", "lo"] == 0).any()  # the floor is what holds it
    context = counterfactual.build_context(run, prepare_saved(run), "A")
    lowest = counterfactual.Perturbation(value={context.features[0]: 0.0}, rows=len(context.raw_LF))
    assert not (counterfactual.predict(context, lowest)[BOUNDS] < 0).any(axis=None)


def test_a_series_that_was_below_zero_has_no_floor(train_counts: Callable[..., Run]) -> None:
    assert (train_counts(shift=1.0).forecast["yhat"] < -0.5).any()
