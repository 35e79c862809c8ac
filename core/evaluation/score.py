"""Scores every model on the same cutoffs and steps, and derives the verdict."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.datasets.targets import TargetKind
from core.evaluation import alarms, baseline_tests, cross_section, distribution_scores, metrics
from core.forecasting.table import ForecastMatrix, test_quantiles, to_matrix
from core.types import Evaluation, Flags, Floats

NETWORK = "network"  # in scores: the network without the linear models that its forecast is combined with


def evaluate(
    forecast: pd.DataFrame,
    model: str,
    kind: TargetKind,
    *,
    scale_SC: Floats,
    naive_mae_S: Floats,
    horizon: int,
    nominal: float,
    calibrated_on: str,
    members: tuple[Floats, Floats] | None = None,
    network: tuple[Floats, Floats] | None = None,
) -> Evaluation:
    """Score every model on the test split and judge `model` by core.evaluation.baseline_tests.

    Squared errors are those of the mean, absolute errors those of the median: each is least for its own (Gneiting
    2011). Quantiles, and the variance that they imply, have scores of their own (core.evaluation.distribution_scores).

    `scale_SC`: standard deviation of each symbol's training labels, model units, one column or one a step.
    `naive_mae_S`: error of the last value on each symbol's training split (core.baselines.registry.naive_errors), or
    one number for all symbols.
    `horizon`: steps until a label is known.
    `members`: means and medians of the single networks of an ensemble on the test split, (M, N, H), user's units.
    `network`: those, (1, N, H), of a network whose forecasts `model` combines with others; it is scored as NETWORK.
    """
    val, test = to_matrix(forecast, "val"), to_matrix(forecast, "test")
    median, quantiles = to_matrix(forecast, "test", median=True), test_quantiles(forecast)
    loss = {name: distribution_scores.losses(test, value, kind, scale_SC) for name, value in quantiles.items()}
    level_NH = cross_section.levels(test)
    scores = {
        name: score_model(test, median, name, kind, scale_SC, naive_mae_S)
        | distribution_scores.scores(loss.get(name, {}))
        | cross_section.scores(test, name, kind, level_NH)
        for name in test.yhat_NH
    }
    verdict = baseline_tests.judge(val, test, model, kind, scale_SC, horizon)
    verdict = distribution_scores.add_tests(verdict, test, loss, model, horizon)
    alone = _members(test, members, kind, scale_SC, naive_mae_S)
    for entry in _members(test, network, kind, scale_SC, naive_mae_S):
        scores[NETWORK] = entry
    for entry in (*scores.values(), *alone):
        entry["skill"] = baseline_tests.skill(entry["mse_scaled"], scores[verdict.reference]["mse_scaled"])
    alarm = alarms.check_persistence(model, test) if kind.level and verdict.tone != "good" else None
    return Evaluation(
        scores=scores,
        by_step=errors_by_step(test, median, kind),
        bands={} if kind.binary else _bands(forecast, model, nominal, calibrated_on),
        verdict=verdict,
        alarms=(alarm,) if alarm else (),
        unit=kind.score_unit,
        members=alone,
    )


def _members(
    test: ForecastMatrix, members: tuple[Floats, Floats] | None, kind: TargetKind, scale_SC: Floats, naive_mae_S: Floats
) -> tuple[dict[str, float], ...]:
    if members is None:
        return ()
    mean, median = (
        replace(test, yhat_NH={str(m): yhat_NH for m, yhat_NH in enumerate(point_MNH)}) for point_MNH in members
    )
    return tuple(score_model(mean, median, name, kind, scale_SC, naive_mae_S) for name in mean.yhat_NH)


def score_model(
    test: ForecastMatrix, median: ForecastMatrix, name: str, kind: TargetKind, scale_SC: Floats, naive_mae_S: Floats
) -> dict[str, float]:
    """The scores of the means and medians of one model, as in `Evaluation.scores` but for the skill; arguments as for
    `evaluate`."""
    mean_NH, median_NH = test.yhat_NH[name], median.yhat_NH[name]
    y, mean, middle = (kind.to_score(value) for value in (test.y_NH, mean_NH, median_NH))
    scores = {
        "mae": metrics.mae(y, middle),
        "rmse": metrics.rmse(y, mean),
        "mase": _mase(test, y, middle, naive_mae_S),
        "mse_scaled": float(np.mean(baseline_tests.standardised_errors(test, name, kind, scale_SC) ** 2)),
        "mae_scaled": float(np.mean(np.abs(baseline_tests.standardised_errors(median, name, kind, scale_SC)))),
    }
    for metric in kind.scores:
        if metric == "r2":
            scores[metric] = _mean([metrics.r2(y[own_N], mean[own_N]) for own_N in _by_symbol(test).values()])
        elif metric in metrics.WITHIN:
            pairs = [
                (test.y_NH[own_N, h], mean_NH[own_N, h])
                for own_N in _by_symbol(test).values()
                for h in range(y.shape[1])
            ]
            scores[metric] = _mean([metrics.FURTHER[metric](*pair) for pair in pairs])
        elif metric in metrics.OF_MEDIAN:
            scores[metric] = metrics.FURTHER[metric](test.y_NH, median_NH)
        else:
            scores[metric] = metrics.FURTHER[metric](test.y_NH, mean_NH)
    return scores


def _mase(test: ForecastMatrix, y: Floats, yhat: Floats, naive_mae_S: Floats) -> float:
    """Mean over symbols of the error in units of the symbol's own naive error; NaN if none has one."""
    by_symbol = _by_symbol(test)
    scale_S = np.resize(naive_mae_S, max(by_symbol) + 1)  # earlier versions saved one number for all symbols
    return _mean([metrics.mae(y[own_N], yhat[own_N]) / scale_S[s] for s, own_N in by_symbol.items() if scale_S[s] > 0])


def _by_symbol(test: ForecastMatrix) -> dict[int, Flags]:
    """The forecasts of each symbol."""
    return {int(s): test.symbol_N == s for s in np.unique(test.symbol_N)}


def _mean(values: list[float]) -> float:
    """The mean of the defined values; NaN if there is none."""
    defined = [value for value in values if not math.isnan(value)]
    return float(np.mean(defined)) if defined else float("nan")


def errors_by_step(mean: ForecastMatrix, median: ForecastMatrix, kind: TargetKind) -> dict[str, list[dict[str, float]]]:
    """The step, mae of the median and rmse of the mean of every model at each step, score units."""
    y_NH = kind.to_score(mean.y_NH)

    def by_step(name: str) -> list[dict[str, float]]:
        mean_NH, median_NH = kind.to_score(mean.yhat_NH[name]), kind.to_score(median.yhat_NH[name])
        columns = zip(mean.steps, y_NH.T, mean_NH.T, median_NH.T, strict=True)
        return [
            {"step": step, "mae": metrics.mae(y, middle), "rmse": metrics.rmse(y, mean)}
            for step, y, mean, middle in columns
        ]

    return {name: by_step(name) for name in mean.yhat_NH}


def _bands(forecast: pd.DataFrame, model: str, nominal: float, calibrated_on: str) -> dict[str, Any]:
    """Coverage, width and Winkler score of the prediction interval on the test split, user's units: over all steps and
    for each."""
    test = forecast[(forecast["model"] == model) & (forecast["part"] == "test")]

    def score(rows: pd.DataFrame) -> dict[str, float]:
        y, low, high = (rows[name].to_numpy() for name in ("y", "lo", "hi"))
        return score_interval(y, low, high, nominal)

    by_step = [{"step": step} | score(test[test["step"] == step]) for step in sorted(set(test["step"].tolist()))]
    return score(test) | {"nominal": nominal, "calibrated_on": calibrated_on, "by_step": by_step}


def score_interval(y: Floats, low: Floats, high: Floats, nominal: float) -> dict[str, float]:
    """Coverage, mean width and Winkler score of prediction intervals of one shape, in the unit of the outcomes."""
    return {
        "coverage": metrics.coverage(y, low, high),
        "width": float(np.mean(high - low)),
        "winkler": metrics.winkler(y, low, high, nominal),
    }
