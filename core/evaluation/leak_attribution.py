"""Leak attribution: which feature carries a result that is too good to be true.

Axis letters: T rows, N windows, H steps, F features, K known features, O outputs.
"""

from dataclasses import replace

import numpy as np

from core.datasets.windows import Prepared
from core.evaluation import alarms
from core.forecasting import distribution, forecast
from core.language import message
from core.types import Alarm, Evaluation, Floats, Windows

MAX_WINDOWS = 1000  # of the test split, the latest ones


def check_plausibility(evaluation: Evaluation, prepared: Prepared, net: forecast.Net) -> Alarm | None:
    """An alarm that names the feature behind a skill larger than targets of this kind allow; else None."""
    excess = alarms.describe_excess_skill(evaluation.verdict, prepared.kind, prepared.horizon)
    if excess is None:
        return None
    feature, growth = find_carrier(prepared, net)
    return Alarm(
        name=message("too good to be true"),
        feature=feature,
        text=message(
            "{excess} Most of it comes from {feature}: with its mean in its place the errors are {growth} times as "
            "large. Check when its values became known. If the series is not a price, this may be right.",
            excess=excess,
            feature=feature,
            growth=f"{growth:.2f}",
        ),
    )


def find_carrier(prepared: Prepared, net: forecast.Net) -> tuple[str, float]:
    """The feature without which the latest forecasts of the test split are worst, and how many times as large the root
    mean squared error then is. Nothing is retrained: the mean over training cutoffs replaces the feature."""
    test = prepared.splits.test
    test = test.take(np.arange(max(0, len(test) - MAX_WINDOWS), len(test)))
    train_N = prepared.splits.train.cutoff_row_N
    error = _error(test, prepared, net)
    ablated = {}
    for f, name in enumerate(test.rows.features):
        x_TF = test.rows.x_TF.copy()
        x_TF[:, f] = x_TF[train_N, f].mean()
        ablated[name] = _error(_with_inputs(test, x_TF), prepared, net)
    carrier = max(ablated, key=lambda name: ablated[name])
    return carrier, ablated[carrier] / error if error > 0 else float("inf")


def _with_inputs(windows: Windows, x_TF: Floats) -> Windows:
    known_TK = x_TF[:, [windows.rows.features.index(name) for name in windows.rows.known]]
    return replace(windows, rows=replace(windows.rows, x_TF=x_TF, known_TK=known_TK))


def _error(windows: Windows, prepared: Prepared, net: forecast.Net) -> float:
    """Root mean squared error in standardised score units."""
    kind = prepared.kind
    output_NHO = forecast.predict(net, windows, prepared)
    yhat_NH = kind.to_score(distribution.mean(output_NHO, kind))
    error_NH = (yhat_NH - kind.to_score(kind.to_user(windows.y_NH))) / prepared.score_SC[windows.symbol_N]
    return float(np.sqrt(np.mean(error_NH**2)))
