"""How far a job is and how long it still takes, all stages together: from earlier jobs, else from what it costs.

Letters: n epochs so far of all networks as a share of the most, d seconds of an epoch.
"""

import itertools
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.charts.training import loss
from core.events import Cost, Epoch
from core.jobs.job import MAX_EVENTS, Job
from core.language import tr
from core.storage import durations
from core.storage.durations import Duration

LATEST = 5  # jobs that an estimate learns from: a machine is not always as busy
EPOCHS = 60  # last epochs that tell how long one takes
KNOWN, COUNTED = 0.1, 0.02  # weights of what earlier jobs took, and of a counted cost, as shares of a whole job
OVERRUN = 0.05  # of its time so far is what a stage that takes longer than expected may still take, and
STALLED = 0.5  # so much of the time by which it overran
MOST = 0.99  # the bar is full only when the job is over


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLeft:
    """`share` of the whole job that is done, and the seconds that are left: None if nothing is known yet.

    `most`: a training may end earlier, and nothing is known of when.
    """

    share: float
    seconds: float | None
    most: bool = False

    @property
    def text(self) -> str:
        """The time left in a few words, no finer than it is known."""
        if self.seconds is None:
            return tr("estimating the time left")
        if self.seconds < 1:
            return tr("almost done")
        seconds, minutes = f"{self.seconds:.0f}", f"{self.seconds / 60:.0f}"
        rounded = tr("{seconds} s", seconds=seconds) if self.seconds < 100 else tr("{minutes} min", minutes=minutes)
        return tr("at most about {time} left", time=rounded) if self.most else tr("about {time} left", time=rounded)


def estimate(job: Job, epochs: Sequence[Epoch], past: Sequence[Duration], now: float) -> TimeLeft:
    """The time left at `now` (seconds since 1970) of a job with these epochs (`loss.collect_epochs`)."""
    if not job.stages or job.started is None:
        return TimeLeft(share=0.0, seconds=None)
    stages = [timed.event.name for timed in job.stages]
    like = _like(job, stages, past)
    expected = _expected(job, stages, like)
    used = statistics.median([one.used for one in like]) if like else 0.0
    if expected:
        pace = _pace(job, epochs, expected, used or 1.0, KNOWN if like else COUNTED, now)
        expected = [pace * seconds for seconds in expected]
    here, elapsed = len(stages) - 1, now - job.stages[-1].at
    left, most = _rest(expected[here] if expected else None, elapsed), False  # seconds; whether that is at most
    if stages[-1] == "train" and not epochs and expected:
        left = max(expected[here], STALLED * elapsed)  # nothing of it is done
    elif stages[-1] == "train" and epochs:
        left, most = _training_left(epochs, used, expected[here] if expected else None, elapsed)
    elif job.part is not None and expected is None:
        done, total = job.part.event.done, max(job.part.event.total, 1)
        left = _rest((job.part.at - job.stages[-1].at) / done * total, elapsed) if done else None
    if left is None:
        return TimeLeft(share=0.0, seconds=None)
    seconds = left + sum(expected[here + 1 :] if expected else ())
    passed = max(now - job.started, 0.0)
    return TimeLeft(share=min(passed / max(passed + seconds, 1e-9), MOST), seconds=seconds, most=most)


def expect(work: str, cost: dict[str, float], past: Sequence[Duration]) -> float:
    """The seconds that a job is expected to take before it begins: `work` is the full name of the function that it
    runs, `cost` what its stages cost."""
    job = Job(id="", title="", status="queued", events=(), created=0.0, work=work, cost=Cost(seconds=cost))
    return sum(_expected(job, [], _like(job, [], past)) or cost.values())


def remember(root: Path, job: Job) -> None:
    """Store how long a job took that ended well. Raises RunError when the disk refuses."""
    epochs = loss.collect_epochs(job.events)
    if not job.stages or job.ended is None or job.resumed:
        return
    if epochs and len(job.events) < MAX_EVENTS and epochs[0].epoch > 1:
        return  # it was itself resumed, and so took less
    ends = [*(timed.at for timed in job.stages[1:]), job.ended]
    stages = tuple((timed.event.name, max(end - timed.at, 0.0)) for timed, end in zip(job.stages, ends, strict=True))
    cost = job.cost.seconds if job.cost else {}
    durations.add(Duration(work=job.work, stages=stages, cost=cost, used=_used(epochs)), root)


def past(root: Path) -> tuple[Duration, ...]:
    """The durations of earlier jobs, read again only when there are new ones."""
    try:
        stamp = (root / durations.NAME).stat()
    except OSError:
        return ()
    return _load(root, stamp.st_mtime_ns, stamp.st_size)


@lru_cache(maxsize=4)
def _load(root: Path, changed: int, size: int) -> tuple[Duration, ...]:
    return durations.load(root)


def _like(job: Job, stages: list[str], past: Sequence[Duration]) -> list[Duration]:
    """The latest jobs that did the same work in the same stages: those of an equal cost, if there are any."""
    alike = [one for one in past if one.work == job.work and [name for name, _ in one.stages[: len(stages)]] == stages][
        ::-1
    ]
    equal = [one for one in alike if job.cost and one.cost == job.cost.seconds]
    alike = equal or alike
    return [one for one in alike if len(one.stages) == len(alike[0].stages)][:LATEST]


def _expected(job: Job, stages: list[str], like: list[Duration]) -> list[float] | None:
    """The seconds of every stage: the median of what earlier jobs took, in proportion to the costs; else the cost."""
    cost = job.cost.seconds if job.cost else {}
    if like:
        names = [name for name, _ in like[0].stages]
        scale = [cost.get(name, 0.0) for name in names]
        return [
            statistics.median(
                one.stages[at][1] * (scale[at] / one.cost[name] if scale[at] and one.cost.get(name) else 1.0)
                for one in like
            )
            for at, name in enumerate(names)
        ]
    if not stages or stages[-1] not in cost:
        return None
    names = list(cost)
    return [cost.get(name, 0.0) for name in stages] + [cost[name] for name in names[names.index(stages[-1]) + 1 :]]


def _pace(job: Job, epochs: Sequence[Epoch], expected: list[float], used: float, prior: float, now: float) -> float:
    """How much slower this job is than expected: its seconds so far over those expected for as much work.

    Both begin with the share `prior` of all that is expected, so that the first moments do not decide alone. A training
    counts with the time of its epochs, also while it lasts, against the share `used` of its budget that is expected; of
    a single network, for of several it tells too little.
    """
    took = planned = prior * sum(expected)
    ends = [*(timed.at for timed in job.stages[1:]), None]
    for timed, end, seconds in zip(job.stages, ends, expected, strict=False):
        if timed.event.name == "train" and epochs and epochs[-1].members == 1:
            d = _seconds_per_epoch(epochs, 1, 0.0 if end else _waited(epochs, now - timed.at))
            if d is not None:
                took += d * epochs[-1].epoch
                planned += seconds * _used(epochs) / used
        elif end is not None and seconds > 0:
            took += end - timed.at
            planned += seconds
    return took / planned if planned > 0 else 1.0


def _rest(expected: float | None, elapsed: float) -> float | None:
    """What is left of a stage; one that overran may take longer still, the more the longer it overran."""
    if expected is None:
        return None
    return max(expected - elapsed, OVERRUN * elapsed + STALLED * max(elapsed - expected, 0.0))


def _training_left(epochs: Sequence[Epoch], used: float, expected: float | None, elapsed: float) -> tuple[float, bool]:
    """The seconds left of a training, and whether that is its whole budget. `used` is the share of it that earlier ones
    took, 0 without any, and `expected` what it takes at the pace of this job; `elapsed` are its seconds so far."""
    learning = loss.active_epochs(epochs)
    d = _seconds_per_epoch(epochs, learning[0].member, _waited(epochs, elapsed))
    if d is None:
        most = max(epoch.eta for epoch in learning)
        return (_rest(expected, elapsed) or 0.0, False) if used and expected is not None else (most, True)
    budget = learning[0].epochs * learning[0].members
    if used and expected and learning[0].members == 1:
        d = expected / (used * budget)
    mean = learning[0].seconds / learning[0].epoch if learning[0].member == 1 else d
    most = max(epoch.eta for epoch in learning) * d / max(mean, 1e-9)  # at this pace in place of the mean one
    n = _used(epochs)
    if used <= n:
        return most, most > 0
    rest = (used - n) * budget * d / len(learning)
    return (rest, False) if rest <= 1.01 * most else (most, True)


def _seconds_per_epoch(epochs: Sequence[Epoch], member: int, waited: float) -> float | None:
    """The seconds of an epoch of one network: the mean of its last ones without the longest of them.

    One slow epoch moves nothing; on a busy machine, where slow epochs are common, the others count. The seconds
    `waited` for the next one count like an epoch, so that a training that stalls again is not said to end soon. None
    before the third epoch.
    """
    seconds = [epoch.seconds for epoch in epochs if epoch.member == member][-EPOCHS - 1 :]
    if len(seconds) < 3:
        return None
    steps = [b - a for a, b in itertools.pairwise(seconds)]
    longest = max(steps)
    if waited >= longest:
        return statistics.fmean(steps)
    return (sum(steps) - longest + waited) / (len(steps) - 1)


def _waited(epochs: Sequence[Epoch], elapsed: float) -> float:
    """The seconds since the last epoch of a training that began `elapsed` seconds ago; 0 for several networks."""
    return max(elapsed - epochs[-1].seconds, 0.0) if epochs[-1].members == 1 else 0.0


def _used(epochs: Sequence[Epoch]) -> float:
    """The share of the most epochs of all networks that were trained."""
    if not epochs:
        return 0.0
    last = {epoch.member: epoch.epoch for epoch in epochs}
    return sum(last.values()) / max(epochs[-1].epochs * epochs[-1].members, 1)
