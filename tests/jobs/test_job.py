import weakref
from dataclasses import replace
from functools import partial

import pandas as pd

from core.jobs.job import MAX_EVENTS, Entry
from core.jobs.worker import Outcome


def build() -> Entry:
    return Entry(id="a", title="A job", payload=b"payload", on_result=None)


def test_only_the_last_events_are_kept():
    entry = build()
    entry.events.extend(range(MAX_EVENTS + 7))
    events = entry.snapshot().events
    assert len(events) == MAX_EVENTS
    assert (events[0], events[-1]) == (7, MAX_EVENTS + 6)


def test_a_snapshot_does_not_change_with_the_job():
    entry = build()
    before = entry.snapshot()
    entry.start()
    entry.events.append("news")
    assert (before.status, before.events, before.started) == ("queued", (), None)
    assert (entry.snapshot().status, entry.snapshot().events) == ("running", ("news",))


def test_the_end_releases_the_data_and_keeps_its_first_time():
    series = pd.Series([1.0])
    entry, held = replace(build(), resume=partial(iter, series)), weakref.ref(series)
    del series
    assert held() is not None
    entry.end("failed", Outcome(kind="OSError", error="disk full"))
    first = entry.snapshot()
    entry.end("done", result_id="run-1")
    last = entry.snapshot()
    assert entry.payload == b"" and held() is None  # a finished job of a large file must not keep it in memory
    assert first.over and (first.status, first.error) == ("failed", "disk full")
    assert (last.status, last.error, last.result_id, last.ended) == ("done", None, "run-1", first.ended)
