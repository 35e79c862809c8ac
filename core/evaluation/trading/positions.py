"""What the forecasts of a run would have earned: a signal at one session earns the return of the next, less costs.

Axis letters: N sessions of the test part, T sessions of one symbol.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets import frequency
from core.datasets import levels as level
from core.errors import SpecError
from core.types import Floats, Run, Times

PRICES = ("open", "high", "low", "close", "adj_close")  # columns taken to be something that can be bought and sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How forecasts are traded.

    `costs` and `slippage` are basis points of what is bought or sold. `threshold` is the least expected move (a share
    of the price), or the least distance of a probability from one half, that is acted on. `volatility` (% a year) is
    what a forecast of volatility scales a long position to; None for that of the sessions before the test part.
    """

    costs: float = 2.0
    slippage: float = 1.0
    short: bool = True
    threshold: float = 0.0
    volatility: float | None = None

    def __post_init__(self) -> None:
        for name in ("costs", "slippage", "threshold"):
            if not 0 <= getattr(self, name) < np.inf:
                raise SpecError(f"The {name} of a strategy must be zero or above; got {getattr(self, name)!r}.")
        if self.volatility is not None and not 0 < self.volatility < np.inf:
            raise SpecError(f"The target volatility must be above zero; got {self.volatility!r}. Give it in % a year.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A strategy session by session, all of it as shares of the capital: position −1 … 1, what was bought or sold,
    the return after costs, and that of buying once and holding. Several symbols have equal weights."""

    time_N: Times
    position_N: Floats
    turnover_N: Floats
    net_N: Floats
    hold_N: Floats
    per_year: float
    holding: int  # sessions that each signal is held


def why_not(run: Run) -> str | None:
    """Why the forecasts of this run give no signal, in one or two sentences; None where they do."""
    if run.spec.target.kind == "max_drawdown":
        return (
            "The largest drawdown says how far a price may fall on its way, not whether it ends higher or lower: "
            "it gives no signal."
        )
    for symbol in _symbols(run):
        level_T = _levels(run, symbol)
        low = int((level_T <= 0).sum())
        if low:
            return (
                f"{str(level_T.name)!r} of {symbol} is zero or below in {low} of {len(level_T)} sessions, so it "
                "has no returns: it gives no signal."
            )
    return None


def priced(run: Run) -> bool:
    """Whether the column that the run forecasts goes by the name of a price."""
    return all(_levels(run, symbol).name in PRICES for symbol in _symbols(run))


def returns(run: Run, rules: Rules | None = None) -> pd.Series:
    """The net return of each session of the test part by its time; empty where the run gives no signal or no price."""
    if why_not(run) or not priced(run):
        return pd.Series(dtype=float)
    made = book(run, rules or Rules())
    return pd.Series(made.net_N, index=pd.DatetimeIndex(made.time_N))


def book(run: Run, rules: Rules, step: int | None = None, model: str | None = None) -> Book:
    """What the forecasts `step` sessions ahead (the furthest at first) of the test part would have earned.

    Each signal is held for `step` sessions: the position is the mean of the last `step` signals (overlapping holdings,
    Jegadeesh & Titman 1993). `model` names a baseline instead of the run's own model. Raises SpecError where the
    target gives no signal.
    """
    reason = why_not(run)
    if reason:
        raise SpecError(reason)
    step = step or max(int(s) for s in run.forecast["step"].unique())
    made = run.forecast[
        (run.forecast["part"] == "test")
        & (run.forecast["step"] == step)
        & (run.forecast["model"] == (model or run.spec.model.kind))
    ]
    accounts = []
    for symbol in _symbols(run):
        yhat = made[made["symbol"] == symbol].set_index("cutoff")["yhat"]
        if len(yhat):
            accounts.append(_account(run.spec.target.kind, yhat, _levels(run, symbol), rules, step))
    if not accounts:
        raise SpecError(f"The test part has no forecast {step} sessions ahead. Choose another step.")
    mean = _together(accounts)
    return Book(
        time_N=mean.index.to_numpy(),
        position_N=mean["position"].to_numpy(),
        turnover_N=mean["turnover"].to_numpy(),
        net_N=mean["net"].to_numpy(),
        hold_N=mean["hold"].to_numpy(),
        per_year=_per_year(pd.DatetimeIndex(mean.index)),
        holding=step,
    )


def signal(kind: str, yhat_N: Floats, level_N: Floats, rules: Rules, volatility: float) -> Floats:
    """The position wanted at each cutoff, −1 … 1, from the forecast and the level at the cutoff alone; (N,).

    A forecast of volatility scales a long position to `volatility` (% a year), without leverage (Harvey et al. 2018);
    any other is held against what would leave the price as it is.
    """
    if kind == "volatility":
        return np.minimum(1.0, volatility / yhat_N)
    move_N = _move(kind, yhat_N, level_N)
    wanted_N = np.where(np.abs(move_N) > rules.threshold, np.sign(move_N), 0.0)
    return wanted_N if rules.short else np.maximum(wanted_N, 0.0)


def overlapping(signal_T: Floats, holding: int) -> Floats:
    """The mean of the signals at t, t − 1, … t − holding + 1, those before the first being zero; (T,)."""
    return np.convolve(signal_T, np.full(holding, 1 / holding))[: len(signal_T)]


def settle(position_T: Floats, return_T: Floats, rules: Rules) -> tuple[Floats, Floats]:
    """(net return, turnover) where position t earns return t, and what was bought or sold at t pays its costs; (T,)."""
    turnover_T = np.abs(np.diff(position_T, prepend=0.0))
    return position_T * return_T - turnover_T * (rules.costs + rules.slippage) / 1e4, turnover_T


def past_volatility(run: Run) -> float:
    """Volatility of the sessions before the test part, % a year: the mean over symbols."""
    first = run.forecast.loc[run.forecast["part"] == "test", "cutoff"].min()
    levels = [_levels(run, symbol).loc[:first] for symbol in _symbols(run)]
    return float(np.mean([_volatility(level_T) for level_T in levels]))


def _account(kind: str, yhat: pd.Series, level_T: pd.Series, rules: Rules, holding: int) -> pd.DataFrame:
    """One symbol from the session after its first cutoff to the session after its last."""
    index = pd.DatetimeIndex(level_T.index)
    at_N = index.get_indexer(pd.DatetimeIndex(yhat.index))
    start, end = int(at_N.min()), int(at_N.max()) + 1
    wanted_T = np.zeros(end - start)  # a session without a forecast adds nothing to the position
    volatility = rules.volatility or _volatility(level_T.iloc[: start + 1])
    wanted_T[at_N - start] = signal(kind, yhat.to_numpy(), level_T.to_numpy()[at_N], rules, volatility)
    return_T = level_T.to_numpy()[start + 1 : end + 1] / level_T.to_numpy()[start:end] - 1
    position_T = overlapping(wanted_T, holding)
    net_T, turnover_T = settle(position_T, return_T, rules)
    hold_T, _ = settle(np.ones(end - start), return_T, rules)
    return pd.DataFrame(
        {"position": position_T, "turnover": turnover_T, "net": net_T, "hold": hold_T}, index=index[start + 1 : end + 1]
    )


def _per_year(index: pd.DatetimeIndex) -> float:
    """Sessions a year by convention; counted where they lie within the day, since exchanges close at night."""
    years = (index[-1] - index[0]) / pd.Timedelta(days=365.25)
    within = bool((index != index.normalize()).any())
    return (len(index) - 1) / years if within and years > 0 else frequency.steps_per_year(index)


def _together(accounts: list[pd.DataFrame]) -> pd.DataFrame:
    """Equal weights of the capital; a symbol without a session then keeps its position and earns nothing."""
    times = accounts[0].index
    for account in accounts[1:]:
        times = times.union(account.index)
    whole = [
        account.reindex(times).assign(position=lambda a: a["position"].ffill(limit_area="inside")).fillna(0.0)
        for account in accounts
    ]
    return sum(whole[1:], whole[0]) / len(whole)


def _move(kind: str, yhat_N: Floats, level_N: Floats) -> Floats:
    """The move that is expected, a share of the price; of a direction, the distance of its probability from ½."""
    if kind == "direction":
        return yhat_N - 0.5
    return np.expm1(yhat_N) if kind == "log_return" else yhat_N / level_N - 1


def _volatility(level_T: pd.Series) -> float:
    """% a year, as the target of that name measures it; 0 before the second session."""
    if len(level_T) < 2:
        return 0.0
    return_T = np.diff(np.log(level_T.to_numpy()))
    per_year = frequency.steps_per_year(pd.DatetimeIndex(level_T.index))
    return 100 * float(np.sqrt(np.mean(return_T**2) * per_year))


def _symbols(run: Run) -> list[str]:
    return [str(name) for name in run.forecast["symbol"].cat.categories]


def _levels(run: Run, symbol: str) -> pd.Series:
    """The level behind the target in every session that has one."""
    table = run.frame[symbol]
    return table[level.level_column(run.spec.target, tuple(table.columns))].dropna()
