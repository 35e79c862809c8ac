"""The track record: forecasts joined with their outcomes, scored as a verdict scores a test split."""

import math

import numpy as np
import pytest

from core.evaluation import metrics
from core.evaluation.track import score
from tests.evaluation.track import sample_records as samples

Y_TS = np.random.default_rng(5).normal(size=(60, 2))
SYMBOLS = ("A", "B")


@pytest.fixture(scope="module")
def track():
    records = [samples.model(symbols=SYMBOLS), *samples.live(Y_TS, SYMBOLS), samples.forecast(60), samples.forecast(61)]
    return score.compute(records)[0]


def test_coverage_and_skill_are_those_of_a_verdict(track):
    y = Y_TS.ravel()
    assert track.coverage == metrics.coverage(y, np.full(120, -1.645), np.full(120, 1.645))
    assert track.loss == pytest.approx(metrics.mse(y, np.zeros(120)))
    assert track.skill == pytest.approx(1 - metrics.rmse(y, np.zeros(120)) / metrics.rmse(y, np.full(120, 0.5)))


def test_forecasts_without_an_outcome_wait(track):
    assert (len(track.cutoff_N), int(track.scored_N.sum()), int((~track.settled_N).sum())) == (122, 120, 2)
    assert len(track.session_T) == 60 and track.ahead_N.all()
    assert np.isnan(track.loss_NH[~track.scored_N]).all()


def test_an_outcome_that_never_comes_is_settled_and_not_scored():
    one = samples.forecast(0)
    (track,) = score.compute([samples.model(), one, samples.outcome(one, math.nan)])
    assert track.settled_N.all() and not track.scored_N.any() and math.isnan(track.skill) and math.isnan(track.coverage)


def test_the_first_outcome_counts():
    one = samples.forecast(0)
    (track,) = score.compute([samples.model(), one, samples.outcome(one, 1.0), samples.outcome(one, 99.0)])
    assert track.loss == 1.0


def test_a_model_without_forecasts_and_forecasts_without_a_model():
    (track,) = score.compute([samples.model(), samples.forecast(0, run="20260102-030405-ffffffff")])
    assert len(track.cutoff_N) == 0 and track.drift.e_value == 1.0
    assert not track.drift.flag and not track.drift.by_coverage
    (late,) = score.compute([samples.model(steps=(5,))])
    assert late.overlap == 5  # the sixth session is the first whose outcome shares none with that of the first


def test_a_drift_has_its_first_day():
    wild = np.random.default_rng(6).normal(size=(60, 2)) * np.sqrt(3)
    (track,) = score.compute([samples.model(symbols=SYMBOLS), *samples.live(wild, SYMBOLS)])
    first = int(np.flatnonzero(track.drift.wealth_T >= 20)[0])
    assert track.drift.flag and track.drift.since == track.session_T[first]
    assert track.drift.e_value == track.drift.wealth_T.max() and not track.drift.by_coverage


def test_intervals_that_are_too_narrow_are_named_as_the_reason():
    """The errors are those of the test split; the intervals that were logged are a third as wide."""
    rng, records = np.random.default_rng(7), [samples.model()]
    for day, y in enumerate(rng.normal(size=120)):
        one = samples.forecast(day, lo_H=(-0.5,), hi_H=(0.5,))
        records += [one, samples.outcome(one, float(y))]
    (track,) = score.compute(records)
    assert track.drift.flag and track.drift.by_coverage
    half = score.STAKE_ON_LOSS
    mixed_T = half * track.drift.loss_T + (1 - half) * track.drift.coverage_T
    np.testing.assert_allclose(track.drift.wealth_T, mixed_T)


def test_all_runs_together_count_each_forecast_alike():
    other = "20260102-030405-ffffffff"
    records = [samples.model(), *samples.live(Y_TS[:10, :1])]
    records += [samples.model(other), *samples.live(Y_TS[:, :1], run=other)]
    tracks = score.compute(records)
    total = score.total(tracks)
    assert (total.runs, total.forecasts, total.scored) == (2, 70, 70)
    covered = np.concatenate([track.covered_NH.ravel() for track in tracks])
    assert total.coverage == covered.mean() and total.nominal == pytest.approx(0.9)
    assert score.total(()).scored == 0 and math.isnan(score.total(()).skill)


def test_age_in_days():
    assert score.age(samples.model(), "2026-01-12T04:00:00+00:00") == 10


def test_losses_are_in_standard_deviations_of_the_training_labels():
    one = samples.forecast(0)
    (track,) = score.compute([samples.model(scale_SC=np.full((1, 1), 2.0)), one, samples.outcome(one, 1.0)])
    assert track.loss == 0.25
