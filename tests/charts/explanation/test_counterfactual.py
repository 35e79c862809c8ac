import pytest

from core.charts import text
from core.charts.explanation import counterfactual
from tests.charts.conftest import table


def chart_of(perturbation, moved=0.0, wider=0.0, steps=(1, 2), **settings):
    forecast = table(steps, **settings)
    live = forecast[forecast["part"] == "live"]
    perturbed = live.assign(yhat=live["yhat"] + moved, lo=live["lo"] + moved - wider, hi=live["hi"] + moved + wider)
    past = forecast[(forecast["part"] == "test") & (forecast["model"] == "lstm") & (forecast["step"] == steps[-1])]
    return counterfactual.compute(live, perturbed, past, perturbation, "price", 0.9)


@pytest.mark.parametrize(
    ("perturbation", "values", "facts"),
    [
        ("", {}, ("Nothing is changed", "is 202.")),
        ("a at 3", {}, ("With a at 3, ", "stays at 202.")),
        ("a at 3", {"moved": 1.5, "wider": 0.6}, ("203.5 instead of 202, ", "90%", " 10.0% wider.")),
        ("a at 3", {"moved": 1.5, "wider": -3.0}, ("203.5 instead of 202, ", "90%", " 50.0% narrower.")),
        ("a at 3", {"moved": 1.5}, ("203.5 instead of 202, ", "90%", "as wide as before.")),
        ("a at 3", {"moved": 1.5, "banded": False}, ("would be 203.5 instead of 202.",)),
    ],
)
def test_caption_has_both_forecasts_and_the_width(perturbation, values, facts):
    caption = chart_of(perturbation, **values).caption
    assert all(fact in caption for fact in facts) and caption.endswith(facts[-1])
    assert f"the forecast for 2020-01-14 ({text.lead_time(2)})" in caption


def test_both_forecasts_are_drawn_with_their_intervals():
    names = [trace.name for trace in counterfactual.draw(chart_of("a", 1.0)).data]
    assert names == [
        "outcome",
        "90% interval, current",
        "current forecast",
        "90% interval, perturbed",
        "perturbed forecast",
    ]
    single = counterfactual.draw(chart_of("a", 1.0, steps=(2,))).data
    assert single[1].mode == "lines" and list(single[3].y) == [197.0, 209.0]
    assert len(counterfactual.draw(chart_of("a", banded=False)).data) == 3
