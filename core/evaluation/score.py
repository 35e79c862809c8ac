"""Scores every model on the same cutoffs and steps, and derives the verdict."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.datasets.targets import TargetKind
from core.evaluation import alarms, baseline_tests, metrics
from core.forecasting.table import ForecastMatrix, to_matrix
from core.types import Evaluation, Flags, Floats


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
    members_MNH: Floats | None = None,
) -> Evaluation:
    """Score every model on the test split and judge `model` by core.evaluation.baseline_tests.

    `scale_SC`: standard deviation of each symbol's training labels, model units, one column or one a step.
    `naive_mae_S`: error of the last value on each symbol's training split (core.baselines.registry.naive_errors), or
    one number for all symbols.
    `horizon`: steps until a label is known.
    `members_MNH`: test forecasts of the single networks of an ensemble, user's units.
    """
    val, test = to_matrix(forecast, "val"), to_matrix(forecast, "test")
    scores = {name: _scores(test, name, kind, scale_SC, naive_mae_S) for name in test.yhat_NH}
    verdict = baseline_tests.judge(val, test, model, kind, scale_SC, horizon)
    members = _members(test, members_MNH, kind, scale_SC, naive_mae_S)
    for entry in (*scores.values(), *members):
        entry["skill"] = baseline_tests.skill(entry["mse_scaled"], scores[verdict.reference]["mse_scaled"])
    alarm = alarms.check_persistence(model, test) if kind.level and verdict.tone != "good" else None
    return Evaluation(
        scores=scores,
        by_step=errors_by_step(test, kind),
        bands={} if kind.binary else _bands(forecast, model, nominal, calibrated_on),
        verdict=verdict,
        alarms=(alarm,) if alarm else (),
        unit=kind.score_unit,
        members=members,
    )


def _members(
    test: ForecastMatrix, members_MNH: Floats | None, kind: TargetKind, scale_SC: Floats, naive_mae_S: Floats
) -> tuple[dict[str, float], ...]:
    if members_MNH is None:
        return ()
    members = replace(test, yhat_NH={str(m): yhat_NH for m, yhat_NH in enumerate(members_MNH)})
    return tuple(_scores(members, name, kind, scale_SC, naive_mae_S) for name in members.yhat_NH)


def _scores(
    test: ForecastMatrix, name: str, kind: TargetKind, scale_SC: Floats, naive_mae_S: Floats
) -> dict[str, float]:
    user_y, user_yhat = test.y_NH, test.yhat_NH[name]
    y, yhat = kind.to_score(user_y), kind.to_score(user_yhat)
    error_NH = baseline_tests.standardised_errors(test, name, kind, scale_SC)
    scores = {
        "mae": metrics.mae(y, yhat),
        "rmse": metrics.rmse(y, yhat),
        "mase": _mase(test, y, yhat, naive_mae_S),
        "mse_scaled": float(np.mean(error_NH**2)),
        "mae_scaled": float(np.mean(np.abs(error_NH))),
    }
    for metric in kind.scores:
        if metric == "r2":
            scores[metric] = _mean([metrics.r2(y[own_N], yhat[own_N]) for own_N in _by_symbol(test).values()])
        else:
            scores[metric] = metrics.FURTHER[metric](user_y, user_yhat)
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


def errors_by_step(test: ForecastMatrix, kind: TargetKind) -> dict[str, list[dict[str, float]]]:
    """The step, mae and rmse of every model at each step, score units."""
    return {name: _by_step(test, name, kind) for name in test.yhat_NH}


def _by_step(test: ForecastMatrix, name: str, kind: TargetKind) -> list[dict[str, float]]:
    y_NH, yhat_NH = kind.to_score(test.y_NH), kind.to_score(test.yhat_NH[name])
    columns = zip(test.steps, y_NH.T, yhat_NH.T, strict=True)
    return [{"step": step, "mae": metrics.mae(y, yhat), "rmse": metrics.rmse(y, yhat)} for step, y, yhat in columns]


def _bands(forecast: pd.DataFrame, model: str, nominal: float, calibrated_on: str) -> dict[str, Any]:
    """Coverage, width and Winkler score of the prediction interval on the test split, user's units: over all steps and
    for each."""
    test = forecast[(forecast["model"] == model) & (forecast["part"] == "test")]

    def score(rows: pd.DataFrame) -> dict[str, float]:
        y, low, high = (rows[name].to_numpy() for name in ("y", "lo", "hi"))
        return {
            "coverage": metrics.coverage(y, low, high),
            "width": float(np.mean(high - low)),
            "winkler": metrics.winkler(y, low, high, nominal),
        }

    by_step = [{"step": step} | score(test[test["step"] == step]) for step in sorted(set(test["step"].tolist()))]
    return score(test) | {"nominal": nominal, "calibrated_on": calibrated_on, "by_step": by_step}
