from dataclasses import replace

import numpy as np
import pytest

from core.charts import text
from core.charts.explanation import similar_windows
from core.datasets.windows import prepare_saved


def test_similar_windows_and_what_followed(finished):
    prepared = prepare_saved(finished)
    test, train = prepared.splits.test, prepared.splits.train
    chart = similar_windows.compute(prepared, "A", test.cutoff_N[4], 5, "price")
    assert len(chart.cutoff_K) == 5 and max(chart.cutoff_K) <= train.cutoff_N[-1] and chart.step_R[-1] == 5
    assert (chart.path_KR[:, chart.step_R == 0] == 100).all() and chart.window_S[-1] == 100
    outcomes = [prepared.kind.to_user(train.y_NH[train.cutoff_N == at][0, 0]) for at in chart.cutoff_K]
    np.testing.assert_allclose(chart.y_K, outcomes)
    mean = prepared.kind.to_user(train.y_NH).mean()
    assert chart.above == int((chart.y_K > mean).sum())
    numeral = ("none", "one", "two", "three", "four", "five")[chart.above]
    assert f"the five most similar windows of the training split, the target, {text.lead_time(5)}," in chart.caption
    assert f"was above its training mean of {mean:.4g} % a year in {numeral} and lay between" in chart.caption
    assert chart.caption.endswith("standard deviations of a feature on average.")
    far = replace(chart, distance_K=chart.distance_K + 2)
    assert far.caption.endswith("no less than random windows: nothing in the training split is similar.")
    figure = similar_windows.draw(chart)
    assert len(figure.data) == 6 and np.isfinite(figure.data[0].y).all()
    with pytest.raises(ValueError, match="no row at the cutoff"):
        similar_windows.compute(prepared, "A", np.datetime64("1999-01-01"), 5, "price")
