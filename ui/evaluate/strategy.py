"""How a strategy is set, and its numbers: the parts of the Trading page."""

import numpy as np
import streamlit as st

from core.charts import text
from core.charts.evaluation.equity import Equity
from core.data.sources.samples import SAMPLES
from core.datasets.levels import level_column
from core.datasets.targets import TARGETS, TargetKind
from core.evaluation.trading import positions
from core.evaluation.trading.positions import Book, Rules
from core.types import Run
from ui import messages
from ui.verdict import Metric, draw_row

POSITIONS = {"long_short": "Long or short", "long_flat": "Long only"}
PERCENT = 100.0
BASIS_POINTS = 1e4


def confirm_price(run: Run) -> bool:
    """Whether the run forecasts something that can be bought and sold; asks if its name does not say so."""
    source, symbols = run.spec.data.source, run.spec.data.symbols
    levels = [name for name in symbols if source == "sample" and name in SAMPLES and SAMPLES[name].kind != "prices"]
    if positions.is_priced(run) and not levels:
        return True
    symbol = str(run.forecast["symbol"].cat.categories[0])
    column = level_column(run.spec.target, tuple(run.frame[symbol].columns))
    messages.info(
        f"{text.truncate(column)!r} of {text.truncate(symbol)} is not known to be a price, and only prices can be "
        "traded."
    )
    return st.checkbox("It is a price", key="is-price")


def choose_rules(run: Run, count: int) -> tuple[Rules, int]:
    """How to trade, and how many models were tried before this one was chosen: at least the `count` of the experiment
    log."""
    kind = TARGETS[run.spec.target.kind]
    cells = st.columns(4 if kind.volatility else 5, vertical_alignment="bottom")
    costs = _number(cells[0], "Costs, bp", 2.0, "Fees and half the spread, in basis points of the amount traded")
    slippage = _number(cells[1], "Slippage, bp", 1.0, "How far the price moves away before the order is filled")
    if kind.volatility:
        aim = _number(
            cells[2],
            "Target volatility, %",
            max(0.1, round(positions.past_volatility(run), 1)),
            "Per year. The position is this over the forecast volatility, at most 1. The default is the volatility "
            "before the test split",
            low=0.1,
        )
        rules = Rules(costs=costs, slippage=slippage, volatility=aim)
    else:
        position = cells[2].selectbox("Positions", list(POSITIONS), format_func=_position, key="positions")
        threshold = _threshold(cells[3], kind.binary)
        rules = Rules(costs=costs, slippage=slippage, short=position == "long_short", threshold=threshold)
    tried = cells[-1].number_input(
        "Models tried",
        count,
        100_000,
        count,
        key="models-tried",
        help="For this task, including this one. The default is the count of the experiment log; add what was tried "
        "elsewhere. The best of many looks good by luck; the deflated Sharpe ratio corrects for that",
    )
    return rules, int(tried)


def draw_metrics(chart: Equity, book: Book) -> None:
    """The statistics of the strategy in two rows: in one, their labels would be cut."""
    own, hold = chart.strategy, chart.hold
    draw_row(
        [
            Metric(
                "Volatility", f"{own.annual_volatility:.1%}", f"Per year; buy-and-hold {hold.annual_volatility:.1%}"
            ),
            Metric("Largest drawdown", f"{own.drawdown:.1%}", f"Below the last peak; buy-and-hold {hold.drawdown:.1%}"),
            Metric(
                "Calmar", _ratio(own.calmar), f"Annual return / largest drawdown; buy-and-hold {_ratio(hold.calmar)}"
            ),
        ]
    )
    draw_row(
        [
            Metric(
                "Turnover",
                f"{float(book.turnover_N.mean()) * book.per_year:.1f} ×",
                "Amount traded per year, in multiples of the capital",
            ),
            Metric(
                "Probabilistic Sharpe",
                _percent(own.probabilistic),
                "Probability that the true Sharpe ratio is above zero, for the length, skew and tails of the returns",
            ),
            Metric(
                f"Deflated, of {own.experiments:,.0f}",
                _percent(own.deflated),
                "Probability that the true Sharpe ratio beats the best of as many independent models without skill; "
                "models that trade alike count for less",
            ),
        ]
    )


def describe(run: Run, book: Book) -> str:
    """How the strategy trades, in two sentences."""
    kind = TARGETS[run.spec.target.kind]
    rule = kind.position.rule if kind.position else "flat"
    if book.holding > 1:
        holding = f"held for {book.holding} sessions, with one of {book.holding} parts renewed each session"
    else:
        holding = "held for one session"
    weights = " Symbols have equal weights." if run.forecast["symbol"].cat.categories.size > 1 else ""
    return (
        f"The position is {rule}. Each signal earns from the session after the forecast, {holding}. "
        f"{_exposure(kind, book)}.{weights}"
    )


def _exposure(kind: TargetKind, book: Book) -> str:
    sessions = f"{len(book.net_N):,} sessions"
    if kind.position and kind.position.move is None:
        return f"On average {float(book.position_N.mean()):.0%} of the capital was invested, over {sessions}"
    long, short = float(np.mean(book.position_N > 0)), float(np.mean(book.position_N < 0))
    return f"Long in {long:.0%}, short in {short:.0%} and flat in {max(0.0, 1 - long - short):.0%} of {sessions}"


def _threshold(cell: st.delta_generator.DeltaGenerator, binary: bool) -> float:
    if binary:
        help_ = "In percentage points: probabilities closer to 50 % are not traded"
        return _number(cell, "Minimum distance from 50 %", 0.0, help_, high=50.0) / PERCENT
    return _number(cell, "Minimum move, bp", 0.0, "Smaller expected moves are not traded") / BASIS_POINTS


def _number(
    cell: st.delta_generator.DeltaGenerator,
    label: str,
    value: float,
    help_: str,
    *,
    low: float = 0.0,
    high: float = 1000.0,
) -> float:
    return float(
        cell.number_input(
            label, low, high, min(value, high), step=1.0, format="%g", key=f"strategy-{label}", help=help_
        )
    )


def _position(name: str) -> str:
    return POSITIONS[name]


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0%}"


def _ratio(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
