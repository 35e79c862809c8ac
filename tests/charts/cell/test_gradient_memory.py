import numpy as np

from core.charts.cell import gradient_memory
from core.explain.gradient_memory import Memory


def memory(norm, lags=12):
    fading = {kind: speed ** np.arange(lags) for kind, speed in (("rnn", 0.1), ("gru", 0.3), ("lstm", 0.5))}
    return Memory(norm_L=np.asarray(norm), untrained=fading, windows=16, seeds=5)


def test_curves_are_shares_of_their_strongest_lag():
    chart = gradient_memory.compute(memory(4 * 0.6 ** np.arange(12)), "gru")
    np.testing.assert_allclose(chart.share_L, 0.6 ** np.arange(12))
    assert chart.reach == 10 and chart.untrained_reach == {"rnn": 3, "gru": 4, "lstm": 7}
    facts = ("10 steps", "less than 1%", "3 (RNN)", "4 (GRU)", "7 (LSTM)", "16 windows")
    assert all(fact in chart.caption for fact in facts)


def test_the_figure_is_logarithmic_with_this_model_on_top():
    figure = gradient_memory.draw(gradient_memory.compute(memory(0.6 ** np.arange(12)), "gru"))
    assert figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data] == ["untrained RNN", "untrained GRU", "untrained LSTM", "this GRU"]
    assert np.isnan(figure.data[0].y[9:]).all() and not np.isnan(figure.data[0].y[:8]).any()  # below 1e-8


def test_a_model_that_remembers_its_whole_window():
    caption = gradient_memory.compute(memory(np.ones(12)), "lstm").caption
    assert "whole window of 12 steps" in caption and "at least 1%" in caption


def test_a_model_without_any_gradient():
    chart = gradient_memory.compute(memory(np.zeros(12)), "lstm")
    assert "gradient is zero" in chart.caption
    figure = gradient_memory.draw(chart)
    assert len(figure.data) == 0 and "gradient is zero" in figure.layout.annotations[0].text.replace("<br>", " ")
