"""The sentence on the size of a model, and what it costs to say it."""

from dataclasses import replace

import pytest

from core.data import frame as frames
from core.storage import runs
from tests.pages.conftest import opened
from ui import cache
from ui.train import model_size


def test_the_time_of_an_epoch_comes_from_the_newest_run_of_this_machine(saved):
    spec = replace(saved.spec, train=replace(saved.spec.train, device="cpu"))
    series = cache.run(saved.id).frame
    told = model_size.sentence(spec, series)
    assert told.endswith("an epoch on this machine (cpu).")
    each = saved.history.seconds / len(saved.history.epochs)
    assert model_size.duration(each) in told  # the same recipe takes what it took
    other = replace(spec, train=replace(spec.train, device="auto"))
    assert "usual processor" in model_size.sentence(other, series)


def test_a_run_is_opened_once_for_the_time_of_an_epoch(saved, monkeypatch):
    opened_, load = [], runs.load
    monkeypatch.setattr(runs, "load", lambda name, root: opened_.append(name) or load(name, root))
    series = load(saved.id, cache.RUNS).frame
    assert model_size.sentence(saved.spec, series) == model_size.sentence(saved.spec, series)
    assert opened_ == [saved.id]


def test_the_networks_of_all_symbols_are_counted(idle, bars, recipe):
    series = frames.build({"A": bars(seed=1), "B": bars(seed=2)})
    spec = recipe(data__symbols=["A", "B"], train__ensemble=2)
    own = replace(spec, model=replace(spec.model, symbols="separate"))
    assert model_size.sentence(spec, series).endswith(", 2 networks.")
    assert model_size.sentence(own, series).endswith(", 4 networks.")


def test_a_series_is_digested_once_while_it_is_there(idle, frame, monkeypatch):
    asked, digest = [], frames.digest
    monkeypatch.setattr(frames, "digest", lambda series: asked.append(1) or digest(series))
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
    opened("train")
    copy = frame.copy()
    assert cache.digest(copy) == cache.digest(copy) == digest(frame) and len(asked) <= 2
    place = id(copy)
    del copy
    assert place not in cache._digests


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0001, "0.01 s"), (0.043, "0.04 s"), (2.34, "2.3 s"), (23.4, "23 s"), (240.0, "4 min")]
)
def test_durations_are_no_finer_than_they_are_known(seconds, words):
    assert model_size.duration(seconds) == words
