import numpy as np

from core.charts.cell import gradient_memory
from core.explain.gradient_memory import Memory


def made(norm, far=12):
    fading = {kind: speed ** np.arange(far) for kind, speed in (("rnn", 0.1), ("gru", 0.3), ("lstm", 0.5))}
    return Memory(norm_L=np.asarray(norm), untrained=fading, windows=16, seeds=5)


def test_curves_are_shares_of_their_strongest_lag():
    chart = gradient_memory.compute(made(4 * 0.6 ** np.arange(12)), "gru")
    np.testing.assert_allclose(chart.share_L, 0.6 ** np.arange(12))
    assert chart.far == 10 and chart.untrained_far == {"rnn": 3, "gru": 4, "lstm": 7}
    assert chart.caption == (
        "The model feels a change up to 10 sessions back: further back it moves the forecast by less "
        "than 1% of what the strongest lag does. Untrained cells of the same size reach RNN 3, GRU "
        "4, LSTM 7; a mean over 16 windows."
    )


def test_the_figure_is_logarithmic_with_this_model_on_top():
    figure = gradient_memory.draw(gradient_memory.compute(made(0.6 ** np.arange(12)), "gru"))
    assert figure.layout.yaxis.type == "log"
    assert [trace.name for trace in figure.data] == ["untrained RNN", "untrained GRU", "untrained LSTM", "this GRU"]
    assert np.isnan(figure.data[0].y[9:]).all() and not np.isnan(figure.data[0].y[:8]).any()  # below 1e-8


def test_a_model_that_reaches_the_far_end_says_so():
    says = gradient_memory.compute(made(np.ones(12)), "lstm").caption
    assert says.startswith("The model feels a change to the far end of its window, 12 sessions back: there it still")


def test_a_deaf_model_says_so():
    chart = gradient_memory.compute(made(np.zeros(12)), "lstm")
    assert chart.caption == "No input of the window moves the forecast, however recent: the gradient is zero."
    figure = gradient_memory.draw(chart)
    assert len(figure.data) == 0 and "gradient is zero" in figure.layout.annotations[0].text.replace("<br>", " ")
