import numpy as np
import pytest

from core.charts.evaluation import experiments as charts
from core.evaluation.experiments.multiple_testing import Comparison
from core.evaluation.experiments.record import questions
from tests.charts.conftest import strings
from tests.evaluation.trial import trial


def question(*changes):
    (made,) = questions([trial(k, np.ones(10), **values) for k, values in enumerate(changes)])
    return made


MADE = Comparison(tries=4, compared=(0, 1, 2), sessions=40, skill_K=(0.1, 0.02, -0.3), best=0, kept=(0, 1))


def test_every_try_is_a_dot_where_it_belongs():
    asked = question(
        {"skill": 0.1, "interval": (0.05, 0.2)},
        {"skill": 0.02, "p_value": 0.3},
        {"skill": -0.3},
        {"interval": (np.nan, np.nan)},
    )
    alive = frozenset(one.run_id for one in asked.tries[:2]) | {asked.tries[3].run_id}
    chart = charts.compute(asked, MADE, alive)
    assert chart.standing_K == ("kept", "kept", "out", "other")
    assert chart.gone_K == (False, False, True, False)
    assert chart.caption == (
        "4 dots, one a try, from the first to the last: 2 of 4 look like skill when seen alone. The "
        f"ring marks the best one, {chart.label_K[0]}; 2 tries cannot be told from the best."
    )
    figure = charts.draw(chart)
    dots = {trace.name: list(trace.x) for trace in figure.data}
    assert dots == {
        "cannot be told from the best": [1, 2],
        "judged on other sessions": [4],
        "its run is deleted": [3],
        "the best": [1],
    }
    kept, _, gone, ring = figure.data
    assert list(kept.customdata) == [one.run_id for one in asked.tries[:2]] and list(gone.customdata) == [None]
    np.testing.assert_allclose(kept.error_y.array, [0.1, 0.01])
    np.testing.assert_allclose(kept.error_y.arrayminus, [0.05, 0.03])
    assert ring.y[0] == 0.1 and np.isfinite(figure.data[1].error_y.array).all()


def test_a_second_look_whose_run_exists_stands_for_its_try():
    looks = [trial(0, np.ones(5)), trial(1, np.ones(5), spec_id=trial(0).spec_id)]
    (asked,) = questions(looks)
    chart = charts.compute(asked, Comparison(tries=1), frozenset({looks[1].run_id}))
    assert (chart.run_K, chart.gone_K, chart.best) == ((looks[1].run_id,), (False,), None)
    assert chart.caption == "One try: 1 of 1 looks like skill when seen alone."


def test_looks_are_counted_session_by_session():
    chart = charts.looks(question({}, {"start": "2020-01-06"}, {"start": "2020-01-06"}, {"start": "2020-03-01"}))
    days = chart.day_D.astype("M8[D]").astype(str).tolist()
    assert days == ["2020-01-01", "2020-01-06", "2020-01-10", "2020-01-15", "2020-03-01", "2020-03-10"]
    assert chart.count_D.tolist() == [1, 3, 2, 0, 1, 0]
    assert chart.caption.startswith("The sessions from 2020-01-06 to 2020-01-10 were looked at 3 times.")
    assert charts.looks(question({})).caption == "The sessions from 2020-01-01 to 2020-01-10 were looked at once."
    figure = charts.draw_looks(chart)
    assert list(figure.data[0].y) == [1, 3, 2, 0, 1, 0] and figure.data[0].line.shape == "hv"


@pytest.mark.parametrize("recipe", [{"data": {"start": "<a href='//x'>y</a>"}}])
def test_names_from_outside_are_no_markup(hostile, recipe):
    _, check = hostile
    asked = question({}, {}, {"recipe": recipe})
    check(charts.draw(charts.compute(asked, Comparison(tries=3), frozenset())))
    assert any(
        "(deleted)" in text
        for text in strings(charts.draw(charts.compute(asked, Comparison(tries=3), frozenset())).to_plotly_json())
    )
