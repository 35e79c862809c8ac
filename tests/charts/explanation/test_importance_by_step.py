import numpy as np

from core.charts import text
from core.charts.explanation import importance_by_step
from tests.charts.conftest import explanation


def test_leaders_of_the_first_and_the_last_step():
    chart = importance_by_step.compute(explanation([[[1.0, -3.0], [4.0, 0.0]]], features=("a", "b")), "price")
    assert f"b moves the forecast most {text.lead_time(1)} (75.0% of the total)" in chart.caption
    assert f"and a does {text.lead_time(2)} (100.0%)" in chart.caption and "by 4 and 4," in chart.caption
    assert [trace.name for trace in importance_by_step.draw(chart).data] == ["a", "b"]
    same = importance_by_step.compute(explanation([[[1.0, -3.0], [1.0, 2.0]]], features=("a", "b")), "price")
    assert (
        f"b moves the forecast most {text.lead_time(1)} (75.0% of the total) and {text.lead_time(2)} (66.7%)"
        in same.caption
    )
    one = importance_by_step.compute(explanation([[[1.0, -3.0]]]), "price")
    assert (
        one.caption.startswith(f"The run forecasts only one step, {text.lead_time(1)},")
        and len(importance_by_step.draw(one).data) == 0
    )


def test_names_are_escaped(hostile):
    name, check = hostile
    foreign = explanation(np.random.default_rng(0).normal(size=(20, 2, 2)), features=(name, "b"))
    check(importance_by_step.draw(importance_by_step.compute(foreign, "price")))
