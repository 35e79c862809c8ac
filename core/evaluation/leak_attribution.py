"""What a run must be asked when it does too well: which feature carries a result that is too good to be true.

Axis letters: T rows, N windows, H steps, F features.
"""

from dataclasses import replace

import numpy as np

from core.datasets.windows import Prepared
from core.evaluation import alarms
from core.forecasting import forecast
from core.spec import MEDIAN
from core.types import Alarm, Evaluation, Floats, Windows

LOOKED_AT = 1000  # windows of the test part, the latest ones


def too_good(evaluation: Evaluation, prepared: Prepared, answer: forecast.Net) -> Alarm | None:
    """An alarm that names the feature which carries a skill beyond what targets of this kind give; else None."""
    said = alarms.excess(evaluation.verdict, prepared.kind, prepared.horizon)
    if said is None:
        return None
    feature, growth = carrier(prepared, answer)
    return Alarm(
        name="too good to be true",
        feature=feature,
        text=f"{said} Most of it comes from {feature}: with that held at its mean the errors are "
        f"{growth:.2f} times as large. Make sure when its values became known. If the series is no "
        "price, this may be right.",
    )


def carrier(prepared: Prepared, answer: forecast.Net) -> tuple[str, float]:
    """The feature without which the latest forecasts of the test part are worst, and how many times as large the root
    mean squared error then is. Nothing is trained anew: the column is replaced by its mean over training cutoffs."""
    test = prepared.splits.test
    test = test.take(np.arange(max(0, len(test) - LOOKED_AT), len(test)))
    train_N = prepared.splits.train.cutoff_row_N
    whole = _error(test, prepared, answer)
    found = {}
    for f, name in enumerate(test.rows.features):
        x_TF = test.rows.x_TF.copy()
        x_TF[:, f] = x_TF[train_N, f].mean()
        found[name] = _error(_with_inputs(test, x_TF), prepared, answer)
    worst = max(found, key=lambda name: found[name])
    return worst, found[worst] / whole if whole > 0 else float("inf")


def _with_inputs(windows: Windows, x_TF: Floats) -> Windows:
    known_TK = x_TF[:, [windows.rows.features.index(name) for name in windows.rows.known]]
    return replace(windows, rows=replace(windows.rows, x_TF=x_TF, known_TK=known_TK))


def _error(windows: Windows, prepared: Prepared, answer: forecast.Net) -> float:
    """Root mean squared error in standardised score units."""
    kind = prepared.kind
    made_NHO = forecast.quantiles(answer, windows, prepared)
    made_NH = kind.to_score(kind.to_user(made_NHO[:, :, 0 if kind.binary else MEDIAN]))
    gap_NH = (made_NH - kind.to_score(kind.to_user(windows.y_NH))) / prepared.score_SC[windows.symbol_N]
    return float(np.sqrt(np.mean(gap_NH**2)))
