"""What trading on the forecasts of a run would have earned: a signal earns the return of the next session, less costs.

Axis letters: N sessions of the test split, T sessions of one symbol.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.datasets import frequency
from core.datasets.levels import level_column
from core.datasets.targets import TARGETS, Position
from core.errors import SpecError
from core.language import join, message
from core.types import Floats, Run, Times

PRICES = ("open", "high", "low", "close", "adj_close")  # columns taken to be something that can be bought and sold


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How forecasts are traded.

    `costs` and `slippage` are basis points of what is bought or sold. `threshold` is the least expected move (a share
    of the price), or the least distance of a probability from one half, that is traded. `volatility` (% a year) is
    what a forecast of volatility scales a long position to; None for that of the sessions before the test split.
    """

    costs: float = 2.0
    slippage: float = 1.0
    short: bool = True
    threshold: float = 0.0
    volatility: float | None = None

    def __post_init__(self) -> None:
        for name in ("costs", "slippage", "threshold"):
            if not 0 <= getattr(self, name) < np.inf:
                raise SpecError(
                    message(
                        "The {name} of a strategy must be zero or above; got {value}.",
                        name=name,
                        value=repr(getattr(self, name)),
                    )
                )
        if self.volatility is not None and not 0 < self.volatility < np.inf:
            raise SpecError(
                message(
                    "The target volatility must be above zero; got {volatility}. Give it in % a year.",
                    volatility=repr(self.volatility),
                )
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A strategy session by session, as shares of the capital: position −1 … 1, what was bought or sold, the return
    after costs, and that of buying and holding. Several symbols have equal weights."""

    time_N: Times
    position_N: Floats
    turnover_N: Floats
    net_N: Floats
    hold_N: Floats
    per_year: float
    holding: int  # sessions that each signal is held


def explain_no_signal(run: Run) -> str | None:
    """Why the forecasts of this run give no signal, in one or two sentences; None if they do."""
    kind = TARGETS[run.spec.target.kind]
    if kind.position is None:
        return join([message(kind.untradable), message("It gives no signal.")])
    for symbol in _symbols(run):
        level_T = _levels(run, symbol)
        low = int((level_T <= 0).sum())
        if low:
            return message(
                "{name} of {symbol} is zero or below in {low} of {sessions} sessions, so it has no returns: it "
                "gives no signal.",
                name=repr(str(level_T.name)),
                symbol=symbol,
                low=low,
                sessions=len(level_T),
            )
    return None


def is_priced(run: Run) -> bool:
    """Whether the column that the run forecasts has the name of a price."""
    return all(_levels(run, symbol).name in PRICES for symbol in _symbols(run))


def net_returns(run: Run, rules: Rules | None = None) -> pd.Series:
    """The net return of each session of the test split by its time; empty if the run gives no signal or no price."""
    if explain_no_signal(run) or not is_priced(run):
        return pd.Series(dtype=float)
    book = build_book(run, rules or Rules())
    return pd.Series(book.net_N, index=pd.DatetimeIndex(book.time_N))


def build_book(run: Run, rules: Rules, step: int | None = None, model: str | None = None) -> Book:
    """Trade on the forecasts `step` sessions ahead (by default the furthest) of the test split.

    Each signal is held for `step` sessions: the position is the mean of the last `step` signals (overlapping holdings,
    Jegadeesh & Titman 1993). `model` names a baseline instead of the run's own model. Raises SpecError if the target
    gives no signal.
    """
    if reason := explain_no_signal(run):
        raise SpecError(reason)
    position = TARGETS[run.spec.target.kind].position
    assert position is not None  # else there is a reason
    step = step or max(int(s) for s in run.forecast["step"].unique())
    rows = run.forecast[
        (run.forecast["part"] == "test")
        & (run.forecast["step"] == step)
        & (run.forecast["model"] == (model or run.spec.model.kind))
    ]
    accounts = []
    for symbol in _symbols(run):
        yhat = rows[rows["symbol"] == symbol].set_index("cutoff")["yhat"]
        if len(yhat):
            accounts.append(_account(position, yhat, _levels(run, symbol), rules, step))
    if not accounts:
        raise SpecError(
            message("The test split has no forecast {step} sessions ahead. Choose another step.", step=step)
        )
    mean = _average(accounts)
    return Book(
        time_N=mean.index.to_numpy(),
        position_N=mean["position"].to_numpy(),
        turnover_N=mean["turnover"].to_numpy(),
        net_N=mean["net"].to_numpy(),
        hold_N=mean["hold"].to_numpy(),
        per_year=frequency.steps_per_year(pd.DatetimeIndex(mean.index)),
        holding=step,
    )


def signal(position: Position, yhat_N: Floats, level_N: Floats, rules: Rules, volatility: float) -> Floats:
    """The target position at each cutoff, −1 … 1, from the forecast and the level at the cutoff alone; (N,).

    A forecast of volatility scales a long position to `volatility` (% a year), without leverage (Harvey et al. 2018);
    any other is compared with what would leave the price as it is.
    """
    if position.move is None:
        return np.minimum(1.0, volatility / yhat_N)
    move_N = position.move(yhat_N, level_N)
    signal_N = np.where(np.abs(move_N) > rules.threshold, np.sign(move_N), 0.0)
    return signal_N if rules.short else np.maximum(signal_N, 0.0)


def overlap_holdings(signal_T: Floats, holding: int) -> Floats:
    """The mean of the signals at t, t − 1, … t − holding + 1, those before the first being zero; (T,)."""
    return np.convolve(signal_T, np.full(holding, 1 / holding))[: len(signal_T)]


def settle(position_T: Floats, return_T: Floats, rules: Rules) -> tuple[Floats, Floats]:
    """(net return, turnover) if position t earns return t, and what is bought or sold at t pays its costs; (T,)."""
    turnover_T = np.abs(np.diff(position_T, prepend=0.0))
    return position_T * return_T - turnover_T * (rules.costs + rules.slippage) / 1e4, turnover_T


def past_volatility(run: Run) -> float:
    """Volatility of the sessions before the test split, % a year: the mean over symbols."""
    first = run.forecast.loc[run.forecast["part"] == "test", "cutoff"].min()
    levels = [_levels(run, symbol).loc[:first] for symbol in _symbols(run)]
    return float(np.mean([_volatility(level_T) for level_T in levels]))


def _account(position: Position, yhat: pd.Series, level_T: pd.Series, rules: Rules, holding: int) -> pd.DataFrame:
    """One symbol from the session after its first cutoff to the session after its last."""
    index = pd.DatetimeIndex(level_T.index)
    at_N = index.get_indexer(pd.DatetimeIndex(yhat.index))
    start, end = int(at_N.min()), int(at_N.max()) + 1
    signal_T = np.zeros(end - start)  # a session without a forecast adds nothing to the position
    volatility = rules.volatility or _volatility(level_T.iloc[: start + 1])
    signal_T[at_N - start] = signal(position, yhat.to_numpy(), level_T.to_numpy()[at_N], rules, volatility)
    return_T = level_T.to_numpy()[start + 1 : end + 1] / level_T.to_numpy()[start:end] - 1
    position_T = overlap_holdings(signal_T, holding)
    net_T, turnover_T = settle(position_T, return_T, rules)
    hold_T, _ = settle(np.ones(end - start), return_T, rules)
    return pd.DataFrame(
        {"position": position_T, "turnover": turnover_T, "net": net_T, "hold": hold_T}, index=index[start + 1 : end + 1]
    )


def _average(accounts: list[pd.DataFrame]) -> pd.DataFrame:
    """Equal weights of the capital, renewed each session; of buy-and-hold at the first one only, so that the weights
    drift. A symbol without a session keeps its position and earns nothing."""
    times = accounts[0].index
    for account in accounts[1:]:
        times = times.union(account.index)
    aligned = [
        account.reindex(times).assign(position=lambda a: a["position"].ffill(limit_area="inside")).fillna(0.0)
        for account in accounts
    ]
    mean = sum(aligned[1:], aligned[0]) / len(aligned)
    value = np.mean([(1 + account["hold"]).cumprod() for account in aligned], axis=0)
    return mean.assign(hold=value / np.concatenate([[1.0], value[:-1]]) - 1)


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
    return table[level_column(run.spec.target, tuple(table.columns))].dropna()
