"""Every baseline, from simple to complex, and their forecasts for the windows of a run."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from core.baselines import arima, boosting, ets, fracast, linear, mstl, naive, seasonal_decomposition, theta, volatility
from core.baselines.baseline import Baseline, Forecaster, forecast_rows
from core.datasets.levels import level_floor
from core.datasets.targets import TargetKind
from core.datasets.windows import Prepared
from core.errors import DataError, words
from core.language import message
from core.spec import Spec
from core.threads import one_thread
from core.types import Floats

# Ordered from simple to complex: of about equal baselines the first is the one to beat.
BASELINES: dict[str, Baseline] = {
    baseline.name: baseline
    for baseline in (
        naive.EVEN_ODDS,
        naive.TRAIN_SHARE,
        naive.LAST_VALUE,
        naive.DRIFT,
        naive.EXPONENTIAL_SMOOTHING,
        naive.SEASONAL,
        seasonal_decomposition.SEASONAL_DECOMPOSITION,
        naive.MEAN,
        naive.MAJORITY,
        volatility.EWMA,
        volatility.RANGE_EWMA,
        volatility.HAR,
        volatility.HAR_RANGE,
        volatility.HAR_LEVERAGE,
        volatility.GARCH,
        linear.RIDGE,
        linear.NLINEAR,
        arima.ARIMA,
        ets.AUTO_ETS,
        theta.AUTO_THETA,
        mstl.MSTL,
        boosting.LIGHTGBM,
        fracast.FRACAST,
    )
}
SKIPPED_SLOW = message("left out to save seconds. Switch on the slow baselines, or choose the effort standard.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecasts:
    """Forecasts (N, H) in model units by baseline and split, in the order of BASELINES; and why others are missing."""

    by_baseline: dict[str, dict[str, Floats]]
    left_out: dict[str, str]


def phrase(name: str) -> str:
    """The baseline with this id as it stands in a sentence, a message; an unknown id is returned unchanged."""
    return message(BASELINES[name].phrase) if name in BASELINES else name


def for_target(kind: TargetKind) -> tuple[str, ...]:
    """The ids of the baselines that can forecast this target, in order."""
    return tuple(name for name, baseline in BASELINES.items() if baseline.applies(kind))


def fit(baseline: Baseline, prepared: Prepared) -> Forecaster:
    """The baseline's forecaster, fitted on the training split; it is fitted and forecasts on one thread.

    Raises DataError if the data do not allow it.
    """
    with one_thread():
        return one_thread()(baseline.fit(prepared))


def forecasts(spec: Spec, prepared: Prepared, splits: Iterable[str]) -> Forecasts:
    """The forecast of every baseline for the windows of `splits` (val, calib, test), fitted on the training split.

    A baseline that these data do not allow is left out with its reason, as are slow ones unless the recipe wants them.
    Pretrained ones take part where the recipe asks for them, and are not spoken of elsewhere. The trained model itself
    is not repeated as a baseline.
    """
    windows = {split: getattr(prepared.splits, split) for split in splits}
    by_baseline: dict[str, dict[str, Floats]] = {}
    left_out: dict[str, str] = {}
    for name in for_target(prepared.kind):
        baseline = BASELINES[name]
        if baseline.pretrained and not spec.baselines.pretrained:
            continue
        if baseline.slow and not spec.baselines.slow:
            left_out[name] = SKIPPED_SLOW
        elif name != spec.model.kind:
            try:
                forecast = fit(baseline, prepared)
                by_baseline[name] = {
                    split: np.maximum(_check_finite(forecast(part)), level_floor(part, prepared.kind)[:, None])
                    for split, part in windows.items()
                }
            except DataError as error:
                left_out[name] = words(error)
    return Forecasts(by_baseline=by_baseline, left_out=left_out)


def naive_errors(prepared: Prepared) -> Floats:
    """(S,) mean absolute error of the last value at the first step, over each symbol's training windows, score units:
    the denominators of MASE (Hyndman & Koehler 2006). NaN for a symbol without training windows."""
    kind, train = prepared.kind, prepared.splits.train
    last_N = forecast_rows(naive.last_value, prepared)[train.cutoff_row_N, 0]
    error_N = np.abs(kind.to_score(kind.to_user(last_N)) - kind.to_score(kind.to_user(train.y_NH[:, 0])))
    by_symbol = [error_N[(train.symbol_N == s) & np.isfinite(error_N)] for s in range(len(train.rows.symbols))]
    return np.array([error_n.mean() if len(error_n) else np.nan for error_n in by_symbol])


def _check_finite(forecast_NH: Floats) -> Floats:
    """The forecasts. Raises DataError if one is missing, since all models are scored on the same windows."""
    missing = int((~np.isfinite(forecast_NH)).any(axis=1).sum())
    if missing:
        raise DataError(
            message("It has no forecast for {missing} of {windows} windows.", missing=missing, windows=len(forecast_NH))
        )
    return forecast_NH
