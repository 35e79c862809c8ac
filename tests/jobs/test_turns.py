"""Owners take turns: a long search or backtest of one never holds up another for more than one job."""

from core.jobs.job import Entry
from core.jobs.turns import choose


def entry(title: str, owner: str, attempt: int = 1) -> Entry:
    return Entry(id=title, title=title, owner=owner, payload=b"", on_result=None, attempt=attempt)


def order(waiting: list[Entry], slots: int) -> list[str]:
    """The titles in the order in which jobs of equal length are launched."""
    running, launched, served, waiting = list[Entry](), list[str](), dict[str, int](), [*waiting]
    while waiting:
        running = running if len(running) < slots else running[1:]  # the oldest has ended
        new = choose(waiting, running, served)
        waiting.remove(new)
        running.append(new)
        launched.append(new.title)
        served[new.owner] = len(launched)
    return launched


def test_one_owner_keeps_the_order():
    assert order([entry(name, "ann") for name in "abc"], 2) == ["a", "b", "c"]


def test_a_training_waits_for_one_fold_of_another_owner_at_most():
    folds = [entry(f"fold {n}", "ann") for n in range(8)]
    for slots in (1, 2, 3):
        running, served = folds[:slots], {"ann": slots}
        assert choose([*folds[slots:], entry("short", "ben")], running, served).title == "short"


def test_three_owners_take_turns():
    jobs = [entry(f"{owner}{n}", owner) for owner in "abc" for n in range(3)]
    assert order(jobs, 1) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]
    assert order(jobs, 2) == ["a0", "b0", "c0", "a1", "b1", "c1", "a2", "b2", "c2"]


def test_an_owner_who_was_served_long_ago_comes_first():
    jobs = [entry("a", "ann"), entry("b", "ben")]
    assert choose(jobs, [], {"ann": 7, "ben": 2}).title == "b"
    assert choose(jobs, [], {"ann": 7, "ben": 9}).title == "a"


def test_a_job_that_lost_its_worker_goes_on_first():
    jobs = [entry("a", "ann"), entry("lost", "ben", attempt=2)]
    assert choose(jobs, [entry("x", "ben"), entry("y", "ben")], {"ben": 9}).title == "lost"
