import numpy as np
import pytest

from core.charts.evaluation import experiments as charts
from core.evaluation.experiments.multiple_testing import Comparison
from core.evaluation.experiments.record import group_by_task
from tests.charts.conftest import strings
from tests.evaluation.sample_experiments import experiment


def task(*changes):
    (only,) = group_by_task([experiment(k, np.ones(10), **values) for k, values in enumerate(changes)])
    return only


COMPARISON = Comparison(
    experiments=4, compared=(0, 1, 2), cutoffs=40, skill_K=(0.1, 0.02, -0.3), best=0, confidence_set=(0, 1)
)


def test_every_experiment_is_a_dot_of_its_status():
    four = task(
        {"skill": 0.1, "interval": (0.05, 0.2)},
        {"skill": 0.02, "p_value": 0.3},
        {"skill": -0.3},
        {"interval": (np.nan, np.nan)},
    )
    run_ids = frozenset(one.run_id for one in four.experiments[:2]) | {four.experiments[3].run_id}
    chart = charts.compute(four, COMPARISON, run_ids)
    assert chart.status_K == ("kept", "kept", "out", "other")
    assert chart.deleted_K == (False, False, True, False)
    assert "2 of 4 experiments show significant skill" in chart.caption
    assert f"the best, {chart.label_K[0]}," in chart.caption and "confidence set contains 2" in chart.caption
    figure = charts.draw(chart)
    dots = {trace.name: list(trace.x) for trace in figure.data}
    assert dots == {
        "in the confidence set of the best": [1, 2],
        "tested on other dates": [4],
        "run deleted": [3],
        "the best": [1],
    }
    kept, _, deleted, ring = figure.data
    assert list(kept.customdata) == [one.run_id for one in four.experiments[:2]] and list(deleted.customdata) == [None]
    np.testing.assert_allclose(kept.error_y.array, [0.1, 0.01])
    np.testing.assert_allclose(kept.error_y.arrayminus, [0.05, 0.03])
    assert ring.y[0] == 0.1 and np.isfinite(figure.data[1].error_y.array).all()


def test_a_repetition_whose_run_exists_stands_for_its_experiment():
    evaluations = [experiment(0, np.ones(5)), experiment(1, np.ones(5), spec_id=experiment(0).spec_id)]
    (only,) = group_by_task(evaluations)
    chart = charts.compute(only, Comparison(experiments=1), frozenset({evaluations[1].run_id}))
    assert (chart.run_K, chart.deleted_K, chart.best) == ((evaluations[1].run_id,), (False,), None)
    assert chart.caption == "The only experiment shows significant skill."


def test_evaluations_are_counted_session_by_session():
    chart = charts.compute_evaluations(
        task({}, {"start": "2020-01-06"}, {"start": "2020-01-06"}, {"start": "2020-03-01"})
    )
    days = chart.day_D.astype("M8[D]").astype(str).tolist()
    assert days == ["2020-01-01", "2020-01-06", "2020-01-10", "2020-01-15", "2020-03-01", "2020-03-10"]
    assert chart.count_D.tolist() == [1, 3, 2, 0, 1, 0]
    assert "from 2020-01-06 to 2020-01-10" in chart.caption and "3 times" in chart.caption
    once = charts.compute_evaluations(task({})).caption
    assert "from 2020-01-01 to 2020-01-10" in once and once.endswith("once.")
    figure = charts.draw_evaluations(chart)
    assert list(figure.data[0].y) == [1, 3, 2, 0, 1, 0] and figure.data[0].line.shape == "hv"


@pytest.mark.parametrize("recipe", [{"data": {"start": "<a href='//x'>y</a>"}}])
def test_names_from_outside_are_no_markup(hostile, recipe):
    _, check = hostile
    figure = charts.draw(charts.compute(task({}, {}, {"recipe": recipe}), Comparison(experiments=3), frozenset()))
    check(figure)
    assert any("(deleted)" in text for text in strings(figure.to_plotly_json()))
