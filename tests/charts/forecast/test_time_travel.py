import numpy as np
import pytest

from core.charts.forecast import time_travel
from core.errors import SpecError
from tests.charts.conftest import table


def trace(figure, name):
    (found,) = [t for t in figure.data if t.name == name]
    return found


def gone(made, day, step=2, **more):
    return time_travel.compute(made, "lstm", "AAA", step, np.datetime64(day), unit="price", **more)


def test_nothing_after_the_cutoff_counts_as_known():
    made = gone(table(), "2020-01-05", level=True)
    assert made.known_time_M.max() == np.datetime64("2020-01-05") and made.after_time_M.min() > made.cutoff
    assert made.known_M.tolist() == [102.0, 103.0, 102.0, 103.0, 104.0]  # two outcomes of val, three of test
    assert (made.step_H, made.said_H.tolist(), made.came_H.tolist()) == ((1, 2), [104.0, 104.0], [105.0, 106.0])
    assert made.caption == (
        "On 2020-01-05 the LSTM said 104 for 2020-01-07 (2 sessions ahead), with a 90% band from 98 "
        "to 110; 106 came, inside it."
    )


def test_the_figure_greys_what_came_after():
    figure = time_travel.draw(gone(table(), "2020-01-05", level=True))
    assert [t.name for t in figure.data] == ["90% band", "what came", "known then", "said by the LSTM", "its outcome"]
    assert trace(figure, "what came").line.color == time_travel.GREY
    assert trace(figure, "90% band").y.tolist() == [110, 110, 98, 98]
    assert trace(figure, "its outcome").y.tolist() == [106.0]
    assert [(s.name, s.x0) for s in figure.layout.shapes] == [("cutoff", "2020-01-05")]


@pytest.mark.parametrize(("y", "where"), [(120.0, "120 came, above it."), (10.0, "10 came, below it.")])
def test_an_outcome_outside_the_band_is_said(y, where):
    assert gone(table(y=lambda n, s: y), "2020-01-03").caption.endswith(where)


def test_before_the_test_part_the_band_is_the_networks_own():
    made = table()
    before = made["part"].eq("val") & made["model"].eq("lstm")
    made.loc[before, ["q05", "q95"]] = [90.0, 110.0]
    back = gone(made, "2019-12-02")
    assert (back.part, back.calibrated, len(back.known_M)) == ("val", False, 0)
    assert "own 90% range, not calibrated yet, from 90 to 110; 103 came, inside it" in back.caption
    assert trace(time_travel.draw(back), "own 90% range").y.tolist() == [90.0, 110.0]


def test_a_direction_is_right_or_wrong():
    made = table(banded=False, y=lambda n, s: n % 2, yhat=lambda n, s: 0.6)
    right, wrong = (gone(made, day, 1, binary=True) for day in ("2020-01-02", "2020-01-03"))
    assert right.caption.endswith("the probability of a rise. AAA rose: right.")
    assert wrong.caption.endswith("AAA did not rise: wrong.")
    assert trace(time_travel.draw(right), "known then").mode == "markers"


def test_cutoffs_are_in_time_order_and_others_are_refused():
    at = time_travel.cutoffs(table(), "lstm", "AAA")
    assert len(at) == 12 and (np.diff(at) > np.timedelta64(0)).all()
    with pytest.raises(SpecError, match="no forecast from 2021-01-01"):
        gone(table(), "2021-01-01")


def test_names_from_outside_are_escaped(hostile):
    name, check = hostile
    made = table(symbol=name)
    made["model"] = made["model"].cat.rename_categories({"lstm": name})
    check(time_travel.draw(time_travel.compute(made, name, name, 2, np.datetime64("2020-01-05"), unit="price")))
