"""The Track record and the watch list: what is logged is shown, a refresh adds to it, a changed line is named."""

from dataclasses import replace

import pytest

from core.data import frame as frames
from core.data.sources import uploads
from core.storage import checkpoints, forecast_log, lineage, watch_list
from core.storage.finish import finish
from tests.conftest import market
from tests.pages.conftest import captions, opened, press, text, widget_keys
from ui import cache
from ui.jobs import registry


@pytest.fixture
def logged(queue, finished):
    """The small run, as if it were of a file, finished as a training finishes it."""
    spec = replace(finished.spec, data=replace(finished.spec.data, source="file"))
    return finish(replace(finished, spec=spec), None, cache.RUNS)[0]


@pytest.fixture
def newer(logged):
    """The digest of an upload with seven more rows."""
    return uploads.save(frames.build({"A": market(607)}), cache.DOWNLOADS / "uploads")


def test_an_empty_record_says_what_fills_it(idle):
    assert "Every training logs its first one" in text(opened("track_record"))
    assert "No run is watched yet" in text(opened("watch_list"))


def test_a_refresh_looks_at_the_upload_scores_and_explains(logged, newer):
    assert "No outcome has come yet" in text(opened("track_record"))
    app = press(opened("track_record", upload=newer), "Refresh")
    assert not app.error and "1 run refreshed: 1 new forecasts, 1 outcomes, 0 failures." in text(app)
    assert {"track-forecasts", "track-Coverage so far", "track-A bet on drift"} <= set(captions(app))
    assert "1 live forecast of A" in captions(app)["track-forecasts"]
    assert app.metric[3].value == "1" and "Log of forecasts: 4 lines" in text(app)
    (line,) = app.dataframe[0].value.to_dict("records")
    assert (line["Forecasts"], line["Scored"], line["Drifted"]) == (2, 1, False)


def test_a_changed_line_is_named_on_the_page(logged):
    path = cache.RUNS / forecast_log.FOLDER / forecast_log.FILE
    path.write_text(path.read_text().replace('"level": ', '"level": 1'))
    assert "Line 2 of the log of forecasts was changed" in text(opened("track_record"))


def test_a_deleted_run_keeps_its_record(logged):
    import shutil

    shutil.rmtree(cache.RUNS / logged.id)
    app = opened("track_record")
    assert f"LSTM on A, deleted · {logged.id}" in app.dataframe[0].value["Run"].to_list()
    assert "retrain" not in widget_keys(app)


def test_retraining_starts_on_the_newest_data_and_is_announced(logged, newer, monkeypatch):
    started = []
    monkeypatch.setattr(registry, "start", lambda *arguments, **named: started.append((arguments, named)) or "job")
    app = press(opened("track_record", upload=newer), "Retrain on all data to date")
    (((_, spec, series, _), named),) = started
    assert not app.error and len(series) == 607 and spec.data.end is None
    key = checkpoints.key(spec, frames.digest(series))
    assert named["subject"] == (key,) and lineage.claim(key, logged.id, cache.RUNS) == logged.id


def test_retraining_without_newer_data_is_refused_in_words(logged):
    app = press(opened("track_record"), "Retrain on all data to date")
    assert "Upload a newer file of the same series" in text(app)


def test_a_run_is_watched_from_its_forecast(logged, newer):
    app = opened("forecast")
    app.button(key=f"watch-{logged.id}").click().run()
    assert not app.exception and watch_list.load(cache.RUNS) == (logged.id,)
    cards = opened("watch_list", upload=newer)
    assert "90% interval" in text(cards) and "known after the next refresh" in text(cards)
    cards = press(cards, "Refresh")
    assert "since the forecast of 2017-04-" in text(cards) and "mostly by" in text(cards)
    cards = press(cards, "Stop watching")
    assert "No run is watched yet" in text(cards) and watch_list.load(cache.RUNS) == ()
