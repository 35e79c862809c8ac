import numpy as np
import pytest

from core.charts.forecast import past_forecasts
from core.errors import SpecError
from tests.charts.conftest import table


def test_forecasts_are_those_of_the_test_split_at_one_step():
    past = past_forecasts.compute(table(), "lstm", "AAA", 2, unit="price")
    assert past.y_N.tolist() == [102.0 + n for n in range(10)]
    assert past.yhat_N.tolist() == [100.0 + n for n in range(10)]
    assert past.has_interval and past.inside_N.all()
    assert (past.time_N - past.cutoff_N == np.timedelta64(2, "D")).all()


def test_the_forecast_line_can_be_clicked():
    line = past_forecasts.forecast_trace(past_forecasts.compute(table(), "lstm", "AAA", 1, unit="price"))
    assert line.mode == "lines+markers" and line.customdata[0] == "2020-01-01" and len(line.customdata) == 10
    assert line.text[0] == " (94 to 106)"


def test_outcomes_outside_the_interval_and_forecasts_without_one():
    far = past_forecasts.compute(table(y=lambda n, step: 100 + 10 * n), "lstm", "AAA", 1, unit="price")
    assert far.inside_N.tolist() == [True] + [False] * 9
    baseline = past_forecasts.compute(table(), "last_value", "AAA", 1, unit="price")
    assert not baseline.has_interval and set(past_forecasts.forecast_trace(baseline).text) == {""}


def test_a_probability_of_one_half_counts_as_half_a_hit():
    past = past_forecasts.compute(
        table(steps=(1,), count=4, banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: [0.2, 0.9, 0.6, 0.5][n]),
        "lstm",
        "AAA",
        1,
        unit="",
        binary=True,
    )
    assert past.hit_N.tolist() == [1.0, 1.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("model", "symbol", "step", "message"),
    [
        ("gru", "AAA", 1, "model 'gru'. It has: lstm, last_value"),
        ("lstm", "BBB", 1, "symbol 'BBB'. It has: AAA"),
        ("lstm", "AAA", 9, "step 9. It has: 1, 2"),
    ],
)
def test_an_unknown_model_symbol_or_step_is_refused(model, symbol, step, message):
    with pytest.raises(SpecError, match=message):
        past_forecasts.compute(table(), model, symbol, step, unit="price")


def test_reference_forecasts_are_aligned_by_cutoff():
    forecast = table()
    past = past_forecasts.compute(forecast, "lstm", "AAA", 2, unit="price")
    without_first = forecast[(forecast["model"] != "last_value") | (forecast["cutoff"] != past.cutoff_N[0])]
    reference_N = past_forecasts.compute_reference(without_first, past, "last_value")
    assert np.isnan(reference_N[0]) and reference_N[1:].tolist() == [99.0 + n for n in range(1, 10)]
    assert len(past_forecasts.compute_reference(forecast, past, None)) == 0
