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
from core.language import mark, shown, tr
from core.types import Run
from ui import glossary, markdown, messages, names, verdict
from ui.verdict import Metric, draw_row

POSITIONS = {"long_short": mark("Long or short"), "long_flat": mark("Long only")}
PERCENT = 100.0
BASIS_POINTS = 1e4


def confirm_price(run: Run) -> bool:
    """Whether the run forecasts something that can be bought and sold; asks if its name does not say so."""
    symbol = str(run.forecast["symbol"].cat.categories[0])
    column = level_column(run.spec.target, tuple(run.frame[symbol].columns))
    if names.are_prices(run.spec.data.source, run.spec.data.symbols, (column,)):
        return True
    messages.info(
        tr(
            "{column} of {symbol} is not known to be a price, and only prices can be traded.",
            column=repr(text.truncate(column)),
            symbol=text.truncate(symbol),
        )
    )
    return st.checkbox(tr("It is a price"), key="is-price")


def choose_rules(run: Run, count: int) -> tuple[Rules, int]:
    """How to trade, and how many models were tried before this one was chosen: at least the `count` of the experiment
    log."""
    kind = TARGETS[run.spec.target.kind]
    cells = st.columns(4 if kind.volatility else 5, vertical_alignment="bottom")
    fees = tr("Fees and half the spread, in basis points of the amount traded")
    costs = _number(cells[0], mark("Costs, bp"), 2.0, fees)
    lag = tr("How far the price moves away before the order is filled")
    slippage = _number(cells[1], mark("Slippage, bp"), 1.0, lag)
    if kind.volatility:
        aim = _number(
            cells[2],
            mark("Target volatility, %"),
            max(0.1, round(positions.past_volatility(run), 1)),
            tr(
                "Per year. The position is this over the forecast volatility, at most 1. The default is the volatility "
                "before the test split"
            ),
            low=0.1,
        )
        rules = Rules(costs=costs, slippage=slippage, volatility=aim)
    else:
        position = cells[2].selectbox(tr("Positions"), list(POSITIONS), format_func=_position, key="positions")
        threshold = _threshold(cells[3], kind.binary)
        rules = Rules(costs=costs, slippage=slippage, short=position == "long_short", threshold=threshold)
    tried = cells[-1].number_input(
        tr("Models tried"),
        count,
        100_000,
        count,
        key="models-tried",
        help=tr(
            "For this task, including this one. The default is the count of the experiment log; add what was tried "
            "elsewhere. The best of many looks good by luck; the deflated Sharpe ratio corrects for that"
        ),
    )
    return rules, int(tried)


def draw_verdict(run: Run, comparison: Comparison) -> None:
    """Whether the strategy beats buy-and-hold, in one line, and whether the forecasts behind it have skill at all."""
    headline = shown(comparison.headline)
    sentence = shown(comparison.text).removeprefix(f"{headline}: ")
    sentence = markdown.escape(sentence[:1].upper() + sentence[1:])
    st.markdown(
        f"{verdict.badge(comparison.tone, headline)} {sentence} :small[:gray[{markdown.escape(names.short(run.spec))}]]"
    )
    if run.evaluation.verdict.tone != "good":
        badge, words = tr("The model shows no skill"), tr("Luck or the market can explain what this curve earned.")
        st.caption(f":orange-badge[{badge}] {words}")


def draw_table(chart: Equity) -> None:
    """The strategy next to buy-and-hold."""
    rows = {tr("Strategy"): chart.strategy, tr("Buy-and-hold"): chart.hold}
    ratio, fall, varies = tr("Sharpe ratio"), tr("Largest drawdown"), tr("Volatility a year")
    table = pd.DataFrame(
        {
            name: {
                tr("Return a year"): text.percent(one.annual_return),
                varies: text.percent(one.annual_volatility),
                ratio: _ratio(one.sharpe),
                fall: text.percent(one.drawdown),
                tr("Return / drawdown (Calmar)"): _ratio(one.calmar),
            }
            for name, one in rows.items()
        }
    ).T
    helps = {ratio: "Sharpe ratio", fall: "drawdown", varies: "volatility"}
    columns = {column: st.column_config.Column(help=glossary.explain(word)) for column, word in helps.items()}
    st.dataframe(table, column_config=columns, key="strategy-table")


def draw_metrics(chart: Equity, book: Book) -> None:
    """How much was traded, and what the Sharpe ratio is worth."""
    own = chart.strategy
    draw_row(
        [
            Metric(
                tr("Turnover"),
                f"{float(book.turnover_N.mean()) * book.per_year:.1f} ×",
                tr("Amount traded per year, in multiples of the capital"),
            ),
            Metric(
                tr("Probabilistic Sharpe"),
                _percent(own.probabilistic),
                tr(
                    "Probability that the true Sharpe ratio is above zero, for the length, skew and tails of the "
                    "returns"
                ),
            ),
            Metric(
                tr("Deflated, of {count}", count=f"{own.experiments:,.0f}"),
                _percent(own.deflated),
                f"{glossary.explain('deflated Sharpe ratio')} {tr('Models that trade alike count for less.')}",
            ),
        ]
    )


def describe(run: Run, book: Book) -> str:
    """How the strategy trades, in a few sentences."""
    kind, unit = TARGETS[run.spec.target.kind], names.unit(run)
    rule = tr(kind.position.rule) if kind.position else tr("flat")
    sentences = [tr("The position is {rule}.", rule=rule), _holding(book, unit), _exposure(kind, book, unit)]
    if run.forecast["symbol"].cat.categories.size > 1:
        sentences.append(tr("Symbols have equal weights."))
    return " ".join(sentences)


def _holding(book: Book, unit: text.Unit) -> str:
    step = text.one_step(unit)
    if book.holding == 1:
        return tr("Each signal earns from the {step} after the forecast, held for one {step}.", step=step)
    return tr(
        "Each signal earns from the {step} after the forecast, held for {steps}, with one of {count} parts renewed "
        "each {step}.",
        step=step,
        steps=text.steps(book.holding, unit),
        count=book.holding,
    )


def _exposure(kind: TargetKind, book: Book, unit: text.Unit) -> str:
    sessions = text.steps(len(book.net_N), unit)
    if kind.position and kind.position.move is None:
        invested = f"{float(book.position_N.mean()):.0%}"
        return tr("On average {share} of the capital was invested, over {sessions}.", share=invested, sessions=sessions)
    long, short = float(np.mean(book.position_N > 0)), float(np.mean(book.position_N < 0))
    return tr(
        "Long in {long}, short in {short} and flat in {flat} of {sessions}.",
        long=f"{long:.0%}",
        short=f"{short:.0%}",
        flat=f"{max(0.0, 1 - long - short):.0%}",
        sessions=sessions,
    )


def _threshold(cell: st.delta_generator.DeltaGenerator, binary: bool) -> float:
    if binary:
        help_ = tr("In percentage points: probabilities closer to 50 % are not traded")
        return _number(cell, mark("Minimum distance from 50 %"), 0.0, help_, high=50.0) / PERCENT
    help_ = tr("Smaller expected moves are not traded")
    return _number(cell, mark("Minimum move, bp"), 0.0, help_) / BASIS_POINTS


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
            tr(label), low, high, min(value, high), step=1.0, format="%g", key=f"strategy-{label}", help=help_
        )
    )


def _position(name: str) -> str:
    return tr(POSITIONS[name])


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.0%}"


def _ratio(value: float) -> str:
    return "–" if np.isnan(value) else text.minus(f"{value:.2f}")
