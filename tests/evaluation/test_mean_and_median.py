"""Squared errors judge the mean and absolute errors the median, whatever the head; distributions have scores of their
own. The numbers are recomputed from the forecast table."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.datasets.targets import TARGETS
from core.evaluation import distribution_scores, significance
from core.forecasting.table import QUANTILE_COLUMNS, QUANTILE_LEVELS, ForecastMatrix
from core.spec import Spec
from core.types import Run

HEADS = [("quantiles", "auto"), ("point", "mse"), ("point", "mae"), ("gaussian", "auto")]


@pytest.fixture(scope="module")
def skewed_runs(recipe: Callable[..., Spec], train_run: Callable[..., Run]) -> dict[tuple[str, str], Run]:
    """One run for each head: gamma variates, far more of them below their mean than above it, with a known scale."""
    rng = np.random.default_rng(0)
    scale_T = np.zeros(1500)
    for t in range(1, len(scale_T)):
        scale_T[t] = 0.7 * scale_T[t - 1] + rng.normal(0, 0.5)
    table = pd.DataFrame(
        {"y": rng.gamma(0.5, np.exp(scale_T)), "scale": scale_T},
        index=pd.date_range("2015-01-01", periods=len(scale_T), name="time"),
    )
    settings = {
        "data__source": "file",
        "target__kind": "column",
        "target__column": "y",
        "target__horizon": 1,
        "features": ["column:scale"],
        "model__norm": "none",
        "train__epochs": 25,
        "train__learning_rate": 0.01,
    }
    return {
        (head, loss): train_run(recipe(**settings, model__head=head, train__loss=loss), A=table) for head, loss in HEADS
    }


def rows(run: Run, model: str) -> pd.DataFrame:
    return run.forecast[(run.forecast["model"] == model) & (run.forecast["part"] == "test")]


@pytest.mark.parametrize("head", HEADS)
def test_the_sign_of_the_skill_does_not_depend_on_the_head(
    skewed_runs: dict[tuple[str, str], Run], head: tuple[str, str]
) -> None:
    run = skewed_runs[head]
    verdict = run.evaluation.verdict
    reference = rows(run, verdict.reference)
    assert verdict.reference in ("mean", "ses") and 0 < verdict.skill < 0.1
    own = rows(run, "lstm")
    rmse = np.sqrt(((own["y"] - own["yhat"]) ** 2).mean())
    assert verdict.skill == pytest.approx(1 - rmse / np.sqrt(((reference["y"] - reference["yhat"]) ** 2).mean()))
    if head[0] == "quantiles":  # judged by its median it would have lost
        assert np.sqrt(((own["y"] - own["q50"]) ** 2).mean()) > np.sqrt(
            ((reference["y"] - reference["yhat"]) ** 2).mean()
        )


@pytest.mark.parametrize("head", HEADS)
def test_absolute_errors_are_those_of_the_median(
    skewed_runs: dict[tuple[str, str], Run], head: tuple[str, str]
) -> None:
    run = skewed_runs[head]
    for model, scores in run.evaluation.scores.items():
        table = rows(run, model)
        assert scores["rmse"] == pytest.approx(np.sqrt(((table["y"] - table["yhat"]) ** 2).mean()))
        assert scores["mae"] == pytest.approx((table["y"] - table["q50"]).abs().mean())
        assert run.evaluation.by_step[model][0]["mae"] == pytest.approx(scores["mae"])
    reference = rows(run, "mean")  # whose median lies below its mean, as that of the outcomes does
    assert run.evaluation.scores["mean"]["mae"] < 0.97 * (reference["y"] - reference["yhat"]).abs().mean()


def test_a_rule_is_its_own_median_and_lies_between_its_quantiles(skewed_runs: dict[tuple[str, str], Run]) -> None:
    for model in ("last_value", "drift", "seasonal"):
        table = rows(skewed_runs[HEADS[0]], model)
        np.testing.assert_array_equal(table["yhat"], table["q50"])
        assert (np.diff(table[[*QUANTILE_COLUMNS]].to_numpy(), axis=1) >= 0).all()


def test_the_pinball_loss_and_its_test_come_out_of_the_table(skewed_runs: dict[tuple[str, str], Run]) -> None:
    run = skewed_runs[HEADS[0]]
    verdict = run.evaluation.verdict
    loss = {}
    for model in ("lstm", verdict.reference):
        table = rows(run, model)
        loss[model] = np.zeros(len(table))
        for level, column in zip(QUANTILE_LEVELS, QUANTILE_COLUMNS, strict=True):
            error = table["y"].to_numpy() - table[column].to_numpy()
            loss[model] += np.where(error > 0, level * error, (level - 1) * error) / len(QUANTILE_LEVELS)
    own, other = loss["lstm"], loss[verdict.reference]
    assert verdict.tests["pinball_skill"] == pytest.approx(1 - own.mean() / other.mean())
    assert verdict.tests["pinball"] == pytest.approx(significance.diebold_mariano(own, other, 1))
    ratio = run.evaluation.scores["lstm"]["pinball"] / own.mean()
    assert run.evaluation.scores[verdict.reference]["pinball"] == pytest.approx(ratio * other.mean())


def test_many_quantiles_make_the_pinball_loss_half_the_crps() -> None:
    """The CRPS of a standard normal (Gneiting & Raftery 2007, eq. 21)."""
    from core.evaluation.metrics import pinball

    levels = tuple((np.arange(2000) + 0.5) / 2000)
    y = np.array([-1.3, 0.2, 2.5])
    crps = y * (2 * stats.norm.cdf(y) - 1) + 2 * stats.norm.pdf(y) - 1 / np.sqrt(np.pi)
    loss = pinball(y, np.repeat(stats.norm.ppf(levels)[None], 3, axis=0), levels)
    np.testing.assert_allclose(2 * loss, crps, rtol=1e-3)


def test_qlike_judges_the_mean_of_the_variance() -> None:
    """For a log-normal volatility the forecast with the least expected QLIKE is E[σ²] (Patton 2011)."""
    volatility = np.exp(np.random.default_rng(0).normal(2.5, 0.4, 4000))
    matrix = ForecastMatrix(
        y_NH=volatility[:, None],
        yhat_NH={},
        cutoff_N=np.arange(4000).astype("M8[D]"),
        symbol_N=np.zeros(4000, dtype=int),
        symbols=("A",),
        steps=(5,),
    )

    def score(center: float) -> float:
        quantile_Q = np.exp(stats.norm(center, 0.4).ppf(QUANTILE_LEVELS))
        quantile_NHQ = np.tile(quantile_Q, (4000, 1, 1))
        loss = distribution_scores.losses(matrix, quantile_NHQ, TARGETS["volatility"], np.ones((1, 1)))
        return distribution_scores.scores(loss)["qlike"]

    variance = np.exp(2 * 2.5 + 2 * 0.4**2)
    ratio = volatility**2 / variance
    assert score(2.5) == pytest.approx((ratio - np.log(ratio) - 1).mean(), rel=0.02)
    assert score(2.5) < min(score(2.4), score(2.6))


def test_the_reference_of_a_volatility_has_qlike_and_its_test(finished: Run) -> None:
    tests = finished.evaluation.verdict.tests
    assert {"pinball", "pinball_skill", "qlike", "qlike_skill"} <= tests.keys()
    assert all(np.isfinite(entry["qlike"]) for entry in finished.evaluation.scores.values())
