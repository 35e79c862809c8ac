"""How a strategy is set, and its numbers in one row: the parts of the Trading page."""

import numpy as np
import streamlit as st

from core.charts import text
from core.charts.evaluation.equity import Equity
from core.data.sources.samples import SAMPLES
from core.datasets.levels import level_column
from core.evaluation.trading import positions
from core.evaluation.trading.positions import Book, Rules
from core.types import Run
from ui import charts

POSITIONS = {"long_short": "Long or short", "long_flat": "Long only"}
PERCENT = 100.0
BASIS_POINTS = 1e4
HELD = {
    "log_return": "long where the forecast is a rise, short where it is a fall",
    "direction": "long where a rise is likelier than not, short where it is not",
    "volatility": "long, and the smaller the higher the volatility forecast, never above the capital",
}


def is_price(run: Run) -> bool:
    """Whether what the run forecasts can be bought and sold; asked where its name does not say so."""
    source, names = run.spec.data.source, run.spec.data.symbols
    levels = [name for name in names if source == "sample" and name in SAMPLES and SAMPLES[name].kind != "prices"]
    if positions.is_priced(run) and not levels:
        return True
    symbol = str(run.forecast["symbol"].cat.categories[0])
    column = level_column(run.spec.target, tuple(run.frame[symbol].columns))
    st.info(
        charts.plain(
            f"{text.truncate(column)!r} of {text.truncate(symbol)} is not known to be a price, and only what can be "
            "bought and sold can be traded."
        ),
        icon=":material/info:",
    )
    return st.checkbox("It is a price", key="is-price")


def rules(run: Run, counted: int) -> tuple[Rules, int]:
    """What the controls say: how to trade, and how many models were tried before this one was chosen: those of the
    ledger (`counted`) at least."""
    kind = run.spec.target.kind
    cells = st.columns(4 if kind == "volatility" else 5, vertical_alignment="bottom")
    costs = _number(cells[0], "Costs, bp", 2.0, "Fees and half the spread, in basis points of what is bought or sold")
    slippage = _number(cells[1], "Slippage, bp", 1.0, "What the price moves away while the order is filled")
    if kind == "volatility":
        wanted = _number(
            cells[2],
            "Target volatility, %",
            max(0.1, round(positions.past_volatility(run), 1)),
            "A year. The position is this over the volatility forecast, at most 1; at first that of "
            "the sessions before the test part",
            low=0.1,
        )
        made = Rules(costs=costs, slippage=slippage, volatility=wanted)
    else:
        position = cells[2].selectbox("Positions", list(POSITIONS), format_func=_position, key="positions")
        least = _threshold(cells[3], kind)
        made = Rules(costs=costs, slippage=slippage, short=position == "long_short", threshold=least)
    tries = cells[-1].number_input(
        "Models tried",
        counted,
        100_000,
        counted,
        key="tries",
        help="On this question, this one among them, as the ledger counts them; add those "
        "made elsewhere. The best of many looks good by luck, and the deflated Sharpe "
        "ratio allows for it",
    )
    return made, int(tries)


def numbers(chart: Equity, book: Book) -> None:
    """The statistics of the strategy in one row."""
    own, hold = chart.strategy, chart.hold
    cells = (
        ("Volatility", f"{own.annual_volatility:.1%}", f"A year; buy-and-hold {hold.annual_volatility:.1%}"),
        ("Largest drawdown", f"{own.drawdown:.1%}", f"Below the highest point; buy-and-hold {hold.drawdown:.1%}"),
        ("Calmar", _two(own.calmar), f"Annual return over the largest drawdown; buy-and-hold {_two(hold.calmar)}"),
        ("Turnover", f"{float(book.turnover_N.mean()) * book.per_year:.1f} ×", "Of the capital, bought or sold a year"),
        (
            "Probabilistic Sharpe",
            _share(own.probabilistic),
            "Probability that the true Sharpe ratio is above zero, given length, skew and tails of the returns",
        ),
        (
            f"Deflated, of {own.experiments:,}",
            _share(own.deflated),
            "Probability that the true Sharpe ratio beats the best that as many models without skill would show",
        ),
    )
    for column, (label, value, help_) in zip(st.columns(len(cells)), cells, strict=True):
        column.metric(label, value, help=help_)


def explained(run: Run, book: Book) -> str:
    """How the strategy was held, in two sentences."""
    kind = run.spec.target.kind
    how = HELD.get(kind, "long where the forecast is above the last value, short where it is below")
    held = (
        f"held for {book.holding} sessions, one part of {book.holding} renewed each session"
        if book.holding > 1
        else "held for one session"
    )
    weights = " Symbols have equal weights." if run.forecast["symbol"].cat.categories.size > 1 else ""
    return f"The position is {how}; each signal earns from the session after it, {held}. {_sides(kind, book)}.{weights}"


def _sides(kind: str, book: Book) -> str:
    count = f"{len(book.net_N):,} sessions"
    if kind == "volatility":
        return f"On average {float(book.position_N.mean()):.0%} of the capital was at work, over {count}"
    long, short = float(np.mean(book.position_N > 0)), float(np.mean(book.position_N < 0))
    return f"Long in {long:.0%}, short in {short:.0%} and flat in {max(0.0, 1 - long - short):.0%} of {count}"


def _threshold(cell: st.delta_generator.DeltaGenerator, kind: str) -> float:
    if kind == "direction":
        return (
            _number(
                cell,
                "Least distance from 50 %",
                0.0,
                "In points: probabilities nearer to even odds are left alone",
                most=50.0,
            )
            / PERCENT
        )
    return _number(cell, "Least move, bp", 0.0, "Smaller expected moves are left alone") / BASIS_POINTS


def _number(
    cell: st.delta_generator.DeltaGenerator,
    label: str,
    value: float,
    help_: str,
    *,
    low: float = 0.0,
    most: float = 1000.0,
) -> float:
    return float(
        cell.number_input(
            label, low, most, min(value, most), step=1.0, format="%g", key=f"strategy-{label}", help=help_
        )
    )


def _position(name: str) -> str:
    return POSITIONS[name]


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0%}"


def _two(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"
