import numpy as np
import pandas as pd

from core.charts.evaluation import errors_by_group as charts
from core.evaluation import residuals
from core.evaluation.residuals import Autocorrelation, Groups


def errors(count=4, reference="ewma"):
    return residuals.Residuals(
        model="lstm",
        reference=reference,
        unit="log volatility",
        step=1,
        time_N=pd.bdate_range("2020-01-01", periods=count).to_numpy(),
        own_N=np.ones(count),
        reference_N=np.ones(count),
        trailing_N=np.ones(count),
    )


def found(
    names=("calm", "middle", "stormy"),
    rmse=(1.0, 1.5, 4.0),
    reference=(2.0, 1.5, 3.2),
    counts=(40, 40, 40),
    by="regime",
):
    rmse, reference = np.array(rmse), np.array(reference)
    skill = np.array([1 - a / b if b else np.nan for a, b in zip(rmse, reference, strict=True)])
    return Groups(by=by, names=names, count_G=counts, rmse_G=rmse, reference_G=reference, skill_G=skill)


def test_the_sentence_has_the_largest_error_and_the_range_of_skill():
    chart = charts.groups(errors(), found())
    assert chart.caption == (
        "The LSTM's error is largest in stormy times (4); against EWMA its skill lies "
        "between −25.0% (stormy) and 50.0% (calm)."
    )
    own, reference = charts.draw(chart).data
    assert (list(own.y), list(reference.y)) == ([1.0, 1.5, 4.0], [2.0, 1.5, 3.2])
    assert own.text == ("+50%", "0%", "−25%")


def test_groups_of_few_forecasts_are_pale():
    chart = charts.groups(errors(), found(counts=(40, 3, 40), by="year", names=("2019", "2020", "2021")))
    assert chart.caption.endswith("; pale bars are of fewer than 30 forecasts.")
    figure = charts.draw(chart)
    assert figure.data[0].marker.opacity == (1.0, 0.35, 1.0)
    assert figure.layout.xaxis.ticktext == ("2019", "2020", "2021")


def test_one_group_and_none_say_so():
    one = charts.groups(errors(), found(names=("2020",), rmse=(1.0,), reference=(2.0,), counts=(50,), by="year"))
    assert one.caption == "All forecasts are of sessions of 2020: the LSTM's error is 1, its skill 50.0%."
    none = charts.groups(errors(), residuals.by_regime(errors()))
    assert none.caption.startswith("The volatility before the forecasts did not change")
    assert not charts.draw(none).data


def test_a_reference_without_error_leaves_the_skill_out():
    chart = charts.groups(errors(), found(reference=(0.0, 0.0, 0.0)))
    assert chart.caption == "The LSTM's error is largest in stormy times (4)."
    assert set(charts.draw(chart).data[0].text) == {""}


def lags(step=1, p_value=0.4, count=6):
    return charts.lags(
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
    assert chart.caption == (
        "No correlation is found in the LSTM's errors 3 sessions apart (Ljung–Box p = .400); lags 1 "
        "to 2 are grey, since forecasts made less than 3 sessions apart share outcomes."
    )
    shared, rest, *_ = charts.draw_lags(chart).data
    assert (list(shared.x), list(rest.x)) == ([1, 2], [3, 4, 5, 6])


def test_what_is_left_to_learn_is_said():
    assert lags(p_value=0.0004).caption == (
        "The LSTM's errors are correlated (Ljung–Box p < .001): there is something left to learn."
    )
    assert "lag 1 is grey" in lags(step=2).caption
    assert charts.draw_lags(lags()).data[0].name == "errors"


def test_too_few_errors_say_so():
    chart = charts.lags(errors(2), residuals.autocorrelation(np.array([1.0, 2.0]), 1))
    assert chart.caption.startswith("There are too few errors")
    assert not charts.draw_lags(chart).data
