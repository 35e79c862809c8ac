from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.charts.evaluation import backtest_folds as charts
from core.evaluation.backtest.plan import Plan, layout_folds
from core.evaluation.backtest.result import Backtest, FoldScore
from core.spec import Spec
from tests.charts.conftest import evaluation, table

DAYS = pd.bdate_range("2000-01-03", periods=1000)


def timeline(**settings):
    plan = Plan(folds=3, stride=100, **settings)
    return charts.compute_timeline(layout_folds(plan, 1000, 5), DAYS, 5, plan.window == "rolling")


def backtest(skills, coverages):
    folds = tuple(
        FoldScore(
            fold=k,
            first=np.datetime64(f"201{k}-01-02"),
            last=np.datetime64(f"201{k}-12-30"),
            rows={"test": 250},
            skill=s,
            reference="ewma",
            scores={},
            coverage=c,
            width=1.0,
            epochs=3,
            seconds=1.0,
        )
        for k, (s, c) in enumerate(zip(skills, coverages, strict=True), start=1)
    )
    return Backtest(
        spec=Spec(),
        plan=Plan(folds=len(folds)),
        folds=folds,
        missing=(),
        forecast=table(),
        seconds=3.0,
        evaluation=evaluation({"lstm": 0.1, "ewma": 0.0}),
    )


def test_timeline_shows_every_split_and_gap():
    chart = timeline(embargo=3)
    assert [(span.fold, span.split) for span in chart.spans][:5] == [
        (1, "train"),
        (1, "val"),
        (1, "calib"),
        (1, "test"),
        (2, "train"),
    ]
    test = [span for span in chart.spans if span.split == "test"]
    assert [span.cutoffs for span in test] == [100, 100, 100]
    assert (test[0].first, test[0].last) == (DAYS[695], DAYS[794]) and test[1].first == DAYS[795]
    assert chart.spans[2].last == DAYS[695 - 8 - 1]  # eight cutoffs lie between the two
    assert "trained 3 times, on all data" in chart.caption and "300 forecasts" in chart.caption
    assert "from 2002-09-02 to 2003-10-24" in chart.caption and "8 cutoffs" in chart.caption
    figure = charts.draw_timeline(chart)
    assert [trace.name for trace in figure.data] == ["training", "validation", "calibration", "test", "left out"]
    assert len(figure.data[4].x) == 3 + 2 + 2
    assert figure.layout.yaxis.ticktext == ("fold 1", "fold 2", "fold 3")
    assert "on a window of fixed length" in timeline(window="rolling").caption


def test_skill_by_fold_with_its_spread():
    chart = charts.compute_skill(backtest([0.1, -0.1, 0.3], [0.9, 0.8, 0.95]))
    assert "LSTM beats EWMA volatility in 2 of 3 folds" in chart.caption and "+10.0% ± 20.0%" in chart.caption
    figure = charts.draw_by_fold(chart)
    np.testing.assert_array_equal(figure.data[0].y, [0.1, -0.1, 0.3])
    assert figure.layout.xaxis.ticktext == ("1<br>2011-01", "2<br>2012-01", "3<br>2013-01")
    spread = next(shape for shape in figure.layout.shapes if shape.type == "rect")
    assert (spread.y0, spread.y1) == (pytest.approx(-0.1), pytest.approx(0.3))


def test_coverage_by_fold():
    chart = charts.compute_coverage(backtest([0.1, 0.2], [0.9, 0.812]))
    assert all(fact in chart.caption for fact in ("2 folds", "the 90% prediction interval", "between 81.2% and 90.0%"))
    one = charts.compute_coverage(backtest([0.1], [0.9])).caption
    assert "only fold" in one and "covers 90.0%" in one
    assert [shape.y0 for shape in charts.draw_by_fold(chart).layout.shapes] == [0.9]


def test_one_fold_and_a_reference_without_error():
    one = charts.compute_skill(backtest([-0.05], [0.9]))
    assert one.caption == "In the only fold, the LSTM has a skill of −5.0% against EWMA volatility." and one.std == 0
    undefined = charts.compute_skill(backtest([-np.inf, 0.1], [0.9, 0.9]))
    assert undefined.mean == pytest.approx(0.1)
    assert (
        charts.draw_by_fold(undefined).data[0].y[0] == 0
        and "undefined" in charts.draw_by_fold(undefined).data[0].text[0]
    )
    assert replace(one, mean=float("nan")).caption.endswith("against EWMA volatility.")
