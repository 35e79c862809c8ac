import numpy as np
import pytest

from core.charts.forecast import test_forecasts
from core.errors import SpecError
from tests.charts.conftest import table


def test_track_is_the_test_part_at_one_step():
    made = test_forecasts.compute(table(), "lstm", "AAA", 2, unit="price")
    assert made.y_N.tolist() == [102.0 + n for n in range(10)]
    assert made.yhat_N.tolist() == [100.0 + n for n in range(10)]
    assert made.banded and made.inside_N.all()
    assert (made.time_N - made.cutoff_N == np.timedelta64(2, "D")).all()


def test_the_line_can_be_clicked():
    line = test_forecasts.line(test_forecasts.compute(table(), "lstm", "AAA", 1, unit="price"))
    assert line.mode == "lines+markers" and line.customdata[0] == "2020-01-01" and len(line.customdata) == 10
    assert line.text[0] == " (94 to 106)"


def test_outside_the_band_and_without_one():
    far = test_forecasts.compute(table(y=lambda n, step: 100 + 10 * n), "lstm", "AAA", 1, unit="price")
    assert far.inside_N.tolist() == [True] + [False] * 9
    bare = test_forecasts.compute(table(), "last_value", "AAA", 1, unit="price")
    assert not bare.banded and set(test_forecasts.line(bare).text) == {""}


def test_a_probability_of_one_half_is_half_right():
    made = test_forecasts.compute(
        table(steps=(1,), count=4, banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: [0.2, 0.9, 0.6, 0.5][n]),
        "lstm",
        "AAA",
        1,
        unit="",
        binary=True,
    )
    assert made.right_N.tolist() == [1.0, 1.0, 0.0, 0.5]


@pytest.mark.parametrize(
    ("model", "symbol", "step", "said"),
    [
        ("gru", "AAA", 1, "model 'gru'. It has: lstm, last_value"),
        ("lstm", "BBB", 1, "symbol 'BBB'. It has: AAA"),
        ("lstm", "AAA", 9, "step 9. It has: 1, 2"),
    ],
)
def test_what_the_run_has_not_is_named(model, symbol, step, said):
    with pytest.raises(SpecError, match=said):
        test_forecasts.compute(table(), model, symbol, step, unit="price")
