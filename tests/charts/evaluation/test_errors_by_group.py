import numpy as np
import pandas as pd

from core.charts.evaluation import errors_by_group as charts
from core.evaluation import residuals
from core.evaluation.residuals import Autocorrelation, ErrorGroups


def errors(count=4, reference="ewma"):
    return residuals.Residuals(
        model="lstm",
        reference=reference,
        unit="log volatility",
        step=1,
        time_N=pd.bdate_range("2020-01-01", periods=count).to_numpy(),
        error_N=np.ones(count),
        reference_N=np.ones(count),
        volatility_N=np.ones(count),
    )


def by_group(
    names=("calm", "middle", "stormy"),
    rmse=(1.0, 1.5, 4.0),
    reference=(2.0, 1.5, 3.2),
    counts=(40, 40, 40),
    by="regime",
):
    rmse, reference = np.array(rmse), np.array(reference)
    skill = np.array([1 - a / b if b else np.nan for a, b in zip(rmse, reference, strict=True)])
    return ErrorGroups(by=by, names=names, count_G=counts, rmse_G=rmse, reference_G=reference, skill_G=skill)


def test_caption_has_the_largest_error_and_the_range_of_skill():
    chart = charts.compute(errors(), by_group())
    assert "LSTM's error is largest at high volatility (4)" in chart.caption
    assert "EWMA" in chart.caption and "−25.0% (high volatility) to 50.0% (low volatility)" in chart.caption
    model, reference = charts.draw(chart).data
    assert (list(model.y), list(reference.y)) == ([1.0, 1.5, 4.0], [2.0, 1.5, 3.2])
    assert model.text == ("+50%", "0%", "−25%")


def test_groups_of_few_forecasts_are_pale():
    chart = charts.compute(errors(), by_group(counts=(40, 3, 40), by="year", names=("2019", "2020", "2021")))
    assert "largest in 2021 (4)" in chart.caption and chart.caption.endswith("fewer than 30 forecasts.")
    figure = charts.draw(chart)
    assert figure.data[0].marker.opacity == (1.0, 0.35, 1.0)
    assert figure.layout.xaxis.ticktext == ("2019", "2020", "2021")


def test_one_group_and_none():
    one = charts.compute(errors(), by_group(names=("2020",), rmse=(1.0,), reference=(2.0,), counts=(50,), by="year"))
    assert "only one group, 2020" in one.caption and "LSTM's error is 1, its skill 50.0%" in one.caption
    none = charts.compute(errors(), residuals.group_by_regime(errors()))
    assert "volatility" in none.caption and "does not vary" in none.caption
    assert not charts.draw(none).data


def test_a_reference_without_error_leaves_the_skill_out():
    chart = charts.compute(errors(), by_group(reference=(0.0, 0.0, 0.0)))
    assert chart.caption == "The LSTM's error is largest at high volatility (4)."
    assert set(charts.draw(chart).data[0].text) == {""}


def lags(step=1, p_value=0.4, count=6):
    return charts.compute_autocorrelation(
        errors(),
        Autocorrelation(
            step=step,
            lag_K=tuple(range(1, count + 1)),
            value_K=np.linspace(0.8, 0.1, count),
            limit_K=np.full(count, 0.2),
            p_value=p_value,
        ),
    )


def test_lags_below_the_step_are_grey():
    chart = lags(step=3)
    assert "LSTM's errors 3 steps apart show no significant autocorrelation" in chart.caption
    assert "(Ljung–Box p = 0.400)" in chart.caption and "lags 1 to 2 are grey" in chart.caption
    shared, rest, *_ = charts.draw_autocorrelation(chart).data
    assert (list(shared.x), list(rest.x)) == ([1, 2], [3, 4, 5, 6])


def test_significant_autocorrelation():
    assert "LSTM's errors are autocorrelated (Ljung–Box p < 0.001)" in lags(p_value=0.0004).caption
    assert "grey" not in lags(p_value=0.0004).caption
    assert "lag 1 is grey" in lags(step=2).caption
    assert charts.draw_autocorrelation(lags()).data[0].name == "errors"


def test_too_few_errors():
    chart = charts.compute_autocorrelation(errors(2), residuals.autocorrelation(np.array([1.0, 2.0]), 1))
    assert chart.caption.startswith("There are too few errors")
    assert not charts.draw_autocorrelation(chart).data
