"""The charts of the track record draw the numbers of its log, and say what they show."""

import numpy as np
import pytest

from core.charts.track import live_forecasts, running
from core.evaluation.track import score
from tests.evaluation.track import sample_records as samples

Y_TS = np.random.default_rng(5).normal(size=(60, 1))


@pytest.fixture(scope="module")
def track():
    return score.compute([samples.model(), *samples.live(Y_TS), samples.forecast(60)])[0]


def test_the_live_forecasts_are_drawn_with_their_outcomes(track):
    chart = live_forecasts.compute(track, "A", 1, "log return")
    assert "60 live forecasts of A, 1 step ahead, for 2026-01-06 to 2026-03-06" in chart.caption
    assert "of the outcomes lay in their 90% interval" in chart.caption
    traces = {trace.name: trace for trace in live_forecasts.draw(chart).data}
    np.testing.assert_array_equal(traces["outcome"].y, Y_TS[:, 0])
    assert len(traces["outside its interval"].y) == (np.abs(Y_TS) > 1.645).sum()
    waits = traces["waits for its outcome"]
    assert [*waits.y] == [0.0] and [*waits.error_y.array] == [1.645]


def test_forecasts_without_outcomes_say_so():
    (track,) = score.compute([samples.model(), samples.forecast(0)])
    chart = live_forecasts.compute(track, "A", 1, "log return")
    assert chart.caption.startswith("No live forecast of A has an outcome yet")
    assert len(live_forecasts.draw(chart).data) == 3
    for compute, draw in (
        (running.compute_coverage, running.draw_coverage),
        (running.compute_drift, running.draw_drift),
    ):
        assert compute(track).caption == "There is no outcome yet."
        assert draw(compute(track)).layout.annotations[0].text == "There is no outcome yet."


def test_a_model_without_intervals_has_none_drawn():
    nan = (float("nan"),)
    records = [samples.model(nominal=float("nan"), covered_M=np.empty(0), coverage=float("nan"))]
    for day in range(3):
        one = samples.forecast(day, lo_H=nan, hi_H=nan)
        records += [one, samples.outcome(one, 1.0)]
    (track,) = score.compute([*records, samples.forecast(3, lo_H=nan, hi_H=nan)])
    chart = live_forecasts.compute(track, "A", 1, "log return")
    assert "interval" not in chart.caption and np.isnan(track.coverage) and track.drift.e_value >= 1
    assert live_forecasts.draw(chart).data[0].name == "outcome"


def test_the_running_coverage_ends_at_the_coverage(track):
    chart = running.compute_coverage(track)
    assert chart.coverage_T[-1] == pytest.approx(track.coverage)
    assert f"After 60 sessions, {100 * track.coverage:.1f}%" in chart.caption and "95% confidence" in chart.caption
    band, nominal, promised, line = running.draw_coverage(chart).data
    assert (band.fill, nominal.y[0], line.y[-1]) == ("toself", 0.9, chart.coverage_T[-1])
    assert promised.y[0] == pytest.approx(track.model.covered_M.mean())


def test_the_bet_is_drawn_against_its_alarm(track):
    chart = running.compute_drift(track)
    assert "counts as drifted" in chart.caption and "1 in 20" in chart.caption
    alarm, bet = running.draw_drift(chart).data
    assert set(alarm.y) == {20} and bet.y[-1] == track.drift.wealth_T[-1]
    (wild,) = score.compute([samples.model(), *samples.live(3 * Y_TS)])
    figure = running.draw_drift(running.compute_drift(wild))
    assert "turned 1 into 20 by" in running.compute_drift(wild).caption and len(figure.layout.shapes) == 1
