"""ARIMA on the target's own history: orders and coefficients from training rows, forecasts at every cutoff at once.

Axis letters: T rows of one symbol, H steps, K sessions ahead.
"""

import threading
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.baselines.series import Series
from core.errors import DataError
from core.types import Floats

ORDER = 5  # of the autoregression and of the moving average, at most
MODELS = 30  # that the search tries
NEWEST = 4000  # training rows that the search reads
LEAST = 30
DEADLINE = 30.0  # seconds that the search may take


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """w − mean = Σ ar (w before − mean) + shock + Σ ma · shock before, w being the history differenced `d` times.

    `deviation` is the standard deviation of the shocks.
    """

    d: int
    ar: Floats
    ma: Floats
    mean: float
    deviation: float


def forecast(series: Series) -> Floats:
    """(T, H) in model units, from the symbol's own history: levels, logs of them for returns, or realised labels.

    A label that is no level is whole `horizon` sessions after its cutoff, so it is its own history that far ahead. A
    direction is the chance that a normal error leaves the forecast level above the last. Raises DataError where the
    history is short or does not vary, or the search takes too long.
    """
    kind, steps = series.kind, series.steps
    history_T = _history(series)
    fitted = fit(history_T[series.train_T])
    ahead_TK = paths(fitted, history_T, series.horizon)
    if kind.name == "mean_close":
        level_TK = kind.to_user(ahead_TK)
        return kind.of_level(level_TK.mean(axis=1, keepdims=True))
    made_TH = ahead_TK[:, steps - 1]
    if kind.binary:
        return _chance((made_TH - history_T[:, None]) / spreads(fitted, series.horizon)[steps - 1])
    return made_TH - history_T[:, None] if kind.name == "log_return" else made_TH


def fit(value_T: Floats, deadline: float = DEADLINE) -> Fitted:
    """The ARIMA that AutoARIMA (Hyndman & Khandakar 2008) finds for `value_T`, without a season, by AICc.

    Raises DataError where that takes longer than `deadline` seconds, or nothing can be found.
    """
    seen_T = value_T[np.isfinite(value_T)][-NEWEST:]
    if len(seen_T) < LEAST or np.ptp(seen_T) <= 1e-12 * max(1.0, float(np.abs(seen_T).max())):
        raise DataError(
            f"ARIMA needs a training part of at least {LEAST} rows whose values vary; it has "
            f"{len(seen_T)} rows from {seen_T.min(initial=np.inf):.4g} to "
            f"{seen_T.max(initial=-np.inf):.4g}."
        )
    spread = float(seen_T.std())
    model = _within(deadline, (seen_T - seen_T[0]) / spread)
    coefficient, (p, q, *_, d, _seasonal) = model["coef"], model["arma"]
    offset = seen_T[0] if d == 0 else 0.0
    mean = coefficient.get("intercept", 0.0) if d == 0 else coefficient.get("drift", 0.0)
    return Fitted(
        d=int(d),
        mean=float(mean) * spread + offset,
        ar=np.array([coefficient[f"ar{i + 1}"] for i in range(p)]),
        ma=np.array([coefficient[f"ma{i + 1}"] for i in range(q)]),
        deviation=float(np.sqrt(model["sigma2"])) * spread,
    )


def paths(fitted: Fitted, value_T: Floats, horizon: int) -> Floats:
    """The forecasts of the next `horizon` values at every row, (T, K); nothing is fitted, row t uses nothing after it.

    Shocks come from one pass of the inverted process over the series, which forgets that it began without any.
    """
    from scipy.signal import lfilter

    lost = fitted.d
    change_T = np.diff(value_T, n=lost) - fitted.mean
    shock_T = lfilter(np.r_[1.0, -fitted.ar], np.r_[1.0, fitted.ma], change_T)
    change_T, shock_T = (np.concatenate([np.zeros(lost), one_T]) for one_T in (change_T, shock_T))
    past = [_before(change_T, i) for i in range(len(fitted.ar))]
    made_TK = np.empty((len(value_T), horizon))
    for k in range(horizon):
        next_T = np.zeros(len(value_T))
        for i, weight in enumerate(fitted.ar):
            next_T += weight * (made_TK[:, k - 1 - i] if i < k else past[i - k])
        for j, weight in enumerate(fitted.ma[k:]):
            next_T += weight * _before(shock_T, j)
        made_TK[:, k] = next_T
    made_TK += fitted.mean
    for order in range(lost, 0, -1):
        last_T = np.concatenate([np.zeros(order - 1), np.diff(value_T, n=order - 1)])
        made_TK = last_T[:, None] + np.cumsum(made_TK, axis=1)
    return made_TK


def spreads(fitted: Fitted, horizon: int) -> Floats:
    """Standard deviation of the error of each of the next `horizon` forecasts, (K,) (Box & Jenkins 1970, 5.1)."""
    from scipy.signal import lfilter

    shock_K = np.zeros(horizon)
    shock_K[0] = 1.0
    weight_K = lfilter(np.r_[1.0, fitted.ma], np.r_[1.0, -fitted.ar], shock_K)
    for _ in range(fitted.d):
        weight_K = np.cumsum(weight_K)
    return fitted.deviation * np.sqrt(np.cumsum(weight_K**2))


def _history(series: Series) -> Floats:
    """The values whose future the label is, one each row; across holes, and at the start, the nearest known one."""
    if series.kind.name in ("log_return", "direction") and (series.level_T[np.isfinite(series.level_T)] > 0).all():
        known_T = np.log(series.level_T)
    else:
        known_T = series.level_T if series.kind.level or series.kind.binary else series.known_TH[:, 0]
    return pd.Series(known_T).ffill().bfill().to_numpy()


def _within(deadline: float, value_T: Floats) -> dict[str, Any]:
    """What AutoARIMA finds, if it does within `deadline` seconds; it cannot be stopped, so it is left to its thread."""
    found: dict[str, Any] = {}
    thread = threading.Thread(target=_search, args=(value_T, found), daemon=True)
    thread.start()
    thread.join(deadline)
    if thread.is_alive():
        raise DataError(f"The search for its orders took longer than {deadline:g} seconds.")
    if "bug" in found:
        raise found["bug"]
    if "error" in found:
        raise DataError(f"ARIMA found no model for these data ({found['error']}).")
    return found["model"]


def _search(value_T: Floats, found: dict[str, Any]) -> None:
    try:
        from statsforecast.models import AutoARIMA

        model = AutoARIMA(season_length=1, max_p=ORDER, max_q=ORDER, nmodels=MODELS, approximation=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of single candidates that do not converge
            found["model"] = model.fit(value_T).model_
    except (ValueError, np.linalg.LinAlgError) as error:
        found["error"] = error
    except Exception as bug:  # raised again where somebody waits for an answer
        found["bug"] = bug


def _before(value_T: Floats, rows: int) -> Floats:
    """`value_T` that many rows earlier, zeros before the first."""
    return np.concatenate([np.zeros(rows), value_T[: len(value_T) - rows]])


def _chance(z_TH: Floats) -> Floats:
    from scipy.special import ndtr

    return ndtr(z_TH)
