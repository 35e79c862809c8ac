import numpy as np

from core.charts import text
from core.charts.explanation import forecast_revision
from core.explain.local import ForecastRevision


def revision(values, names=("a", "b", "last value")):
    return ForecastRevision(
        symbol="AAA",
        previous=np.datetime64("2020-01-01"),
        cutoff=np.datetime64("2020-01-02"),
        steps=(1,),
        names=names,
        old_P=np.arange(3.0),
        new_P=np.arange(3.0) + 10,
        previous_H=np.array([100.0]),
        forecast_H=np.array([100.0 + sum(values)]),
        values_PH=np.array(values)[:, None],
    )


def test_waterfall_goes_from_the_previous_forecast_to_this_one():
    chart = forecast_revision.compute(revision([0.5, -2.0, 1.0]), "price", 1)
    assert f"the forecast for AAA, {text.lead_time(1)}, went from 100 to 99.5; b (1 → 11)" in chart.caption
    assert "From 2020-01-01 to 2020-01-02" in chart.caption and chart.caption.endswith("lowering it by 2.")
    figure = forecast_revision.draw(chart)
    assert list(figure.data[0].x) == [100.0, -2.0, 1.0, 0.5, 99.5]
    assert figure.layout.yaxis.ticktext[0] == "from 2020-01-01"
    still = forecast_revision.compute(revision([0.0, 0.0, 0.0]), "price", 1)
    assert still.caption.endswith("no feature moved it.")


def test_names_are_escaped(hostile):
    name, check = hostile
    check(forecast_revision.draw(forecast_revision.compute(revision([1.0, 0.0, 0.0], (name, "b", "c")), "price", 1)))
