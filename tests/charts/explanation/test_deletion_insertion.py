from core.charts.explanation import deletion_insertion
from core.explain.deletion_insertion import Curve


def chart_of(*ordered, random=(0.0, 0.5, 1.0), insertion=(0.0, 0.5, 1.0)):
    counts = tuple(range(len(ordered)))
    return deletion_insertion.compute(
        Curve(counts=counts, ordered=ordered, random=random),
        Curve(counts=counts, ordered=insertion[: len(counts)], random=random),
    )


def test_orders_faster_and_slower_than_random():
    chart = chart_of(0.0, 0.9, 1.0, insertion=(0.0, 0.3, 1.0))
    assert "changes the forecast faster than in random order (0.70 against 0.50)" in chart.caption
    assert "restores it more slowly than in random order (0.40 against 0.50)" in chart.caption
    assert "forecast more slowly than" in chart_of(0.0, 0.2, 1.0).caption
    assert "forecast no faster than" in chart_of(0.0, 0.5, 1.0).caption
    figure = deletion_insertion.draw(chart)
    assert [trace.name for trace in figure.data] == [
        "most important first",
        "random order",
        "most important first, insertion",
        "random order, insertion",
    ]
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert figure.data[0].y == (0.0, 0.9, 1.0) and figure.data[2].y == (0.0, 0.3, 1.0)
    assert figure.layout.xaxis.title.text != figure.layout.xaxis2.title.text
    assert figure.layout.yaxis.title.text and figure.layout.yaxis2.title.text


def test_nothing_to_check():
    assert "do not change" in chart_of(0.0, 0.0, 0.0, random=(0.0, 0.0, 0.0)).caption
    assert "only one feature" in chart_of(0.0, 1.0, random=(0.0, 1.0)).caption
