import numpy as np

from core.charts import style
from core.charts.explanation import interval_width
from tests.charts.explanation.views import view


def test_caption_names_the_feature_that_moves_the_width():
    wide = view(lean=(0.05, -0.9))
    chart = interval_width.compute(wide, np.array([1.0, 3.0]), 0.9, 240, "% a year")
    facts = ("b moves the width of the 90%", "by 3 % a year", "over 240 explained forecasts (75.0% of the total)")
    assert all(fact in chart.caption for fact in facts)
    assert chart.caption.endswith("its high values narrow it (rank correlation −0.9).")
    assert (
        "neither widen nor narrow it" in interval_width.compute(wide, np.array([3.0, 1.0]), 0.9, 240, "price").caption
    )
    assert "is constant over 240" in interval_width.compute(wide, np.zeros(2), 0.9, 240, "price").caption
    families = interval_width.compute(view(lean=(np.nan, 0.5)), np.array([3.0, 1.0]), 0.9, 1, "price")
    assert "over 1 explained forecast (75.0% of the total)." in families.caption
    assert [trace.marker.color for trace in interval_width.draw(families).data][-1] == style.NEUTRAL


def test_names_are_escaped(hostile):
    name, check = hostile
    check(interval_width.draw(interval_width.compute(view(features=(name, "b")), np.ones(2), 0.9, 9, "price")))
