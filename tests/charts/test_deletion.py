from core.charts import deletion
from core.explain.deletion import Deletion


def made(*ordered, random=(0.0, 0.5, 1.0)):
    counts = tuple(range(len(ordered)))
    return deletion.compute(Deletion(counts=counts, ordered=ordered, random=random))


def test_an_order_that_holds_and_one_that_does_not():
    chart = made(0.0, 0.9, 1.0)
    assert "faster than in random order: the area under the curve is 0.70 against 0.50" in chart.says
    assert "slower than" in made(0.0, 0.2, 1.0).says and "no faster than" in made(0.0, 0.5, 1.0).says
    figure = deletion.draw(chart)
    assert [trace.name for trace in figure.data] == ["most important first", "random order"]
    assert figure.data[0].y == (0.0, 0.9, 1.0)


def test_nothing_to_check():
    assert "do not change" in made(0.0, 0.0, 0.0, random=(0.0, 0.0, 0.0)).says
    assert "one feature" in made(0.0, 1.0, random=(0.0, 1.0)).says
