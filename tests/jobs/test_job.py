from core.jobs.job import EVENTS_KEPT, Entry
from core.jobs.worker import Outcome


def entry() -> Entry:
    return Entry(id="a", title="A job", payload=b"payload", on_result=None)


def test_only_the_last_events_are_kept():
    line = entry()
    line.events.extend(range(EVENTS_KEPT + 7))
    events = line.picture().events
    assert len(events) == EVENTS_KEPT
    assert (events[0], events[-1]) == (7, EVENTS_KEPT + 6)


def test_a_picture_does_not_change_with_the_job():
    line = entry()
    before = line.picture()
    line.begin()
    line.events.append("news")
    assert (before.status, before.events, before.started) == ("queued", (), None)
    assert (line.picture().status, line.picture().events) == ("running", ("news",))


def test_the_end_lets_go_of_the_data_and_keeps_its_first_time():
    line = entry()
    line.end("failed", Outcome(kind="OSError", error="disk full"))
    first = line.picture()
    line.end("done", result_id="run-1")
    last = line.picture()
    assert line.payload == b""
    assert first.over and (first.status, first.error) == ("failed", "disk full")
    assert (last.status, last.error, last.result_id, last.ended) == ("done", None, "run-1", first.ended)
