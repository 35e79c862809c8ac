"""When a model errs: by volatility regime, weekday or hour, and year; and whether its errors are correlated.

Axis letters: N forecasts in time order, G groups, K lags.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets import levels, targets
from core.errors import SpecError
from core.evaluation import years
from core.evaluation.calibration import REGIMES, VOLATILITY_WINDOW
from core.language import message
from core.types import Flags, Floats, Ints, Run, Times

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAGS = 20
MIN_RESIDUALS = 30  # without overlap, for a test of their correlation


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """Errors (forecast − outcome, on the scale of scores) of one symbol and step of the test split, in time order.

    `volatility_N` is the root mean squared move of the last 22 steps up to each cutoff.
    """

    model: str
    reference: str
    unit: str
    step: int
    time_N: Times
    error_N: Floats
    reference_N: Floats
    volatility_N: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorGroups:
    """Root mean squared error of model and reference in each group, and the skill 1 − error / error of the reference;
    NaN if the reference makes no error."""

    by: str  # what the groups are: regime, weekday, hour or year
    names: tuple[str, ...]
    count_G: tuple[int, ...]
    rmse_G: Floats
    reference_G: Floats
    skill_G: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Autocorrelation:
    """Correlation of errors k steps apart, and the 95 % limits for errors without correlation.

    Lags below `step` are not judged: their forecasts share outcomes, so errors are correlated even if no forecast could
    be better. `p_value` is of all lags together, over every `step`-th error; NaN for fewer than 30 of them or errors
    that do not vary.
    """

    step: int
    lag_K: tuple[int, ...]
    value_K: Floats
    limit_K: Floats
    p_value: float


def compute(run: Run, symbol: str, step: int) -> Residuals:
    """The errors of a run's model and its reference on the test split. Raises SpecError if there is no forecast."""
    kind = targets.TARGETS[run.spec.target.kind]
    model, reference = run.spec.model.kind, run.evaluation.verdict.reference
    table = run.forecast
    scored = table[(table["part"] == "test") & table["y"].notna()]
    rows = scored[(scored["step"] == step) & (scored["symbol"] == symbol)]
    of_model, of_reference = (rows[rows["model"] == name].sort_values("cutoff") for name in (model, reference))
    if of_model.empty:
        raise SpecError(
            message(
                "The test split has no forecast of {symbol} {step} steps ahead. Choose another step.",
                symbol=symbol,
                step=step,
            )
        )
    error_N, reference_N = (
        kind.to_score(forecast["yhat"].to_numpy()) - kind.to_score(forecast["y"].to_numpy())
        for forecast in (of_model, of_reference)
    )
    return Residuals(
        model=model,
        reference=reference,
        unit=kind.score_unit,
        step=step,
        time_N=of_model["time"].to_numpy(),
        error_N=error_N,
        reference_N=reference_N,
        volatility_N=trailing_volatility(run, symbol).reindex(pd.DatetimeIndex(of_model["cutoff"])).to_numpy(),
    )


def group_by_regime(errors: Residuals) -> ErrorGroups:
    """Errors by volatility: thirds of the test split by what was known at the cutoff; no group if it did not change."""
    return _groups(errors, "regime", assign_regimes(errors.volatility_N), dict(enumerate(REGIMES)))


def assign_regimes(volatility_N: Floats) -> Ints:
    """The third, a position in REGIMES, in which the volatility before each of these cutoffs lies; −1 if it is unknown,
    and for all if it did not change."""
    known = np.isfinite(volatility_N)
    edges = np.quantile(volatility_N[known], [1 / 3, 2 / 3]) if known.any() else np.zeros(2)
    assigned_N = known & bool(edges[0] < edges[1])
    return np.where(assigned_N, np.searchsorted(edges, volatility_N, side="right"), -1)


def group_by_weekday(errors: Residuals) -> ErrorGroups:
    """Errors by the weekday of the time that was forecast; by its hour if steps are finer than a day."""
    times = pd.DatetimeIndex(errors.time_N)
    if is_intraday(errors):
        return _groups(errors, "hour", times.hour.to_numpy(), {hour: f"{hour:02d}:00" for hour in range(24)})
    return _groups(errors, "weekday", times.dayofweek.to_numpy(), dict(enumerate(DAYS)))


def group_by_year(errors: Residuals) -> ErrorGroups:
    """Errors by the year of the time that was forecast, or by spans of years if a year holds too few forecasts."""
    _, start_N, names = years.group(errors.time_N)
    return _groups(errors, "year", start_N, names)


def is_intraday(errors: Residuals) -> bool:
    """Whether steps are finer than a day."""
    times = np.unique(errors.time_N)
    return len(times) > 1 and bool(np.median(np.diff(times)) < np.timedelta64(20, "h"))


def autocorrelation(error_N: Floats, step: int, lags: int = LAGS) -> Autocorrelation:
    """The autocorrelation of the errors of one symbol in time order, and the p-value of Ljung & Box (1978).

    Each squared correlation is divided by what changing volatility does to it (Diebold 1986), so that volatility
    clusters do not pass for correlation; statsmodels' acorr_ljungbox has no such correction.
    """
    count = len(error_N)
    longest = max(0, min(lags + step - 1, count // 4))
    value_K, weight_K = _correlations(error_N, longest)
    return Autocorrelation(
        step=step,
        lag_K=tuple(range(1, longest + 1)),
        value_K=value_K,
        limit_K=1.96 * np.sqrt(weight_K / max(count, 1)),
        p_value=ljung_box(error_N[::step]),
    )


def ljung_box(error_N: Floats, lags: int = 10) -> float:
    """p-value that errors of consecutive steps are not correlated at lags 1 … `lags`; NaN if there are too few or they
    do not vary."""
    from scipy.special import gammaincc

    count = len(error_N)
    if count < MIN_RESIDUALS or np.ptp(error_N) <= 1e-12 * float(np.abs(error_N).max()):
        return math.nan
    lags = min(lags, count // 5)
    value_K, weight_K = _correlations(error_N, lags)
    statistic = count * (count + 2) * np.sum(value_K**2 / weight_K / (count - np.arange(1, lags + 1)))
    return float(gammaincc(lags / 2, statistic / 2))  # the upper tail of χ² with as many degrees of freedom as lags


def trailing_volatility(run: Run, symbol: str) -> pd.Series:
    """Root mean squared move over the last 22 steps, by time: of logs if the level is above zero throughout."""
    table = run.frame[symbol]
    level = table[levels.level_column(run.spec.target, tuple(table.columns))].dropna()
    moves = np.log(level).diff() if (level > 0).all() else level.diff()
    return (moves**2).rolling(VOLATILITY_WINDOW, min_periods=VOLATILITY_WINDOW // 2).mean() ** 0.5


def _correlations(error_N: Floats, lags: int) -> tuple[Floats, Floats]:
    """The autocorrelation at lags 1 … and the factor by which changing volatility widens its variance."""
    centred_N = error_N - np.mean(error_N) if len(error_N) else error_N
    power = float(np.mean(centred_N**2)) if len(error_N) else 0.0
    if power <= 1e-24 * float(np.max(error_N**2, initial=0.0)) or lags == 0:
        return np.zeros(lags), np.ones(lags)
    square_N = centred_N**2
    value_K = np.array([centred_N[k:] @ centred_N[:-k] for k in range(1, lags + 1)]) / (len(error_N) * power)
    joint_K = np.array([np.mean(square_N[k:] * square_N[:-k]) for k in range(1, lags + 1)])
    return value_K, np.maximum(joint_K / power**2, 1.0)


def _groups(errors: Residuals, by: str, code_N: Floats | Ints, names: dict[int, str]) -> ErrorGroups:
    masks: list[Flags] = [code_N == code for code in names]
    groups = [(name, mask_N) for name, mask_N in zip(names.values(), masks, strict=True) if mask_N.any()]
    rmse_G, reference_G = (
        np.array([np.sqrt(np.mean(error_N[mask_N] ** 2)) for _, mask_N in groups])
        for error_N in (errors.error_N, errors.reference_N)
    )
    skill_G = 1 - np.divide(rmse_G, reference_G, out=np.full(len(groups), np.nan), where=reference_G > 0)
    return ErrorGroups(
        by=by,
        names=tuple(name for name, _ in groups),
        count_G=tuple(int(mask_N.sum()) for _, mask_N in groups),
        rmse_G=rmse_G,
        reference_G=reference_G,
        skill_G=skill_G,
    )
