from core.charts.explanation import deletion_insertion
from core.explain.deletion_insertion import Curve


def made(*ordered, random=(0.0, 0.5, 1.0), back=(0.0, 0.5, 1.0)):
    counts = tuple(range(len(ordered)))
    return deletion_insertion.compute(
        Curve(counts=counts, ordered=ordered, random=random),
        Curve(counts=counts, ordered=back[: len(counts)], random=random),
    )


def test_an_order_that_holds_and_one_that_does_not():
    chart = made(0.0, 0.9, 1.0, back=(0.0, 0.3, 1.0))
    assert "faster than in random order: the area under the curve is 0.70 against 0.50" in chart.caption
    assert "they bring it back slower than in random order, 0.40 against 0.50" in chart.caption
    assert "slower than" in made(0.0, 0.2, 1.0).caption and "no faster than" in made(0.0, 0.5, 1.0).caption
    figure = deletion_insertion.draw(chart)
    assert [trace.name for trace in figure.data] == [
        "most important first",
        "random order",
        "most important first, put in",
        "random order, put in",
    ]
    assert [trace.showlegend for trace in figure.data] == [True, True, False, False]
    assert figure.data[0].y == (0.0, 0.9, 1.0) and figure.data[2].y == (0.0, 0.3, 1.0)
    assert figure.layout.xaxis.title.text != figure.layout.xaxis2.title.text
    assert figure.layout.yaxis.title.text and figure.layout.yaxis2.title.text


def test_nothing_to_check():
    assert "do not change" in made(0.0, 0.0, 0.0, random=(0.0, 0.0, 0.0)).caption
    assert "one feature" in made(0.0, 1.0, random=(0.0, 1.0)).caption
