"""Performance statistics of a series of returns, and the uncertainty of its Sharpe ratio; N sessions.

They are few lines of their own: empyrical-reloaded would hold back peewee, which yfinance uses, and quantstats and ffn
bring matplotlib.
"""

import math
from dataclasses import dataclass

import numpy as np

from core.errors import SpecError
from core.evaluation.trading import sharpe
from core.language import message
from core.types import Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """Annual figures of a series of returns as shares; the Sharpe ratio with its 95 % interval is annual, without a
    riskless rate. `probabilistic` and `deflated` are probabilities that the true ratio exceeds zero, and the expected
    best of `experiments` independent ones without skill. NaN if the returns do not vary."""

    annual_return: float
    annual_volatility: float
    sharpe: float
    low: float
    high: float
    probabilistic: float
    deflated: float
    experiments: float
    drawdown: float
    calmar: float  # annual return over the largest drawdown (Young 1991)


def equity(return_N: Floats) -> Floats:
    """The value of 1 after each session; 0 from the session on in which all was lost."""
    return np.maximum(1 + return_N, 0.0).cumprod()


def drawdown(return_N: Floats) -> Floats:
    """The share lost since the highest equity so far, 0 … 1; (N,)."""
    equity_N = equity(return_N)
    return 1 - equity_N / np.maximum.accumulate(np.maximum(equity_N, 1.0))


def measure(
    return_N: Floats, per_year: float, *, holding: int = 1, experiments: float = 1, variance: float | None = None
) -> Performance:
    """The annual figures of returns per session, of which `per_year` make a year.

    `holding` sets the least block of the bootstrap. `variance` is that of the Sharpe ratio per session over the
    experiments, by default that of the estimate without skill, 1 / (N − 1). Raises SpecError for an empty series.
    """
    count = len(return_N)
    if count == 0:
        raise SpecError(message("There is no session to measure a strategy by. Make the test split longer."))
    annual, largest_drawdown = float(np.sqrt(per_year)), float(drawdown(return_N).max())
    annual_return = _annualise(float(equity(return_N)[-1]), per_year / count)
    low, high = sharpe.confidence_interval(return_N, max(float(holding), count ** (1 / 3)))
    spread = 1 / max(count - 1, 1) if variance is None else variance
    return Performance(
        annual_return=annual_return,
        annual_volatility=annual * float(np.std(return_N, ddof=1)) if count > 1 else math.nan,
        sharpe=annual * sharpe.sharpe_ratio(return_N),
        low=annual * low,
        high=annual * high,
        probabilistic=sharpe.probabilistic(return_N),
        deflated=sharpe.deflated(return_N, experiments, spread),
        experiments=experiments,
        drawdown=largest_drawdown,
        calmar=annual_return / largest_drawdown if largest_drawdown > 0 else math.nan,
    )


def _annualise(equity: float, power: float) -> float:
    """equity^power − 1, without overflow if a few sessions are scaled up to a year."""
    return math.expm1(min(power * math.log(equity), 700.0)) if equity > 0 else -1.0
