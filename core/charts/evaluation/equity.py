"""What a strategy on the forecasts made of the capital, beside buy-and-hold, with its drawdown and its position.

Axis letter: N sessions of the test part.
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
from core.types import Floats, Times

ROWS = (0.56, 0.22, 0.22)  # of the height: equity, drawdown, position
MORE = 20.0  # times the capital from which on equity is drawn on a log axis


@dataclass(frozen=True, slots=True, kw_only=True)
class Equity:
    """What 1 grew to, the share lost since the highest point, and the position, −1 … 1, after each session."""

    time_N: Times
    own_N: Floats
    hold_N: Floats
    own_fall_N: Floats
    hold_fall_N: Floats
    position_N: Floats
    own: Performance
    hold: Performance

    @property
    def caption(self) -> str:
        """What the strategy earned a year after costs, its Sharpe ratio with the interval, and buy-and-hold."""
        if not self.position_N.any():
            return (
                "The strategy never took a position: no forecast called for one. Buy-and-hold earned "
                f"{_a_year(self.hold)}."
            )
        if np.isnan(self.own.sharpe):
            return f"After costs the strategy earned {_a_year(self.own)}; buy-and-hold {_a_year(self.hold)}."
        return (
            f"After costs the strategy earned {_a_year(self.own)} with Sharpe {_ratio(self.own.sharpe)} "
            f"({_ratio(self.own.low)} to {_ratio(self.own.high)}); buy-and-hold {_a_year(self.hold)}, Sharpe "
            f"{_ratio(self.hold.sharpe)}."
        )


def compute(book: Book, *, tries: int = 1, variance: float | None = None) -> Equity:
    """The curves of a book; `tries` and `variance` as core.evaluation.trading.performance takes them."""
    net_N, hold_N = book.net_N, book.hold_N
    return Equity(
        time_N=book.time_N,
        own_N=performance.equity(net_N),
        hold_N=performance.equity(hold_N),
        own_fall_N=performance.drawdown(net_N),
        hold_fall_N=performance.drawdown(hold_N),
        position_N=book.position_N,
        hold=performance.performance(hold_N, book.per_year),
        own=performance.performance(net_N, book.per_year, holding=book.holding, tries=tries, variance=variance),
    )


def draw(chart: Equity, height: int = 560) -> go.Figure:
    """Equity on top, drawdown under it, the position as a strip at the bottom; all over the same sessions."""
    figure = make_subplots(rows=3, cols=1, shared_xaxes=True, row_heights=list(ROWS), vertical_spacing=0.06)
    at = np.union1d(thinning.thin(chart.own_N), thinning.thin(chart.hold_N))
    for name, equity_N, fall_N, colour in (
        ("buy-and-hold", chart.hold_N, chart.hold_fall_N, style.NEUTRAL),
        ("strategy", chart.own_N, chart.own_fall_N, style.MODEL),
    ):
        line: dict[str, Any] = {"color": colour, "width": 2 if name == "strategy" else 1.6}
        figure.add_trace(_line(chart.time_N[at], equity_N[at], name, line, "%{y:.3f}"), row=1, col=1)
        figure.add_trace(_line(chart.time_N[at], -fall_N[at], name, line, "%{y:.1%}", shown=False), row=2, col=1)
    held = thinning.thin(chart.position_N)
    figure.add_trace(
        go.Scatter(
            x=chart.time_N[held],
            y=chart.position_N[held],
            name="position",
            showlegend=False,
            mode="lines",
            fill="tozeroy",
            fillcolor=style.translucent(style.OCHRE, 0.35),
            hovertemplate="%{y:+.0%}",
            line={"color": style.OCHRE, "width": 1, "shape": "vh"},
        ),
        row=3,
        col=1,
    )
    style.apply_layout(figure, "", height)
    style.format_dates(figure, chart.time_N)
    figure.update_layout(hoversubplots="axis")
    wide = max(float(chart.own_N.max()), float(chart.hold_N.max())) > MORE and chart.own_N.min() > 0
    figure.update_yaxes(title_text="1 grew to", type="log" if wide else "linear", row=1, col=1)
    figure.update_yaxes(title_text="drawdown", tickformat=".0%", nticks=4, row=2, col=1)
    figure.update_yaxes(
        title_text="position",
        tickformat=".0%",
        tickvals=[-1, 0, 1],
        range=[-1.1 if chart.position_N.min() < 0 else -0.05, 1.1],
        row=3,
        col=1,
    )
    return figure


def _line(
    time_N: Times, value_N: Floats, name: str, line: dict[str, Any], hover: str, shown: bool = True
) -> go.Scatter:
    return go.Scatter(
        x=time_N,
        y=value_N,
        name=name,
        mode="lines" if len(value_N) > 1 else "markers",
        line=line,
        legendgroup=name,
        showlegend=shown,
        hovertemplate=hover,
    )


def _a_year(found: Performance) -> str:
    return f"{text.percent(found.annual_return)} a year"


def _ratio(value: float) -> str:
    """A Sharpe ratio with one decimal; zero has no sign."""
    return "undefined" if np.isnan(value) else f"{round(value, 1) + 0.0:.1f}".replace("-", "−")
