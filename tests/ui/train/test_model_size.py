"""The sentence on the size of a model, and what it costs."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.data import frame as frames
from core.storage import runs
from tests.pages.conftest import opened
from ui import cache, messages
from ui.train import model_size


def test_the_time_of_a_training_comes_from_the_newest_run_of_this_machine(saved):
    spec = replace(saved.spec, train=replace(saved.spec.train, device="cpu"))
    series = cache.run(saved.id).frame
    size = model_size.describe(spec, series)
    assert size.endswith(" for 3 epochs on this machine (cpu).")
    first, _, third = (epoch.seconds for epoch in saved.history.epochs)  # the first one warmed up
    assert model_size.duration(3 * (third - first) / 2) in size
    other = replace(spec, train=replace(spec.train, device="auto"))
    assert "typical CPU core" in model_size.describe(other, series)


def test_a_run_is_opened_once_for_the_time_of_an_epoch(saved, monkeypatch):
    loaded, load = [], runs.load
    monkeypatch.setattr(runs, "load", lambda name, root: loaded.append(name) or load(name, root))
    series = load(saved.id, cache.RUNS).frame
    assert model_size.describe(saved.spec, series) == model_size.describe(saved.spec, series)
    assert loaded == [saved.id]


def test_the_networks_of_all_symbols_are_counted(idle, bars, recipe):
    series = frames.build({"A": bars(seed=1), "B": bars(seed=2)})
    spec = recipe(data__symbols=["A", "B"], train__ensemble=2)
    separate = replace(spec, model=replace(spec.model, symbols="separate"))
    assert model_size.describe(spec, series).endswith(", each of 2 networks.")
    assert model_size.describe(separate, series).endswith(", each of 4 networks.")


@pytest.mark.parametrize(("most", "warned"), [(1e9, True), (1e12, False), (None, False)])
def test_a_training_that_no_worker_can_hold_is_warned_of(saved, monkeypatch, most, warned):
    series = cache.run(saved.id).frame
    large = replace(
        saved.spec,
        model=replace(saved.spec.model, hidden=1024, layers=6),
        train=replace(saved.spec.train, batch_size=8192),
    )
    words = []
    monkeypatch.setattr(cache, "queue", lambda: SimpleNamespace(worker_memory=lambda: most))
    monkeypatch.setattr(messages, "warning", words.append)
    model_size.draw(saved.spec, series)
    assert words == []
    model_size.draw(large, series)
    assert bool(words) == warned and all("hidden units" in text for text in words)


def test_the_digest_of_a_series_is_computed_once_while_it_is_in_memory(idle, frame, monkeypatch):
    calls, digest = [], frames.digest
    monkeypatch.setattr(frames, "digest", lambda series: calls.append(1) or digest(series))
    monkeypatch.setattr(cache, "frame", lambda data, upload: frame)
    opened("train")
    copy = frame.copy()
    assert cache.digest(copy) == cache.digest(copy) == digest(frame) and len(calls) <= 2
    identity = id(copy)
    del copy
    assert identity not in cache._digests


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.0001, "0.01 s"), (0.043, "0.04 s"), (2.34, "2.3 s"), (23.4, "23 s"), (240.0, "4 min")]
)
def test_durations_are_no_finer_than_they_are_known(seconds, words):
    assert model_size.duration(seconds) == words
