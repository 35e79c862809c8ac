import numpy as np
import pytest

from core.charts import text
from core.charts.explanation import partial_dependence
from core.explain.partial_dependence import PartialDependence


def curves(curve_NM, value_M=(1.0, 2.0, 4.0)):
    dependence = PartialDependence(
        feature="a",
        steps=(1, 5),
        rows=2,
        value_M=np.array(value_M),
        curve_NMH=np.repeat(np.array(curve_NM)[:, :, None], 2, axis=2),
    )
    return partial_dependence.compute(dependence, "price", 5)


def test_caption_and_curves():
    chart = curves([[1.0, 2.0, 3.0], [2.0, 2.0, 5.0], [4.0, 4.0, 3.0]])
    facts = ("a goes from 1 to 4", "latest 2 steps", text.lead_time(5), "goes from 2.333 to 3.667", "2 of 3 windows")
    assert all(fact in chart.caption for fact in facts)
    single, mean = partial_dependence.draw(chart).data
    assert np.isnan(single.y[3::4]).all() and single.y[4:7].tolist() == [2, 2, 5] and mean.y[1] == pytest.approx(8 / 3)


def test_a_feature_without_effect_and_a_constant_feature():
    assert "is the same for every value of a from 1 to 4" in curves([[1.0, 1.0, 1.0]]).caption
    chart = curves([[1.0], [2.0]], (3.0,))
    assert chart.caption.startswith("a is 3 throughout the training split")
    assert not partial_dependence.draw(chart).data
