"""A refresh: live forecasts only, outcomes as a backtest takes them, one failure that stops nothing else."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core import pipeline
from core.data import frame as frames
from core.data.sources import registry, uploads
from core.datasets import windows
from core.errors import SourceError
from core.evaluation.track import score
from core.evaluation.track.record import ForecastRecord, OutcomeRecord
from core.explain.local import ForecastRevision
from core.jobs.local import run as exhaust
from core.storage import finish, forecast_log, runs
from core.tracking import advance, newest, refresh
from tests.conftest import market, small

END = 560  # rows that the runs are trained on, of 600


@pytest.fixture(scope="module")
def whole():
    return frames.build({"A": market()})


@pytest.fixture(scope="module")
def trained(whole, train_run):
    """Returns one day ahead, from a file."""
    spec = small(data__source="file", target__kind="log_return", target__horizon=1, train__epochs=1)
    return train_run(spec, A=market().iloc[:END])


@pytest.fixture
def saved(trained, tmp_path):
    return finish.finish(trained, None, tmp_path)[0]


def look(root, frame, only=None):
    """A refresh with this frame as the newer file, logged."""
    refreshed = exhaust(refresh.refresh(root, root / "cache", only, frame), lambda event: None)
    refresh.keep(refreshed, root)
    return refreshed


def test_days_are_scored_as_they_come(saved, whole, tmp_path):
    for rows in range(END + 1, END + 5):
        refreshed = look(tmp_path, whole.iloc[:rows])
        kinds = [type(one) for one in refreshed.records]
        assert kinds == [OutcomeRecord, ForecastRecord] and not refreshed.failed
    (track,) = score.compute(forecast_log.load(tmp_path).records)
    assert (len(track.cutoff_N), int(track.scored_N.sum())) == (5, 4)
    close = whole["A", "close"].to_numpy()
    np.testing.assert_allclose(track.y_NH[:4, 0], np.diff(np.log(close[END - 1 : END + 4])))
    np.testing.assert_array_equal(
        track.reference_NH, 0.0 if saved.evaluation.verdict.reference == "last_value" else track.reference_NH
    )
    live = pipeline.predict(saved, whole.iloc[: END + 4])
    assert track.yhat_NH[-1, 0] == live["yhat"].iloc[0] and track.hi_NH[-1, 0] == live["hi"].iloc[0]
    assert not track.ahead_N.any()  # of 2017, logged today


def test_a_forecast_of_a_day_that_was_missed_is_not_made_up(saved, whole, tmp_path):
    look(tmp_path, whole.iloc[: END + 10])
    (track,) = score.compute(forecast_log.load(tmp_path).records)
    assert [*track.cutoff_N] == [*whole.index[[END - 1, END + 9]].to_numpy()]  # the first one, and the newest


def test_the_same_data_change_nothing(saved, whole, tmp_path):
    assert look(tmp_path, whole.iloc[:END]).records == ()
    look(tmp_path, whole.iloc[: END + 1])
    again = look(tmp_path, whole.iloc[: END + 1])
    assert again.records == () and again.unchanged == (saved.id,)


def test_the_reason_of_a_change_is_kept_with_the_run(saved, whole, tmp_path):
    look(tmp_path, whole.iloc[: END + 1])
    (revision,) = runs.load_record(saved.id, refresh.REVISIONS, advance.Revisions, tmp_path).symbols
    assert isinstance(revision, ForecastRevision) and revision.cutoff == whole.index[END].to_datetime64()
    gap = revision.previous_H + revision.values_PH.sum(axis=0) - revision.forecast_H
    np.testing.assert_allclose(gap, 0, atol=1e-9)
    forecasts = [one for one in forecast_log.load(tmp_path).records if isinstance(one, ForecastRecord)]
    np.testing.assert_allclose(revision.previous_H, forecasts[0].yhat_H, rtol=1e-4)
    np.testing.assert_allclose(revision.forecast_H, forecasts[1].yhat_H, rtol=1e-4)


def test_frozen_splits_are_those_of_the_training(saved, whole, tmp_path):
    model = forecast_log.load(tmp_path).records[0]
    before = windows.prepare_saved(saved)
    scalers = windows.restore_scalers(saved.state)
    after = windows.prepare(advance.freeze(saved.spec, model, whole), whole, scalers)
    for name in ("train", "val", "calib"):
        one, other = getattr(before.splits, name), getattr(after.splits, name)
        np.testing.assert_array_equal(one.cutoff_N, other.cutoff_N)
        np.testing.assert_array_equal(one.x_NLF, other.x_NLF)
    assert len(after.splits.test) == len(before.splits.test) + len(whole) - END


def test_a_hole_in_the_series_is_settled_without_a_score(saved, whole, tmp_path):
    holed = whole.copy()
    holed.iloc[END, :] = np.nan
    holed.iloc[END, 0] = 1.0  # the row is there, its close is not
    look(tmp_path, holed.iloc[: END + 5])
    (track,) = score.compute(forecast_log.load(tmp_path).records)
    assert track.settled_N[0] and not track.scored_N[0]


def test_prices_of_before_a_split_are_compared_with_themselves(train_run, tmp_path):
    """Since the forecast the stock was split two for one, and the source has halved its history."""
    spec = small(target__kind="close", target__horizon=1, train__epochs=1)
    run, _ = finish.finish(train_run(spec, A=market().iloc[:END]), None, tmp_path)
    log = forecast_log.load(tmp_path)
    halved = frames.build({"A": market() * 0.5})
    found = advance.advance(run, log.records[0], halved.iloc[: END + 3], log.records[1:], (), forecast_log.now())
    outcome = next(one for one in found.records if isinstance(one, OutcomeRecord))
    assert outcome.y_H[0] == pytest.approx(market()["close"].iloc[END])


def test_one_failing_source_stops_no_other(saved, trained, whole, monkeypatch, tmp_path):
    def fail(data, cache):
        raise SourceError("Yahoo Finance does not answer. Try again later.")

    broken = replace(registry.SOURCES["yahoo"], load=fail)
    monkeypatch.setitem(registry.SOURCES, "yahoo", broken)
    spec = replace(trained.spec, data=replace(trained.spec.data, source="yahoo"))
    others = [runs.save(replace(trained, spec=spec), tmp_path) for _ in range(2)]
    damaged = runs.save(trained, tmp_path)
    (tmp_path / damaged.id / "weights.safetensors").write_bytes(b"damaged")
    refreshed = look(tmp_path, whole.iloc[: END + 1])
    by_source, by_run = sorted(refreshed.failed, key=lambda failure: -len(failure.runs))
    assert set(by_source.runs) == {run.id for run in others} and "does not answer" in by_source.why
    assert by_run.runs == (damaged.id,) and "not as it was saved" in by_run.why
    assert {one.run for one in refreshed.records} == {saved.id} and refreshed.runs == 4


def test_a_run_of_an_earlier_version_is_registered(trained, whole, tmp_path):
    saved = runs.save(trained, tmp_path)
    look(tmp_path, whole.iloc[: END + 1])
    model, live = forecast_log.load(tmp_path).records
    assert model.run == saved.id and live.cutoff.startswith(f"{whole.index[END]:%Y-%m-%d}")


def test_a_file_run_waits_for_its_file_and_knows_it(saved, whole, tmp_path):
    assert look(tmp_path, None).waiting == (saved.id,)
    other = frames.build({"A": market(seed=9)})
    assert look(tmp_path, other).waiting == (saved.id,)
    assert not newest.continues(saved.frame, whole.iloc[:300], "close") and newest.continues(
        saved.frame, whole, "close"
    )
    renamed = whole.rename(columns={"A": "my file"}, level="symbol")
    assert newest.continues(saved.frame, renamed, "close")


def test_an_upload_is_newer_data_too(saved, whole, tmp_path):
    digest = uploads.save(whole.iloc[: END + 1], tmp_path / "cache" / "uploads")
    assert len(look(tmp_path, digest).records) == 2
    assert look(tmp_path, "f" * 16).waiting == (saved.id,)  # one that is gone


def test_each_source_is_asked_once(trained, monkeypatch, tmp_path):
    asked = []

    def load(data, cache):
        asked.append(data)
        return frames.build({"A": market().iloc[: END + 1]})

    monkeypatch.setitem(registry.SOURCES, "yahoo", replace(registry.SOURCES["yahoo"], load=load))
    spec = replace(trained.spec, data=replace(trained.spec.data, source="yahoo", end="2017-02-01"))
    for _ in range(3):
        finish.finish(replace(trained, spec=spec), None, tmp_path)
    refreshed = look(tmp_path, None)
    assert len(asked) == 1 and asked[0].end is None and len(refreshed.revisions) == 3


def test_only_some_runs(saved, trained, whole, tmp_path):
    other, _ = finish.finish(trained, None, tmp_path)
    assert {one.run for one in look(tmp_path, whole.iloc[: END + 1], {other.id}).records} == {other.id}


def test_steps_that_overlap_are_scored_when_all_have_come(whole, train_run, tmp_path):
    spec = small(data__source="file", target__kind="close", target__horizon=3, train__epochs=1)
    finish.finish(train_run(spec, A=market().iloc[:END]), None, tmp_path)
    for rows in (END + 1, END + 2, END + 3):
        look(tmp_path, whole.iloc[:rows])
    (track,) = score.compute(forecast_log.load(tmp_path).records)
    assert track.scored_N.tolist() == [True, False, False, False]
    np.testing.assert_array_equal(track.y_NH[0], whole["A", "close"].to_numpy()[END : END + 3])
    assert [*track.time_NH[0]] == [*pd.DatetimeIndex(whole.index[END : END + 3]).to_numpy()]
