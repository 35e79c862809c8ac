"""How a strategy is set, and its numbers: the parts of the Trading page."""

import numpy as np
import pandas as pd
import streamlit as st

from core.charts import text
from core.charts.evaluation.equity import Equity
from core.datasets.levels import level_column
from core.datasets.targets import TARGETS, TargetKind
from core.evaluation.trading import positions
from core.evaluation.trading.comparison import Comparison
from core.evaluation.trading.positions import Book, Rules
from core.types import Run
from ui import glossary, markdown, messages, names, verdict
from ui.verdict import Metric, draw_row

POSITIONS = {"long_short": "Long or short", "long_flat": "Long only"}
PERCENT = 100.0
BASIS_POINTS = 1e4


def confirm_price(run: Run) -> bool:
    """Whether the run forecasts something that can be bought and sold; asks if its name does not say so."""
    symbol = str(run.forecast["symbol"].cat.categories[0])
    column = level_column(run.spec.target, tuple(run.frame[symbol].columns))
    if names.are_prices(run.spec.data.source, run.spec.data.symbols, (column,)):
        return True
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


def draw_verdict(run: Run, comparison: Comparison) -> None:
    """Whether the strategy beats buy-and-hold, in one line, and whether the forecasts behind it have skill at all."""
    sentence = comparison.text.removeprefix(f"{comparison.headline}: ")
    sentence = markdown.escape(sentence[:1].upper() + sentence[1:])
    st.markdown(
        f"{verdict.badge(comparison.tone, comparison.headline)} "
        f"{sentence} :small[:gray[{markdown.escape(names.short(run.spec))}]]"
    )
    if run.evaluation.verdict.tone != "good":
        st.caption(":orange-badge[The model shows no skill] Luck or the market can explain what this curve earned.")


def draw_table(chart: Equity) -> None:
    """The strategy next to buy-and-hold."""
    rows = {"Strategy": chart.strategy, "Buy-and-hold": chart.hold}
    table = pd.DataFrame(
        {
            name: {
                "Return a year": text.percent(one.annual_return),
                "Volatility a year": text.percent(one.annual_volatility),
                "Sharpe ratio": _ratio(one.sharpe),
                "Largest drawdown": text.percent(one.drawdown),
                "Return / drawdown (Calmar)": _ratio(one.calmar),
            }
            for name, one in rows.items()
        }
    ).T
    helps = {"Sharpe ratio": "Sharpe ratio", "Largest drawdown": "drawdown", "Volatility a year": "volatility"}
    columns = {column: st.column_config.Column(help=glossary.explain(word)) for column, word in helps.items()}
    st.dataframe(table, column_config=columns, key="strategy-table")


def draw_metrics(chart: Equity, book: Book) -> None:
    """How much was traded, and what the Sharpe ratio is worth."""
    own = chart.strategy
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
                glossary.explain("deflated Sharpe ratio") + " Models that trade alike count for less.",
            ),
        ]
    )


def describe(run: Run, book: Book) -> str:
    """How the strategy trades, in two sentences."""
    kind, step = TARGETS[run.spec.target.kind], names.step(run)
    rule = kind.position.rule if kind.position else "flat"
    if book.holding > 1:
        holding = f"held for {book.holding} {step}s, with one of {book.holding} parts renewed each {step}"
    else:
        holding = f"held for one {step}"
    weights = " Symbols have equal weights." if run.forecast["symbol"].cat.categories.size > 1 else ""
    return (
        f"The position is {rule}. Each signal earns from the {step} after the forecast, {holding}. "
        f"{_exposure(kind, book, step)}.{weights}"
    )


def _exposure(kind: TargetKind, book: Book, step: str) -> str:
    sessions = text.pluralize(len(book.net_N), step)
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
    return "–" if np.isnan(value) else text.minus(f"{value:.2f}")
