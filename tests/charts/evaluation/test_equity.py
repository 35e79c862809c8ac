from dataclasses import asdict

import numpy as np
import pandas as pd

from core.charts.evaluation import equity
from core.evaluation.trading.positions import Book


def book(net, hold=None, position=None):
    net = np.asarray(net, dtype=float)
    return Book(
        time_N=pd.bdate_range("2020-01-01", periods=len(net)).to_numpy(),
        net_N=net,
        position_N=np.ones(len(net)) if position is None else np.asarray(position, dtype=float),
        turnover_N=np.zeros(len(net)),
        hold_N=net if hold is None else np.asarray(hold, dtype=float),
        per_year=252.0,
        holding=1,
    )


def test_caption_has_both_returns_and_the_interval():
    rng = np.random.default_rng(0)
    chart = equity.compute(book(rng.normal(0.0004, 0.01, 504), rng.normal(0.0002, 0.01, 504)), experiments=7)
    strategy, hold, caption = chart.strategy, chart.hold, chart.caption.replace("−", "-")
    assert f"the strategy returned {strategy.annual_return:.1%} a year" in caption and caption.startswith("After costs")
    assert f"Sharpe ratio of {strategy.sharpe:.1f} (95% interval {strategy.low:.1f} to {strategy.high:.1f})" in caption
    assert f"{hold.annual_return:.1%} a year and {hold.sharpe:.1f} for buy-and-hold." in caption
    assert 7 in asdict(strategy).values()


def test_curves_start_at_the_first_session_and_share_their_time():
    figure = equity.draw(equity.compute(book([0.1, -0.5, 0.2], [0.0, 0.1, 0.0], [1, -0.5, 0])))
    by_name = {(trace.name, trace.yaxis): list(np.round(trace.y, 6)) for trace in figure.data}
    assert by_name == {
        ("strategy", "y"): [1.1, 0.55, 0.66],
        ("strategy", "y2"): [0, -0.5, -0.4],
        ("buy-and-hold", "y"): [1.0, 1.1, 1.1],
        ("buy-and-hold", "y2"): [0, 0, 0],
        ("position", "y3"): [1, -0.5, 0],
    }
    assert [trace.name for trace in figure.data if trace.showlegend] == ["buy-and-hold", "strategy"]
    assert figure.layout.yaxis.type == "linear"


def test_a_strategy_without_a_position():
    chart = equity.compute(book(np.zeros(5), [0.0, 0.01, 0.0, 0.0, 0.0], np.zeros(5)))
    assert "never takes a position" in chart.caption and "buy-and-hold returned " in chart.caption
    equity.draw(chart)


def test_one_session_has_no_ratio():
    chart = equity.compute(book([0.0]))
    assert chart.caption.count("0.0% a year") == 2 and "Sharpe" not in chart.caption
    assert equity.draw(chart).data[0].mode == "markers"


def test_large_growth_is_drawn_on_a_log_axis():
    assert equity.draw(equity.compute(book(np.full(40, 0.1)))).layout.yaxis.type == "log"
