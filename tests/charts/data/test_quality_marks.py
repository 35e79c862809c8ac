import numpy as np
import pandas as pd

from core.charts import text
from core.charts.data import quality_marks, series

DAYS = pd.date_range("2020-01-01", periods=6, name="time")
VALUES = pd.Series([1.0, 2.0, np.nan, 50.0, 50.0, 3.0], index=DAYS)


def place(kind, times, ends=(), count=None):
    return quality_marks.place(VALUES, kind, len(times) if count is None else count, times, ends)


def draw(*marks):
    frame = pd.DataFrame({("A", "v"): VALUES})
    chart = series.compute_level(frame, "A", "v", marks=marks)
    return chart, series.draw_level(chart)


def test_a_point_lies_on_the_series_with_its_date_and_kind():
    chart, figure = draw(place("outlier", [DAYS[3]]))
    trace = figure.data[1]
    assert (trace.name, trace.mode, list(trace.y)) == ("outlier (1)", "markers", [50.0])
    assert list(trace.customdata) == ["2020-01-04, from 2 to 50"]
    assert "between 1 and 50" in chart.caption and chart.caption.endswith(": 1 outlier.")
    assert figure.layout.showlegend is True


def test_a_period_is_a_line_from_start_to_end():
    _, figure = draw(place("stale", [DAYS[3]], [DAYS[4]]))
    trace = figure.data[1]
    assert trace.mode == "lines+markers" and list(trace.y) == [50.0, 50.0, None]
    assert trace.customdata[0] == "50 in 2 rows, from 2020-01-04 to 2020-01-05"


def test_a_mark_without_a_value_is_at_the_last_observed_one():
    missing = place("missing", [DAYS[2]])
    assert missing.level_M.tolist() == [2.0] and missing.note_M == ("2020-01-03, no value",)
    gap = place("gap", [DAYS[1]], [DAYS[3]])
    assert (gap.level_M.tolist(), gap.end_level_M.tolist()) == ([2.0], [50.0])
    assert gap.note_M == ("no rows between 2020-01-02 and 2020-01-04",)
    assert place("absent", [pd.Timestamp("2019-12-31")]).level_M.tolist() == [1.0]  # before the first: the first


def test_kinds_have_a_fixed_order_and_counts_include_marks_not_drawn():
    chart, figure = draw(
        place("absent", [DAYS[1]]),
        place("stale", [DAYS[3]], [DAYS[4]], count=2),
        place("nonpositive", [DAYS[0], DAYS[1]], count=5000),
    )
    assert [trace.name for trace in figure.data[1:]] == [
        "zero or negative value (5,000)",
        "stale period (2)",
        "missing row (1)",
    ]
    assert chart.caption.endswith(
        ": the first 2 of 5,000 zero or negative values, the first 1 of 2 stale periods and 1 missing row."
    )


def test_every_mark_lies_on_a_drawn_row_of_a_long_series():
    index = pd.date_range("2000-01-01", periods=20000, freq="h", name="time")
    values = pd.Series(np.sin(np.arange(20000.0)), index=index)
    outliers = quality_marks.place(values, "outlier", 3, [index[7], index[8888], index[19991]])
    figure = series.draw_level(series.compute_level(pd.DataFrame({("A", "v"): values}), "A", "v", marks=[outliers]))
    assert set(text.iso(outliers.time_M)) <= set(figure.data[0].x)
    assert len(figure.data[0].x) < 3100


def test_without_marks_only_the_series_is_drawn():
    chart, figure = draw()
    assert len(figure.data) == 1 and "Marked" not in chart.caption
