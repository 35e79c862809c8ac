"""The verdict in words, and the alarms beside it."""

import math

import numpy as np

from core.evaluate import metrics
from core.evaluate.table import Matrix
from core.records import Alarm, Verdict

SIGNIFICANT = 0.05
ELABORATE = ("har", "garch", "ridge", "nlinear", "arima", "lightgbm")  # baselines that are fitted models themselves
TITLES = {"last_value": "the last value", "drift": "the drift", "seasonal": "the value one season ago",
          "mean": "the historical mean", "majority": "the majority class", "ewma": "EWMA volatility", "har": "HAR",
          "garch": "GARCH", "ridge": "ridge regression", "nlinear": "NLinear", "arima": "ARIMA",
          "lightgbm": "LightGBM"}
TOMORROW = {"last_value": "tomorrow = today"}


def verdict(model: str, reference: str, skill: float, p_value: float) -> Verdict:
    """One sentence on `skill` = 1 − error / error of `reference`, its two-sided p-value, and a tone."""
    rule = TITLES.get(reference, reference)
    name, by, p = model.upper(), f"{abs(skill):.1%}", say_p(p_value)
    if p_value < SIGNIFICANT and skill > 0:
        return Verdict(text=f"Evidence of skill: the {name}'s errors are {by} smaller than those of {rule}, the best "
                            f"simple rule ({p}).", tone="good", skill=skill, p_value=p_value, reference=reference)
    rule = TOMORROW.get(reference, rule)
    if skill == -math.inf:
        return Verdict(text=f"No skill: {rule} makes no error at all on the test part, and the {name} does.",
                       tone="bad", skill=skill, p_value=p_value, reference=reference)
    if p_value < SIGNIFICANT:
        return Verdict(text=f"No skill: the {name} is worse than {rule}; its errors are {1 - skill:.2f} times as large "
                            f"({p}).", tone="bad", skill=skill, p_value=p_value, reference=reference)
    side = "better" if skill > 0 else "worse"
    return Verdict(text=f"No evidence of skill: {by} {side} than {rule}, which chance could explain ({p}).",
                   tone="none", skill=skill, p_value=p_value, reference=reference)


def say_p(p_value: float) -> str:
    return "p < .001" if p_value < 0.001 else f"p = {p_value:.3f}".replace("0.", ".")


def copies_yesterday(model: str, test: Matrix) -> Alarm | None:
    """An alarm when the one-step forecast of a level follows the last value more closely than its own target.

    For a model without proven skill: a good forecast of a slow series follows its last value too.
    """
    y, yhat, last = test.y_NH[:, 0], test.yhat_NH[model][:, 0], test.yhat_NH["last_value"][:, 0]
    if min(np.ptp(y), np.ptp(yhat), np.ptp(last)) == 0:
        return None
    with_last, with_target = np.corrcoef(yhat, last)[0, 1], np.corrcoef(yhat, y)[0, 1]
    if with_target < 0.9 or with_last <= with_target:
        return None
    return Alarm(name="copies yesterday",
                 text=f"The forecast follows the last value (correlation {with_last:.4f}) more closely than the value "
                      f"that it is meant to forecast ({with_target:.4f}). Its R² of {metrics.r2(y, yhat):.3f} only "
                      "says that tomorrow's level is near today's.")
