"""The time left over all stages: recorded runs are replayed against what earlier ones taught."""

import itertools
import math
from dataclasses import replace
from types import SimpleNamespace

import pytest

from core.events import Cost, Epoch, Progress, Stage, SubtaskReturned
from core.jobs.job import Entry, Job
from core.storage import durations
from core.storage.durations import Duration
from ui.jobs import time_left

# Recorded on two cores: the seconds of each stage, the epochs that a training took and those that it might have taken.
GLUCOSE = SimpleNamespace(stages=(0.19, 2.90, 3.31, 0.21), epochs=46, most=46, cost=(2.44, 3.23, 0.276), sweeps=(3, 5))
SP500 = SimpleNamespace(stages=(1.30, 2.21, 1.26, 0.70), epochs=36, most=107, cost=(3.4, 1.5, 0.65), sweeps=(3, 7))
SLOW = SimpleNamespace(stages=(2.0, 9.0, 4.0, 14.0), epochs=40, most=107, cost=(6.0, 2.0, 0.65), sweeps=(40, 9))
NAMES = ("features", "train", "evaluate", "explain")


def events(recorded, speed: float = 1.0, hiccup: int = 0) -> list[tuple[float, object]]:
    """What a run like a recorded one sends, and when; `hiccup` is an epoch that takes twenty times as long."""
    sent, now = [], 0.0
    for name, whole in zip(NAMES, recorded.stages, strict=True):
        seconds = whole / speed
        if name == "train":
            sent.append((now, Cost(seconds=dict(zip(NAMES[1:], recorded.cost, strict=True)))))
        sent.append((now, Stage(name=name, text=name)))
        if name == "train":
            spent = 0.0
            for n in range(1, recorded.epochs + 1):
                spent += seconds / recorded.epochs * (20 if n == hiccup else 1)
                left = min(recorded.most, max(n, recorded.most // 4) + 24) - n  # patience after the best, the last one
                eta = 0.0 if n == recorded.epochs else left * spent / n
                sent.append((now + spent, epoch(n, recorded.most, spent, eta)))
            seconds = spent
        if name == "explain":
            half = seconds / 2
            for start, parts in zip((now, now + half), recorded.sweeps, strict=True):
                sent += [(start + half * n / parts, Progress(done=n, total=parts)) for n in range(1, parts + 1)]
        now += seconds
    return [*sent, (now, None)]


def epoch(n: int, most: int, seconds: float, eta: float, **fields) -> Epoch:
    losses = {"train_loss": 0.5, "val_loss": 0.5, "lr": 1e-3}
    return Epoch(epoch=n, epochs=most, seconds=seconds, eta=eta, **losses, **fields)


def replay(sent, root, monkeypatch) -> list[tuple[float, float, time_left.TimeLeft]]:
    """The estimate ten times a second, with the share of the run that is over and the seconds that are truly left."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr("core.jobs.job.time.time", lambda: clock.now)
    entry, queue, seen = Entry(id="a", title="A", payload=b"", on_result=None, work="w", created=1000.0), [*sent], []
    entry.start()
    end = sent[-1][0]
    for tick in range(math.ceil(end * 10)):
        clock.now = 1000 + tick / 10
        while queue and 1000 + queue[0][0] <= clock.now and queue[0][1] is not None:
            at, event = queue.pop(0)
            clock.now = 1000 + at
            entry.append(event)
            clock.now = 1000 + tick / 10
        job = entry.snapshot()
        left = time_left.estimate(job, time_left.loss.collect_epochs(job.events), time_left.past(root), clock.now)
        seen.append((tick / 10 / end, end - tick / 10, left))
    clock.now = 1000 + end
    entry.end("done")
    time_left.remember(root, entry.snapshot())
    return seen


@pytest.mark.parametrize("recorded", [GLUCOSE, SP500, SLOW])
@pytest.mark.parametrize(("speed", "hiccup"), [(1.0, 0), (0.85, 0), (1.0, 7)])
def test_from_the_second_run_on_the_estimate_is_within_a_factor_of_one_and_a_half(
    recorded, speed, hiccup, tmp_path, monkeypatch
):
    replay(events(recorded), tmp_path, monkeypatch)
    for share, truth, left in replay(events(recorded, speed, hiccup), tmp_path, monkeypatch):
        if share > 0.2:
            assert left.seconds is not None
            assert truth <= 1 or truth / 1.5 <= left.seconds <= truth * 1.5, (share, truth, left)
        if truth > 3 and left.seconds is not None:
            assert left.seconds >= 1 and left.text != "almost done", (share, truth, left)


def test_the_first_run_is_never_said_to_be_over_while_stages_follow(tmp_path, monkeypatch):
    seen = replay(events(SP500), tmp_path, monkeypatch)
    assert seen[0][2].text == "estimating the time left"
    for _, truth, left in seen:
        assert left.seconds is None or truth <= 1.5 or left.seconds >= 1
        assert left.share < 1
    assert any("at most about" in left.text for _, _, left in seen)


def test_the_first_run_on_a_slow_machine_learns_its_pace_from_the_training(tmp_path, monkeypatch):
    seen = replay(events(GLUCOSE, speed=0.25), tmp_path, monkeypatch)
    for share, truth, left in seen:  # a factor of two: costs are rough
        assert not 0.2 < share < 0.9 or truth / 2 <= left.seconds <= truth * 2, (share, truth, left)


def stalled(recorded, every: int, times: float) -> SimpleNamespace:
    """A run on a busy machine: each so many epochs one takes `times` as long, and all the rest takes as much longer."""
    slower = (recorded.epochs // every * (times - 1) + recorded.epochs) / recorded.epochs
    features, train, *after = recorded.stages
    stages = (features * slower, train * slower, *(seconds * slower for seconds in after))
    return SimpleNamespace(**{**vars(recorded), "stages": stages, "every": every, "times": times})


@pytest.mark.parametrize("recorded", [GLUCOSE, SP500, SLOW])
@pytest.mark.parametrize("phase", [3, 6])
def test_a_training_that_stalls_again_and_again_is_never_said_to_end_soon(recorded, phase, tmp_path, monkeypatch):
    busy = stalled(recorded, every=8, times=40)
    replay(stalls(busy, 5), tmp_path, monkeypatch)
    for share, truth, left in replay(stalls(busy, phase), tmp_path, monkeypatch):
        if 0.2 < share < 0.9:  # of the last seconds of a busy machine nothing is known
            assert truth <= 1 or truth / 2 <= left.seconds <= truth * 2, (share, truth, left)
        assert left.seconds is None or truth < 3 or left.seconds >= 1, (share, truth, left)


def stalls(busy, phase: int) -> list[tuple[float, object]]:
    """What such a run sends: its epochs are quick but for the stalls, the first of them at epoch `phase`."""
    sent, taken, start = [], 0.0, 0.0
    lengths = [busy.times if n % busy.every == phase else 1.0 for n in range(1, busy.epochs + 1)]
    unit = busy.stages[1] / sum(lengths)
    for at, event in events(busy):
        if isinstance(event, Stage) and event.name == "train":
            start = at
        if isinstance(event, Epoch):
            taken += lengths[event.epoch - 1] * unit
            left = event.eta * event.epoch / event.seconds if event.eta else 0.0  # epochs
            sent.append((start + taken, replace(event, seconds=taken, eta=left * taken / event.epoch)))
        else:
            sent.append((at, event))
    return sorted(sent, key=lambda pair: pair[0])


def test_one_slow_epoch_moves_the_estimate_by_no_more_than_itself(tmp_path, monkeypatch):
    replay(events(SLOW), tmp_path, monkeypatch)
    seen = [left.seconds for _, _, left in replay(events(SLOW, hiccup=10), tmp_path, monkeypatch) if left.seconds]
    assert max(b - a for a, b in itertools.pairwise(seen[30:])) < 1.0


def test_what_another_recipe_took_is_scaled_by_the_costs(tmp_path, monkeypatch):
    replay(events(SLOW), tmp_path, monkeypatch)
    double = SimpleNamespace(**{**vars(SLOW), "stages": (2.0, 18.0, 8.0, 28.0), "cost": (12.0, 4.0, 1.3)})
    for share, truth, left in replay(events(double), tmp_path, monkeypatch):
        assert share < 0.2 or truth < 1 or truth / 1.5 <= left.seconds <= truth * 1.5, (share, truth, left)


def test_a_job_without_a_cost_is_told_by_its_parts_then_by_the_one_before(tmp_path, monkeypatch):
    sent = [(0.0, Stage(name="explain")), *((n / 5, Progress(done=n, total=50)) for n in range(1, 51)), (10.0, None)]
    for runs in range(2):
        for share, truth, left in replay(sent, tmp_path, monkeypatch):
            assert share < 0.2 or truth < 1 or truth / 1.5 <= left.seconds <= truth * 1.5, (runs, share, truth, left)


def test_parallel_networks_share_the_time(tmp_path):
    done = [epoch(n, 20, float(n), 10.0, member=m, members=4) for n in range(1, 6) for m in (1, 2)]
    stage = Entry(id="a", title="A", payload=b"", on_result=None, work="w")
    stage.start()
    stage.append(Stage(name="train"))
    past = (Duration(work="w", stages=(("train", 25.0),), used=0.625),)
    left = time_left.estimate(stage.snapshot(), done, past, stage.stages[0].at + 5)
    assert left.seconds == pytest.approx(10.0)  # no more than the budget: 40 of 80 epochs by two at a time are 20 s
    slower = [replace(one, eta=100.0) for one in done]
    left = time_left.estimate(stage.snapshot(), slower, past, stage.stages[0].at + 5)
    assert left.seconds == pytest.approx(20.0) and not left.most


def test_a_resumed_training_teaches_nothing(tmp_path):
    job = Job(id="a", title="A", status="done", events=(), created=0.0, started=0.0, ended=9.0)
    entry = Entry(id="a", title="A", payload=b"", on_result=None)
    entry.append(Stage(name="train"))
    stages = tuple(entry.stages)
    for skipped in (
        replace(job, stages=stages, resumed=True),
        replace(job, stages=stages, events=(epoch(5, 20, 5.0, 1.0), SubtaskReturned(number=2))),
        job,
    ):
        time_left.remember(tmp_path, skipped)
    assert durations.load(tmp_path) == ()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(None, "estimating the time left"), (0.4, "almost done"), (25.2, "about 25 s left"), (300.0, "about 5 min left")],
)
def test_the_words_are_no_finer_than_what_is_known(seconds, words):
    assert time_left.TimeLeft(share=0.5, seconds=seconds).text == words


def test_a_training_without_an_epoch_so_far_is_never_said_to_be_almost_done(tmp_path, monkeypatch):
    first = [(0.0, Cost(seconds={"train": 1.3, "evaluate": 0.1, "explain": 0.1})), (0.0, Stage(name="train"))]
    for _, truth, left in replay([*first, (10.0, None)], tmp_path, monkeypatch):
        assert left.seconds >= 1, (truth, left)


def test_what_a_job_takes_is_expected_before_it_begins():
    cost = {"train": 8.0, "evaluate": 2.0}
    assert time_left.expect("a.b", cost, ()) == 10.0
    stages = (("train", 16.0), ("evaluate", 2.0))
    slower = durations.Duration(work="a.b", stages=stages, cost={"train": 4.0, "evaluate": 2.0})
    assert time_left.expect("a.b", cost, (slower,)) == 34.0
    assert time_left.expect("a.c", cost, (slower,)) == 10.0
