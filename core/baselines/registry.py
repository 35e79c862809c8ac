"""Every baseline from simple to elaborate, and what all of them forecast for the windows of a run."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from core.baselines import arima, boosting, linear, naive, volatility
from core.baselines.series import Series, each
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError
from core.spec import Spec
from core.types import Floats, Windows

# In this order the first of about equals is the one to be beaten.
TITLES = {
    "last_value": "Last value",
    "drift": "Drift",
    "seasonal": "Seasonal naive",
    "mean": "Historical mean",
    "majority": "Majority class",
    "ewma": "EWMA volatility",
    "har": "HAR volatility",
    "garch": "GARCH volatility",
    "ridge": "Ridge regression",
    "nlinear": "NLinear",
    "arima": "ARIMA",
    "lightgbm": "LightGBM",
}
SLOW = ("arima", "lightgbm")  # seconds each, of which the import takes some
LATER = "left for later, since it takes seconds. Switch on the slow baselines, or take the effort standard."
RULES: dict[str, Callable[[Series], Floats]] = {
    "last_value": naive.last_value,
    "drift": naive.drift,
    "seasonal": naive.seasonal,
    "mean": naive.mean,
    "majority": naive.majority,
    "ewma": volatility.ewma,
    "har": volatility.har,
    "garch": volatility.garch,
    "arima": arima.forecast,
}
VOLATILITY = ("ewma", "har", "garch")


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Forecasts (N, H) in model units by baseline and part, in the order of TITLES; and why the others are missing."""

    made: dict[str, dict[str, Floats]]
    left_out: dict[str, str]


def for_kind(kind: TargetKind) -> tuple[str, ...]:
    """The baselines that mean something for this target, in order; a drift says nothing of a direction."""
    foreign = {"majority"} if not kind.binary else {"drift"}
    foreign |= set() if kind.name == "volatility" else set(VOLATILITY)
    return tuple(name for name in TITLES if name not in foreign)


def forecasts(spec: Spec, prepared: Prepared, parts: Iterable[str]) -> Made:
    """What every baseline forecasts for the windows of `parts` (val, calib, test), fitted on the training part.

    One that cannot be computed for these data is left out with its reason, and so are the slow ones unless the recipe
    asks for them. A baseline that is the trained model itself does not stand beside it.
    """
    windows = {part: getattr(prepared.splits, part) for part in parts}
    made, left_out = {}, {}
    for name in for_kind(prepared.kind):
        if name in SLOW and not spec.baselines.slow:
            left_out[name] = LATER
        elif name != spec.model.kind:
            try:
                answer = _answer(name, prepared)
                made[name] = {part: _whole(answer(asked)) for part, asked in windows.items()}
            except DataError as error:
                left_out[name] = str(error)
    return Made(made=made, left_out=left_out)


def rule(name: str, prepared: Prepared) -> Floats:
    """What one of RULES forecasts at every row, (T, H) in model units; NaN at future rows."""
    train = prepared.splits.train
    made_TH = np.full_like(train.rows.y_TH, np.nan)
    for block, series in each(train.rows, prepared.kind, prepared.horizon, train):
        made_TH[block] = RULES[name](series)
    return made_TH


def naive_error(prepared: Prepared) -> float:
    """Mean absolute error of the last value over the training windows, score units."""
    kind, train = prepared.kind, prepared.splits.train
    last_NH = rule("last_value", prepared)[train.cutoff_row_N]
    error_NH = kind.to_score(kind.to_user(last_NH)) - kind.to_score(kind.to_user(train.y_NH))
    return float(np.nanmean(np.abs(error_NH)))


def _answer(name: str, prepared: Prepared) -> Callable[[Windows], Floats]:
    """The fitted baseline as a function of windows giving (N, H)."""
    splits, kind = prepared.splits, prepared.kind
    if name in linear.TITLES:
        fitted = linear.fit(name, splits.train, splits.val, kind)
        return lambda windows: linear.predict(fitted, windows)
    if name == "lightgbm":
        trees = boosting.fit(splits.train, splits.val, kind)
        return lambda windows: boosting.predict(trees, windows)
    made_TH = rule(name, prepared)
    return lambda windows: made_TH[windows.cutoff_row_N]


def _whole(made_NH: Floats) -> Floats:
    """The forecasts, if all are numbers; all models are scored on the same windows."""
    missing = int((~np.isfinite(made_NH)).any(axis=1).sum())
    if missing:
        raise DataError(f"It has no forecast for {missing} of {len(made_NH)} windows.")
    return made_NH
