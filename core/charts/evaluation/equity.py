"""Equity curve, drawdown and position of a strategy that trades on the forecasts, compared with buy-and-hold.

Axis letter: N sessions of the test split.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from core.charts import style, text, thinning
from core.evaluation.trading import performance
from core.evaluation.trading.performance import Performance
from core.evaluation.trading.positions import Book
from core.language import tr
from core.types import Floats, Times

ROWS = (0.56, 0.22, 0.22)  # of the height: equity, drawdown, position
LOG_FROM = 20.0  # times the capital; above, equity is drawn on a log axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """What 1 has grown to, the drawdown as a share of the highest equity so far, and the position from −1 to 1, after
    each session: of the strategy and of buy-and-hold (`hold`)."""

    time_N: Times
    strategy_N: Floats
    hold_N: Floats
    strategy_drawdown_N: Floats
    hold_drawdown_N: Floats
    position_N: Floats
    strategy: Performance
    hold: Performance

    @property
    def caption(self) -> str:
        """Annual return after costs and Sharpe ratio with its interval, compared with buy-and-hold."""
        if not self.position_N.any():
            return tr(
                "The strategy never takes a position because no forecast calls for one; buy-and-hold returned {hold}.",
                hold=_annual_return(self.hold),
            )
        if np.isnan(self.strategy.sharpe):
            return tr(
                "After costs the strategy returned {strategy}, compared with {hold} for buy-and-hold.",
                strategy=_annual_return(self.strategy),
                hold=_annual_return(self.hold),
            )
        return tr(
            "After costs the strategy returned {strategy} with a Sharpe ratio of {sharpe} (95% interval {low} to "
            "{high}), compared with {hold} and {sharpe_2} for buy-and-hold.",
            strategy=_annual_return(self.strategy),
            sharpe=_ratio(self.strategy.sharpe),
            low=_ratio(self.strategy.low),
            high=_ratio(self.strategy.high),
            hold=_annual_return(self.hold),
            sharpe_2=_ratio(self.hold.sharpe),
        )


def compute(book: Book, *, experiments: float = 1, variance: float | None = None) -> Equity:
    """The curves of a book; `experiments` and `variance` deflate its Sharpe ratio (core.evaluation.trading.sharpe)."""
    net_N, hold_N = book.net_N, book.hold_N
    return Equity(
        time_N=book.time_N,
        strategy_N=performance.equity(net_N),
        hold_N=performance.equity(hold_N),
        strategy_drawdown_N=performance.drawdown(net_N),
        hold_drawdown_N=performance.drawdown(hold_N),
        position_N=book.position_N,
        hold=performance.measure(hold_N, book.per_year),
        strategy=performance.measure(
            net_N, book.per_year, holding=book.holding, experiments=experiments, variance=variance
        ),
    )


def draw(chart: Equity, height: int = 560) -> go.Figure:
    """Equity on top, drawdown below it and the position at the bottom, over the same sessions."""
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, row_heights=list(ROWS), vertical_spacing=0.06)
    shown = np.union1d(thinning.thin(chart.strategy_N), thinning.thin(chart.hold_N))
    time_N = chart.time_N[shown]
    for name, equity_N, drawdown_N, colour in (
        (tr("buy-and-hold"), chart.hold_N, chart.hold_drawdown_N, style.NEUTRAL),
        (tr("strategy"), chart.strategy_N, chart.strategy_drawdown_N, style.MODEL),
    ):
        line: dict[str, Any] = {"color": colour, "width": 2 if name == tr("strategy") else 1.6}
        figure.add_trace(_line(time_N, equity_N[shown], name, line, "%{y:.3f}"), row=1, col=1)
        figure.add_trace(_line(time_N, -drawdown_N[shown], name, line, "%{y:.1%}", legend=False), row=2, col=1)
    shown = thinning.thin(chart.position_N)
    figure.add_trace(
        go.Scatter(
            x=chart.time_N[shown],
            y=chart.position_N[shown],
            name=tr("position"),
            showlegend=False,
            mode="lines",
            fill="tozeroy",
            fillcolor=style.translucent(style.REFERENCE, 0.35),
            hovertemplate="%{y:+.0%}",
            line={"color": style.REFERENCE, "width": 1, "shape": "vh"},
        ),
        row=3,
        col=1,
    )
    style.apply_layout(figure, "", height)
    style.format_dates(figure, chart.time_N)
    figure.update_layout(hoversubplots="axis")
    highest = max(float(chart.strategy_N.max()), float(chart.hold_N.max()))
    scale = "log" if highest > LOG_FROM and chart.strategy_N.min() > 0 else "linear"
    figure.update_yaxes(title_text=tr("growth of 1"), type=scale, row=1, col=1)
    figure.update_yaxes(title_text=tr("drawdown"), tickformat=".0%", nticks=4, row=2, col=1)
    figure.update_yaxes(
        title_text=tr("position"),
        tickformat=".0%",
        tickvals=[-1, 0, 1],
        range=[-1.1 if chart.position_N.min() < 0 else -0.05, 1.1],
        row=3,
        col=1,
    )
    return figure


def _line(
    time_N: Times, value_N: Floats, name: str, line: dict[str, Any], hover: str, legend: bool = True
) -> go.Scatter:
    return go.Scatter(
        x=time_N,
        y=value_N,
        name=name,
        mode="lines" if len(value_N) > 1 else "markers",
        line=line,
        legendgroup=name,
        showlegend=legend,
        hovertemplate=hover,
    )


def _annual_return(statistics: Performance) -> str:
    return tr("{annual_return} a year", annual_return=text.percent(statistics.annual_return))


def _ratio(value: float) -> str:
    """A Sharpe ratio with one decimal; zero has no sign."""
    return text.undefined() if np.isnan(value) else text.minus(f"{round(value, 1) + 0.0:.1f}")
