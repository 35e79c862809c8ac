"""ARIMA on the target's own history: fitted on training rows, applied at every cutoff at once.

Axis letters: T rows of one symbol, H steps, K steps ahead.
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.baselines.baseline import Baseline, from_rule
from core.baselines.series import Series, check_varied
from core.errors import DataError, words
from core.language import message
from core.types import Floats

ORDER = 5  # at most, of the autoregression and of the moving average
MODELS = 30  # candidates of the search, each fitted with at most 100 iterations: this and NEWEST bound its work
NEWEST = 4000  # training rows used by the search


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """w − mean = Σ ar (previous w − mean) + shock + Σ ma · previous shock; w is the history differenced `d` times.

    `deviation` is the standard deviation of the shocks.
    """

    d: int
    ar: Floats
    ma: Floats
    mean: float
    deviation: float


def forecast(series: Series) -> Floats:
    """The forecast at every row, (T, H) in model units, from the symbol's own history: levels, log levels or labels.

    A label that is not a level is known `horizon` steps after its cutoff, so it is forecast that far ahead from its own
    history. For a direction it is the probability that the forecast level plus a normal error lies above the last one.
    Raises DataError if the history is short or does not vary, or if no model can be fitted.
    """
    history_T = series.history_T
    fitted = fit(history_T[series.train_T])
    return series.from_path(paths(fitted, history_T, series.horizon), spreads(fitted, series.horizon))


def fit(value_T: Floats) -> Fitted:
    """The non-seasonal model that AutoARIMA (Hyndman & Khandakar 2008) chooses for `value_T` by AICc.

    Raises DataError if the values are too few or do not vary, or if no model can be fitted.
    """
    known_T = value_T[np.isfinite(value_T)][-NEWEST:]
    check_varied(known_T, "ARIMA")
    spread = float(known_T.std())
    model = _search((known_T - known_T[0]) / spread)
    coefficient, (p, q, *_, d, _seasonal) = model["coef"], model["arma"]
    offset = known_T[0] if d == 0 else 0.0
    mean = coefficient.get("intercept", 0.0) if d == 0 else coefficient.get("drift", 0.0)
    return Fitted(
        d=int(d),
        mean=float(mean) * spread + offset,
        ar=np.array([coefficient[f"ar{i + 1}"] for i in range(p)]),
        ma=np.array([coefficient[f"ma{i + 1}"] for i in range(q)]),
        deviation=float(np.sqrt(model["sigma2"])) * spread,
    )


def paths(fitted: Fitted, value_T: Floats, horizon: int) -> Floats:
    """Forecasts of the next `horizon` values at every row, (T, K); nothing is fitted, and row t uses no later row.

    Shocks come from one pass of the inverted process over the series; the effect of its zero start dies out.
    """
    from scipy.signal import lfilter

    lost = fitted.d
    change_T = np.diff(value_T, n=lost) - fitted.mean
    shock_T = lfilter(np.r_[1.0, -fitted.ar], np.r_[1.0, fitted.ma], change_T)
    change_T, shock_T = (np.concatenate([np.zeros(lost), one_T]) for one_T in (change_T, shock_T))
    past = [_lagged(change_T, i) for i in range(len(fitted.ar))]
    path_TK = np.empty((len(value_T), horizon))
    for k in range(horizon):
        next_T = np.zeros(len(value_T))
        for i, weight in enumerate(fitted.ar):
            next_T += weight * (path_TK[:, k - 1 - i] if i < k else past[i - k])
        for j, weight in enumerate(fitted.ma[k:]):
            next_T += weight * _lagged(shock_T, j)
        path_TK[:, k] = next_T
    path_TK += fitted.mean
    for order in range(lost, 0, -1):
        last_T = np.concatenate([np.zeros(order - 1), np.diff(value_T, n=order - 1)])
        path_TK = last_T[:, None] + np.cumsum(path_TK, axis=1)
    return path_TK


def spreads(fitted: Fitted, horizon: int) -> Floats:
    """Standard deviation of each of the next `horizon` forecast errors, (K,) (Box & Jenkins 1970, 5.1)."""
    from scipy.signal import lfilter

    shock_K = np.zeros(horizon)
    shock_K[0] = 1.0
    weight_K = lfilter(np.r_[1.0, fitted.ma], np.r_[1.0, -fitted.ar], shock_K)
    for _ in range(fitted.d):
        weight_K = np.cumsum(weight_K)
    return fitted.deviation * np.sqrt(np.cumsum(weight_K**2))


def _search(value_T: Floats) -> dict[str, Any]:
    """The model that AutoARIMA chooses: its coefficients, orders and the variance of its shocks.

    Raises DataError if none can be fitted.
    """
    from statsforecast.models import AutoARIMA

    model = AutoARIMA(season_length=1, max_p=ORDER, max_q=ORDER, nmodels=MODELS, approximation=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about candidates that do not converge
            return model.fit(value_T).model_
    except (ValueError, np.linalg.LinAlgError) as error:
        raise DataError(message("ARIMA could not be fitted to these data ({error}).", error=words(error))) from error


def _lagged(value_T: Floats, rows: int) -> Floats:
    """`value_T` shifted back by that many rows, zeros before the first."""
    return np.concatenate([np.zeros(rows), value_T[: len(value_T) - rows]])


ARIMA = Baseline(name="arima", title="ARIMA", phrase="ARIMA", fit=from_rule(forecast), naive=False, slow=True)
