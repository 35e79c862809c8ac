import pytest

from core.charts import examples


@pytest.mark.parametrize("page", [*examples.CHARTS, "Forecast", "a page without a chart of its own"])
def test_every_example_is_marked_and_grey(page):
    figure = examples.draw(page)
    assert examples.WORD in [note.text for note in figure.layout.annotations]
    assert len(figure.data) and all(trace.opacity == 0.3 for trace in figure.data)
    assert figure.layout.hovermode is False
