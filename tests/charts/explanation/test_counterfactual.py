"""What-if answers and partial dependence as sentences and figures."""

import numpy as np
import pytest

from core.charts.explanation import counterfactual, partial_dependence
from core.explain.partial_dependence import PartialDependence
from tests.charts.conftest import table


def answers(change, moved=0.0, wider=0.0, steps=(1, 2), **named):
    made = table(steps, **named)
    live = made[made["part"] == "live"]
    then = live.assign(yhat=live["yhat"] + moved, lo=live["lo"] + moved - wider, hi=live["hi"] + moved + wider)
    past = made[(made["part"] == "test") & (made["model"] == "lstm") & (made["step"] == steps[-1])]
    return counterfactual.compute(live, then, past, change, "price", 0.9)


@pytest.mark.parametrize(
    ("change", "values", "said"),
    [
        ("", {}, "Nothing is changed yet: the forecast for 2020-01-14 (2 sessions ahead) is 202."),
        ("a at 3", {}, "With a at 3, the forecast for 2020-01-14 (2 sessions ahead) stays at 202."),
        ("a at 3", {"moved": 1.5, "wider": 0.6}, "would be 203.5 instead of 202, its 90% band 10.0% wider."),
        ("a at 3", {"moved": 1.5, "wider": -3.0}, "would be 203.5 instead of 202, its 90% band 50.0% narrower."),
        ("a at 3", {"moved": 1.5}, "would be 203.5 instead of 202, its 90% band as wide as before."),
        ("a at 3", {"moved": 1.5, "banded": False}, "would be 203.5 instead of 202."),
    ],
)
def test_the_answer_in_a_sentence(change, values, said):
    assert answers(change, **values).caption.endswith(said)


def test_both_forecasts_are_drawn_with_their_bands():
    names = [trace.name for trace in counterfactual.draw(answers("a", 1.0)).data]
    assert names == ["outcome", "90% band as it is", "as it is", "90% band changed", "changed"]
    single = counterfactual.draw(answers("a", 1.0, steps=(2,))).data
    assert single[1].mode == "lines" and list(single[3].y) == [197.0, 209.0]
    assert len(counterfactual.draw(answers("a", banded=False)).data) == 3


def curves(curve_NM, value_M=(1.0, 2.0, 4.0)):
    found = PartialDependence(
        feature="a",
        steps=(1, 5),
        rows=2,
        value_M=np.array(value_M),
        curve_NMH=np.repeat(np.array(curve_NM)[:, :, None], 2, axis=2),
    )
    return partial_dependence.compute(found, "price", 5)


def test_the_dependence_in_a_sentence_and_as_curves():
    chart = curves([[1.0, 2.0, 3.0], [2.0, 2.0, 5.0], [4.0, 4.0, 3.0]])
    assert chart.caption == (
        "As a goes from 1 to 4 on the newest 2 sessions, the mean forecast, 5 sessions ahead, goes "
        "from 2.333 to 3.667; 2 of 3 windows go the same way."
    )
    each, mean = partial_dependence.draw(chart).data
    assert np.isnan(each.y[3::4]).all() and each.y[4:7].tolist() == [2, 2, 5] and mean.y[1] == pytest.approx(8 / 3)


def test_a_deaf_model_and_a_constant_feature_say_so():
    assert "Whatever a is on the newest 2 sessions, from 1 to 4" in curves([[1.0, 1.0, 1.0]]).caption
    chart = curves([[1.0], [2.0]], (3.0,))
    assert chart.caption == "a is 3 throughout the training part: there is no other value to try."
    assert not partial_dependence.draw(chart).data
