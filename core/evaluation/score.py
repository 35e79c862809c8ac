"""Scores every model on the same cutoffs and steps, and draws the verdict from them."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from core.datasets.targets import TargetKind
from core.evaluation import alarms, baseline_tests, metrics
from core.forecasting.table import Matrix, matrix
from core.types import Evaluation, Floats


def evaluate(
    forecast: pd.DataFrame,
    model: str,
    kind: TargetKind,
    *,
    scale_SC: Floats,
    naive_mae: float,
    horizon: int,
    nominal: float,
    calibrated_on: str,
    members_MNH: Floats | None = None,
) -> Evaluation:
    """What the test part says of `model`; the verdict is that of core.evaluation.baseline_tests.

    `scale_SC`: standard deviation of each symbol's training labels, model units, one column or one a step.
    `naive_mae`: mean absolute error of the last value over the training part, score units.
    `horizon`: sessions until a label is known.
    `members_MNH`: forecasts of the test part by the networks of an ensemble one by one, user's units.
    """
    val, test = matrix(forecast, "val"), matrix(forecast, "test")
    scores = {name: _scores(test, name, kind, scale_SC, naive_mae) for name in test.yhat_NH}
    said = baseline_tests.judge(val, test, model, kind, scale_SC, horizon)
    members = _members(test, members_MNH, kind, scale_SC, naive_mae)
    for entry in (*scores.values(), *members):
        entry["skill"] = baseline_tests.skill(entry["mse_scaled"], scores[said.reference]["mse_scaled"])
    alarm = alarms.copies_yesterday(model, test) if kind.level and said.tone != "good" else None
    return Evaluation(
        scores=scores,
        by_step={name: _by_step(test, name, kind) for name in test.yhat_NH},
        bands={} if kind.binary else _bands(forecast, model, nominal, calibrated_on),
        verdict=said,
        alarms=(alarm,) if alarm else (),
        unit=kind.score_unit,
        members=members,
    )


def _members(
    test: Matrix, members_MNH: Floats | None, kind: TargetKind, scale_SC: Floats, naive_mae: float
) -> tuple[dict[str, float], ...]:
    if members_MNH is None:
        return ()
    named = {str(m): yhat_NH for m, yhat_NH in enumerate(members_MNH)}
    each = replace(test, yhat_NH=named)
    return tuple(_scores(each, name, kind, scale_SC, naive_mae) for name in named)


def _scores(part: Matrix, name: str, kind: TargetKind, scale_SC: Floats, naive_mae: float) -> dict[str, float]:
    user_y, user_yhat = part.y_NH, part.yhat_NH[name]
    y, yhat = kind.to_score(user_y), kind.to_score(user_yhat)
    mae_scaled, mse_scaled = _scaled(part, name, kind, scale_SC)
    found = {
        "mae": metrics.mae(y, yhat),
        "rmse": metrics.rmse(y, yhat),
        "mase": metrics.mae(y, yhat) / naive_mae if naive_mae > 0 else float("nan"),
        "mse_scaled": mse_scaled,
        "mae_scaled": mae_scaled,
    }
    if kind.binary:
        return found | {
            "brier": metrics.mse(user_y, user_yhat),
            "hit_rate": metrics.hit_rate(user_y, user_yhat),
            "log_loss": metrics.log_loss(user_y, user_yhat),
            "base_rate": float(np.mean(user_y)),
        }
    found["r2"] = metrics.r2(y, yhat)
    if kind.name == "volatility":
        found["qlike"] = metrics.qlike(user_y, user_yhat)
    if kind.level:
        found["mape"] = metrics.mape(user_y, user_yhat)
    return found


def _scaled(part: Matrix, name: str, kind: TargetKind, scale_SC: Floats) -> tuple[float, float]:
    error_NH = baseline_tests.errors(part, name, kind, scale_SC)
    return float(np.mean(np.abs(error_NH))), float(np.mean(error_NH**2))


def _by_step(part: Matrix, name: str, kind: TargetKind) -> list[dict[str, float]]:
    y_NH, yhat_NH = kind.to_score(part.y_NH), kind.to_score(part.yhat_NH[name])
    columns = zip(part.steps, y_NH.T, yhat_NH.T, strict=True)
    return [{"step": step, "mae": metrics.mae(y, yhat), "rmse": metrics.rmse(y, yhat)} for step, y, yhat in columns]


def _bands(forecast: pd.DataFrame, model: str, nominal: float, calibrated_on: str) -> dict[str, Any]:
    """How the band did on the test part, user's units: over all steps and for each."""
    test = forecast[(forecast["model"] == model) & (forecast["part"] == "test")]

    def of(rows: pd.DataFrame) -> dict[str, float]:
        y, low, high = (rows[name].to_numpy() for name in ("y", "lo", "hi"))
        return {
            "coverage": metrics.coverage(y, low, high),
            "width": float(np.mean(high - low)),
            "winkler": metrics.winkler(y, low, high, nominal),
        }

    by_step = [{"step": step} | of(test[test["step"] == step]) for step in sorted(set(test["step"].tolist()))]
    return of(test) | {"nominal": nominal, "calibrated_on": calibrated_on, "by_step": by_step}
