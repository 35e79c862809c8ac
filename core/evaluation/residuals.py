"""When a model errs: by volatility regime, weekday or hour, and year; and whether its errors are correlated.

Axis letters: N forecasts in time order, G groups, K lags.
"""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets import levels, targets
from core.errors import SpecError
from core.types import Flags, Floats, Ints, Run, Times

TRAILING = 22  # sessions before a cutoff whose moves say how stormy it is: a month
REGIMES = ("calm", "middle", "stormy")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LAGS = 20
FEWEST = 30  # residuals without overlap that a test of their correlation takes


@dataclass(frozen=True, slots=True, kw_only=True)
class Residuals:
    """Errors (forecast − outcome, on the scale of scores) of one symbol and step of the test part, in time order.

    `trailing_N` is the root mean squared move of the last 22 sessions up to each cutoff.
    """

    model: str
    reference: str
    unit: str
    step: int
    time_N: Times
    own_N: Floats
    reference_N: Floats
    trailing_N: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Root mean squared error of model and reference in each group, and the skill 1 − error / error of the reference;
    NaN where the reference makes no error."""

    by: str  # what the groups are: regime, weekday, hour or year
    names: tuple[str, ...]
    count_G: tuple[int, ...]
    rmse_G: Floats
    reference_G: Floats
    skill_G: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Autocorrelation:
    """Correlation of errors k sessions apart and the limits that errors without correlation keep to 95 times of 100.

    Lags below `step` are left out of every judgement: their forecasts share outcomes, so errors are correlated even
    where no forecast could be better. `p_value` is of all lags together, over every `step`-th error; NaN for fewer
    than 30 of them or errors that do not vary.
    """

    step: int
    lag_K: tuple[int, ...]
    value_K: Floats
    limit_K: Floats
    p_value: float


def compute(run: Run, symbol: str, step: int) -> Residuals:
    """The errors of a run's model and its reference on the test part. Raises SpecError where there is no forecast."""
    kind = targets.TARGETS[run.spec.target.kind]
    model, reference = run.spec.model.kind, run.evaluation.verdict.reference
    table = run.forecast
    here = table[(table["part"] == "test") & (table["step"] == step) & (table["symbol"] == symbol)]
    own, other = (here[here["model"] == name].sort_values("cutoff") for name in (model, reference))
    if own.empty:
        raise SpecError(f"The test part has no forecast of {symbol} {step} sessions ahead. Choose another step.")
    own_N, reference_N = (
        kind.to_score(made["yhat"].to_numpy()) - kind.to_score(made["y"].to_numpy()) for made in (own, other)
    )
    return Residuals(
        model=model,
        reference=reference,
        unit=kind.score_unit,
        step=step,
        time_N=own["time"].to_numpy(),
        own_N=own_N,
        reference_N=reference_N,
        trailing_N=trailing(run, symbol).reindex(pd.DatetimeIndex(own["cutoff"])).to_numpy(),
    )


def by_regime(errors: Residuals) -> Groups:
    """Calm, middle and stormy: thirds of the test part by the volatility that was known at the cutoff; no group where
    it did not change."""
    return _groups(errors, "regime", regimes(errors.trailing_N), dict(enumerate(REGIMES)))


def regimes(trailing_N: Floats) -> Ints:
    """The third, a position in REGIMES, in which the volatility before each of these cutoffs lies; −1 where it is
    unknown, or for all where it did not change."""
    known = np.isfinite(trailing_N)
    edges = np.quantile(trailing_N[known], [1 / 3, 2 / 3]) if known.any() else np.zeros(2)
    told_N = known & bool(edges[0] < edges[1])
    return np.where(told_N, np.searchsorted(edges, trailing_N, side="right"), -1)


def by_weekday(errors: Residuals) -> Groups:
    """By the weekday of the session that was forecast; by its hour where sessions lie within the day."""
    times = pd.DatetimeIndex(errors.time_N)
    if intraday(errors):
        return _groups(errors, "hour", times.hour.to_numpy(), {hour: f"{hour:02d}:00" for hour in range(24)})
    return _groups(errors, "weekday", times.dayofweek.to_numpy(), dict(enumerate(DAYS)))


def by_year(errors: Residuals) -> Groups:
    """By the year of the session that was forecast."""
    year_N = pd.DatetimeIndex(errors.time_N).year.to_numpy()
    return _groups(errors, "year", year_N, {int(year): str(year) for year in np.unique(year_N)})


def intraday(errors: Residuals) -> bool:
    """Whether sessions are finer than a day."""
    times = np.unique(errors.time_N)
    return len(times) > 1 and bool(np.median(np.diff(times)) < np.timedelta64(20, "h"))


def autocorrelation(error_N: Floats, step: int, lags: int = LAGS) -> Autocorrelation:
    """The autocorrelation of the errors of one symbol in time order, and the p-value of Ljung & Box (1978).

    Each squared correlation is divided by what changing volatility does to it (Diebold 1986), so that calm and stormy
    spells do not pass for correlation.
    """
    count = len(error_N)
    most = max(0, min(lags + step - 1, count // 4))
    value_K, weight_K = _correlations(error_N, most)
    limit_K = 1.96 * np.sqrt(weight_K / max(count, 1))
    return Autocorrelation(
        step=step, lag_K=tuple(range(1, most + 1)), value_K=value_K, limit_K=limit_K, p_value=ljung_box(error_N[::step])
    )


def ljung_box(error_N: Floats, lags: int = 10) -> float:
    """p-value that errors of consecutive sessions are not correlated at lags 1 … `lags`; NaN where none can be said."""
    from scipy.special import gammaincc

    count = len(error_N)
    if count < FEWEST or np.ptp(error_N) <= 1e-12 * float(np.abs(error_N).max()):
        return math.nan
    lags = min(lags, count // 5)
    value_K, weight_K = _correlations(error_N, lags)
    statistic = count * (count + 2) * np.sum(value_K**2 / weight_K / (count - np.arange(1, lags + 1)))
    return float(gammaincc(lags / 2, statistic / 2))  # the upper tail of χ² with as many degrees of freedom as lags


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


def _groups(errors: Residuals, by: str, code_N: Floats | Ints, names: dict[int, str]) -> Groups:
    members: list[Flags] = [code_N == code for code in names]
    kept = [(name, here) for name, here in zip(names.values(), members, strict=True) if here.any()]
    own_G, reference_G = (
        np.array([np.sqrt(np.mean(error_N[here] ** 2)) for _, here in kept])
        for error_N in (errors.own_N, errors.reference_N)
    )
    skill_G = 1 - np.divide(own_G, reference_G, out=np.full(len(kept), np.nan), where=reference_G > 0)
    return Groups(
        by=by,
        names=tuple(name for name, _ in kept),
        count_G=tuple(int(here.sum()) for _, here in kept),
        rmse_G=own_G,
        reference_G=reference_G,
        skill_G=skill_G,
    )


def trailing(run: Run, symbol: str) -> pd.Series:
    """Root mean squared move over the last sessions, by session: of logs where the level is above zero throughout."""
    table = run.frame[symbol]
    level = table[levels.level_column(run.spec.target, tuple(table.columns))].dropna()
    moves = np.log(level).diff() if (level > 0).all() else level.diff()
    return (moves**2).rolling(TRAILING, min_periods=TRAILING // 2).mean() ** 0.5
