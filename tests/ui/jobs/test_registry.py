"""The registry of jobs, without a page: a visitor is whoever the session says."""

from dataclasses import replace

import pytest

from core.errors import JobError
from core.jobs.job import Job
from tests.pages.conftest import IdleQueue
from ui import cache, session
from ui.jobs import registry


class CountingQueue(IdleQueue):
    """A queue whose jobs run until a test ends them; their ids count up."""

    def submit(self, *arguments, **named):
        super().submit(*arguments, **named)
        job_id = f"job{len(self.submitted)}"
        self.book[job_id] = Job(id=job_id, title=named["title"], status="running", events=(), created=0.0)
        return job_id


@pytest.fixture
def queue(idle, monkeypatch):
    counting = CountingQueue()
    monkeypatch.setattr(cache, "queue", lambda: counting)
    return counting


@pytest.fixture
def be(monkeypatch):
    """Become this visitor."""
    return lambda name: monkeypatch.setattr(session, "visitor", lambda: name)


def start(subject: str, kind: str = registry.TRAINING) -> str:
    return registry.start(print, kind=kind, subject=(subject,), title=subject)


def test_jobs_are_found_by_kind_and_subject(queue, be):
    be("ann")
    training, fold = start("a"), start("a", registry.FOLD)
    assert registry.find(registry.TRAINING, ("a",)).id == training != fold
    assert registry.find(registry.FOLD, ("a",)).id == fold and registry.find(registry.FOLD, ("b",)) is None
    assert registry.subject(fold) == ("a",) and registry.under_way(registry.FOLD) == (fold,)


def test_a_visitor_has_their_own_jobs_alone(queue, be):
    be("ann")
    first = start("a")
    be("ben")
    assert registry.mine(registry.TRAINING) is None and not registry.is_mine(first)
    assert registry.under_way(registry.TRAINING) == (first,)


def test_the_newest_job_is_the_one_last_asked_for(queue, be):
    be("ann")
    shared = start("a")
    be("ben")
    own = start("b")
    assert registry.mine(registry.TRAINING).id == own
    assert start("a") == shared and registry.mine(registry.TRAINING).id == shared
    assert len(queue.submitted) == 2


def test_a_job_that_ended_or_is_being_cancelled_is_started_again(queue, be):
    be("ann")
    first = start("a")
    registry.withdraw(first)
    assert queue.cancelled == [first]
    second = start("a")
    queue.book[second] = replace(queue.book[second], status="done")
    assert len({first, second, start("a")}) == 3


def test_jobs_that_the_queue_forgot_leave_the_registry(queue, be):
    be("ann")
    first = start("a")
    del queue.book[first]
    with pytest.raises(JobError):
        queue.job(first)
    assert registry.mine(registry.TRAINING) is None and registry.find(registry.TRAINING, ("a",)) is None
    start("b")
    assert first not in registry._entries()


def test_nobody_cancels_or_hides_the_job_of_others(queue, be):
    be("ann")
    first = start("a")
    be("ben")
    registry.withdraw(first)
    registry.withdraw("unknown")
    registry.forget(first)
    assert queue.cancelled == [] and registry.own(registry.TRAINING, ("a",)) is None
    be("ann")
    assert registry.own(registry.TRAINING, ("a",)).id == first


def test_who_wants_a_job_when_it_ends_is_told(queue, be):
    ended = []

    def begin() -> str:
        return registry.start(
            print,
            kind=registry.TRAINING,
            subject=("a",),
            title="a",
            on_result=lambda value: f"run of {value}",
            on_saved=lambda owners, run: ended.append((owners, run)),
        )

    be("ann")
    job_id = begin()
    be("ben")
    assert begin() == job_id
    be("ann")
    registry.withdraw(job_id)
    assert queue.submitted[0][1]["on_result"](7) == "run of 7"
    assert ended == [(frozenset({"ben"}), "run of 7")]
