import numpy as np
import pytest

from core.charts import style
from core.charts.forecast import time_travel
from core.errors import SpecError
from tests.charts.conftest import table


def trace(figure, name):
    (match,) = [t for t in figure.data if t.name == name]
    return match


def travel(forecast, day, step=2, **options):
    return time_travel.compute(forecast, "lstm", "AAA", step, np.datetime64(day), unit="price", **options)


def test_nothing_after_the_cutoff_counts_as_known():
    chart = travel(table(), "2020-01-05", level=True)
    assert chart.known_time_M.max() == np.datetime64("2020-01-05") and chart.later_time_M.min() > chart.cutoff
    known_y = chart.known_y_M[np.isfinite(chart.known_y_M)]
    assert known_y.tolist() == [101.0, 102.0, 103.0, 101.0, 102.0, 103.0, 104.0]  # three of val, four of test
    assert len(chart.known_y_M) == 8  # and the break between the splits
    assert (chart.step_H, chart.yhat_H.tolist(), chart.y_H.tolist()) == ((1, 2), [104.0, 104.0], [105.0, 106.0])
    assert "On 2020-01-05 the LSTM forecast 104 for 2020-01-07 (2 steps ahead)" in chart.caption
    assert all(fact in chart.caption for fact in ("90%", "from 98 to 110", "106", "inside"))


def test_later_outcomes_are_grey():
    figure = time_travel.draw(travel(table(), "2020-01-05", level=True))
    assert [t.name for t in figure.data] == [
        "90% band",
        "later outcomes",
        "known outcomes",
        "forecast of the LSTM",
        "its outcome",
    ]
    assert trace(figure, "later outcomes").line.color == style.NEUTRAL
    assert trace(figure, "90% band").y.tolist() == [110, 110, 98, 98]
    assert trace(figure, "its outcome").y.tolist() == [106.0]
    assert [(s.name, s.x0) for s in figure.layout.shapes] == [("cutoff", "2020-01-05")]


@pytest.mark.parametrize(("y", "where"), [(120.0, "120, was above it."), (10.0, "10, was below it.")])
def test_the_caption_says_where_an_outcome_outside_the_interval_lies(y, where):
    assert travel(table(y=lambda n, s: y), "2020-01-03").caption.endswith(where)


def test_before_the_test_split_the_interval_is_the_networks_own():
    forecast = table()
    before = forecast["part"].eq("val") & forecast["model"].eq("lstm")
    forecast.loc[before, ["q05", "q95"]] = [90.0, 110.0]
    chart = travel(forecast, "2019-12-02")
    assert (chart.split, chart.calibrated, len(chart.known_y_M)) == ("val", False, 0)
    assert all(fact in chart.caption for fact in ("90%", "not calibrated", "from 90 to 110", "103, was inside"))
    assert trace(time_travel.draw(chart), "own 90% band").y.tolist() == [90.0, 110.0]


def test_a_direction_is_right_or_wrong():
    forecast = table(banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: 0.6)
    right, wrong = (travel(forecast, day, 1, binary=True) for day in ("2020-01-02", "2020-01-03"))
    assert "at 60.0%; AAA rose" in right.caption and "right" in right.caption
    assert "AAA did not rise" in wrong.caption and "wrong" in wrong.caption
    assert trace(time_travel.draw(right), "known outcomes").mode == "markers"


def test_cutoffs_are_in_time_order_and_others_are_refused():
    cutoff_N = time_travel.cutoffs(table(), "lstm", "AAA")
    assert len(cutoff_N) == 12 and (np.diff(cutoff_N) > np.timedelta64(0)).all()
    with pytest.raises(SpecError, match="no forecast from 2021-01-01"):
        travel(table(), "2021-01-01")


def test_symbol_and_model_names_are_escaped(hostile):
    name, check = hostile
    forecast = table(symbol=name)
    forecast["model"] = forecast["model"].cat.rename_categories({"lstm": name})
    check(time_travel.draw(time_travel.compute(forecast, name, name, 2, np.datetime64("2020-01-05"), unit="price")))
